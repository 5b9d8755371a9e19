"""Gapless numbers: taken in the transaction that uses them, under a row lock (decisions.md 5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from app.platform import clock
from app.platform.db import WriteSession
from app.platform.records import NumberSeries


def take(
    session: WriteSession, *, office_id: str, kind: str, compartment_kind: str, start: int, now: datetime
) -> tuple[int, int]:
    """Take the next number of a series; return (year by the office's calendar, number).

    A rolled-back transaction gives its number back: nobody else could take one meanwhile, because the row is
    locked (PostgreSQL) or the writer is alone (SQLite).
    """
    year = clock.office_date(now).year
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = {"office_id": office_id, "kind": kind, "compartment_kind": compartment_kind, "year": year}
    session.execute(
        dialect.insert(NumberSeries)
        .values(**first, next_value=start)
        .on_conflict_do_nothing(index_elements=list(first))
    )
    is_mine = [getattr(NumberSeries, name) == value for name, value in first.items()]
    taken: int = session.execute(
        select(col(NumberSeries.next_value)).where(*is_mine).with_for_update()
    ).scalar_one()
    session.execute(update(NumberSeries).where(*is_mine).values(next_value=taken + 1))
    return year, taken


def pass_over(
    session: WriteSession, *, office_id: str, kind: str, compartment_kind: str, year: int, seq: int
) -> None:
    """Let a series go on behind a number that came with an old ledger, so that it is never given out again."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = {"office_id": office_id, "kind": kind, "compartment_kind": compartment_kind, "year": year}
    session.execute(
        dialect.insert(NumberSeries)
        .values(**first, next_value=seq + 1)
        .on_conflict_do_nothing(index_elements=list(first))
    )
    is_mine = [getattr(NumberSeries, name) == value for name, value in first.items()]
    session.execute(
        update(NumberSeries).where(*is_mine, col(NumberSeries.next_value) <= seq).values(next_value=seq + 1)
    )
