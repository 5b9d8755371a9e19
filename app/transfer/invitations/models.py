"""Tables of invitations: what was shown to one guest, the pictures with it, what the guest said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Text
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class Invitation(SQLModel, table=True):
    """One guest is asked about one clue until one day; `disclosed` is all the guest reads of it."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_clue", "clue_id", "rowno"),
        Index("ix_invitation_guest", "account_id", "due_on"),
        # Asked every working day: who has not answered, and until when.
        Index("ix_invitation_day", "state", "due_on"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    clue_id: str = Field(foreign_key="clue.id", sa_type=Id)
    office_id: str = Field(sa_type=Id)
    kind: str = Field(sa_type=Word)
    account_id: str = Field(foreign_key="account.id", sa_type=Id)
    state: str = Field(sa_type=Word)
    version: int = 1
    disclosed: dict[str, Any] = Field(sa_type=Json)
    kept_findings: list[str] = Field(sa_type=Json)
    # What the sender ticked before it left: keys of the lists named in app/transfer/kinds.py.
    checks: list[str] = Field(sa_type=Json)
    due_on: date = Field(sa_type=Date)
    sent_by: str = Field(sa_type=Id)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InvitationPicture(SQLModel, table=True):
    """A picture the guest sees: always a derivative, never an original."""

    __tablename__ = "invitation_picture"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    invitation_id: str = Field(foreign_key="invitation.id", sa_type=Id, index=True)
    evidence_id: str = Field(foreign_key="evidence_item.id", sa_type=Id)
    derivative_kind: str = Field(sa_type=Word)
    digest: str = Field(max_length=64)
    sort: int = 0


class InvitationAnswer(SQLModel, table=True):
    """What a guest said once; photos are evidence of the clue and name this row as their origin."""

    __tablename__ = "invitation_answer"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    invitation_id: str = Field(foreign_key="invitation.id", sa_type=Id, index=True)
    body: str = Field(sa_type=Text)
    is_refusal: bool = False
    phone_lat: float | None = None
    phone_lon: float | None = None
    phone_accuracy_m: float | None = None
    phone_fixed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime = Field(sa_type=UtcDateTime)
