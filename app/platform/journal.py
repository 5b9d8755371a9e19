"""The journal: what happened, chained, with the jobs that react to it (house.md 10, decisions.md 7).

`record` is called by services only, in their transaction. On SQLite the seal is made in the same transaction
(there is one writer); on PostgreSQL `seal_pending` runs under an advisory lock in the worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import col

from app.platform import ids
from app.platform.chain import SEALED_AT_ONCE, ChainReport, has_unsealed, seal, seal_pending, verify
from app.platform.db import ASKS_WORKER, ReadSession, WriteSession
from app.platform.digest import sha256_hex
from app.platform.doers import REPORTER, SYSTEM, Doer, account, by_link
from app.platform.putting import put
from app.platform.records import Job, Journal, Note

__all__ = [
    "REPORTER",
    "SEALED_AT_ONCE",
    "SYSTEM",
    "ChainReport",
    "Doer",
    "account",
    "by_link",
    "enqueue",
    "has_unsealed",
    "record",
    "seal_pending",
    "subject_of",
    "verify",
]

# The reaction that signs the head of the chain: asked for where something leaves the house.
SIGN_HEAD: Final = "journal.sign_head"


def record(
    session: WriteSession,
    doer: Doer,
    verb: str,
    subject_kind: str,
    subject_id: str,
    *,
    now: datetime,
    clue_id: str | None = None,
    office_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    jobs: Iterable[str] = (),
) -> str:
    """Write one journal row, its note, its seal and its jobs; return the row's id.

    `facts` hold ids, numbers and digests only. Free text goes into `note`, of which the journal keeps a salted
    digest, so that a person's words can be erased without breaking the chain. `jobs` names worker handlers.
    """
    journal_id = ids.new()
    kept = dict(facts or {})
    if note:
        note_id, salt = ids.new(), secrets.token_hex(16)
        kept |= {"note_id": note_id, "note_digest": sha256_hex((salt + note).encode())}
        put(
            session, Note, id=note_id, journal_id=journal_id, subject_kind=subject_kind, subject_id=subject_id,
            salt=salt, body=note, erased_at=None,
        )  # fmt: skip
    row = {
        "id": journal_id, "verb": verb, "subject_kind": subject_kind, "subject_id": subject_id,
        "clue_id": clue_id, "office_id": office_id, "actor_kind": doer.kind, "actor_id": doer.id,
        "facts": kept, "recorded_at": now,
    }  # fmt: skip
    put(session, Journal, **row)
    if session.get_bind().dialect.name == "sqlite":
        seal(session, row)
    for handler in jobs:
        enqueue(session, handler, once_key=journal_id, journal_id=journal_id, now=now)
    return journal_id


def enqueue(
    session: WriteSession,
    handler: str,
    *,
    once_key: str,
    now: datetime,
    journal_id: str | None = None,
    payload: Mapping[str, Any] | None = None,
    run_after: datetime | None = None,
) -> None:
    """Insert one job; a second with the same handler and key is a programming error and fails loudly."""
    put(
        session, Job, id=ids.new(), handler=handler, once_key=once_key, journal_id=journal_id,
        payload=dict(payload or {}), run_after=run_after or now, attempts=0,
    )  # fmt: skip
    session.info[ASKS_WORKER] = True


def erase_notes(session: WriteSession, clue_id: str, *, now: datetime) -> int:
    """Erase every free text said about a clue; the journal keeps its digest, and without the salt nobody guesses it."""
    said = select(col(Journal.id)).where(col(Journal.clue_id) == clue_id)
    gone = session.execute(
        update(Note)
        .where(col(Note.journal_id).in_(said), col(Note.erased_at).is_(None))
        .values(body=None, salt="", erased_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def is_asked(session: ReadSession | WriteSession, handler: str, once_key: str) -> bool:
    """Say whether a job with this handler and key was ever asked for."""
    found = session.execute(
        select(col(Job.id)).where(col(Job.handler) == handler, col(Job.once_key) == once_key)
    ).first()
    return found is not None


def waiting(session: ReadSession | WriteSession, handler: str, prefix: str) -> tuple[int, int]:
    """Return how many jobs of a handler, by the beginning of their key, still wait, and how many were given up."""
    rows = session.execute(
        select(col(Job.parked_at)).where(
            col(Job.handler) == handler, col(Job.once_key).startswith(prefix, autoescape=True),
            col(Job.done_at).is_(None),
        )
    ).scalars().all()  # fmt: skip
    parked = sum(1 for parked_at in rows if parked_at is not None)
    return len(rows) - parked, parked


def subject_of(session: ReadSession, journal_id: str) -> str:
    """Return the id of the thing a journal row is about (a job knows only the row)."""
    found: str = session.execute(
        select(col(Journal.subject_id)).where(col(Journal.id) == journal_id)
    ).scalar_one()
    return found
