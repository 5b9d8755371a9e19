"""Decisions on plain values: which term holds, when it ends, when something may go, when a run must stop."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from app.keeping.terms import Part, Term

EVERY_CATEGORY: Final = "common"
EVERY_OUTCOME: Final = "any"


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later; the month's last day where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def term_for(terms: Sequence[Term], category: str, outcome: str) -> Term | None:
    """Return the row that says most exactly what it means: its category counts more than its outcome."""
    fitting = [
        term
        for term in terms
        if term.category in {category, EVERY_CATEGORY} and term.outcome in {outcome, EVERY_OUTCOME}
    ]
    return max(fitting, key=lambda term: (term.category == category, term.outcome == outcome), default=None)


def ends_on(terms: Sequence[Term], part: Part, category: str, outcome: str, closed_on: date) -> date | None:
    """Return the first day on which a part need not be kept any more; None where it is kept."""
    term = term_for(terms, category, outcome)
    months = term.months(part) if term else None
    return None if months is None else months_later(closed_on, months)


def goes_on(ended_on: date, *, today: date, notice_days: int) -> date:
    """Return the day on which it goes when it is announced today: never before the notice has run."""
    return max(ended_on, today + timedelta(days=notice_days))


def shortest(terms: Iterable[Term], part: Part) -> int | None:
    """Return the fewest months any row gives a part; None where no row lets it go."""
    return min((months for term in terms if (months := term.months(part)) is not None), default=None)


def is_runaway(unreleased: int, cap: int) -> bool:
    """Say whether so many fall due at once that a person must say yes first: a wrong term or clock looks like this."""
    return unreleased > cap
