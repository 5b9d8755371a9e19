"""Tables of the transfer. One row of `transfer` is one receiver; several may be open for one clue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, BytesHeld, Id, Json, UtcDateTime, Word


class Transfer(SQLModel, table=True):
    """One handing-over to one receiver, first-class: letter, receipt, answer, clock."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_queue", "office_id", "compartment_id", "state", "rowno"),
        Index("ix_transfer_receiver", "receiver_id", "state", "rowno"),
        UniqueConstraint("office_id", "number", name="uq_transfer_number"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id, index=True)
    office_id: str = Field(sa_type=Id)
    compartment_id: str = Field(sa_type=Id)
    kind: str = Field(sa_type=Word)
    receiver_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    state: str = Field(sa_type=Word)
    version: int = 1
    subject: str = Field(max_length=200)
    summary: str = Field(sa_type=Text)
    requests: str = Field(sa_type=Text)
    basis: str = Field(default="", sa_type=Text)
    place_shown: str = Field(default="", max_length=400)
    shows_position: bool = False
    # A position that leaves is the middle of a square: 200 m, or 20 m where the place is open to everybody.
    position_square_m: int = 200
    found_on: date | None = Field(default=None, sa_type=Date)
    shown_answers: list[dict[str, Any]] = Field(sa_type=Json)
    contact_name: str = Field(default="", max_length=60)
    contact_phone: str = Field(default="", max_length=40)
    kept_findings: list[str] = Field(sa_type=Json)
    number: str | None = Field(default=None, max_length=80)
    number_year: int | None = None
    number_seq: int | None = None
    disclosed: dict[str, Any] | None = Field(default=None, sa_type=Json)
    drafted_by: str = Field(sa_type=Id)
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_by: str | None = Field(default=None, sa_type=Id)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_on: date | None = Field(default=None, sa_type=Date)
    promised_on: date | None = Field(default=None, sa_type=Date)
    reason_key: str | None = Field(default=None, sa_type=Word)
    # The refused transfer this one was aimed anew from.
    follows_id: str | None = Field(default=None, sa_type=Id)


class TransferAttachment(SQLModel, table=True):
    """A picture that goes along: always a derivative, never an original."""

    __tablename__ = "transfer_attachment"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    evidence_id: str = Field(foreign_key="evidence_item.id", sa_type=Id)
    derivative_kind: str = Field(sa_type=Word)
    digest: str = Field(max_length=64)
    sort: int = 0


class SignOff(SQLModel, table=True):
    """One step of the sign-off chain, decided by one person."""

    __tablename__ = "sign_off"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    step: str = Field(sa_type=Word)
    decision: str = Field(sa_type=Word)
    account_id: str = Field(sa_type=Id)
    words: str = Field(default="", sa_type=Text)
    # What a person ticked before it went on: keys of the lists named in app/transfer/kinds.py.
    checks: list[str] = Field(sa_type=Json)
    decided_at: datetime = Field(sa_type=UtcDateTime)


class Letter(SQLModel, table=True):
    """A document as it was made: its dictionary of fields, its files' digests; a new making is a new version."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("transfer_id", "kind", "version", name="uq_letter"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id)
    kind: str = Field(sa_type=Word)
    version: int
    fields: dict[str, Any] = Field(sa_type=Json)
    docx_digest: str = Field(sa_type=BytesHeld)
    pdf_digest: str | None = Field(default=None, sa_type=BytesHeld)
    made_by: str = Field(sa_type=Id)
    made_at: datetime = Field(sa_type=UtcDateTime)


class TransferAnswer(SQLModel, table=True):
    """What the receiver said: acknowledgement, refusal, promise, question, reply; by account, link or paper."""

    __tablename__ = "transfer_answer"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    kind: str = Field(sa_type=Word)
    way: str = Field(sa_type=Word)
    body: str = Field(sa_type=Text)
    reason_key: str | None = Field(default=None, sa_type=Word)
    signer: str = Field(default="", max_length=60)
    document_number: str = Field(default="", max_length=80)
    promised_on: date | None = Field(default=None, sa_type=Date)
    received_on: date | None = Field(default=None, sa_type=Date)
    service: dict[str, Any] | None = Field(default=None, sa_type=Json)
    account_id: str | None = Field(default=None, sa_type=Id)
    link_id: str | None = Field(default=None, foreign_key="transfer_link.id", sa_type=Id)
    answered_at: datetime = Field(sa_type=UtcDateTime)


class TransferLink(SQLModel, table=True):
    """A one-time link bound to a transfer and a contact (decisions.md 24); only digests are kept."""

    __tablename__ = "transfer_link"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    contact_name: str = Field(max_length=60)
    token_digest: str = Field(max_length=64, unique=True)
    code_digest: str = Field(max_length=64)
    tries_left: int = 5
    expires_on: date = Field(sa_type=Date)
    issued_by: str = Field(sa_type=Id)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LinkSession(SQLModel, table=True):
    """Thirty minutes behind a one-time link, opened by its code."""

    __tablename__ = "link_session"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    link_id: str = Field(foreign_key="transfer_link.id", sa_type=Id, index=True)
    token_digest: str = Field(max_length=64, unique=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Visit(SQLModel, table=True):
    """Two people looked on the ground: what they found, when, and in whose words."""

    __tablename__ = "visit"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    visited_on: date = Field(sa_type=Date)
    staff_one: str = Field(max_length=60)
    staff_two: str = Field(max_length=60)
    outcome: str = Field(sa_type=Word)
    words: str = Field(default="", sa_type=Text)
    # The answer of a volunteer or liaison that supports it, with a photo stamped with its place.
    support_id: str | None = Field(default=None, sa_type=Id)
    recorded_by: str = Field(sa_type=Id)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class Revisit(SQLModel, table=True):
    """A day on which the place is to be looked at again; in a season when nothing can be seen it waits."""

    __tablename__ = "revisit"
    __table_args__ = (Index("ix_revisit_due", "due_on", "done_at"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    days: int
    planned_on: date = Field(sa_type=Date)
    due_on: date = Field(sa_type=Date)
    pause_key: str | None = Field(default=None, sa_type=Word)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", sa_type=Id)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Call(SQLModel, table=True):
    """Somebody was called about a transfer that waits: who, what they said, when to call again."""

    __tablename__ = "transfer_call"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    spoke_with: str = Field(max_length=60)
    words: str = Field(default="", sa_type=Text)
    again_on: date | None = Field(default=None, sa_type=Date)
    called_by: str = Field(sa_type=Id)
    called_at: datetime = Field(sa_type=UtcDateTime)


class ReminderDigest(SQLModel, table=True):
    """What one receiver was reminded of on one day, in one piece."""

    __tablename__ = "reminder_digest"
    __table_args__ = (UniqueConstraint("receiver_id", "day", name="uq_reminder_digest"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    receiver_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    day: date = Field(sa_type=Date)
    made_at: datetime = Field(sa_type=UtcDateTime)


class Reminder(SQLModel, table=True):
    """One rung of the ladder that a transfer has reached, counted from the due day it had then."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("transfer_id", "due_on", "step_days", name="uq_reminder"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id)
    digest_id: str = Field(foreign_key="reminder_digest.id", sa_type=Id, index=True)
    due_on: date = Field(sa_type=Date)
    step_days: int
    noted_at: datetime = Field(sa_type=UtcDateTime)


