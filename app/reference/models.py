"""Tables of the reference data. Loading inserts what is missing by key and date and never touches a row."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Text, UniqueConstraint
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.platform.db import BigKey, Id, Json, Word


class Field(SQLModel, table=True):
    """A field of public-interest litigation 领域 with its dated legal basis (domain.md 1.5)."""

    __tablename__ = "field"
    __table_args__ = (UniqueConstraint("key", "valid_from", name="uq_field"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    key: str = Column(sa_type=Word)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    basis: list[dict[str, Any]] = Column(sa_type=Json)
    note: str = Column(default="", sa_type=Text)
    sort: int = 0
    is_edited: bool = False


class CategoryGroup(SQLModel, table=True):
    """How citizens find a category: a few groups in plain words."""

    __tablename__ = "category_group"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    icon: str = Column(max_length=32)
    sort: int = 0
    is_edited: bool = False


class Category(SQLModel, table=True):
    """What may be reported, with everything the form and the desk need to know of it (domain.md 4)."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("key", "valid_from", name="uq_category"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    key: str = Column(sa_type=Word, index=True)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    field_key: str = Column(sa_type=Word)
    group_key: str = Column(sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    plain: str = Column(max_length=120)
    plain_en: str = Column(max_length=200)
    icon: str = Column(max_length=32)
    sort: int = 0
    is_priority: bool = False
    compartment_kind: str = Column(sa_type=Word)
    media: str = Column(sa_type=Word)
    position: str = Column(sa_type=Word)
    duplicate_radius_m: int
    duplicate_window_days: int
    sla_days: int
    lead: str = Column(max_length=64)
    co: list[str] = Column(sa_type=Json)
    photos_hint: str = Column(default="", sa_type=Text)
    photos_hint_en: str = Column(default="", sa_type=Text)
    safety: str = Column(default="", sa_type=Text)
    safety_en: str = Column(default="", sa_type=Text)
    redirect: list[str] = Column(sa_type=Json)
    keywords: list[str] = Column(sa_type=Json)
    legal_basis: list[str] = Column(sa_type=Json)
    shows_nearby: bool = False
    is_edited: bool = False


class Question(SQLModel, table=True):
    """One structured question of a category (key `common` for those of every form)."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("category_key", "key", "valid_from", name="uq_question"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    category_key: str = Column(sa_type=Word, index=True)
    key: str = Column(sa_type=Word)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    sort: int = 0
    kind: str = Column(sa_type=Word)
    label: str = Column(max_length=120)
    label_en: str = Column(max_length=200)
    hint: str = Column(default="", sa_type=Text)
    hint_en: str = Column(default="", sa_type=Text)
    options: list[dict[str, Any]] = Column(sa_type=Json)
    unit: str = Column(default="", max_length=16)
    low: float | None = None
    high: float | None = None
    max_length: int | None = None
    is_required: bool = False
    is_urgent: bool = False
    is_private: bool = False
    shown_when: dict[str, Any] | None = Column(default=None, sa_type=Json)
    is_edited: bool = False


class AgencyDuty(SQLModel, table=True):
    """Which organisation answers for a function key or, more exactly, a category in a town."""

    __tablename__ = "agency_duty"

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    org_unit_id: str = Column(sa_type=Id, index=True)
    category_key: str = Column(sa_type=Word, index=True)
    town_key: str | None = Column(default=None, sa_type=Word)
    is_lead: bool = True
    basis: str = Column(default="", sa_type=Text)


class Hotline(SQLModel, table=True):
    """Where a matter that is not ours is better placed (domain.md 1.13)."""

    __tablename__ = "hotline"

    key: str = Column(primary_key=True, sa_type=Word)
    number: str = Column(max_length=32)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    covers: str = Column(sa_type=Text)
    covers_en: str = Column(sa_type=Text)
    is_emergency: bool = False
    is_confirmed: bool = False
    sort: int = 0
    is_edited: bool = False


class SelfCheckCard(SQLModel, table=True):
    """One plain question of the self-check, and where a yes is better placed."""

    __tablename__ = "self_check_card"

    key: str = Column(primary_key=True, sa_type=Word)
    question: str = Column(sa_type=Text)
    question_en: str = Column(sa_type=Text)
    hotlines: list[str] = Column(sa_type=Json)
    advice: str = Column(sa_type=Text)
    advice_en: str = Column(sa_type=Text)
    keeps_signal: bool = False
    sort: int = 0
    is_edited: bool = False


class Town(SQLModel, table=True):
    """A street or town of the district; the centroid only suggests (decisions.md 19)."""

    __tablename__ = "town"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    kind: str = Column(sa_type=Word)
    lat: float | None = None
    lon: float | None = None
    is_confirmed: bool = False
    sort: int = 0
    is_edited: bool = False


class PublicWording(SQLModel, table=True):
    """What the reporter reads for an internal state (domain.md 1.11)."""

    __tablename__ = "public_wording"

    state: str = Column(primary_key=True, sa_type=Word)
    status: str = Column(max_length=60)
    status_en: str = Column(max_length=120)
    sentence: str = Column(sa_type=Text)
    sentence_en: str = Column(sa_type=Text)
    next: str = Column(sa_type=Text)
    next_en: str = Column(sa_type=Text)
    is_edited: bool = False


class Reason(SQLModel, table=True):
    """A reason from a controlled list, with what the reporter is told."""

    __tablename__ = "reason"
    __table_args__ = (UniqueConstraint("list_key", "key", name="uq_reason"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    list_key: str = Column(sa_type=Word, index=True)
    key: str = Column(sa_type=Word)
    name: str = Column(max_length=80)
    name_en: str = Column(max_length=160)
    public: str = Column(default="", sa_type=Text)
    public_en: str = Column(default="", sa_type=Text)
    sort: int = 0
    is_edited: bool = False


class TransferText(SQLModel, table=True):
    """The document of one kind of transfer and its fixed words, in force from a day (domain.md 5)."""

    __tablename__ = "transfer_text"
    __table_args__ = (UniqueConstraint("key", "valid_from", name="uq_transfer_text"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    key: str = Column(sa_type=Word)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    title: str = Column(max_length=60)
    title_en: str = Column(max_length=120)
    opening: str = Column(sa_type=Text)
    requests_heading: str = Column(max_length=60)
    term: str = Column(sa_type=Text)
    slip_choices: str = Column(max_length=200)
    body: str = Column(max_length=60)
    feedback_days: int | None = None
    # Days before (-) and after the due day on which the receiver is reminded.
    reminder_days: str = Column(default="-7,-2,0,7,15", max_length=60)
    sort: int = 0
    is_edited: bool = False


class SeasonPause(SQLModel, table=True):
    """A part of the year in which some matters cannot be looked at: ice over the river, snow over the field."""

    __tablename__ = "season_pause"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    starts: str = Column(max_length=5)
    ends: str = Column(max_length=5)
    categories: list[str] = Column(sa_type=Json)
    sort: int = 0
    is_edited: bool = False


class JurisdictionRule(SQLModel, table=True):
    """Who is to take a matter of some place, kind and level, and why; an empty list of a condition asks nothing."""

    __tablename__ = "jurisdiction_rule"
    __table_args__ = (UniqueConstraint("key", "valid_from", name="uq_jurisdiction_rule"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    key: str = Column(sa_type=Word)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    name: str = Column(max_length=60)
    name_en: str = Column(default="", max_length=120)
    sort: int = 0
    standings: list[str] = Column(default_factory=list, sa_type=Json)
    towns: list[str] = Column(default_factory=list, sa_type=Json)
    categories: list[str] = Column(default_factory=list, sa_type=Json)
    fields: list[str] = Column(default_factory=list, sa_type=Json)
    levels: list[str] = Column(default_factory=list, sa_type=Json)
    only_major: bool = False
    only_private: bool = False
    verdict: str = Column(sa_type=Word)
    target: str = Column(default="", max_length=64)
    reason: str = Column(sa_type=Text)
    reason_en: str = Column(default="", sa_type=Text)
    basis: str = Column(default="", max_length=200)
    is_confirmed: bool = False
    is_edited: bool = False


class RetentionTerm(SQLModel, table=True):
    """How long what a closed matter holds of people is kept, by category and outcome; no figure means: kept.

    `common` stands for every category, `any` for every outcome; the row that says most exactly what it means wins.
    """

    __tablename__ = "retention_term"
    __table_args__ = (UniqueConstraint("category_key", "outcome", "valid_from", name="uq_retention_term"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    category_key: str = Column(sa_type=Word)
    outcome: str = Column(sa_type=Word)
    valid_from: date = Column(sa_type=Date)
    valid_to: date | None = Column(default=None, sa_type=Date)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    contact_months: int | None = None
    content_months: int | None = None
    basis: str = Column(default="", sa_type=Text)
    is_confirmed: bool = False
    sort: int = 0
    is_edited: bool = False


class Consent(SQLModel, table=True):
    """A consent text in one version; reports name the version they agreed to."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("key", "version", name="uq_consent"),)

    rowno: int | None = Column(default=None, primary_key=True, sa_type=BigKey)
    key: str = Column(sa_type=Word)
    version: str = Column(max_length=20)
    text: str = Column(sa_type=Text)
    text_en: str = Column(sa_type=Text)


class Channel(SQLModel, table=True):
    """A way clues reach the office, under one of the six sources of 办案规则 24."""

    __tablename__ = "channel"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    source_type: str = Column(sa_type=Word)
    door: str = Column(sa_type=Word)
    sort: int = 0
    is_edited: bool = False


class Label(SQLModel, table=True):
    """A word the office puts on clues to find them again; which words there are never tells of a clue."""

    __tablename__ = "label"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=20)
    name_en: str = Column(max_length=40)
    sort: int = 0
    is_edited: bool = False


