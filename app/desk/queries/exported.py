"""The clues of a view as rows of a table, for taking out of the house; whoever may not see one does not take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.clues.models import Clue
from app.clues.queries import visible_to
from app.desk.queries import queue
from app.desk.terms import PAGE_ROWS, Cursor, Filters
from app.identity.actor import Actor
from app.platform.db import ReadSession

C: Any = Clue
# So many rows at most: a year of a busy office for a meeting or a map, not a copy of the office.
MOST: Final = 10_000
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """One clue as a table shows it: nothing of who reported, no words of theirs, no file."""

    id: str
    number: str | None
    title: str
    category_key: str
    field_key: str
    state: str
    grade: str | None
    source_type: str
    channel: str
    town_key: str | None
    place_words: str
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    place_source: str
    is_urgent: bool
    is_major: bool
    received_at: datetime
    registered_at: datetime | None
    due_on: date | None
    closed_at: datetime | None
    assignee_id: str | None


_COLUMNS: Final = tuple(getattr(C, name) for name in Exported.__slots__)


def ids_of(
    session: ReadSession, actor: Actor, filters: Filters, *, today: date, now: datetime, most: int = MOST
) -> list[str]:
    """Return which clues a view shows, in its order; one more than `most` where there are more."""
    found: list[str] = []
    cursor: Cursor | None = None
    page_rows = PAGE_ROWS if filters.q else _AT_ONCE
    while len(found) <= most:
        rows = queue.rows(session, actor, filters, today=today, now=now, cursor=cursor, page_rows=page_rows)
        shown = rows[:page_rows]
        found += [row.id for row in shown]
        if len(rows) <= page_rows:
            break
        last = shown[-1]
        cursor = Cursor(last.received_at, last.id, is_urgent=last.is_urgent)
    return found[: most + 1]


def exported(session: ReadSession, actor: Actor, clue_ids: Sequence[str]) -> list[Exported]:
    """Return the rows of these clues that the person may see, in the order asked for."""
    by_id: dict[str, Exported] = {}
    for start in range(0, len(clue_ids), _AT_ONCE):
        part = clue_ids[start : start + _AT_ONCE]
        for row in session.execute(visible_to(actor, *_COLUMNS).where(C.id.in_(part))):
            by_id[row[0]] = Exported(*row)
    return [by_id[one] for one in clue_ids if one in by_id]
