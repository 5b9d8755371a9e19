"""What the pages of this room are told: frozen values, put together from queries, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from app.clues import queries as clue_queries
from app.clues.rules import MILITARY_B, is_told_over
from app.evidence import queries as evidence_queries
from app.evidence.queries import Shown
from app.evidence.terms import Origin
from app.intake import nearby, queries, standstill, way
from app.intake.models import Message, Report
from app.intake.prompts import said
from app.intake.standstill import Seen
from app.intake.terms import Direction, Fault, Matter, MessageKind
from app.intake.way import Knot
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_, gettext
from app.reference import queries as reference

_DECLINED: Final = {
    "forbidden_here": {
        "photo": N_("这一类依法不能拍照，您选的照片没有保存。"),
        "position": N_("这一类依法不能定位，位置没有保存。"),
        "pasted_position": N_("这一类依法不能定位，粘贴的坐标没有保存。"),
    },
    "too_large": {"photo": N_("有一个文件太大，没有保存。")},
    "too_many": {"photo": N_("超出张数的照片没有保存。")},
    "empty": {"photo": N_("有一个文件是空的，没有保存。")},
}
_NOT_A_PHOTO: Final = N_("有一个文件不是照片或录像，没有保存。")


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as the reporter sees it: small, with the beginning of its digest."""

    src: str | None
    href: None
    alt: str
    caption: str
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Word:
    """One message as the reporter reads it."""

    who: str
    when: datetime
    text: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What the receipt says."""

    code: str
    received_at: datetime
    number: str | None
    due_on: date | None
    knots: Sequence[Knot]
    pictures: Sequence[Picture]
    missing_count: int
    declined: Sequence[str]
    is_urgent: bool
    is_facility: bool
    has_contact: bool
    has_company: bool
    office_hours: str


@dataclass(frozen=True, slots=True)
class TrackPage:
    """Where a matter stands, what is asked, and a box to answer."""

    status: str
    sentence: str
    next: str
    public_text: str
    number: str | None
    due_on: date | None
    knots: Sequence[Knot]
    request: Word | None
    answer_by: datetime | None
    words: Sequence[Word]
    pictures: Sequence[Picture]
    missing_count: int
    can_rate: bool
    is_facility: bool
    allows_photos: bool
    needs_masking: bool
    is_withdrawn: bool
    has_company: bool
    form_id: str
    photo_limit: int
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[Fault] = ()
    errors_by_field: Mapping[str, str] = field(default_factory=dict)


def receipt(
    session: ReadSession, keys: KeyRing, report: Report, urls: Any, *, office_hours: str
) -> ReceiptPage:
    """Put the receipt together; the same for a replay of the same report."""
    kept = clue_queries.by_id(session, report.clue_id)
    clue = standstill.seen(session, report, kept)
    is_facility = clue.public_status == MILITARY_B
    return ReceiptPage(
        code=queries.query_code(keys, report),
        received_at=report.received_at,
        number=None if is_facility else clue.number,
        due_on=None if is_facility else clue.due_on,
        knots=way.knots(clue.way(queries.way_of(session, kept.id)), clue, is_facility=is_facility),
        pictures=pictures(session, [report], urls),
        missing_count=queries.missing_count(session, report.id),
        declined=declined_sentences(report.declined),
        is_urgent=clue.is_urgent,
        is_facility=is_facility,
        has_contact=queries.has_contact(session, report.id),
        has_company=nearby.is_told(session, kept),
        office_hours=office_hours,
    )


def track(
    session: ReadSession | WriteSession,
    first: Report,
    urls: Any,
    *,
    matter: Matter,
    form_id: str,
    photo_limit: int,
    values: Mapping[str, Any] | None = None,
    errors: Sequence[Fault] = (),
) -> TrackPage:
    """Put the tracking page together from public facts only."""
    kept = clue_queries.by_id(session, first.clue_id)
    clue = standstill.seen(session, first, kept)
    is_facility = clue.public_status == MILITARY_B
    wording = reference.wording(session, clue.public_status)
    said_before = clue.messages(queries.messages(session, kept.id))
    asked = queries.unanswered(said_before)
    return TrackPage(
        status=said(wording, "status"),
        sentence=said(wording, "sentence"),
        next=said(wording, "next"),
        public_text="" if is_facility else clue.public_text or "",
        number=None if is_facility else clue.number,
        due_on=_due(clue, is_facility=is_facility),
        knots=way.knots(clue.way(queries.way_of(session, kept.id)), clue, is_facility=is_facility),
        request=_word(asked) if asked else None,
        answer_by=asked.answer_by if asked else None,
        words=_said(clue, said_before, asked),
        pictures=pictures(session, queries.of_clue(session, kept.id), urls),
        missing_count=queries.missing_count(session, first.id),
        can_rate=not is_facility and way.is_answered(clue, said_before),
        is_facility=is_facility,
        allows_photos=matter.allows_photos,
        needs_masking=matter.needs_masking,
        is_withdrawn=clue.withdrawn_at is not None,
        has_company=not is_told_over(clue.public_status) and nearby.is_told(session, kept),
        form_id=form_id,
        photo_limit=photo_limit,
        values=values or {},
        errors=errors,
        errors_by_field={fault.field: fault.text for fault in errors},
    )


def _due(clue: Seen, *, is_facility: bool) -> date | None:
    """Return the day promised once the clue is registered, for as long as an answer is owed."""
    is_owed = (
        clue.registered_at is not None and not is_told_over(clue.public_status) and clue.withdrawn_at is None
    )
    return clue.due_on if is_owed and not is_facility else None


def _said(clue: Seen, messages: Sequence[Message], asked: Message | None) -> list[Word]:
    """Return what was said so far; the open question and the outcome that stands are shown above it."""
    outcome = [one for one in messages if one.kind == MessageKind.RESULT and one.body == clue.public_text][
        -1:
    ]
    return [_word(one) for one in messages if one is not asked and one not in outcome and _is_shown(one)]


def _is_shown(message: Message) -> bool:
    return bool(message.body.strip()) or message.kind in {MessageKind.SOLVED, MessageKind.UNSOLVED}


def _word(message: Message) -> Word:
    is_ours = message.direction == Direction.TO_REPORTER
    spoken = {MessageKind.SOLVED: gettext("已经解决。"), MessageKind.UNSOLVED: gettext("还没解决。")}
    text = "\n".join(part for part in (spoken.get(MessageKind(message.kind), ""), message.body) if part)
    return Word(gettext("检察院") if is_ours else gettext("您"), message.sent_at, text, is_ours)


def pictures(session: ReadSession | WriteSession, reports: Sequence[Report], urls: Any) -> list[Picture]:
    """Return what the house holds of these reports, in the order it came."""
    shown: list[tuple[Shown, bool]] = []
    for report in reports:
        ahead = queries.ahead(session, report.id)
        found = evidence_queries.of_origin(session, Origin.REPORT, report.id)
        shown += [(item, item.id not in ahead) for item in found]
    return [
        Picture(
            src=urls("intake:photo", evidence_id=item.id) if item.is_ready else None,
            href=None,
            alt=gettext("第 %(n)s 张照片", n=at),
            caption=item.short_digest if is_whole else gettext("小图先到了，原图还没传到"),
            is_held=is_whole,
        )
        for at, (item, is_whole) in enumerate(shown, 1)
    ]


def declined_sentences(declined: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say in words what was not kept, each thing once."""
    found = {
        _DECLINED.get(str(entry.get("reason")), {}).get(str(entry.get("what")), _NOT_A_PHOTO): None
        for entry in declined
    }
    return [gettext(message) for message in found]
