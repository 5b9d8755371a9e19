"""The one clock of the house: nothing else asks the machine for the time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

OFFICE_ZONE: Final = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def office_date(instant: datetime) -> date:
    """Return the calendar day of an instant where the office works (numbers and deadlines count in it)."""
    return instant.astimezone(OFFICE_ZONE).date()
