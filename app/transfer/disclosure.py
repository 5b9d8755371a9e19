"""What the receiver will see, gathered from the draft and the facts around it; what is withheld, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence.terms import DerivativeKind, Origin
from app.identity import queries as identity_queries
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import canonical_json, sha256_hex
from app.platform.i18n import N_, gettext
from app.reference import queries as reference_queries
from app.reference.models import TransferText
from app.transfer import findings, queries, rules
from app.transfer.agreements import queries as agreement_queries
from app.transfer.models import Agreement, Transfer
from app.transfer.terms import DraftContent, ShownAnswer, TransferKind, Wording

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing that stays with us, and why."""

    what: str
    why: str


# What never leaves, whatever a person chooses.
ALWAYS: Final = (
    Withheld(N_("反映人的身份和联系方式"), N_("依法保密；转交给被反映的单位是最容易泄露的一步")),
    Withheld(N_("反映人的原话"), N_("由承办人改写后移送，免得从语气和细节认出人来")),
    Withheld(N_("照片原件"), N_("只给处理过的图片，原件留作证据")),
    Withheld(N_("照片里的拍摄信息（EXIF）"), N_("可能带有手机型号、拍摄位置和时间")),
    Withheld(N_("文件原名"), N_("可能带有姓名、日期或手机型号")),
    Withheld(N_("评估意见、内部批注和别的线索"), N_("只供本院办案")),
)


