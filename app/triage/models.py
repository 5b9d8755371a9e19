"""Tables of triage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Evaluation(SQLModel, table=True):
    """A judgement of one clue 评估: scores, the grade they suggest, and what a person decided and why."""

    __tablename__ = "evaluation"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    scores: dict[str, Any] = Field(sa_type=Json)
    suggested_grade: str = Field(sa_type=Word)
    grade: str = Field(sa_type=Word)
    reason: str = Field(sa_type=Text)
    evaluated_by: str = Field(sa_type=Id)
    evaluated_at: datetime = Field(sa_type=UtcDateTime)


class Assignment(SQLModel, table=True):
    """Who handles a clue, and who did before."""

    __tablename__ = "assignment"
    __table_args__ = (Index("ix_assignment_clue", "clue_id", "rowno"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    account_id: str = Field(sa_type=Id)
    assigned_by: str = Field(sa_type=Id)
    assigned_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
