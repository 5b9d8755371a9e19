"""Days pasted as people write them: 2026-10-01, 10月1日, 10.1-10.7, 1月1日至3日, one or several on a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_ONE: Final = r"(?:(?P<y{0}>[0-9]{{4}})[-/.年])?(?:(?P<m{0}>[0-9]{{1,2}})[-/.月])?(?P<d{0}>[0-9]{{1,2}})日?"
_DAY_OR_SPAN: Final = re.compile(
    _ONE.format(1) + r"(?:\s*(?:至|到|~|～|—|–|--|-)\s*" + _ONE.format(2) + r")?"
)
_ASIDE: Final = re.compile(r"[（(][^（）()\n]{0,20}[)）]")
_BETWEEN: Final = re.compile(r"[\s,，、;；。]+")
_LONGEST_SPAN: Final = timedelta(days=31)
_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Days:
    """What was read, and the first piece that could not be (empty: all was)."""

    found: frozenset[date]
    unread: str = ""


def read_days(text: str, year: int) -> Days:
    """Read a list of days of one year; what cannot be read is named, never skipped: it moves legal deadlines."""
    found: set[date] = set()
    plain = re.sub(r"\s*(至|到|~|～|—|–|--|-)\s*", r"\1", _ASIDE.sub("", text))
    for piece in _BETWEEN.split(plain):
        if not piece:
            continue
        days = _span(piece, year)
        if not days or len(found) > _MOST:
            return Days(frozenset(found), piece[:30])
        found.update(days)
    return Days(frozenset(found))


def _span(piece: str, year: int) -> list[date]:
    match = _DAY_OR_SPAN.fullmatch(piece)
    if match is None or match["m1"] is None:
        return []
    first = _day(match["y1"], match["m1"], match["d1"], year)
    last = (
        _day(match["y2"] or match["y1"], match["m2"] or match["m1"], match["d2"], year)
        if match["d2"]
        else first
    )
    if first is None or last is None or not first <= last <= first + _LONGEST_SPAN:
        return []
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _day(year: str | None, month: str, day: str, default: int) -> date | None:
    try:
        found = date(int(year or default), int(month), int(day))
    except ValueError:
        return None
    return found if found.year == default else None
