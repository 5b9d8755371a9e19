"""Tables of intake. Nobody outside this room imports them (import contract): the reporter stays here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Report(SQLModel, table=True):
    """One act of reporting: a first report opens exactly one clue, a supplement adds to one (decisions.md 1)."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("org_unit_id", "external_ref", name="uq_report_external_ref"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    office_id: str = Field(sa_type=Id)
    is_supplement: bool = False
    content_digest: str = Field(max_length=64)
    # What a phone sent, as it sent it: a replay is known by this whatever the reference data has become since.
    sent_digest: str | None = Field(default=None, max_length=64)
    secret_digest: str | None = Field(default=None, max_length=64)
    code_digest: str | None = Field(default=None, max_length=64, unique=True)
    code_key_id: str | None = Field(default=None, max_length=32)
    open311_id: str = Field(sa_type=Id, unique=True)
    channel: str = Field(sa_type=Word)
    account_id: str | None = Field(default=None, sa_type=Id, index=True)
    org_unit_id: str | None = Field(default=None, sa_type=Id, index=True)
    external_ref: str | None = Field(default=None, max_length=120)
    consent_version: str | None = Field(default=None, max_length=20)
    category_key: str = Field(sa_type=Word)
    words: str = Field(sa_type=Text)
    answers: list[dict[str, Any]] = Field(sa_type=Json)
    place: dict[str, Any] = Field(sa_type=Json)
    declined: list[dict[str, Any]] = Field(sa_type=Json)
    is_data_saving: bool = False
    quarantine: str | None = Field(default=None, sa_type=Word)
    locale: str = Field(default="zh", max_length=8)
    written_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LinkedReport(SQLModel, table=True):
    """A report its writer laid to their account by its code; the report itself says nothing of it."""

    __tablename__ = "linked_report"
    __table_args__ = (UniqueConstraint("account_id", "report_id", name="uq_linked_report"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: str = Field(foreign_key="account.id", sa_type=Id)
    report_id: str = Field(foreign_key="report.id", sa_type=Id, index=True)
    linked_at: datetime = Field(sa_type=UtcDateTime)


class ReporterContact(SQLModel, table=True):
    """How to reach the reporter, if they wish: every field sealed, bound to this table and row."""

    __tablename__ = "reporter_contact"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    report_id: str = Field(foreign_key="report.id", sa_type=Id, unique=True)
    sealed_name: str | None = Field(default=None, sa_type=Text)
    sealed_phone: str | None = Field(default=None, sa_type=Text)
    sealed_words: str | None = Field(default=None, sa_type=Text)
    phone_index: str | None = Field(default=None, max_length=64, index=True)
    consent_version: str = Field(max_length=20)
    consented_at: datetime = Field(sa_type=UtcDateTime)


class ContactLook(SQLModel, table=True):
    """One look at a reporter's contact: asked for, agreed to where the setting asks for two, used up, noticed."""

    __tablename__ = "contact_look"
    __table_args__ = (Index("ix_contact_look_open", "noticed_at", "decided_at"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    journal_id: str = Field(sa_type=Id)
    asked_by: str = Field(sa_type=Id, index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_granted: bool | None = None
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    noticed_by: str | None = Field(default=None, sa_type=Id)
    noticed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RightsRequest(SQLModel, table=True):
    """What a person asks of their own data: asked, decided by somebody else, fetched; the new contact sealed."""

    __tablename__ = "rights_request"
    __table_args__ = (Index("ix_rights_request_open", "decided_at", "due_on"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    report_id: str = Field(foreign_key="report.id", sa_type=Id, index=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    kind: str = Field(sa_type=Word)
    known_by: str = Field(sa_type=Word)
    phone_matches: bool | None = None
    sealed_name: str | None = Field(default=None, sa_type=Text)
    sealed_phone: str | None = Field(default=None, sa_type=Text)
    sealed_words: str | None = Field(default=None, sa_type=Text)
    consent_version: str | None = Field(default=None, max_length=20)
    asked_journal_id: str = Field(sa_type=Id)
    asked_by: str | None = Field(default=None, sa_type=Id)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date = Field(sa_type=Date)
    decided_journal_id: str | None = Field(default=None, sa_type=Id)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_granted: bool | None = None
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PromisedPhoto(SQLModel, table=True):
    """A digest a report has promised, and what became of it: missing, held or declined."""

    __tablename__ = "promised_photo"
    __table_args__ = (UniqueConstraint("report_id", "digest", name="uq_promised_photo"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    report_id: str = Field(foreign_key="report.id", sa_type=Id)
    digest: str = Field(max_length=64)
    size_bytes: int = Field(sa_type=BigKey)
    state: str = Field(sa_type=Word)
    reason: str | None = Field(default=None, sa_type=Word)
    evidence_id: str | None = Field(default=None, sa_type=Id)
    fidelity: str = Field(default="original", sa_type=Word)
    masking: str | None = Field(default=None, sa_type=Word)
    masked_parts: int | None = None
    path: str = Field(default="picker", sa_type=Word)
    name: str = Field(default="", max_length=255)
    media_type: str = Field(default="", max_length=120)
    position: dict[str, Any] | None = Field(default=None, sa_type=Json)
    # A small copy that only travels ahead names the original it stands for; it never makes a report incomplete.
    preview_of: str | None = Field(default=None, max_length=64)


class Upload(SQLModel, table=True):
    """A promised photo on its way in pieces (tus). How much has come is the length of its file.

    `settled_bytes` is how much of it was durable when somebody was last told; after a power cut nothing beyond it
    counts. None: begun by a version that did not note it.
    """

    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("report_id", "digest", "is_sealed", "length", name="uq_upload"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(max_length=32, unique=True)
    report_id: str = Field(foreign_key="report.id", sa_type=Id)
    digest: str = Field(max_length=64)
    is_sealed: bool
    length: int = Field(sa_type=BigKey)
    settled_bytes: int | None = Field(default=0, sa_type=BigKey)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Message(SQLModel, table=True):
    """Words between the office and the reporter, in both directions (domain.md 1.11)."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_clue", "clue_id", "rowno"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    report_id: str | None = Field(default=None, foreign_key="report.id", sa_type=Id)
    direction: str = Field(sa_type=Word)
    kind: str = Field(sa_type=Word)
    body: str = Field(sa_type=Text)
    account_id: str | None = Field(default=None, sa_type=Id)
    answer_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime = Field(sa_type=UtcDateTime)
