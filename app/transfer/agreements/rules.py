"""When an agreement holds, which term of several counts, when it is looked at again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar


class Agreed(Protocol):
    """What the rules need to know of an agreement."""

    @property
    def signed_on(self) -> date | None:
        """Return when it was signed."""

    @property
    def ends_on(self) -> date | None:
        """Return the last day it holds."""

    @property
    def categories(self) -> Sequence[str]:
        """Return the matters it is about; none named means all."""

    @property
    def feedback_days(self) -> int | None:
        """Return within how many days the other side answers."""


One = TypeVar("One", bound=Agreed)


def is_in_force(agreed: Agreed, on: date) -> bool:
    """Say whether an agreement holds on a day; without a day of signature it is a draft and does not."""
    if agreed.signed_on is None or agreed.signed_on > on:
        return False
    return agreed.ends_on is None or agreed.ends_on >= on


def deciding(found: Iterable[One], *, category: str, on: date) -> One | None:
    """Return the agreement whose term counts: in force, about this matter, the one signed last."""
    counting = [
        each
        for each in found
        if each.feedback_days
        and is_in_force(each, on)
        and (not each.categories or category in each.categories)
    ]
    return max(counting, key=lambda each: each.signed_on or date.min, default=None)


def a_year_on(day: date) -> date:
    """Return the same day of the next year; the last of February where there is no 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