class ReminderDelivery(SQLModel, table=True):
    """One attempt to get a digest out of the house; neither the address nor a server's words are kept."""

    __tablename__ = "reminder_delivery"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    digest_id: str = Field(foreign_key="reminder_digest.id", sa_type=Id, index=True)
    way: str = Field(sa_type=Word)
    outcome: str = Field(sa_type=Word)
    error: str = Field(default="", max_length=120)
    attempted_at: datetime = Field(sa_type=UtcDateTime)


class PartnerEntry(SQLModel, table=True):
    """A note of the receiver's people among themselves, or who of them has it in hand; the office never reads it."""

    __tablename__ = "partner_entry"
    __table_args__ = (Index("ix_partner_entry_own", "org_unit_id", "transfer_id"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    transfer_id: str = Field(foreign_key="transfer.id", sa_type=Id, index=True)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    account_id: str = Field(sa_type=Id)
    body: str = Field(sa_type=Text)
    assignee_id: str | None = Field(default=None, sa_type=Id)
    written_at: datetime = Field(sa_type=UtcDateTime)


class ForwardBatch(SQLModel, table=True):
    """A table an agency sends: its lines while they wait, what became of each, which column was which."""

    __tablename__ = "forward_batch"
    __table_args__ = (Index("ix_forward_batch_own", "org_unit_id", "rowno"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    office_id: str = Field(sa_type=Id)
    account_id: str = Field(sa_type=Id)
    name: str = Field(max_length=200)
    stage: str = Field(sa_type=Word)
    headings: list[str] = Field(sa_type=Json)
    mapping: dict[str, int] = Field(sa_type=Json)
    rows: list[list[str]] = Field(sa_type=Json)
    results: list[dict[str, Any]] = Field(sa_type=Json)
    row_count: int
    done_count: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Agreement(SQLModel, table=True):
    """What the office agreed with others 协作机制: the paper, the matters, the term of an answer, when to look again."""

    __tablename__ = "agreement"
    __table_args__ = (Index("ix_agreement_office", "office_id", "review_on"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    name: str = Field(max_length=120)
    number: str = Field(default="", max_length=60)
    signed_on: date | None = Field(default=None, sa_type=Date)
    ends_on: date | None = Field(default=None, sa_type=Date)
    mechanisms: str = Field(default="", sa_type=Text)
    # Who does what on either side: names and numbers. Sealed; the open column is that of the version before (0060).
    plain_contacts: str = Field(default="", sa_type=Text, sa_column_kwargs={"name": "contacts"})
    sealed_contacts: str | None = Field(default=None, sa_type=Text)
    # None named means all.
    categories: list[str] = Field(sa_type=Json)
    feedback_days: int | None = None
    review_on: date | None = Field(default=None, sa_type=Date)
    document_digest: str | None = Field(default=None, sa_type=BytesHeld)
    document_bytes: int | None = None
    document_type: str | None = Field(default=None, max_length=100)
    version: int = 1
    added_at: datetime = Field(sa_type=UtcDateTime)


class AgreementParty(SQLModel, table=True):
    """One organisation that an agreement is with."""

    __tablename__ = "agreement_party"
    __table_args__ = (UniqueConstraint("agreement_id", "org_unit_id", name="uq_agreement_party"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    agreement_id: str = Field(foreign_key="agreement.id", sa_type=Id)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id, index=True)
