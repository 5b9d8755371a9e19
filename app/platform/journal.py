"""The journal: what happened, chained, with the jobs that react to it (house.md 10, decisions.md 7).

`record` is called by services only, in their transaction. On SQLite the seal is made in the same transaction
(there is one writer); on PostgreSQL `seal_pending` runs under an advisory lock in the worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import func, insert, select, text
from sqlmodel import SQLModel, col

from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import canonical_json, sha256_hex, sm3_hex
from app.platform.doers import REPORTER, SYSTEM, Doer, account, by_link
from app.platform.records import Job, Journal, JournalSeal, Note

__all__ = [
    "REPORTER",
    "SYSTEM",
    "ChainReport",
    "Doer",
    "account",
    "by_link",
    "enqueue",
    "record",
    "seal_pending",
    "sealed_form",
    "subject_of",
    "verify",
]

GENESIS: Final = "0" * 64
_SEALER_LOCK: Final = 7_105_501


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
        session.execute(
            insert(Note).values(
                id=note_id, journal_id=journal_id, subject_kind=subject_kind, subject_id=subject_id,
                salt=salt, body=note, erased_at=None,
            )
        )  # fmt: skip
    row = {
        "id": journal_id, "verb": verb, "subject_kind": subject_kind, "subject_id": subject_id,
        "clue_id": clue_id, "office_id": office_id, "actor_kind": doer.kind, "actor_id": doer.id,
        "facts": kept, "recorded_at": now,
    }  # fmt: skip
    session.execute(insert(Journal).values(**row))
    if session.get_bind().dialect.name == "sqlite":
        _seal(session, row)
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
    session.execute(
        insert(Job).values(
            id=ids.new(), handler=handler, once_key=once_key, journal_id=journal_id, payload=dict(payload or {}),
            run_after=run_after or now, attempts=0,
        )
    )  # fmt: skip


# Every column of a journal row, as columns: a whole record would be an ORM object, slower and mutable.
_ROW: Final[Any] = SQLModel.metadata.tables["journal"]


def sealed_form(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the journal row in the form that is digested: every column but the row number."""
    form = {key: row[key] for key in row if key not in {"rowno", "recorded_at"}}
    return form | {"recorded_at": row["recorded_at"].isoformat()}


def _seal(session: WriteSession, row: Mapping[str, Any]) -> None:
    last = session.execute(
        select(col(JournalSeal.seq), col(JournalSeal.sha256)).order_by(col(JournalSeal.seq).desc()).limit(1)
    ).first()
    seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    content = canonical_json({"seq": seq, "previous": previous, "row": sealed_form(row)})
    session.execute(
        insert(JournalSeal).values(
            seq=seq, journal_id=row["id"], previous=previous, sha256=sha256_hex(content), sm3=sm3_hex(content)
        )
    )


def seal_pending(session: WriteSession, *, limit: int = 500) -> int:
    """Seal rows that have none yet, in row order, under an advisory lock; return how many (PostgreSQL)."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEALER_LOCK})
    unsealed = (
        select(_ROW)
        .outerjoin(JournalSeal, col(JournalSeal.journal_id) == col(Journal.id))
        .where(col(JournalSeal.seq).is_(None))
        .order_by(col(Journal.rowno))
        .limit(limit)
    )
    rows = session.execute(unsealed).mappings().all()
    for row in rows:
        _seal(session, dict(row))
    return len(rows)


def has_unsealed(session: ReadSession) -> bool:
    """Say whether a journal row waits for its seal; the newest row tells, because seals are made in row order."""
    newest = session.execute(
        select(col(Journal.id)).order_by(col(Journal.rowno).desc()).limit(1)
    ).scalar_one_or_none()
    if newest is None:
        return False
    sealed = session.execute(
        select(col(JournalSeal.seq)).where(col(JournalSeal.journal_id) == newest)
    ).first()
    return sealed is None


class ChainReport(NamedTuple):
    """What a walk over the chain found: how many seals hold, the first break, how many rows are unsealed."""

    sealed: int
    broken_at: int | None
    why: str
    unsealed: int


def verify(session: ReadSession) -> ChainReport:
    """Walk the chain from the start and name the first seal that does not hold."""
    previous, expected_seq, sealed = GENESIS, 1, 0
    joined = (
        select(
            col(JournalSeal.seq),
            col(JournalSeal.previous),
            col(JournalSeal.sha256),
            col(JournalSeal.sm3),
            _ROW,
        )
        .outerjoin(Journal, col(Journal.id) == col(JournalSeal.journal_id))
        .order_by(col(JournalSeal.seq))
    )
    rows = session.execute(joined.execution_options(yield_per=1000))
    for found in rows.mappings():
        row = {key: found[key] for key in Journal.model_fields}
        why = ""
        if found["seq"] != expected_seq:
            why = "a seal is missing"
        elif row["id"] is None:
            why = "the journal row is missing"
        elif found["previous"] != previous:
            why = "it does not follow the seal before it"
        else:
            content = canonical_json({"seq": found["seq"], "previous": previous, "row": sealed_form(row)})
            if sha256_hex(content) != found["sha256"] or sm3_hex(content) != found["sm3"]:
                why = "the row was altered"
        if why:
            rows.close()
            return ChainReport(sealed, expected_seq, why, 0)
        previous, expected_seq, sealed = found["sha256"], expected_seq + 1, sealed + 1
    total = session.execute(select(func.count()).select_from(Journal)).scalar_one()
    return ChainReport(sealed, None, "", total - sealed)


def subject_of(session: ReadSession, journal_id: str) -> str:
    """Return the id of the thing a journal row is about (a job knows only the row)."""
    found: str = session.execute(
        select(col(Journal.subject_id)).where(col(Journal.id) == journal_id)
    ).scalar_one()
    return found
