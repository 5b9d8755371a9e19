"""Sealing anew under today's key, some rows at a time: each batch is a short transaction, and a second run goes on.

A room hands in a `Sealed` for each of its tables; `app/rotation.py` walks them. A row that does not open (its key is
gone) is counted and left alone, never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from app.platform.crypto import KeyRing, Unreadable
from app.platform.db import Database, WriteSession

BATCH: Final = 200


class Batch(NamedTuple):
    """What one batch did: the last row it saw (None when there was none), rows sealed anew, rows that do not open."""

    last: int | None
    changed: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """One table with sealed fields, and how its next rows are done."""

    name: str
    step: Callable[[WriteSession, KeyRing, int, int], Batch]


class Done(NamedTuple):
    """What became of one table."""

    name: str
    seen_to: int
    changed: int
    unreadable: int


def is_stale(sealed: str | None, keys: KeyRing) -> bool:
    """Say whether a sealed field lies under an older key."""
    return sealed is not None and sealed.split(".")[1:2] != [keys.current_id]


def resealed(keys: KeyRing, sealed: str, *, table: str, row: str, field: str) -> str:
    """Return the same words under today's key and cipher; raises Unreadable."""
    text = keys.open_field(sealed, table=table, row=row, field=field)
    return keys.seal_field(text, table=table, row=row, field=field)


def step_rows(rows: list[Any], change: Callable[[Any], bool]) -> Batch:
    """Do one batch: `change` says whether it wrote the row; what does not open is counted."""
    changed = unreadable = 0
    for row in rows:
        try:
            changed += change(row)
        except Unreadable:
            unreadable += 1
    return Batch(rows[-1].rowno if rows else None, changed, unreadable)


def walk(database: Database, keys: KeyRing, table: Sealed, *, batch: int = BATCH) -> Done:
    """Seal a whole table anew."""
    after = changed = unreadable = 0
    while True:
        with database.write_session() as session:
            found = table.step(session, keys, after, batch)
        if found.last is None:
            return Done(table.name, after, changed, unreadable)
        after, changed, unreadable = found.last, changed + found.changed, unreadable + found.unreadable
