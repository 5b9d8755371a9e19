"""How the installation fares, at one moment: what its health page shows, its metrics say and an alert is about."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.platform import heads, migrations, signs
from app.platform.chain import has_unsealed
from app.platform.records import WorkerSign
from app.platform.web.given import House, ReadSession
from app.upkeep import queries

# Whoever asks more often is told the same again: a page reloaded in anger costs no more than one that is not.
_REMEMBERED_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one moment; no person, no clue."""

    at: datetime
    migration: str
    newest_migration: str
    clues_waiting: int
    oldest_clue_at: datetime | None
    jobs_due: int
    oldest_job_at: datetime | None
    jobs_parked: int
    workers: list[WorkerSign]
    blobs_damaged: int
    free_bytes: int | None
    rows_sealed: int
    has_unsealed: bool
    head_at: datetime | None
    backup_at: datetime | None
    backup: dict[str, Any]

    @property
    def worker_at(self) -> datetime | None:
        """Return when a worker was last there."""
        return self.workers[0].seen_at if self.workers else None


def taken(session: ReadSession, house: House, *, now: datetime) -> Figures:
    """Look at everything once."""
    clues_waiting, oldest_clue_at = queries.waiting_clues(session)
    jobs_due, oldest_job_at = queries.due_jobs(session, now=now)
    last_backup, head = queries.last_backup(session), heads.newest_head(session)
    return Figures(
        at=now,
        migration=queries.migration(session),
        newest_migration=migrations.newest(),
        clues_waiting=clues_waiting,
        oldest_clue_at=oldest_clue_at,
        jobs_due=jobs_due,
        oldest_job_at=oldest_job_at,
        jobs_parked=queries.parked_count(session),
        workers=signs.workers(session),
        blobs_damaged=queries.damaged_count(session),
        free_bytes=_free_bytes(house),
        rows_sealed=heads.end_of_chain(session),
        has_unsealed=has_unsealed(session),
        head_at=head.signed_at if head else None,
        backup_at=last_backup[0] if last_backup else None,
        backup=last_backup[1] if last_backup else {},
    )


def _free_bytes(house: House) -> int | None:
    try:
        return house.store.free_bytes()
    except OSError:
        return 0


class Memory:
    """Remembers the figures for a few seconds."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock, self._until = threading.Lock(), 0.0
        self._of: House | None = None
        self._figures: Figures | None = None

    def figures(self, house: House, *, now: datetime) -> Figures:
        """Return the figures, looked at now or a few seconds ago."""
        with self._lock:
            if self._figures is None or self._of is not house or time.monotonic() >= self._until:
                with house.database.read_session() as session:
                    self._figures = taken(session, house, now=now)
                self._of, self._until = house, time.monotonic() + _REMEMBERED_S
            return self._figures
