"""Who is behind a session cookie: the one read that every page of somebody signed in begins with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, or_, select
from sqlmodel import SQLModel

from app.identity import models
from app.identity.actor import Actor
from app.identity.terms import Role
from app.platform import clock
from app.platform.db import Database, ReadSession, WriteSession
from app.platform.digest import sha256_hex

# Built once and run without the ORM.
_SESSION, _ACCOUNT, _ROLE, _MEMBER = (
    SQLModel.metadata.tables[str(table.__tablename__)]
    for table in (models.LoginSession, models.Account, models.AccountRole, models.CompartmentMember)
)
_OFFICE, _OWN_UNIT = (SQLModel.metadata.tables["org_unit"].alias(name) for name in ("office", "own_unit"))
_PERSON: Final = (
    select(
        _SESSION.c.id.label("session_id"), _SESSION.c.last_seen_at, _SESSION.c.proved_at,
        _ACCOUNT.c.id.label("account_id"), _ACCOUNT.c.name, _ACCOUNT.c.office_id, _ACCOUNT.c.org_unit_id,
        _OFFICE.c.name.label("office_name"), _OWN_UNIT.c.name.label("org_name"),
        _ROLE.c.role, _ROLE.c.valid_from, _ROLE.c.valid_to, _MEMBER.c.compartment_id,
    )
    .select_from(
        _SESSION.join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
        .join(_OFFICE, _OFFICE.c.id == _ACCOUNT.c.office_id)
        .join(_OWN_UNIT, _OWN_UNIT.c.id == _ACCOUNT.c.org_unit_id)
        .outerjoin(_ROLE, _ROLE.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_MEMBER, _MEMBER.c.account_id == _ACCOUNT.c.id)
    )
    .where(
        _SESSION.c.token_digest == bindparam("digest"),
        _SESSION.c.revoked_at.is_(None),
        _SESSION.c.expires_at > bindparam("now"),
        _SESSION.c.last_seen_at > bindparam("alive"),
        _ACCOUNT.c.is_active.is_(True),
    )
)  # fmt: skip


def actor_by_token(
    session: ReadSession | WriteSession, token: str, *, now: datetime, idle: timedelta
) -> tuple[Actor, datetime] | None:
    """Return the person behind a session cookie and when they were last seen; None when it does not hold.

    One look brings the person with each role and each circle: a row for every pair of them, which are few.
    """
    return _actor(session.connection().execute(_PERSON, _asked(token, now, idle)).all(), now)


def glanced_actor(
    database: Database, token: str, *, now: datetime, idle: timedelta
) -> tuple[Actor, datetime] | None:
    """Return the same for a door, before which nothing else is read."""
    return _actor(database.glance(_PERSON, _asked(token, now, idle)), now)


def _asked(token: str, now: datetime, idle: timedelta) -> dict[str, Any]:
    return {"digest": sha256_hex(token.encode()), "now": now, "alive": now - idle}


def _actor(rows: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> tuple[Actor, datetime] | None:
    if not rows:
        return None
    found, today = rows[0], clock.office_date(now)
    actor = Actor(
        account_id=found.account_id,
        name=found.name,
        roles=frozenset(Role(row.role) for row in rows if row.role and _holds(row, today)),
        office_id=found.office_id,
        org_unit_id=found.org_unit_id,
        office_name=found.office_name,
        org_name=found.org_name,
        compartments=frozenset(row.compartment_id for row in rows if row.compartment_id),
        session_id=found.session_id,
        proved_at=found.proved_at,
    )
    return actor, found.last_seen_at


_STAFF: Final = (
    select(
        _ACCOUNT.c.id.label("account_id"), _ACCOUNT.c.name, _ACCOUNT.c.office_id, _ACCOUNT.c.org_unit_id,
        _OFFICE.c.name.label("office_name"), _OWN_UNIT.c.name.label("org_name"),
        _ROLE.c.role, _ROLE.c.valid_from, _ROLE.c.valid_to, _MEMBER.c.compartment_id,
    )
    .select_from(
        _ACCOUNT.join(_OFFICE, _OFFICE.c.id == _ACCOUNT.c.office_id)
        .join(_OWN_UNIT, _OWN_UNIT.c.id == _ACCOUNT.c.org_unit_id)
        .outerjoin(_ROLE, _ROLE.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_MEMBER, _MEMBER.c.account_id == _ACCOUNT.c.id)
    )
    .where(_ACCOUNT.c.is_active.is_(True))
    .order_by(_ACCOUNT.c.rowno)
)  # fmt: skip


def staff(session: ReadSession | WriteSession, *, now: datetime) -> list[Actor]:
    """Return everybody who works inside an office as who they are today, for what the house does on their behalf.

    Nobody sits there: there is no session behind them, and nothing is done in their name.
    """
    today = clock.office_date(now)
    heaps: dict[str, list[Any]] = {}
    for row in session.connection().execute(_STAFF):
        heaps.setdefault(row.account_id, []).append(row)
    found = [
        Actor(
            account_id=key, name=rows[0].name,
            roles=frozenset(Role(row.role) for row in rows if row.role and _holds(row, today)),
            office_id=rows[0].office_id, org_unit_id=rows[0].org_unit_id, office_name=rows[0].office_name,
            org_name=rows[0].org_name,
            compartments=frozenset(row.compartment_id for row in rows if row.compartment_id), session_id="",
        )
        for key, rows in heaps.items()
    ]  # fmt: skip
    return [one for one in found if one.is_office_staff]


def _holds(role: Any, today: date) -> bool:
    return (role.valid_from is None or role.valid_from <= today) and (
        role.valid_to is None or role.valid_to >= today
    )


def ids_named(session: ReadSession | WriteSession, office_id: str, words: str) -> list[str]:
    """Return the accounts of an office, shut ones too, whose name or login is, or begins with, what was typed."""
    rows = session.execute(
        select(_ACCOUNT.c.id).where(
            _ACCOUNT.c.office_id == office_id,
            or_(
                _ACCOUNT.c.name.startswith(words, autoescape=True),
                _ACCOUNT.c.login.startswith(words, autoescape=True),
            ),
        )
    )
    return list(rows.scalars())
