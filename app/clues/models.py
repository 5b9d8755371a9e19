"""Tables of the clue. `state` is written by `clues.service.advance` alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Clue(SQLModel, table=True):
    """One matter reported to the office, from its arrival to its end."""

    __tablename__ = "clue"
    __table_args__ = (
        Index("ix_clue_queue", "office_id", "compartment_id", "state", "received_at", "id"),
        Index("ix_clue_newest", "office_id", "compartment_id", "received_at", "id"),
        Index("ix_clue_category", "office_id", "compartment_id", "category_key", "received_at", "id"),
        # The desk's work lists, each a question with a count (house.md 6).
        Index("ix_clue_due", "office_id", "compartment_id", "state", "due_on"),
        Index("ix_clue_urgent", "office_id", "compartment_id", "is_urgent", "state", "received_at", "id"),
        Index("ix_clue_news", "office_id", "compartment_id", "has_news", "received_at", "id"),
        Index("ix_clue_hands", "office_id", "compartment_id", "assignee_id", "state"),
        Index("ix_clue_incomplete", "office_id", "compartment_id", "is_complete"),
        Index("ix_clue_correction", "office_id", "compartment_id", "needs_correction"),
        Index("ix_clue_place", "lat", "lon"),
        Index("ix_clue_assignee", "assignee_id", "state"),
        Index("ix_clue_team", "team_id", "state"),
        Index("ix_clue_closed", "office_id", "closed_at"),
        Index(
            "ix_clue_held",
            "office_id",
            "held_at",
            sqlite_where=text("held_at IS NOT NULL"),
            postgresql_where=text("held_at IS NOT NULL"),
        ),
        UniqueConstraint("office_id", "number", name="uq_clue_number"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    compartment_id: str = Field(foreign_key="compartment.id", sa_type=Id)
    state: str = Field(sa_type=Word)
    version: int = 1
    number: str | None = Field(default=None, max_length=64)
    number_year: int | None = None
    number_seq: int | None = None
    category_key: str = Field(sa_type=Word)
    field_key: str = Field(sa_type=Word)
    title: str = Field(max_length=200)
    source_type: str = Field(sa_type=Word)
    channel: str = Field(sa_type=Word)
    # The place with its honesty label: WGS-84 only; the raw statement and its datum beside it.
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    place_source: str = Field(sa_type=Word)
    place_raw: dict[str, Any] | None = Field(default=None, sa_type=Json)
    place_fixed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    place_words: str = Field(default="", max_length=400)
    town_key: str | None = Field(default=None, sa_type=Word)
    standing: str = Field(sa_type=Word)
    # What is beside the state, each its own column (decisions.md 6).
    is_urgent: bool = False
    is_major: bool = False
    is_complete: bool = True
    needs_correction: bool = False
    has_photo: bool = False
    # Why a person should look before anything else is believed; None for nearly all.
    quarantine: str | None = Field(default=None, sa_type=Word)
    has_news: bool = False
    public_status: str = Field(sa_type=Word)
    public_text: str | None = Field(default=None, max_length=2000)
    returns_to: str | None = Field(default=None, sa_type=Word)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    feedback_sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    assignee_id: str | None = Field(default=None, sa_type=Id)
    # The team it was given to; without an assignee it waits for one of them to take it.
    team_id: str | None = Field(default=None, sa_type=Id)
    received_at: datetime = Field(sa_type=UtcDateTime)
    registered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state_since: datetime = Field(sa_type=UtcDateTime)
    due_on: date | None = Field(default=None, sa_type=Date)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason_key: str | None = Field(default=None, sa_type=Word)
    # Kept whatever the term says, because a court or a superior asked for it (保全); and when its content went.
    held_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The grade of the latest evaluation 评估, kept here because lists ask for it.
    grade: str | None = Field(default=None, sa_type=Word)
    # What the official case system calls it, once somebody has entered it there.
    case_number: str | None = Field(default=None, max_length=60)


class ClueText(SQLModel, table=True):
    """What a clue is found by: the grams of its title, place and number, and of what was reported.

    The search index over it (FTS5, or a stored tsvector) is made and kept in step by the migration. Erasing the
    words of a report erases them here too: `clues.service.forget_words` (decisions.md 9).
    """

    __tablename__ = "clue_text"

    clue_rowno: int = Field(primary_key=True, foreign_key="clue.rowno", sa_type=BigKey)
    head: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)


class ClueRespondent(SQLModel, table=True):
    """An organisation a matter is about 被监督单位; while `ended_at` is empty it learns nothing of the matter from us."""

    __tablename__ = "clue_respondent"
    __table_args__ = (Index("ix_clue_respondent", "clue_id", "org_unit_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id, index=True)
    # What its own people read of a report they had forwarded themselves: that stays as it was.
    shown_status: str = Field(sa_type=Word)
    named_by: str = Field(sa_type=Id)
    named_at: datetime = Field(sa_type=UtcDateTime)
    ended_how: str | None = Field(default=None, sa_type=Word)
    ended_by: str | None = Field(default=None, sa_type=Id)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The document that was served, as a paper calls it, and when.
    document: str = Field(default="", max_length=120)
    served_on: date | None = Field(default=None, sa_type=Date)


class ClueLink(SQLModel, table=True):
    """Two clues that are the same matter: linked, never moved, never renumbered (decisions.md 1)."""

    __tablename__ = "clue_link"
    __table_args__ = (Index("ix_clue_link_master", "master_id"), Index("ix_clue_link_member", "member_id"))

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    master_id: str = Field(foreign_key="clue.id", sa_type=Id)
    member_id: str = Field(foreign_key="clue.id", sa_type=Id)
    linked_by: str = Field(sa_type=Id)
    linked_at: datetime = Field(sa_type=UtcDateTime)
    unlinked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
