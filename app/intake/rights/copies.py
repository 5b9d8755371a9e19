"""The copy 副本 a person is given of what the office holds of them: their own words, nobody else's, on one printed page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.intake import queries
from app.intake.terms import Direction
from app.platform import i18n
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.reference import queries as reference


@dataclass(frozen=True, slots=True)
class Told:
    """One report: what was said, with the questions it answered."""

    received_at: datetime
    words: str
    answers: Sequence[tuple[str, str]]
    place: str
    consent: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True)
class CopyPage:
    """Everything, for paper."""

    number: str
    category: str
    made_at: datetime
    reports: Sequence[Told]
    photos: Sequence[tuple[datetime, str, int]]
    messages: Sequence[Said]
    contact: Sequence[tuple[str, str]]
    contact_says: str
    back_href: str


def copy_of(
    session: ReadSession | WriteSession,
    clue: Clue,
    *,
    contact: Sequence[tuple[str, str]],
    back_href: str,
    now: datetime,
) -> CopyPage:
    """Gather the copy; `contact` is what was opened for it, empty where it stays sealed."""
    reports = queries.of_clue(session, clue.id)
    kind = reference.ever_category(session, clue.category_key)
    has_contact = any(queries.has_contact(session, report.id) for report in reports)
    files = [one for one in evidence_queries.of_clue(session, clue.id) if one.origin_kind == Origin.REPORT]
    sealed = _("留有联系方式，加密保存，不印在这里。") if has_contact else _("没有留联系方式。")
    return CopyPage(
        number=clue.number or "",
        category=(kind.name_en if i18n.current_locale.get() == "en" else kind.name) if kind else clue.category_key,
        made_at=now,
        reports=[
            Told(
                report.received_at, report.words, [_answer(answer) for answer in report.answers],
                str(report.place.get("words") or ""), report.consent_version or "",
            )
            for report in reports
        ],
        photos=[(one.received_at, one.digest, one.size_bytes) for one in files if not one.is_erased],
        messages=[
            Said(
                _("检察院") if one.direction == Direction.TO_REPORTER else _("您"), one.sent_at, one.body
            )
            for one in queries.messages(session, clue.id)
            if one.body
        ],
        contact=contact,
        contact_says="" if contact else sealed,
        back_href=back_href,
    )  # fmt: skip


def _answer(answer: Mapping[str, Any]) -> tuple[str, str]:
    is_english = i18n.current_locale.get() == "en"
    label = (is_english and answer.get("label_en")) or answer.get("label", "")
    return str(label), str((is_english and answer.get("shown_en")) or answer.get("shown", ""))
