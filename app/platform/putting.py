"""New rows by a statement that is built once: one at a time, with their number, or many of a kind together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from sqlalchemy import Insert, insert
from sqlmodel import SQLModel

from app.platform.db import WriteSession

# Rows that wait for the end of a block (`together`), by table and columns.
_TOGETHER: Final = "together"


def put(session: WriteSession, table: type[SQLModel], **values: Any) -> None:
    """Insert one row: the statement is built once a table, the values travel as its parameters.

    `insert(...).values(...)` builds and names every column anew; that cost a report more than all its writing.
    """
    waiting = session.info.get(_TOGETHER)
    if waiting is None:
        session.connection().execute(_silently_into(table), values)
    else:
        waiting.setdefault((table, frozenset(values)), []).append(values)


@contextmanager
def together(session: WriteSession) -> Iterator[None]:
    """Let the rows that are `put` in this block go in as one statement a table at its end: for many of a kind.

    Tables follow one another as they were first put, so that a row stands before what points at it. Nothing of
    them can be read before the end; a block that raises leaves none.
    """
    waiting: dict[tuple[type[SQLModel], frozenset[str]], list[dict[str, Any]]] = {}
    session.info[_TOGETHER] = waiting
    try:
        yield
    finally:
        del session.info[_TOGETHER]
    for (table, _names), rows in waiting.items():
        session.connection().execute(_silently_into(table), rows)


def put_numbered(session: WriteSession, table: type[SQLModel], **values: Any) -> int:
    """Insert one row likewise, and return the row number the database gave it."""
    (number,) = session.connection().execute(_into(table), values).inserted_primary_key or (0,)
    return int(number)


@cache
def _into(table: type[SQLModel]) -> Insert:
    return insert(SQLModel.metadata.tables[str(table.__tablename__)])


@cache
def _silently_into(table: type[SQLModel]) -> Insert:
    return _into(table).inline()  # nobody asks for the row's number