def withheld_of(
    session: AnySession, clue: Clue, content: DraftContent, answers: Iterable[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return what of this very clue stays with us under this draft, and why, in the reader's language."""
    found = [(gettext(item.what), gettext(item.why)) for item in ALWAYS]
    chosen = {answer.key for answer in content.shown_answers}
    for answer in answers:
        label = gettext("答案：%(label)s", label=answer["label"])
        if answer.get("is_private"):
            found.append((label, gettext("标为保密，只供本院办案")))
        elif str(answer.get("shown") or "").strip() and str(answer["key"]) not in chosen:
            found.append((label, gettext("承办人没有选")))
    ready = sum(
        item.is_ready and item.origin_kind == Origin.REPORT
        for item in evidence_queries.of_clue(session, clue.id)
    )
    if left := ready - len(content.evidence_ids):
        why = gettext("涉及军事设施，一张也不给") if is_facility(clue) else gettext("承办人没有选")
        found.append((gettext("另外 %(n)s 张图片", n=left), why))
    if clue.lat is not None:
        found.append((gettext("精确坐标"), _why_no_position(clue, content)))
    return found


def _why_no_position(clue: Clue, content: DraftContent) -> str:
    if is_facility(clue):
        return gettext("涉及军事设施，不给坐标")
    if not content.shows_position:
        return gettext("承办人没有选")
    return gettext("只给约 %(n)s 米见方的中心", n=content.position_square_m)


def is_facility(clue: Clue) -> bool:
    """Say whether a clue is about a military facility: no picture and no position of it ever leaves."""
    return clue.public_status == clue_rules.MILITARY_B


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
        position_square_m=transfer.position_square_m,
        shown_answers=tuple(ShownAnswer(**answer) for answer in transfer.shown_answers),
        kept_findings=tuple(transfer.kept_findings),
    )


def facts_of(
    session: AnySession,
    transfer: Transfer,
    clue: Clue,
    *,
    feedback_days: int,
    number: str | None,
    now: datetime,
) -> rules.Facts:
    """Return the facts around a draft, as of now."""
    kind = TransferKind(transfer.kind)
    text = reference_queries.transfer_texts(session, clock.office_date(now))[kind.value]
    names = identity_queries.org_names_of(session, [transfer.receiver_id, transfer.office_id])
    category = reference_queries.category(session, clue.category_key, clock.office_date(clue.received_at))
    fields = {
        field.key: field.name
        for field in reference_queries.fields(session, clock.office_date(clue.received_at))
    }
    sources = {source.key: source.name for source in reference_queries.source_types(session)}
    agreed = _agreed(session, transfer, clue, now)
    return rules.Facts(
        kind=kind,
        office=names[transfer.office_id],
        receiver=names[transfer.receiver_id],
        number=number,
        category=category.name,
        field=fields.get(clue.field_key, ""),
        found_on=transfer.found_on,
        point=None if clue.lat is None or clue.lon is None else (clue.lat, clue.lon),
        pictures=len(queries.attachments(session, transfer.id)),
        feedback_days=(agreed and agreed.feedback_days) or text.feedback_days or feedback_days,
        agreed=(agreed.id, agreed.name) if agreed else None,
        due_on=transfer.due_on,
        clue_number=clue.number,
        source=sources.get(clue.source_type, ""),
        wording=_wording(text),
    )


def _agreed(session: AnySession, transfer: Transfer, clue: Clue, now: datetime) -> Agreement | None:
    """Return the agreement with the receiver that names the days for an answer in such matters."""
    return agreement_queries.deciding(
        session, transfer.office_id, transfer.receiver_id, clue.category_key, clock.office_date(now)
    )


def _wording(text: TransferText) -> Wording:
    return Wording(
        title=text.title, title_en=text.title_en, opening=text.opening, requests_heading=text.requests_heading,
        term=text.term, slip_choices=text.slip_choices, body=text.body,
    )  # fmt: skip


def as_disclosed(
    session: AnySession, transfer: Transfer, *, feedback_days: int, now: datetime, number: str | None = None
) -> dict[str, Any]:
    """Return the pages of the receiver: as frozen at the last signature, or as the draft would give them now."""
    if transfer.disclosed is not None:
        return frozen(session, transfer)
    clue = clue_queries.by_id(session, transfer.clue_id)
    facts = facts_of(session, transfer, clue, feedback_days=feedback_days, number=number, now=now)
    return rules.disclosed(content_of(transfer), facts)


def frozen(session: AnySession, transfer: Transfer) -> dict[str, Any]:
    """Return what was frozen; a transfer signed before its words were reference data takes those of its day."""
    kept = transfer.disclosed or {}
    if "wording" in kept or transfer.signed_at is None:
        return kept
    texts = reference_queries.transfer_texts(session, clock.office_date(transfer.signed_at))
    return {**kept, "wording": _wording(texts[transfer.kind]).as_json()}


def words_of(session: AnySession, clue_id: str) -> list[str]:
    """Return what reporters wrote themselves; it is compared with what leaves and never shown to a receiver.

    The place is taken out: naming it is not quoting.
    """
    place = clue_queries.by_id(session, clue_id).place_words
    words = [report.words for report in intake_queries.of_clue(session, clue_id) if report.words]
    return [text.replace(place, "\n") if place else text for text in words]


def undecided(session: AnySession, transfer: Transfer) -> list[findings.Finding]:
    """Return what could give somebody away and nobody has decided about yet."""
    content = content_of(transfer)
    return findings.undecided(
        rules.texts_of(content), content.kept_findings, words_of(session, transfer.clue_id)
    )


@dataclass(frozen=True, slots=True)
class LeavingPicture:
    """The copy of one picture that leaves: the redacted one where there is one, never the original."""

    evidence_id: str
    kind: str
    digest: str


def leaving_pictures(session: AnySession, clue: Clue, evidence_ids: Sequence[str]) -> list[LeavingPicture]:
    """Return the copies of a clue's ready pictures, in the order chosen; another clue's pictures are none."""
    ready = {item.id: item for item in evidence_queries.of_clue(session, clue.id) if item.is_ready}
    chosen = [ready[evidence_id] for evidence_id in dict.fromkeys(evidence_ids) if evidence_id in ready]
    copies = evidence_queries.leaving(session, chosen)
    return [
        LeavingPicture(
            item.id,
            (DerivativeKind.REDACTED if copies[item.id].is_redacted else DerivativeKind.SCREEN).value,
            copies[item.id].digest,
        )
        for item in chosen
    ]


def outdated(session: AnySession, transfer: Transfer) -> dict[str, evidence_queries.Leaving]:
    """Return, by attachment, the newer redacted copy of each picture that was redacted since the draft was saved.

    A redaction that was only taken back is none: nothing less hidden ever slips in by itself.
    """
    attached = queries.attachments(session, transfer.id)
    wanted = {row.evidence_id for row in attached}
    items = [item for item in evidence_queries.of_clue(session, transfer.clue_id) if item.id in wanted]
    leaving = evidence_queries.leaving(session, items) if items else {}
    return {
        row.id: copy
        for row in attached
        if (copy := leaving.get(row.evidence_id)) and copy.is_redacted and copy.digest != row.digest
    }


def digest_of(session: AnySession, transfer: Transfer) -> str:
    """Return the digest of what the receiver is given: the frozen fields and the pictures, in their order."""
    pictures = [item.digest for item in queries.attachments(session, transfer.id)]
    return sha256_hex(canonical_json({"disclosed": transfer.disclosed, "pictures": pictures}))


def start_of(
    session: AnySession,
    clue: Clue,
    answers: Iterable[Mapping[str, Any]],
    *,
    contact_name: str,
    contact_phone: str,
    now: datetime,
) -> rules.Start:
    """Return the facts a new draft starts from."""
    towns = {town.key: town.name for town in reference_queries.towns(session)}
    answers = list(answers)
    # Around a military facility the street is as near as it gets (domain.md 1.6 b).
    nearer, named = ("", []) if is_facility(clue) else (clue.place_words, answers)
    found_on: date = clock.office_date(clue.received_at)
    category = reference_queries.category(session, clue.category_key, clock.office_date(now))
    return rules.Start(
        category=category.name,
        place=rules.place_of(towns.get(clue.town_key or "", ""), nearer, named),
        found_on=found_on,
        answers=tuple(answer for answer, is_chosen in rules.chosen_answers(answers) if is_chosen),
        contact_name=contact_name,
        contact_phone=contact_phone,
    )
