"""Reads of upkeep: where the migrations and the chain stand, which blobs a database speaks of, what was done last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, Table, and_, func, select, text
from sqlmodel import Session, col

from app.clues.models import Clue
from app.clues.terms import ClueState
from app.evidence.models import Blob
from app.identity.models import Compartment
from app.identity.terms import CompartmentKind
from app.platform import migrations
from app.platform.chain import GENESIS
from app.platform.records import Job, Journal, JournalSeal
from app.upkeep.terms import Need, ParkedJob


def migration(session: Session) -> str:
    """Return the migration a database stands at."""
    return str(session.execute(migrations.STANDS_AT).scalar_one())


def exported_moment(session: Session) -> str:
    """Return the name by which PostgreSQL lets another connection see this very moment."""
    return str(session.execute(text("SELECT pg_export_snapshot()")).scalar_one())


def chain_end(session: Session) -> tuple[int, str]:
    """Return number and digest of the last seal."""
    last = session.execute(
        select(col(JournalSeal.seq), col(JournalSeal.sha256)).order_by(col(JournalSeal.seq).desc()).limit(1)
    ).first()
    return (last[0], last[1]) if last else (0, GENESIS)


def needed_blobs(session: Session) -> list[Need]:
    """Return every blob whose bytes a database counts on, in order."""
    rows = session.execute(
        select(col(Blob.digest), col(Blob.size_bytes))
        .where(col(Blob.erased_at).is_(None))
        .order_by(col(Blob.digest))
    )
    return [Need(digest, size) for digest, size in rows]


def is_erased(session: Session, digest: str) -> bool:
    """Say whether a blob was erased meanwhile."""
    found = session.execute(select(col(Blob.erased_at)).where(col(Blob.digest) == digest)).first()
    return found is not None and found[0] is not None


def last_backup(session: Session) -> tuple[datetime, dict[str, Any]] | None:
    """Return when this house was last told of a whole backup, and of which."""
    return last_of(session, "backup.made", subject_kind="backup")


def last_of(
    session: Session, verb: str, *, subject_kind: str = "installation"
) -> tuple[datetime, dict[str, Any]] | None:
    """Return when something was last done, as a rule to the whole installation, and the facts of it."""
    found: Sequence[Any] | None = session.execute(
        select(col(Journal.recorded_at), col(Journal.facts))
        .where(col(Journal.subject_kind) == subject_kind, col(Journal.verb) == verb)
        .order_by(col(Journal.rowno).desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def newest_journal_time(session: Session) -> datetime | None:
    """Return when the newest row of the journal says it was written."""
    found: datetime | None = session.execute(
        select(col(Journal.recorded_at)).order_by(col(Journal.rowno).desc()).limit(1)
    ).scalar_one_or_none()
    return found


def database_time(session: Session) -> datetime | None:
    """Return the time of the machine the database is on; None where that is this one."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


# -- how it fares -------------------------------------------------------------------------------------------------
def waiting_clues(session: Session) -> tuple[int, datetime | None]:
    """Return how many clues of the open circles nobody has registered yet, and since when the oldest waits.

    Closed circles are not counted: whether there is anything in one is nobody's business outside it.
    """
    # By circle, because the queue's index begins with it: a walk over a million clues once a minute would be dear.
    is_of_circle = and_(
        col(Clue.office_id) == col(Compartment.office_id), col(Clue.compartment_id) == col(Compartment.id)
    )
    two: list[Any] = [func.count(), func.min(col(Clue.received_at))]  # figures of the house; no clue is read
    figures: Any = select(*two).select_from(Compartment).join(Clue, is_of_circle)
    figures = figures.where(
        col(Compartment.kind) == CompartmentKind.OPEN.value, col(Clue.state) == ClueState.SUBMITTED.value
    )
    return _count_and_oldest(session, figures)


def due_jobs(session: Session, *, now: datetime) -> tuple[int, datetime | None]:
    """Return how many jobs are due, and since when the oldest of them is."""
    due = select(func.count(), func.min(col(Job.run_after))).where(
        col(Job.done_at).is_(None), col(Job.parked_at).is_(None), col(Job.run_after) <= now
    )
    return _count_and_oldest(session, due)


def _count_and_oldest(session: Session, figures: Any) -> tuple[int, datetime | None]:
    count, oldest = session.execute(figures).one()
    return int(count), oldest


def damaged_count(session: Session) -> int:
    """Return how many kept blobs are known as damaged."""
    damaged = select(func.count()).select_from(Blob).where(col(Blob.damaged_at).is_not(None))
    return int(session.execute(damaged).scalar_one())


def parked_count(session: Session) -> int:
    """Return how many jobs were given up."""
    parked = (
        select(func.count())
        .select_from(Job)
        .where(col(Job.parked_at).is_not(None), col(Job.done_at).is_(None))
    )
    return int(session.execute(parked).scalar_one())


def parked_jobs(session: Session, *, limit: int) -> list[ParkedJob]:
    """Return the jobs given up last; of what went wrong the kind only, because its message may quote a person."""
    rows = session.execute(
        select(col(Job.id), col(Job.handler), col(Job.attempts), col(Job.parked_at), col(Job.last_error))
        .where(col(Job.parked_at).is_not(None), col(Job.done_at).is_(None))
        .order_by(col(Job.parked_at).desc())
        .limit(limit)
    )
    return [
        ParkedJob(job_id, handler, attempts, parked_at, (error or "").partition(":")[0])
        for job_id, handler, attempts, parked_at, error in rows
    ]


# -- whole tables, for a move ---------------------------------------------------------------------------------------
def count_of(table: Table) -> Select[Any]:
    """Build the count of a table."""
    return select(func.count()).select_from(table)


def last_key(key: Column[Any]) -> Select[Any]:
    """Build the question for a table's last key."""
    return select(func.max(key))


def rows_behind(table: Table, key: Column[Any], last: Any) -> Select[Any]:
    """Build all rows of a table behind a key, in order; all of them for None."""
    # Keys that are texts are digests, ids and days: signs whose order is the same in every language.
    rows = select(table).order_by(key)
    return rows if last is None else rows.where(key > last)


def counter_of(table: str, key: str) -> Select[Any]:
    """Build the question for the counter behind a column; NULL where there is none (PostgreSQL)."""
    return select(func.pg_get_serial_sequence(table, key))


def counted_on(counter: str, last: int) -> Select[Any]:
    """Build the step that lets a counter go on behind a number (PostgreSQL)."""
    return select(func.setval(counter, last))
