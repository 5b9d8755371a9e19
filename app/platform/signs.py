"""A worker's sign of life: when it was last there, and what each kind of job has cost it since it began.

A worker may be a process without a door of its own, so it writes this where every web process can read it: one
small row, at most every half minute.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from app.platform import clock, ids
from app.platform.db import Database, ReadSession, WriteSession
from app.platform.errors import Unavailable
from app.platform.jobs import Handler, Tools, Work
from app.platform.putting import put
from app.platform.records import WorkerSign

EVERY: Final = timedelta(seconds=30)
# A worker amid a long job gives no sign; after so long something is wrong with it.
SILENT_AFTER: Final = timedelta(minutes=10)
_FORGOTTEN_AFTER: Final = timedelta(days=1)


class Life:
    """One worker's life: tallies by kind of job, and when it signed last."""

    def __init__(self, database: Database) -> None:
        """Begin."""
        self._database = database
        self._id, self._place = ids.new(), f"{socket.gethostname()}:{os.getpid()}"[:120]
        self._started_at = clock.now()
        self._signed_at: datetime | None = None
        self._tallies: dict[str, list[float]] = {}

    def timed(self, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
        """Return the same reactions; what each costs is tallied, and a busy worker signs between two jobs."""
        return {name: self._timed(name, handler) for name, handler in handlers.items()}

    def _timed(self, name: str, handler: Handler) -> Callable[[Tools, Work], None]:
        def run(tools: Tools, work: Work) -> None:
            tally, began = self._tallies.setdefault(name, [0, 0, 0.0]), time.perf_counter()
            try:
                handler(tools, work)
            except Exception:
                tally[1] += 1
                raise
            finally:
                tally[0] += 1
                tally[2] += time.perf_counter() - began
            with suppress(
                SQLAlchemyError, Unavailable
            ):  # the job is done whether or not its worker can say so
                self.sign(clock.now())

        return run

    def sign(self, now: datetime) -> None:
        """Write the sign if the last one is old enough."""
        if self._signed_at is not None and now - self._signed_at < EVERY:
            return
        tallies = {
            name: [int(count), int(failed), round(s, 3)] for name, (count, failed, s) in self._tallies.items()
        }
        with self._database.write_session() as session:
            known = session.execute(
                update(WorkerSign).where(col(WorkerSign.id) == self._id).values(seen_at=now, tallies=tallies)
            )
            if not known.rowcount:  # type: ignore[attr-defined]
                put(
                    session, WorkerSign, id=self._id, place=self._place, started_at=self._started_at, seen_at=now,
                    tallies=tallies,
                )  # fmt: skip
        self._signed_at = now


def workers(session: ReadSession) -> list[WorkerSign]:
    """Return the workers that were there within a day, the one seen last first."""
    return list(session.execute(select(WorkerSign).order_by(col(WorkerSign.seen_at).desc())).scalars())


def forget_old(session: WriteSession, now: datetime) -> None:
    """Delete workers that are gone."""
    session.execute(delete(WorkerSign).where(col(WorkerSign.seen_at) < now - _FORGOTTEN_AFTER))
