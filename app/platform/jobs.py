"""The queue of reactions: claimed by a conditional update, leased, retried with patience, parked loudly.

One SQL text serves both databases (stack.md 6); on PostgreSQL `SKIP LOCKED` keeps several workers apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlmodel import col

from app.platform import clock, journal, logging
from app.platform.crypto import KeyRing
from app.platform.db import Database, ReadSession, WriteSession
from app.platform.records import Job
from app.platform.settings import Settings
from app.platform.storage import BlobStore

LEASE: Final = timedelta(minutes=2)
ATTEMPTS_LIMIT: Final = 8
_STUMBLE_S, _STUMBLE_MOST_S = 0.5, 8.0
_log = logging.get("jobs")


@dataclass(frozen=True)
class Tools:
    """What a reaction may use."""

    settings: Settings
    database: Database
    keys: KeyRing
    store: BlobStore


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed job."""

    id: str
    handler: str
    journal_id: str | None
    payload: dict[str, Any]
    attempts: int


Handler = Callable[[Tools, Work], None]


def ask_once(
    tools: Tools,
    handler: str,
    once_key: str,
    *,
    only_if: Callable[[ReadSession], bool] = lambda _looking: True,
    now: datetime,
) -> None:
    """Ask for a job unless one of this key was asked for; called often, and nearly always only a read."""
    with tools.database.read_session() as looking:
        if journal.is_asked(looking, handler, once_key) or not only_if(looking):
            return
    with tools.database.write_session() as session:
        if not journal.is_asked(session, handler, once_key):
            journal.enqueue(session, handler, once_key=once_key, now=now)


def _due(now: datetime) -> Select[Any]:
    is_free = col(Job.lease_until).is_(None) | (col(Job.lease_until) < now)
    return (
        select(col(Job.rowno))
        .where(col(Job.done_at).is_(None), col(Job.parked_at).is_(None), col(Job.run_after) <= now, is_free)
        .order_by(col(Job.run_after), col(Job.rowno))
        .limit(1)
    )


def claim(session: WriteSession, *, now: datetime) -> Work | None:
    """Claim the oldest job that is due, for the length of a lease; None when there is none."""
    due = _due(now).with_for_update(skip_locked=True)
    rowno = session.execute(due).scalar_one_or_none()
    if rowno is None:
        return None
    session.execute(
        update(Job)
        .where(col(Job.rowno) == rowno)
        .values(lease_until=now + LEASE, attempts=col(Job.attempts) + 1)
    )
    job = session.execute(select(Job).where(col(Job.rowno) == rowno)).scalar_one()
    return Work(job.id, job.handler, job.journal_id, job.payload, job.attempts)


def finish(session: WriteSession, work: Work, *, now: datetime) -> None:
    """Note that a job is done."""
    session.execute(update(Job).where(col(Job.id) == work.id).values(done_at=now, lease_until=None))


def fail(session: WriteSession, work: Work, error: Exception, *, now: datetime) -> None:
    """Put a failed job back with patience; after the last attempt park it where the administrator sees it."""
    is_over = work.attempts >= ATTEMPTS_LIMIT
    session.execute(
        update(Job)
        .where(col(Job.id) == work.id)
        .values(
            lease_until=None,
            run_after=now + timedelta(seconds=2**work.attempts),
            last_error=f"{type(error).__name__}: {error}"[:500],
            parked_at=now if is_over else None,
        )
    )


def run_one(tools: Tools, handlers: Mapping[str, Handler]) -> bool:
    """Run one due job, if there is one; say whether there was."""
    # Looking costs a read only: an idle worker must not take the writers' line, nor wake itself by a commit.
    with tools.database.read_session() as looking:
        if looking.execute(_due(clock.now())).first() is None:
            return False
    with tools.database.write_session() as session:
        work = claim(session, now=clock.now())
    if work is None:
        return False
    try:
        handlers[work.handler](tools, work)
    except Exception as error:  # noqa: BLE001 - whatever a reaction raises, its job goes back with patience
        _log.exception("job failed", handler=work.handler, job=work.id, attempts=work.attempts)
        with tools.database.write_session() as session:
            fail(session, work, error, now=clock.now())
        return True
    with tools.database.write_session() as session:
        finish(session, work, now=clock.now())
    return True


def run_until(
    tools: Tools,
    handlers: Mapping[str, Handler],
    stop: threading.Event,
    *,
    idle: Callable[[], None] | None = None,
) -> None:
    """Work until told to stop; between jobs wait for the next commit of this process, or half a second.

    Where no job can even be looked for (no table yet, no database) each try is further from the last, up to eight seconds.
    """
    pause = _STUMBLE_S
    while not stop.is_set():
        tools.database.wrote.clear()
        had_work = None
        try:
            had_work = run_one(tools, handlers)
            pause = _STUMBLE_S
            if idle is not None and not had_work:
                idle()
        except Exception:  # noqa: BLE001 - the worker outlives every fault
            _log.exception("the worker stumbled")
        if had_work is None:
            stop.wait(pause)
            pause = min(2 * pause, _STUMBLE_MOST_S)
        elif not had_work:
            tools.database.wrote.wait(0.5)
