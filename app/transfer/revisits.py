"""When a place is looked at again, and which seasons it waits out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """A part of every year, from a day to a day; it may run over the new year."""

    key: str
    starts: tuple[int, int]
    ends: tuple[int, int]

    def last_day(self, on: date) -> date | None:
        """Return the last day of the pause a day falls into, or None."""
        at = (on.month, on.day)
        if self.starts <= self.ends:
            return date(on.year, *self.ends) if self.starts <= at <= self.ends else None
        if at >= self.starts:
            return date(on.year + 1, *self.ends)
        return date(on.year, *self.ends) if at <= self.ends else None


def pause_of(key: str, starts: str, ends: str) -> Pause:
    """Return a pause written as month-day."""
    return Pause(key, _month_day(starts), _month_day(ends))


def _month_day(text: str) -> tuple[int, int]:
    month, _dash, day = text.partition("-")
    return int(month), int(day)


@dataclass(frozen=True, slots=True)
class Planned:
    """One revisit: how many days after the end, on which day it would fall, on which day it is due."""

    days: int
    planned_on: date
    due_on: date
    pause_key: str | None


def plan(ended_on: date, days: Iterable[int], pauses: Sequence[Pause]) -> list[Planned]:
    """Return the revisits after an end; two that wait for the same day become one, the later."""
    found: dict[date, Planned] = {}
    for after in sorted(set(days)):
        planned_on = ended_on + timedelta(days=after)
        due_on, pause_key = after_pauses(planned_on, pauses)
        found[due_on] = Planned(after, planned_on, due_on, pause_key)
    return sorted(found.values(), key=lambda each: each.due_on)


def after_pauses(on: date, pauses: Sequence[Pause]) -> tuple[date, str | None]:
    """Return the first day not in any pause, and the pause that moved it last."""
    key = None
    for _round in range(len(pauses) + 1):
        held = next(((pause.key, last) for pause in pauses if (last := pause.last_day(on))), None)
        if held is None:
            return on, key
        key, on = held[0], held[1] + timedelta(days=1)
    # Pauses that cover the whole year between them pause nothing: a matter must not be hidden for ever.
    return on, key
