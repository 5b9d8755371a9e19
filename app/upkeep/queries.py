"""Reads of upkeep: where the migrations and the chain stand, which blobs a database speaks of, what was done last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlmodel import Session, col

from app.evidence.models import Blob
from app.platform.chain import GENESIS
from app.platform.records import Journal, JournalSeal
from app.upkeep.terms import Need


def migration(session: Session) -> str:
    """Return the migration a database stands at; alembic's own table belongs to no room."""
    return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


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
    found: Sequence[Any] | None = session.execute(
        select(col(Journal.recorded_at), col(Journal.facts))
        .where(col(Journal.subject_kind) == "backup", col(Journal.verb) == "backup.made")
        .order_by(col(Journal.rowno).desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None
