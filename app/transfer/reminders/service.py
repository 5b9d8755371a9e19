"""One day's reminding: who stands on a new rung, who has not answered; a digest for each receiver, a job for each way out.

Nothing here commits. What leaves the house says only that something waits; see docs/decisions/0054.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from app.platform import clock, ids, journal
from app.platform.db import WriteSession
from app.transfer.invitations import days
from app.transfer.models import Reminder, ReminderDelivery, ReminderDigest, Transfer
from app.transfer.reminders import queries, rules
from app.transfer.reminders.terms import SEND, Outcome, Way


def run_day(session: WriteSession, *, ways: Iterable[Way], now: datetime) -> int:
    """Note every new rung and ask for the day's digests; return how many receivers are reminded. Twice is nothing."""
    today = clock.office_date(now)
    steps = queries.ladders(session, today)
    open_ones = queries.waiting(session)
    noted = queries.reminded(session, [row.id for row in open_ones])
    by_receiver: dict[str, list[tuple[Transfer, int]]] = {}
    for row in open_ones:
        due_on = row.promised_on or row.due_on
        reached = rules.rung(steps.get(row.kind, ()), due_on, today) if due_on else None
        if due_on and reached is not None and (row.id, due_on, reached) not in noted:
            by_receiver.setdefault(row.receiver_id, []).append((row, reached))
    ways_on = list(ways)
    for receiver_id, rungs in by_receiver.items():
        if queries.digest_of_day(session, receiver_id, today) is None:
            _remind(session, receiver_id, rungs, ways_on, now)
    days.expire(session, now=now)
    invited = days.remind(session, now=now)
    for receiver_id in invited:
        if queries.digest_of_day(session, receiver_id, today) is None:
            _digest(session, receiver_id, ways_on, now)
    return len(by_receiver.keys() | set(invited))


def _remind(
    session: WriteSession, receiver_id: str, rungs: list[tuple[Transfer, int]], ways: list[Way], now: datetime
) -> None:
    digest_id = _digest(session, receiver_id, ways, now)
    for row, step in rungs:
        session.execute(
            insert(Reminder).values(
                id=ids.new(), transfer_id=row.id, digest_id=digest_id, due_on=row.promised_on or row.due_on,
                step_days=step, noted_at=now,
            )
        )  # fmt: skip
        journal.record(
            session, journal.SYSTEM, "transfer.reminded", "transfer", row.id, now=now, clue_id=row.clue_id,
            office_id=row.office_id, facts={"receiver": receiver_id, "step_days": step},
        )  # fmt: skip


def _digest(session: WriteSession, receiver_id: str, ways: list[Way], now: datetime) -> str:
    """Make a receiver's digest of the day, and ask for it to leave by each way; return its id."""
    digest_id, today = ids.new(), clock.office_date(now)
    session.execute(
        insert(ReminderDigest).values(id=digest_id, receiver_id=receiver_id, day=today, made_at=now)
    )
    for way in ways:
        if queries.has_address(session, receiver_id, way):
            payload = {"digest": digest_id, "way": way.value}
            journal.enqueue(session, SEND, once_key=f"{digest_id}:{way.value}", payload=payload, now=now)
    return digest_id


def note_attempt(
    session: WriteSession, digest_id: str, way: Way, outcome: Outcome, *, error: str = "", now: datetime
) -> None:
    """Write one attempt into the ledger; the address is not in it."""
    session.execute(
        insert(ReminderDelivery).values(
            id=ids.new(), digest_id=digest_id, way=way.value, outcome=outcome.value, error=error[:120],
            attempted_at=now,
        )
    )  # fmt: skip
