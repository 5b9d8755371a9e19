"""Tables of the platform: journal, chain, jobs, notes, number series.

`journal`, `journal_seal`, `journal_head` and `head_stamp` are insert-only (triggers in the migrations); only `job`
is updated (decisions.md 7).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Journal(SQLModel, table=True):
    """One thing that happened: who, what, to what, when; ids and digests only, never free text."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_subject", "subject_kind", "subject_id"),
        Index("ix_journal_clue_id", "clue_id"),
        # Its reader asks by verb and by person, newest first.
        Index("ix_journal_verb", "verb", "rowno"),
        Index("ix_journal_actor", "actor_id", "rowno"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    verb: str = Field(sa_type=Word)
    subject_kind: str = Field(sa_type=Word)
    subject_id: str = Field(sa_type=Id)
    clue_id: str | None = Field(default=None, sa_type=Id)
    office_id: str | None = Field(default=None, sa_type=Id)
    actor_kind: str = Field(sa_type=Word)
    actor_id: str | None = Field(default=None, sa_type=Id)
    facts: dict[str, Any] = Field(sa_type=Json)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class JournalSeal(SQLModel, table=True):
    """The chain over the journal: each seal digests the row and the seal before it."""

    __tablename__ = "journal_seal"

    seq: int = Field(primary_key=True, sa_type=BigKey)
    journal_id: str = Field(sa_type=Id, unique=True)
    previous: str = Field(max_length=64)
    sha256: str = Field(max_length=64)
    sm3: str = Field(max_length=64)


class JournalHead(SQLModel, table=True):
    """The end of the chain at one moment, signed: from then on nothing before it can change unseen."""

    __tablename__ = "journal_head"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    seq: int = Field(sa_type=BigKey, index=True)
    sha256: str = Field(max_length=64)
    sm3: str = Field(max_length=64)
    cause: str = Field(sa_type=Word)
    signed_at: datetime = Field(sa_type=UtcDateTime)
    key_id: str = Field(max_length=64)
    public_key: str = Field(max_length=64)
    signature: str = Field(max_length=128)


class HeadStamp(SQLModel, table=True):
    """What a time stamping authority answered about a signed head (RFC 3161), as it came, in base64."""

    __tablename__ = "head_stamp"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    head_id: str = Field(sa_type=Id, unique=True)
    authority: str = Field(max_length=200)
    response: str = Field(sa_type=Text)
    stamped_at: datetime = Field(sa_type=UtcDateTime)


class Note(SQLModel, table=True):
    """Free text said with a step (a reason); erasable, while its salted digest stays in the journal."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_subject", "subject_kind", "subject_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    journal_id: str = Field(sa_type=Id, index=True)
    subject_kind: str = Field(sa_type=Word)
    subject_id: str = Field(sa_type=Id)
    salt: str = Field(max_length=32)
    body: str | None = Field(default=None, sa_type=Text)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Job(SQLModel, table=True):
    """One reaction that may be late; inserted in the transaction of the thing it reacts to."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("handler", "once_key", name="uq_job_once"),
        Index("ix_job_ready", "done_at", "parked_at", "run_after"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    handler: str = Field(max_length=64)
    once_key: str = Field(max_length=120)
    journal_id: str | None = Field(default=None, sa_type=Id)
    payload: dict[str, Any] = Field(sa_type=Json)
    run_after: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    last_error: str | None = Field(default=None, max_length=500)
    parked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WorkerSign(SQLModel, table=True):
    """A worker's sign of life: where it runs, when it was last there, what each kind of job has cost it (signs.py)."""

    __tablename__ = "worker_sign"

    id: str = Field(primary_key=True, sa_type=Id)
    place: str = Field(max_length=120)
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    tallies: dict[str, list[float]] = Field(sa_type=Json)


class NumberSeries(SQLModel, table=True):
    """A gapless counter: one per office, kind of number, kind of compartment and year (decisions.md 5)."""

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("office_id", "kind", "compartment_kind", "year", name="uq_number_series"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    office_id: str = Field(sa_type=Id)
    kind: str = Field(sa_type=Word)
    compartment_kind: str = Field(sa_type=Word)
    year: int
    next_value: int


class RateKey(SQLModel, table=True):
    """The random key of a day under which sources are counted; wrapped, deleted after 24 hours (decisions.md 28)."""

    __tablename__ = "rate_key"

    day: str = Field(primary_key=True, max_length=10)
    wrapped: str = Field(max_length=200)


class UsedSalt(SQLModel, table=True):
    """A proof of work that has opened a door; kept until its challenge would have expired."""

    __tablename__ = "used_salt"

    salt: str = Field(primary_key=True, max_length=32)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class RateCount(SQLModel, table=True):
    """Tries of one source at one door in one hour; gone with the day's key."""

    __tablename__ = "rate_count"

    key: str = Field(primary_key=True, max_length=64)
    day: str = Field(max_length=10, index=True)
    tries: int = 0
