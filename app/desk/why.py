"""为什么是这一天: how a clue's date was counted, step by step, from the clock that set it."""

from __future__ import annotations

from datetime import date, datetime

from app.clocks.rules import Calendar, deadline
from app.clocks.terms import Deadline
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.reference import queries as reference
from app.reference.memory import remembered
from app.transfer import labels as transfer_labels
from app.triage.service.steps import EVALUATION_CLOCK


def calendar(session: ReadSession | WriteSession) -> Calendar:
    """Return the office's calendar, kept in memory while the reference data stands."""
    return remembered(session, "desk.calendar", lambda: reference.calendar(session))


def of_clue(
    due_on: date | None,
    registered_at: datetime | None,
    received_at: datetime,
    *,
    days: int,
    calendar: Calendar,
) -> list[str]:
    """Return why a clue's date is what it is; nothing where it was set otherwise than by the clock."""
    if due_on is None:
        return []
    starts_on = clock.office_date(registered_at or received_at)
    found = deadline(EVALUATION_CLOCK, starts_on, calendar, days)
    return [transfer_labels.why_step(step) for step in found.why] if found.due_on == due_on else []


def recusal(declared_at: datetime, calendar: Calendar) -> Deadline:
    """Return by when a declaration to keep out is to be decided, and why by then (办案规则 23)."""
    return deadline("recusal", clock.office_date(declared_at), calendar)


def said(found: Deadline) -> list[str]:
    """Return how a date was counted, in words."""
    return [transfer_labels.why_step(step) for step in found.why]
