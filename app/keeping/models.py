"""Table of keeping."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, UtcDateTime, Word


class RetentionNotice(SQLModel, table=True):
    """Notice that a part of a matter will go: announced, perhaps released from a stopped run, done."""

    __tablename__ = "retention_notice"
    __table_args__ = (
        UniqueConstraint("clue_id", "part", name="uq_retention_notice"),
        Index("ix_retention_notice_due", "done_at", "due_on", "rowno"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    part: str = Field(sa_type=Word)
    announced_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date = Field(sa_type=Date)
    released_by: str | None = Field(default=None, sa_type=Id)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
