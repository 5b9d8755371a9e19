"""The ladder: days before (-) and after the due day on which a receiver is reminded. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

LADDER: Final = re.compile(r"-?\d{1,3}(,-?\d{1,3}){0,11}")


def ladder(text: str) -> tuple[int, ...]:
    """Return the rungs of a ladder as reference data writes it, ascending."""
    return tuple(sorted({int(part) for part in text.split(",")})) if LADDER.fullmatch(text) else ()


def rung(steps: Sequence[int], due_on: date, today: date) -> int | None:
    """Return the last rung that has been reached; None before the first."""
    reached = [step for step in steps if due_on + timedelta(days=step) <= today]
    return max(reached) if reached else None


def soon_days(steps: Sequence[int]) -> int:
    """Return how many days before the due day the ladder begins; 0 when it begins on the day or later."""
    return max(0, -min(steps, default=0))
