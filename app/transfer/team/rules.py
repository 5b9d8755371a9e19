"""How a receiver does, month by month: in time, late, still open. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from app.transfer.team.terms import Month, Standing


def months_back(today: date, count: int) -> list[date]:
    """Return the first days of the last months, this one first."""
    found, year, month = [], today.year, today.month
    for _step in range(count):
        found.append(date(year, month, 1))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def figures(found: Iterable[Standing], *, today: date, months: int) -> list[Month]:
    """Return one row for each of the last months, by the month in which something was sent, newest first."""
    rows = {first: Month(first) for first in months_back(today, months)}
    for one in found:
        row = rows.get(one.sent_on.replace(day=1))
        if row is not None:
            _count(row, one, today)
    return list(rows.values())


def total(rows: Iterable[Month], today: date) -> Month:
    """Return the rows added up."""
    added = Month(today)
    for row in rows:
        for name in ("sent", "in_time", "late", "refused", "withdrawn", "waiting", "overdue"):
            setattr(added, name, getattr(added, name) + getattr(row, name))
    return added


def _count(row: Month, one: Standing, today: date) -> None:
    row.sent += 1
    if one.is_withdrawn:
        row.withdrawn += 1
    elif one.is_refused:
        row.refused += 1
    elif one.is_waiting:
        row.waiting += 1
        row.overdue += one.due_on is not None and one.due_on < today
    elif one.answered_on is not None and one.due_on is not None and one.answered_on > one.due_on:
        row.late += 1
    else:
        row.in_time += 1