class MessageTemplate(SQLModel, table=True):
    """Words prepared for the reporter at one step: for every category, or for some."""

    __tablename__ = "message_template"

    key: str = Column(primary_key=True, sa_type=Word)
    step: str = Column(sa_type=Word)
    categories: list[str] = Column(sa_type=Json)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    text: str = Column(sa_type=Text)
    text_en: str = Column(default="", sa_type=Text)
    sort: int = 0
    is_edited: bool = False


class SourceType(SQLModel, table=True):
    """One of the six sources of clues (办案规则 24)."""

    __tablename__ = "source_type"

    key: str = Column(primary_key=True, sa_type=Word)
    name: str = Column(max_length=60)
    name_en: str = Column(max_length=120)
    sort: int = 0


class CalendarDay(SQLModel, table=True):
    """A day that differs from Monday-to-Friday: holiday or make-up workday, as published."""

    __tablename__ = "calendar_day"

    on_date: date = Column(primary_key=True, sa_type=Date)
    kind: str = Column(sa_type=Word)
    name: str = Column(default="", max_length=60)
    is_edited: bool = False


class ReferenceState(SQLModel, table=True):
    """How often the reference data was changed: what processes keep in memory is good for one number only."""

    __tablename__ = "reference_state"

    key: str = Column(primary_key=True, sa_type=Word)
    version: int
