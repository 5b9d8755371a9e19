"""Tables of hooks. No words of anybody lie here: ids, kinds, times, and how each attempt went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Hook(SQLModel, table=True):
    """Where one organisation's system wants to hear that something changed; bound to the contact whose tokens read it."""

    __tablename__ = "hook"
    __table_args__ = (
        Index(
            "uq_hook_live", "org_unit_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    url: str = Field(max_length=300)
    kinds: list[str] = Field(sa_type=Json)
    sealed_secret: str = Field(sa_type=Text)
    # The secret before, which signs too until the other side has changed over.
    sealed_old_secret: str | None = Field(default=None, sa_type=Text)
    old_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Since when the other side is not there: how often it was asked in vain, and when to ask again.
    failures: int = 0
    rests_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_by: str = Field(sa_type=Id)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HookEvent(SQLModel, table=True):
    """One thing to be told, under an id that stays the same however often it is tried."""

    __tablename__ = "hook_event"
    __table_args__ = (Index("ix_hook_event_waiting", "hook_id", "delivered_at", "parked_at", "next_at"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    hook_id: str = Field(foreign_key="hook.id", sa_type=Id)
    kind: str = Field(sa_type=Word)
    subject_id: str = Field(sa_type=Id)
    made_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    parked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HookAttempt(SQLModel, table=True):
    """One attempt, as the ledger keeps it; nothing of what the other side said."""

    __tablename__ = "hook_attempt"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    event_id: str = Field(foreign_key="hook_event.id", sa_type=Id, index=True)
    outcome: str = Field(sa_type=Word)
    status: int | None = None
    took_ms: int
    attempted_at: datetime = Field(sa_type=UtcDateTime)


class HookTold(SQLModel, table=True):
    """What a hook was last told of one thing: the next telling is due when it reads otherwise."""

    __tablename__ = "hook_told"
    __table_args__ = (UniqueConstraint("hook_id", "kind", "subject_id", name="uq_hook_told"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    hook_id: str = Field(foreign_key="hook.id", sa_type=Id)
    kind: str = Field(sa_type=Word)
    subject_id: str = Field(sa_type=Id)
    status: str = Field(sa_type=Word)
