"""Tables of identity. No behaviour here; passwords are Argon2id strings, tokens are stored as digests."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word


class OrgUnit(SQLModel, table=True):
    """An office, a department, an agency: one tree (decisions.md 3)."""

    __tablename__ = "org_unit"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str | None = Field(default=None, sa_type=Id, index=True)
    parent_id: str | None = Field(default=None, sa_type=Id)
    kind: str = Field(sa_type=Word)
    key: str | None = Field(default=None, max_length=64)
    name: str = Field(max_length=120)
    name_en: str | None = Field(default=None, max_length=160)
    short_name: str | None = Field(default=None, max_length=32)
    credit_code: str | None = Field(default=None, max_length=18)
    address: str | None = Field(default=None, max_length=200)
    # Whom to call, and where a receiver is reminded outside the house: read and written by `duty_contacts` only. The
    # open columns are those of the version before (docs/decisions/0060); a migration of a later release drops them.
    plain_phone: str | None = Field(default=None, max_length=40, sa_column_kwargs={"name": "phone"})
    plain_contact_name: str | None = Field(
        default=None, max_length=60, sa_column_kwargs={"name": "contact_name"}
    )
    plain_remind_mail: str | None = Field(
        default=None, max_length=160, sa_column_kwargs={"name": "remind_mail"}
    )
    plain_remind_mobile: str | None = Field(
        default=None, max_length=40, sa_column_kwargs={"name": "remind_mobile"}
    )
    plain_remind_openid: str | None = Field(
        default=None, max_length=80, sa_column_kwargs={"name": "remind_openid"}
    )
    sealed_contact_name: str | None = Field(default=None, sa_type=Text)
    sealed_phone: str | None = Field(default=None, sa_type=Text)
    sealed_remind_mail: str | None = Field(default=None, sa_type=Text)
    sealed_remind_mobile: str | None = Field(default=None, sa_type=Text)
    sealed_remind_openid: str | None = Field(default=None, sa_type=Text)
    is_confirmed: bool = False
    is_active: bool = True
    version: int = 1


class Account(SQLModel, table=True):
    """A person who signs in. Citizens have none."""

    __tablename__ = "account"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    login: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=60)
    password_hash: str | None = Field(default=None, max_length=255)
    office_id: str = Field(sa_type=Id, index=True)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id, index=True)
    # What a volunteer knows about 专业领域, so that the right one is asked.
    expertise: str = Field(default="", max_length=120)
    is_active: bool = True
    is_cast: bool = False
    must_change_password: bool = False
    password_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sealed_totp: str | None = Field(default=None, max_length=255)
    last_totp_step: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 1


class AccountRole(SQLModel, table=True):
    """A role a person holds, from a day to a day (deputies come and go)."""

    __tablename__ = "account_role"
    __table_args__ = (UniqueConstraint("account_id", "role", name="uq_account_role"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    role: str = Field(sa_type=Word)
    valid_from: date | None = Field(default=None, sa_type=Date)
    valid_to: date | None = Field(default=None, sa_type=Date)


class Compartment(SQLModel, table=True):
    """A closed circle of people; each clue lies in exactly one (decisions.md 4)."""

    __tablename__ = "compartment"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id, index=True)
    kind: str = Field(sa_type=Word)
    name: str = Field(max_length=120)


class CompartmentMember(SQLModel, table=True):
    """One person in one circle."""

    __tablename__ = "compartment_member"
    __table_args__ = (UniqueConstraint("account_id", "compartment_id", name="uq_compartment_member"),)

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: str = Field(foreign_key="account.id", sa_type=Id)
    compartment_id: str = Field(foreign_key="compartment.id", sa_type=Id, index=True)


class LoginSession(SQLModel, table=True):
    """A signed-in browser: only the digest of its cookie is kept; listed and revocable."""

    __tablename__ = "login_session"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    token_digest: str = Field(max_length=64, unique=True)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    device: str = Field(max_length=120)
    created_at: datetime = Field(sa_type=UtcDateTime)
    proved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One printed code that stands in for a lost phone, once; only its digest is kept."""

    __tablename__ = "recovery_code"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    digest: str = Field(max_length=64, unique=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignOnLink(SQLModel, table=True):
    """The name a provider of sign-on knows a person by, bound to their account with the first sign-in."""

    __tablename__ = "sign_on_link"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_sign_on_link_subject"),
        UniqueConstraint("account_id", "issuer", name="uq_sign_on_link_account"),
    )

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    account_id: str = Field(foreign_key="account.id", sa_type=Id)
    issuer: str = Field(max_length=200)
    subject: str = Field(max_length=255)
    bound_at: datetime = Field(sa_type=UtcDateTime)


class Passkey(SQLModel, table=True):
    """A phone or a token that lets its holder in; only its public half is here (Web Authentication 3)."""

    __tablename__ = "passkey"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    credential_id: str = Field(max_length=1400, unique=True)
    public_key: str = Field(max_length=1400)
    sign_count: int = 0
    name: str = Field(max_length=40)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(SQLModel, table=True):
    """A token for an agency's own system: only its digest is kept; it speaks for one contact of one organisation."""

    __tablename__ = "api_token"

    rowno: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    id: str = Field(sa_type=Id, unique=True)
    office_id: str = Field(sa_type=Id)
    org_unit_id: str = Field(foreign_key="org_unit.id", sa_type=Id)
    account_id: str = Field(foreign_key="account.id", sa_type=Id, index=True)
    name: str = Field(max_length=60)
    scopes: list[str] = Field(sa_type=Json)
    shown: str = Field(max_length=12)
    digest: str = Field(max_length=64, unique=True)
    issued_by: str = Field(sa_type=Id)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_on: date = Field(sa_type=Date)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
