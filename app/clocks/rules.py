"""Counting periods: 民事诉讼法 art. 85, applied through 办案规则 art. 111. Pure, on plain dates.

The start day is not counted; a month ends on the corresponding day or the last of a
shorter month; a last day on a rest day rolls to the first working day after it. A Saturday
made a working day by the State Council is a working day: nothing rolls off it.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.clocks.deadlines import DEADLINES
from app.clocks.terms import DayKind, Deadline, DeadlineKind, Unit, Why, WhyStep, WhyValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["DEADLINES", "Calendar", "NoAmountSet", "UnknownDeadline", "deadline"]

_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 4
_MONTHS: Final = 12
FREE: Final = "free"


class UnknownDeadline(LookupError):
    """A key that the table does not hold."""


class NoAmountSet(ValueError):
    """Neither the law nor the office says how long this one is."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked: the days that differ from Monday to Friday, by published year.

    Outside the published years every day counts as Monday to Friday would have it, and
    each deadline that leaned on such a day says so.
    """

    days: Mapping[date, DayKind] = field(default_factory=dict)
    published_years: frozenset[int] = frozenset()

    def day_kind(self, day: date) -> DayKind:
        """Say what is known of the day."""
        if (stated := self.days.get(day)) is not None:
            return stated
        if day.year not in self.published_years:
            return DayKind.UNPUBLISHED
        return DayKind.WORKDAY if _is_weekday(day) else DayKind.REST

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked, as far as is known."""
        kind = self.day_kind(day)
        return _is_weekday(day) if kind is DayKind.UNPUBLISHED else kind is DayKind.WORKDAY

    def with_days(self, days: Mapping[date, DayKind], published_years: Iterable[int] = ()) -> Calendar:
        """Lay an office's own table over this one; its word wins, day by day."""
        return Calendar({**self.days, **days}, self.published_years | frozenset(published_years))

    def add_days(
        self, start: date, amount: int, *, key: str = FREE, kind: DeadlineKind = DeadlineKind.CONFIGURED
    ) -> Deadline:
        """Count calendar days; the last one rolls off a rest day."""
        _check(start, amount)
        if amount == 0:
            return _same_day(start, key, kind, Unit.DAYS)
        last = start + amount * _DAY
        steps = [_start_step(start), WhyStep(Why.DAYS_COUNTED, {"amount": amount, "last_on": last})]
        return self._rolled(start, last, steps, key=key, kind=kind, unit=Unit.DAYS, amount=amount)

    def add_months(
        self, start: date, amount: int, *, key: str = FREE, kind: DeadlineKind = DeadlineKind.CONFIGURED
    ) -> Deadline:
        """Count months to the corresponding day; the last one rolls off a rest day."""
        _check(start, amount)
        if amount == 0:
            return _same_day(start, key, kind, Unit.MONTHS)
        year, month = divmod(start.year * _MONTHS + start.month - 1 + amount, _MONTHS)
        month_length = monthrange(year, month + 1)[1]
        last = date(year, month + 1, min(start.day, month_length))
        steps = [_start_step(start), WhyStep(Why.MONTHS_COUNTED, {"amount": amount, "last_on": last})]
        if start.day > month_length:
            steps.append(WhyStep(Why.SHORTER_MONTH, {"wanted_day": start.day, "last_on": last}))
        return self._rolled(start, last, steps, key=key, kind=kind, unit=Unit.MONTHS, amount=amount)

    def add_workdays(
        self, start: date, amount: int, *, key: str = FREE, kind: DeadlineKind = DeadlineKind.CONFIGURED
    ) -> Deadline:
        """Count working days only, made-up Saturdays and Sundays among them."""
        _check(start, amount)
        if amount == 0:
            return _same_day(start, key, kind, Unit.WORKDAYS)
        day, counted, passed = start, 0, list[date]()
        while counted < amount:
            day += _DAY
            passed.append(day)
            counted += self.is_workday(day)
        skipped = len(passed) - amount
        values: dict[str, WhyValue] = {"amount": amount, "skipped": skipped, "last_on": day}
        steps = [_start_step(start), WhyStep(Why.WORKDAYS_COUNTED, values), *self._doubts(passed)]
        return Deadline(key, start, day, kind, Unit.WORKDAYS, amount, tuple(steps))

    def month_end(
        self,
        start: date,
        amount: int = 0,
        *,
        key: str = FREE,
        kind: DeadlineKind = DeadlineKind.CONFIGURED,
    ) -> Deadline:
        """Give the last day of the month, that many months on.

        It does not roll: a monthly batch answered in the next month is late by agreement,
        not by law, so the legal grace for rest days does not reach it.
        """
        _check(start, amount)
        year, month = divmod(start.year * _MONTHS + start.month - 1 + amount, _MONTHS)
        last = date(year, month + 1, monthrange(year, month + 1)[1])
        step = WhyStep(Why.MONTH_END, {"last_on": last})
        return Deadline(key, start, last, kind, Unit.MONTH_END, amount, (step,))

    def _rolled(
        self,
        start: date,
        last: date,
        steps: list[WhyStep],
        *,
        key: str,
        kind: DeadlineKind,
        unit: Unit,
        amount: int,
    ) -> Deadline:
        """End on the last day, or on the first working day after it."""
        looked_at = [last]
        while not self.is_workday(looked_at[-1]):
            looked_at.append(looked_at[-1] + _DAY)
        due = looked_at[-1]
        if due != last:
            steps.append(WhyStep(Why.ROLLED, {"from_on": last, "due_on": due}))
        elif not _is_weekday(due):
            steps.append(WhyStep(Why.MAKEUP_DAY_STANDS, {"due_on": due}))
        steps += self._doubts(looked_at)
        return Deadline(key, start, due, kind, unit, amount, tuple(steps))

    def _doubts(self, days: Iterable[date]) -> list[WhyStep]:
        years = sorted({day.year for day in days if self.day_kind(day) is DayKind.UNPUBLISHED})
        return [WhyStep(Why.UNPUBLISHED, {"year": year}) for year in years]


