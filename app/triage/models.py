"""Tables of triage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Text, UniqueConstraint
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


class ClueLabel(SQLModel, table=True):
    """One word of the office's list put on one clue; taking it off deletes the row, the journal keeps both."""

    __tablename__ = "clue_label"
    __table_args__ = (
        UniqueConstraint("clue_id", "label_key", name="uq_clue_label"),
        Index("ix_clue_label_key", "label_key", "clue_id"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    label_key: str = Field(sa_type=Word)
    account_id: str = Field(sa_type=Id)
    labelled_at: datetime = Field(sa_type=UtcDateTime)


class BulkRun(SQLModel, table=True):
    """One step taken for several clues at once: what became of each, so that it can be shown and taken back.

    `items` are {clue, version, before, refused}: the version the step left, what stood there before it, and the
    message that says why a clue was left alone.
    """

    __tablename__ = "bulk_run"
    __table_args__ = (Index("ix_bulk_run_own", "account_id", "rowno"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    account_id: str = Field(sa_type=Id)
    action: str = Field(sa_type=Word)
    facts: dict[str, Any] = Field(sa_type=Json)
    items: list[dict[str, Any]] = Field(sa_type=Json)
    made_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)


class SavedView(SQLModel, table=True):
    """A view of the queue somebody gave a name: the filters as the address has them, for oneself or for the office."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_office", "office_id", "is_shared", "account_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    account_id: str = Field(sa_type=Id)
    name: str = Field(max_length=30)
    filters: dict[str, Any] = Field(sa_type=Json)
    is_shared: bool = False
    saved_at: datetime = Field(sa_type=UtcDateTime)


class Presence(SQLModel, table=True):
    """Who has a clue before them now; a row says so for a minute and nothing waits for it."""

    __tablename__ = "presence"
    __table_args__ = (Index("ix_presence_clue", "clue_id", "until"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    clue_id: str = Field(sa_type=Id)
    account_id: str = Field(sa_type=Id)
    is_deciding: bool = False
    until: datetime = Field(sa_type=UtcDateTime)


class Recusal(SQLModel, table=True):
    """Somebody who keeps out of one clue 回避; the reason is a note of the journal, an end is kept, not deleted."""

    __tablename__ = "recusal"
    __table_args__ = (Index("ix_recusal_clue", "clue_id", "account_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    account_id: str = Field(sa_type=Id)
    declared_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Decided within three days 办案规则 23, either way; until then the declaration holds all the same.
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Absence(SQLModel, table=True):
    """Somebody away from a day to a day, and who does their work meanwhile."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_deputy", "deputy_id", "from_on", "to_on"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id, index=True)
    account_id: str = Field(sa_type=Id)
    deputy_id: str = Field(sa_type=Id)
    from_on: date = Field(sa_type=Date)
    to_on: date = Field(sa_type=Date)
    entered_by: str = Field(sa_type=Id)


class Team(SQLModel, table=True):
    """A few people of one office to whom a clue may be given together; one that ended is kept for its name."""

    __tablename__ = "team"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id, index=True)
    name: str = Field(max_length=30)
    is_active: bool = True
    # Who leads it, one of its people: they see the whole team's day (今天的事).
    lead_id: str | None = Field(default=None, sa_type=Id)
    founded_at: datetime = Field(sa_type=UtcDateTime)


class TeamMember(SQLModel, table=True):
    """One person of one team."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "account_id", name="uq_team_member"),
        Index("ix_team_member_account", "account_id", "team_id"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    team_id: str = Field(foreign_key="team.id", sa_type=Id)
    account_id: str = Field(sa_type=Id)


class DailyDigest(SQLModel, table=True):
    """What one person was told on one day, in figures alone: the desk shows it, a message outside may carry it."""

    __tablename__ = "daily_digest"
    __table_args__ = (UniqueConstraint("account_id", "on_date", name="uq_daily_digest"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    account_id: str = Field(sa_type=Id)
    on_date: date = Field(sa_type=Date)
    overdue: int = 0
    due_today: int = 0
    soon: int = 0
    news: int = 0
    # What the rest of the teams somebody leads has, beside their own.
    team_overdue: int = 0
    team_due_today: int = 0
    made_at: datetime = Field(sa_type=UtcDateTime)
