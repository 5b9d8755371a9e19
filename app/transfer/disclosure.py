"""What the receiver will see, gathered from the draft and the facts around it; what is withheld, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.transfer import queries, rules
from app.transfer.models import Transfer
from app.transfer.terms import DraftContent, ShownAnswer, TransferKind

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing that stays with us, and why."""

    what: str
    why: str


WITHHELD: Final = (
    Withheld(N_("反映人的身份和联系方式"), N_("依法保密；转交给被反映的单位是最容易泄露的一步")),
    Withheld(N_("反映人的原话"), N_("由承办人改写后移送，免得从语气和细节认出人来")),
    Withheld(N_("照片原件"), N_("只给处理过的图片，原件留作证据")),
    Withheld(N_("照片里的拍摄信息（EXIF）"), N_("可能带有手机型号、拍摄位置和时间")),
    Withheld(N_("文件原名"), N_("可能带有姓名、日期或手机型号")),
    Withheld(N_("标为保密的答案"), N_("例如车牌，只供本院办案")),
)
EXACT_POSITION: Final = Withheld(N_("精确坐标"), N_("最多给出约 200 米见方的大致位置"))


def content_of(transfer: Transfer) -> DraftContent:
    """Return what a person wrote, as a value."""
    return DraftContent(
        subject=transfer.subject,
        summary=transfer.summary,
        requests=transfer.requests,
        basis=transfer.basis,
        place_shown=transfer.place_shown,
        shows_position=transfer.shows_position,
        contact_name=transfer.contact_name,
        contact_phone=transfer.contact_phone,
        shown_answers=tuple(ShownAnswer(**answer) for answer in transfer.shown_answers),
        kept_findings=tuple(transfer.kept_findings),
    )


def facts_of(
    session: AnySession, transfer: Transfer, clue: Clue, *, feedback_days: int, number: str | None
) -> rules.Facts:
    """Return the facts around a draft, as of now."""
    names = identity_queries.org_names_of(session, [transfer.receiver_id, transfer.office_id])
    category = reference_queries.category(session, clue.category_key, clock.office_date(clue.received_at))
    fields = {
        field.key: field.name
        for field in reference_queries.fields(session, clock.office_date(clue.received_at))
    }
    sources = {source.key: source.name for source in reference_queries.source_types(session)}
    return rules.Facts(
        kind=TransferKind(transfer.kind),
        office=names[transfer.office_id],
        receiver=names[transfer.receiver_id],
        number=number,
        category=category.name,
        field=fields.get(clue.field_key, ""),
        found_on=transfer.found_on,
        point=None if clue.lat is None or clue.lon is None else (clue.lat, clue.lon),
        pictures=len(queries.attachments(session, transfer.id)),
        feedback_days=feedback_days,
        due_on=transfer.due_on,
        clue_number=clue.number,
        source=sources.get(clue.source_type, ""),
    )


def as_disclosed(
    session: AnySession, transfer: Transfer, *, feedback_days: int, number: str | None = None
) -> dict[str, Any]:
    """Return the pages of the receiver: as frozen at the last signature, or as the draft would give them now."""
    if transfer.disclosed is not None:
        return transfer.disclosed
    clue = clue_queries.by_id(session, transfer.clue_id)
    facts = facts_of(session, transfer, clue, feedback_days=feedback_days, number=number)
    return rules.disclosed(content_of(transfer), facts)


def start_of(
    session: AnySession,
    clue: Clue,
    answers: Iterable[Mapping[str, Any]],
    *,
    contact_name: str,
    contact_phone: str,
    feedback_days: int,
    now: datetime,
) -> rules.Start:
    """Return the facts a new draft starts from."""
    towns = {town.key: town.name for town in reference_queries.towns(session)}
    answers = list(answers)
    found_on: date = clock.office_date(clue.received_at)
    category = reference_queries.category(session, clue.category_key, clock.office_date(now))
    return rules.Start(
        category=category.name,
        place=rules.place_of(towns.get(clue.town_key or "", ""), clue.place_words, answers),
        found_on=found_on,
        answers=tuple(answer for answer, is_chosen in rules.chosen_answers(answers) if is_chosen),
        contact_name=contact_name,
        contact_phone=contact_phone,
        feedback_days=feedback_days,
    )