def deadline(key: str, starts_on: date, calendar: Calendar, amount_override: int | None = None) -> Deadline:
    """Compute the deadline of that key; with an office's own amount it is no longer the law's."""
    try:
        rule = DEADLINES[key]
    except KeyError as error:
        raise UnknownDeadline(key) from error
    amount = rule.amount if amount_override is None else amount_override
    if amount is None:
        raise NoAmountSet(key)
    is_own = amount != rule.amount
    count = {
        Unit.DAYS: calendar.add_days,
        Unit.WORKDAYS: calendar.add_workdays,
        Unit.MONTHS: calendar.add_months,
        Unit.MONTH_END: calendar.month_end,
    }[rule.unit]
    counted = count(starts_on, amount, key=key, kind=DeadlineKind.CONFIGURED if is_own else rule.kind)
    if not is_own or rule.amount is None:
        return counted
    own = WhyStep(Why.AMOUNT_OVERRIDDEN, {"amount": amount, "usual_amount": rule.amount})
    return Deadline(
        key, counted.starts_on, counted.due_on, counted.kind, counted.unit, amount, (own, *counted.why)
    )


def _is_weekday(day: date) -> bool:
    return day.weekday() <= _FRIDAY


def _start_step(start: date) -> WhyStep:
    return WhyStep(Why.START_NOT_COUNTED, {"starts_on": start, "counted_from": start + _DAY})


def _same_day(start: date, key: str, kind: DeadlineKind, unit: Unit) -> Deadline:
    return Deadline(key, start, start, kind, unit, 0, (WhyStep(Why.SAME_DAY, {"due_on": start}),))


def _check(start: date, amount: int) -> None:
    """Refuse instants: which day an instant is on is the caller's question, asked in Shanghai."""
    if isinstance(start, datetime):
        message = "a period starts on a date, not at an instant"
        raise TypeError(message)
    if amount < 0:
        message = "a period cannot be shorter than nothing"
        raise ValueError(message)
