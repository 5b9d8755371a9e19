"""The table of joint work."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, UtcDateTime, Word


class JointAct(SQLModel, table=True):
    """A joint inquiry or hearing; its paper is evidence of the clue and names this row as its origin."""

    __tablename__ = "joint_act"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    office_id: str = Field(sa_type=Id)
    kind: str = Field(sa_type=Word)
    held_on: date = Field(sa_type=Date)
    place: str = Field(max_length=200)
    ours: str = Field(max_length=200)
    theirs: str = Field(max_length=200)
    outcome: str = Field(sa_type=Text)
    recorded_by: str = Field(sa_type=Id)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
