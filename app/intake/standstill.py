"""What a forwarder reads of its own report once the matter turns out to be about itself: what it had read till then.

An agency may be helper and respondent. Until a document is served it must not learn from the report it forwarded how
the matter goes on (domain.md 1.12); its own words stay its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues.models import Clue, ClueRespondent
from app.clues.terms import ClueState
from app.intake.models import Message, Report
from app.intake.terms import Direction
from app.platform.db import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a clue whoever reads a report may know, and until when; `since` is empty for nearly everybody."""

    public_status: str
    public_text: str | None
    number: str | None
    due_on: date | None
    received_at: datetime
    registered_at: datetime | None
    withdrawn_at: datetime | None
    is_urgent: bool
    since: datetime | None = None

    def way(self, entries: Sequence[tuple[str, datetime, dict[str, Any]]]) -> list[Any]:
        """Return the entries of the way that belong to it."""
        return [entry for entry in entries if self.since is None or entry[1] <= self.since]

    def messages(self, found: Sequence[Message]) -> list[Message]:
        """Return the messages that belong to it: what they said themselves always does."""
        return [
            one
            for one in found
            if self.since is None
            or one.sent_at <= self.since
            or one.direction == Direction.FROM_REPORTER.value
        ]


def seen(session: ReadSession | WriteSession, report: Report, clue: Clue) -> Seen:
    """Return the clue as this report's people may know it."""
    about = (
        clue_queries.standstill(session, clue.id, report.org_unit_id)
        if report.org_unit_id is not None
        else None
    )
    return _seen(clue, about)


def statuses(session: ReadSession | WriteSession, reports: Sequence[Report]) -> dict[str, str]:
    """Return the public status of each report of a list as its people may know it, by report."""
    clues = clue_queries.by_ids(session, [report.clue_id for report in reports])
    forwarders = {report.org_unit_id for report in reports if report.org_unit_id is not None}
    about = {
        org_unit_id: clue_queries.standstills(
            session, [report.clue_id for report in reports if report.org_unit_id == org_unit_id], org_unit_id
        )
        for org_unit_id in forwarders
    }
    return {
        report.id: _seen(
            clues[report.clue_id], about.get(report.org_unit_id or "", {}).get(report.clue_id)
        ).public_status
        for report in reports
    }


def _seen(clue: Clue, about: ClueRespondent | None) -> Seen:
    if about is None:
        return Seen(
            clue.public_status, clue.public_text, clue.number, clue.due_on, clue.received_at,
            clue.registered_at, clue.withdrawn_at, clue.is_urgent,
        )  # fmt: skip
    was_registered = clue.registered_at is not None and clue.registered_at <= about.named_at
    was_told = clue.feedback_sent_at is not None and clue.feedback_sent_at <= about.named_at
    return Seen(
        public_status=_status(clue, about),
        public_text=clue.public_text if was_told else None,
        number=clue.number if was_registered else None,
        due_on=clue.due_on if was_registered else None,
        received_at=clue.received_at,
        registered_at=clue.registered_at if was_registered else None,
        withdrawn_at=clue.withdrawn_at,
        is_urgent=clue.is_urgent,
        since=about.named_at,
    )


def _status(clue: Clue, about: ClueRespondent) -> str:
    if clue.public_status == clue_rules.MILITARY_B or about.clue_id == clue.id:
        return about.shown_status if about.clue_id == clue.id else clue.public_status
    # Named for the clue this one was merged into: it reads like any merged one, whatever becomes of the other.
    return clue_rules.public_status(ClueState.MERGED_DUPLICATE, is_facility=False)
