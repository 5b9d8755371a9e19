"""Reads of identity: who a cookie belongs to, which organisations and people there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlmodel import SQLModel, col

from app.identity.models import (
    Account,
    AccountRole,
    Compartment,
    CompartmentMember,
    LoginSession,
    OrgUnit,
)
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import clock
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.digest import sha256_hex
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession


# Built once, because building costs several times what running does.
_ROLES_OF = select(col(AccountRole.role), col(AccountRole.valid_from), col(AccountRole.valid_to)).where(
    col(AccountRole.account_id) == bindparam("account_id")
)
_COMPARTMENTS_OF = select(col(CompartmentMember.compartment_id)).where(
    col(CompartmentMember.account_id) == bindparam("account_id")
)
# Asked with every report, so built once and run without the ORM.
_UNIT, _CIRCLES = (SQLModel.metadata.tables[name].c for name in ("org_unit", "compartment"))
_CIRCLE: Final = (
    select(_UNIT.id, _CIRCLES.id)
    .where(
        _CIRCLES.office_id == _UNIT.id,
        _CIRCLES.kind == bindparam("kind"),
        _UNIT.kind == OrgKind.OFFICE.value,
        _UNIT.is_active.is_(True),
    )
    .order_by(_UNIT.rowno, _CIRCLES.rowno)
    .limit(1)
)

# Likewise for one office: asked with every line of its earlier ledger.
_CIRCLE_OF: Final = (
    select(_CIRCLES.id)
    .where(_CIRCLES.office_id == bindparam("office_id"), _CIRCLES.kind == bindparam("kind"))
    .order_by(_CIRCLES.rowno)
    .limit(1)
)

# What a session has asked of circles it keeps: a table of thousands asks for the same one on every line.
_KNOWN: Final = "circles"


def roles_of(session: AnySession, account_id: str, *, now: datetime) -> frozenset[Role]:
    """Return the roles a person holds on this day (deputies come and go)."""
    today = clock.office_date(now)
    rows = session.execute(_ROLES_OF, {"account_id": account_id})
    return frozenset(
        Role(role)
        for role, start, end in rows
        if (start is None or start <= today) and (end is None or end >= today)
    )


def compartments_of(session: AnySession, account_id: str) -> frozenset[str]:
    """Return the ids of the circles a person belongs to."""
    rows = session.execute(_COMPARTMENTS_OF, {"account_id": account_id})
    return frozenset(rows.scalars())


def default_office(session: AnySession) -> OrgUnit:
    """Return the office that citizens' reports go to: the first one (decisions.md 3)."""
    found: OrgUnit | None = session.execute(
        select(OrgUnit)
        .where(col(OrgUnit.kind) == OrgKind.OFFICE.value, col(OrgUnit.is_active).is_(True))
        .order_by(col(OrgUnit.rowno))
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def org_unit(session: AnySession, org_unit_id: str) -> OrgUnit:
    """Return one organisation; raises Missing."""
    found: OrgUnit | None = session.execute(
        select(OrgUnit).where(col(OrgUnit.id) == org_unit_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def circle_for_citizens(session: AnySession, kind: CompartmentKind) -> tuple[str, str]:
    """Return the office that citizens' reports go to, and its circle of a kind, in one look."""
    known = session.info.setdefault(_KNOWN, {})
    if kind not in known:
        found = session.connection().execute(_CIRCLE, {"kind": kind.value}).first()
        if found is None:
            raise Missing
        known[kind] = (found[0], found[1])
    made: tuple[str, str] = known[kind]
    return made


def circle_of(session: AnySession, office_id: str, kind: CompartmentKind) -> str:
    """Return the id of an office's circle of a kind; every office has open, military and minors."""
    known = session.info.setdefault(_KNOWN, {})
    if (office_id, kind) not in known:
        asked = {"office_id": office_id, "kind": kind.value}
        found = session.connection().execute(_CIRCLE_OF, asked).scalar_one_or_none()
        if found is None:
            raise Missing
        known[office_id, kind] = found
    return str(known[office_id, kind])


_KIND = select(col(Compartment.kind)).where(col(Compartment.id) == bindparam("circle"))


def compartment_kind(session: AnySession, compartment_id: str) -> CompartmentKind:
    """Return the kind of a circle; a circle never becomes another kind of one, so a session asks once."""
    known = session.info.setdefault(_KNOWN, {})
    if compartment_id not in known:
        known[compartment_id] = CompartmentKind(
            look_up(session, _KIND, {"circle": compartment_id}).scalar_one()
        )
    found: CompartmentKind = known[compartment_id]
    return found


_NAMES_OF = select(col(Account.id), col(Account.name)).where(
    col(Account.id).in_(bindparam("account_ids", expanding=True))
)


def names_of(session: AnySession, account_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of people by account id (the desk's history and lists)."""
    if not account_ids:
        return {}
    rows = look_up(session, _NAMES_OF, {"account_ids": sorted(set(account_ids))})
    return {row[0]: row[1] for row in rows}


_ORG_NAMES_OF = select(col(OrgUnit.id), col(OrgUnit.name)).where(
    col(OrgUnit.id).in_(bindparam("org_unit_ids", expanding=True))
)


def org_names_of(session: AnySession, org_unit_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of organisations by id."""
    if not org_unit_ids:
        return {}
    rows = look_up(session, _ORG_NAMES_OF, {"org_unit_ids": sorted(set(org_unit_ids))})
    return {row[0]: row[1] for row in rows}


def org_names_by_key(session: AnySession, office_id: str, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of an office's organisations by their function keys."""
    if not keys:
        return {}
    rows = session.execute(
        select(col(OrgUnit.key), col(OrgUnit.name)).where(
            col(OrgUnit.office_id) == office_id, col(OrgUnit.key).in_(set(keys))
        )
    )
    return {row[0]: row[1] for row in rows}


# -- offices and units ------------------------------------------------------------------------------------------
def first_office_id(session: AnySession) -> str | None:
    """Return the id of the first office, if there is one."""
    found: str | None = session.execute(
        select(col(OrgUnit.id))
        .where(col(OrgUnit.kind) == OrgKind.OFFICE.value)
        .order_by(col(OrgUnit.rowno))
        .limit(1)
    ).scalar_one_or_none()
    return found


def office_id_by_name(session: AnySession, name: str) -> str | None:
    """Return the id of the office of this name, if there is one."""
    found: str | None = session.execute(
        select(col(OrgUnit.id))
        .where(col(OrgUnit.kind) == OrgKind.OFFICE.value, col(OrgUnit.name) == name)
        .limit(1)
    ).scalar_one_or_none()
    return found


def unit_ids_by_key(session: AnySession, office_id: str) -> dict[str, str]:
    """Return the ids of an office's organisations by their key."""
    rows = session.execute(
        select(col(OrgUnit.key), col(OrgUnit.id)).where(
            col(OrgUnit.office_id) == office_id, col(OrgUnit.key).is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def units(session: AnySession, office_id: str) -> Sequence[OrgUnit]:
    """Return the organisations people of an office's installation may belong to, in order of their making."""
    return (
        session.execute(
            select(OrgUnit)
            .where(col(OrgUnit.office_id) == office_id, col(OrgUnit.is_active).is_(True))
            .order_by(col(OrgUnit.rowno))
        )
        .scalars()
        .all()
    )


def circles(session: AnySession, office_id: str) -> Sequence[Compartment]:
    """Return the office's standing circles; circles of named people are nobody's list."""
    return (
        session.execute(
            select(Compartment)
            .where(
                col(Compartment.office_id) == office_id, col(Compartment.kind) != CompartmentKind.NAMED.value
            )
            .order_by(col(Compartment.rowno))
        )
        .scalars()
        .all()
    )


# -- people -----------------------------------------------------------------------------------------------------
def account_ids_by_login(session: AnySession, logins: Sequence[str]) -> dict[str, str]:
    """Return account ids by login, for those that exist."""
    rows = session.execute(select(col(Account.login), col(Account.id)).where(col(Account.login).in_(logins)))
    return {row[0]: row[1] for row in rows}


def account_by_login(session: AnySession, login: str) -> Account | None:
    """Return the account of a login, active or not."""
    found: Account | None = session.execute(
        select(Account).where(col(Account.login) == login)
    ).scalar_one_or_none()
    return found


def account_by_id(session: AnySession, account_id: str) -> Account:
    """Return an account by id, whatever its office; raises Missing."""
    found: Account | None = session.execute(
        select(Account).where(col(Account.id) == account_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def account_of_office(session: AnySession, office_id: str, account_id: str) -> Account:
    """Return an account of one's own office; another office's people are not there."""
    found = account_by_id(session, account_id)
    if found.office_id != office_id:
        raise Missing
    return found


def people(
    session: AnySession,
    office_id: str,
    *,
    words: str = "",
    is_active: bool = True,
    after: str = "",
    limit: int = 100,
) -> Sequence[Account]:
    """Return people of an office by login, those whose name or login holds the words, from `after` on."""
    found = select(Account).where(
        col(Account.office_id) == office_id,
        col(Account.is_active).is_(is_active),
        col(Account.login) > after,
    )
    if words:
        sought = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found = found.where(
            or_(
                col(Account.name).like(sought, escape="\\"),
                col(Account.login).like(sought.lower(), escape="\\"),
            )
        )
    return session.execute(found.order_by(col(Account.login)).limit(limit)).scalars().all()


def people_of_unit(session: AnySession, org_unit_id: str) -> Sequence[Account]:
    """Return the active people of one organisation, in the order their accounts were made."""
    query = select(Account).where(col(Account.org_unit_id) == org_unit_id, col(Account.is_active).is_(True))
    return session.execute(query.order_by(col(Account.rowno)).limit(200)).scalars().all()


def cast(session: AnySession) -> Sequence[Account]:
    """Return the development cast in the order of its making."""
    return (
        session.execute(
            select(Account)
            .where(col(Account.is_cast).is_(True), col(Account.is_active).is_(True))
            .order_by(col(Account.rowno))
        )
        .scalars()
        .all()
    )


def roles_by_account(session: AnySession, account_ids: Sequence[str]) -> dict[str, frozenset[Role]]:
    """Return every role of several people, whatever its days."""
    rows = session.execute(
        select(col(AccountRole.account_id), col(AccountRole.role)).where(
            col(AccountRole.account_id).in_(account_ids)
        )
    )
    found: dict[str, frozenset[Role]] = dict.fromkeys(account_ids, frozenset())
    for account_id, role in rows:
        found[account_id] |= {Role(role)}
    return found


def holders(session: AnySession, office_id: str, role: Role) -> frozenset[str]:
    """Return the active people of an office who hold a role."""
    rows = session.execute(
        select(col(Account.id))
        .join(AccountRole, col(AccountRole.account_id) == col(Account.id))
        .where(
            col(Account.office_id) == office_id,
            col(Account.is_active).is_(True),
            col(AccountRole.role) == role.value,
        )
    )
    return frozenset(rows.scalars())


# -- sessions ---------------------------------------------------------------------------------------------------
def live_sessions(
    session: AnySession, account_id: str, *, now: datetime, idle: timedelta
) -> Sequence[LoginSession]:
    """Return a person's sessions that still hold, newest first."""
    return (
        session.execute(
            select(LoginSession)
            .where(
                col(LoginSession.account_id) == account_id,
                col(LoginSession.revoked_at).is_(None),
                col(LoginSession.expires_at) > now,
                col(LoginSession.last_seen_at) > now - idle,
            )
            .order_by(col(LoginSession.last_seen_at).desc())
        )
        .scalars()
        .all()
    )


def session_ids(session: AnySession, account_id: str) -> Sequence[str]:
    """Return the ids of every session of a person that was not ended."""
    rows = session.execute(
        select(col(LoginSession.id)).where(
            col(LoginSession.account_id) == account_id, col(LoginSession.revoked_at).is_(None)
        )
    )
    return rows.scalars().all()


def session_of_token(session: AnySession, token: str) -> LoginSession | None:
    """Return the session of a cookie, whether it still holds or not."""
    found: LoginSession | None = session.execute(
        select(LoginSession).where(col(LoginSession.token_digest) == sha256_hex(token.encode()))
    ).scalar_one_or_none()
    return found


def org_keys_of(session: AnySession, office_id: str) -> set[str | None]:
    """Return the function keys of an office's organisations (what the reference data already made)."""
    return set(session.execute(select(col(OrgUnit.key)).where(col(OrgUnit.office_id) == office_id)).scalars())
