"""Revisits: planned when a transfer ends, crossed out by a visit, forgotten when it begins anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert, update

from app.clues.models import Clue
from app.platform import clock, ids
from app.platform.db import WriteSession
from app.reference import queries as reference_queries
from app.transfer import disclosure, queries, revisits
from app.transfer.kinds import KINDS
from app.transfer.models import Revisit, Transfer
from app.transfer.queries import Again
from app.transfer.terms import TransferKind

# Days after the end (domain.md 2); an office may set its own.
REVISIT_DAYS = (30, 90, 180, 365)


def plan(session: WriteSession, transfer: Transfer, clue: Clue, days: Sequence[int], now: datetime) -> None:
    """Plan when the place is looked at again; seasons in which nothing can be seen are waited out."""
    if not KINDS[TransferKind(transfer.kind)].is_revisited or disclosure.is_facility(clue):
        return
    pauses = [
        revisits.pause_of(row.key, row.starts, row.ends)
        for row in reference_queries.season_pauses(session, clue.category_key)
    ]
    planned = revisits.plan(clock.office_date(now), days, pauses)
    if planned:
        session.execute(
            insert(Revisit),
            [
                {
                    "id": ids.new(), "transfer_id": transfer.id, "days": each.days, "planned_on": each.planned_on,
                    "due_on": each.due_on, "pause_key": each.pause_key,
                }
                for each in planned
            ],
        )  # fmt: skip


def tick(session: WriteSession, transfer: Transfer, visit_id: str, visited_on: date, now: datetime) -> None:
    """Cross out every revisit that was due by the day of the visit; one looked at early is crossed out alone."""
    open_ones = queries.revisits(session, transfer.id, only_open=True)
    due = [row.id for row in open_ones if row.due_on <= visited_on] or [row.id for row in open_ones[:1]]
    session.execute(update(Revisit).where(Again.id.in_(due)).values(done_at=now, visit_id=visit_id))


def forget(session: WriteSession, transfer: Transfer) -> None:
    """Drop what was planned and not yet done: the matter is open again."""
    session.execute(delete(Revisit).where(Again.transfer_id == transfer.id, Again.done_at.is_(None)))
