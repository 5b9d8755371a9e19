"""The published calendar: which weekdays rest and which weekend days are worked."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources

from app.clocks.rules import Calendar
from app.clocks.terms import DayKind


@cache
def published_calendar() -> Calendar:
    """Load the packaged calendar once; an office's own days are laid over it by the caller."""
    packaged = resources.files("app.clocks") / "data" / "holidays.toml"
    return calendar_of(packaged.read_text(encoding="utf-8"))


def calendar_of(text: str) -> Calendar:
    """Read a calendar written as the packaged one is; a wrong day is refused, not skipped."""
    days: dict[date, DayKind] = {}
    years: set[int] = set()
    for entry in tomllib.loads(text)["year"]:
        year = int(entry["year"])
        years.add(year)
        for name, kind in (("holidays", DayKind.REST), ("makeup", DayKind.WORKDAY)):
            for day in entry[name]:
                _check(day, year, kind)
                days[day] = kind
    return Calendar(days, frozenset(years))


def _check(day: object, year: int, kind: DayKind) -> None:
    """Refuse a day that changes nothing: a slip of the pen here moves legal deadlines."""
    weekdays_only = Calendar(published_years=frozenset({year}))
    if type(day) is not date or day.year != year or weekdays_only.day_kind(day) is kind:
        message = f"{day} is not a date of {year} that differs from Monday to Friday"
        raise ValueError(message)
