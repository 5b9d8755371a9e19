"""The room's words: kinds of days, deadlines, and the steps that explain a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WhyValue = date | int | str


class DayKind(StrEnum):
    """What is known of a day; unpublished means the State Council has not spoken yet."""

    WORKDAY = "workday"
    REST = "rest"
    UNPUBLISHED = "unpublished"


class DeadlineKind(StrEnum):
    """What binds us to a deadline: law, a rule of the procuratorates, or the office itself."""

    STATUTORY = "statutory"
    RULE = "rule"
    CONFIGURED = "configured"


class Unit(StrEnum):
    """What a period is counted in."""

    DAYS = "days"
    WORKDAYS = "workdays"
    MONTHS = "months"
    MONTH_END = "month_end"


class Why(StrEnum):
    """The steps by which a date is explained; each is one whole message in the catalogue."""

    SAME_DAY = "same_day"
    START_NOT_COUNTED = "start_not_counted"
    DAYS_COUNTED = "days_counted"
    WORKDAYS_COUNTED = "workdays_counted"
    MONTHS_COUNTED = "months_counted"
    SHORTER_MONTH = "shorter_month"
    MONTH_END = "month_end"
    ROLLED = "rolled"
    MAKEUP_DAY_STANDS = "makeup_day_stands"
    UNPUBLISHED = "unpublished"
    AMOUNT_OVERRIDDEN = "amount_overridden"


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One step of the explanation: a message's key and the values it names."""

    key: Why
    values: Mapping[str, WhyValue]


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when something is due, and why by then."""

    key: str
    starts_on: date
    due_on: date
    kind: DeadlineKind
    unit: Unit
    amount: int
    why: tuple[WhyStep, ...]

    @property
    def is_provisional(self) -> bool:
        """Whether a holiday notice still to come may move the date."""
        return any(step.key is Why.UNPUBLISHED for step in self.why)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """One row of the table: how long, counted how, and where that is written.

    `amount` is None where neither law nor custom sets one and the office has to.
    `extension` is how much one approval may add, in the same unit; 0 where none is provided.
    """

    key: str
    amount: int | None
    unit: Unit
    kind: DeadlineKind
    source: str
    extension: int = 0
