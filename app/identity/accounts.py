"""What a security administrator does with other people's accounts; nothing here commits."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, update

from app.identity import policy, queries, service
from app.identity.actor import Actor
from app.identity.models import Account, AccountRole, CompartmentMember
from app.identity.permissions import OFFICE_ROLES
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Refused
from app.platform.i18n import N_
from app.platform.journal import Doer


class NotYourself(Refused):
    """An administrator reached for their own account."""

    code = "not_yourself"
    text = policy.NOT_YOURSELF


LOGIN_TAKEN = N_("这个账号已经有人用了，请换一个。")
UNIT_UNKNOWN = N_("请选一个所在单位。")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: name, organisation, roles, circles."""

    name: str
    org_unit_id: str
    roles: frozenset[Role]
    circles: frozenset[CompartmentKind]
    expertise: str = ""


def faults(
    session: queries.AnySession, office_id: str, standing: Standing, *, new_login: str | None = None
) -> list[tuple[str, str]]:
    """Return what speaks against this, as (field, message id); empty when it may be done."""
    found = []
    if new_login is not None and queries.account_by_login(session, new_login) is not None:
        found.append(("login", LOGIN_TAKEN))
    unit = next((unit for unit in queries.units(session, office_id) if unit.id == standing.org_unit_id), None)
    if unit is None:
        found.append(("org_unit_id", UNIT_UNKNOWN))
    else:
        found += [("roles", text) for text in [policy.role_fault(standing.roles, OrgKind(unit.kind))] if text]
    found += [("circles", text) for text in [policy.circle_fault(standing.roles, standing.circles)] if text]
    return found


def add(
    session: WriteSession,
    doer: Doer,
    office_id: str,
    login: str,
    standing: Standing,
    password_hash: str,
    *,
    now: datetime,
) -> str:
    """Open an account with a one-time password and return its id; new office staff enter the open circle."""
    account_id = ids.new()
    session.execute(
        insert(Account).values(
            id=account_id, login=login, name=standing.name, password_hash=password_hash, password_set_at=now,
            must_change_password=True, office_id=office_id, org_unit_id=standing.org_unit_id,
            expertise=_expertise(standing), is_active=True,
            is_cast=False, created_at=now, version=1,
        )
    )  # fmt: skip
    journal.record(
        session, doer, "account.added", "account", account_id, office_id=office_id,
        facts={"org_unit_id": standing.org_unit_id}, now=now,
    )  # fmt: skip
    account = queries.account_by_id(session, account_id)
    _give_roles(session, doer, account, standing.roles, now=now)
    circles = standing.circles | ({CompartmentKind.OPEN} if standing.roles & OFFICE_ROLES else frozenset())
    _place_in_circles(session, doer, account, circles, now=now)
    return account_id


def _expertise(standing: Standing) -> str:
    """Return what a volunteer knows about; of nobody else it is kept."""
    return standing.expertise if Role.VOLUNTEER in standing.roles else ""


def change(
    session: WriteSession, actor: Actor, account_id: str, standing: Standing, *, version: int, now: datetime
) -> None:
    """Write a person's name, organisation, roles and circles, if the page was fresh."""
    account = managed(session, actor, account_id, version=version)
    facts: dict[str, object] = {"is_renamed": account.name != standing.name}
    if account.org_unit_id != standing.org_unit_id:
        facts |= {"org_unit_id": standing.org_unit_id, "org_unit_id_before": account.org_unit_id}
    _step(
        session, account, name=standing.name, org_unit_id=standing.org_unit_id, expertise=_expertise(standing)
    )
    journal.record(
        session, actor.doer, "account.changed", "account", account_id, office_id=account.office_id, facts=facts,
        now=now,
    )  # fmt: skip
    _give_roles(session, actor.doer, account, standing.roles, now=now)
    is_staff = bool(standing.roles & OFFICE_ROLES)
    _place_in_circles(session, actor.doer, account, standing.circles if is_staff else frozenset(), now=now)


def reset_password(
    session: WriteSession, doer: Doer, account: Account, password_hash: str, *, now: datetime
) -> None:
    """Give a person a one-time password and end all their sessions."""
    service.store_password(session, account, password_hash, is_slip=True, now=now)
    journal.record(
        session, doer, "account.password_reset", "account", account.id, office_id=account.office_id, now=now
    )
    service.end_sessions(session, doer, account.id, now=now)


def deactivate(session: WriteSession, actor: Actor, account_id: str, *, version: int, now: datetime) -> None:
    """Shut an account and end all its sessions; what the person did stays theirs in the journal."""
    account = managed(session, actor, account_id, version=version)
    _step(session, account, is_active=False)
    journal.record(
        session,
        actor.doer,
        "account.deactivated",
        "account",
        account_id,
        office_id=account.office_id,
        now=now,
    )
    service.end_sessions(session, actor.doer, account_id, now=now)


def reactivate(session: WriteSession, actor: Actor, account_id: str, *, version: int, now: datetime) -> None:
    """Open a shut account again."""
    reopen(session, actor.doer, managed(session, actor, account_id, version=version), now=now)


def reopen(session: WriteSession, doer: Doer, account: Account, *, now: datetime) -> None:
    """Open an account again if it was shut."""
    if account.is_active:
        return
    _step(session, account, is_active=True)
    journal.record(
        session, doer, "account.reactivated", "account", account.id, office_id=account.office_id, now=now
    )


def managed(session: queries.AnySession, actor: Actor, account_id: str, *, version: int) -> Account:
    """Return an account this administrator may touch, as it stood when the page was opened."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    if policy.may_manage(actor.account_id, account_id):
        raise NotYourself
    if account.version != version:
        raise service.StaleAccount
    return account


def _step(session: WriteSession, account: Account, **values: object) -> None:
    changed = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.version == account.version)  # type: ignore[arg-type]
        .values(version=account.version + 1, **values)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise service.StaleAccount


def _give_roles(
    session: WriteSession, doer: Doer, account: Account, roles: AbstractSet[Role], *, now: datetime
) -> None:
    held = queries.roles_by_account(session, [account.id])[account.id]
    for role in sorted(roles - held):
        session.execute(insert(AccountRole).values(account_id=account.id, role=role.value))
        _journal_right(session, doer, "role.granted", account, {"role": role.value}, now)
    for role in sorted(held - roles):
        session.execute(
            delete(AccountRole).where(AccountRole.account_id == account.id, AccountRole.role == role.value)  # type: ignore[arg-type]
        )
        _journal_right(session, doer, "role.withdrawn", account, {"role": role.value}, now)


def _place_in_circles(
    session: WriteSession, doer: Doer, account: Account, kinds: AbstractSet[CompartmentKind], *, now: datetime
) -> None:
    """Enter and leave the standing circles; who leaves the office's staff leaves circles of named people too."""
    wanted = {
        circle.id
        for circle in queries.circles(session, account.office_id)
        if CompartmentKind(circle.kind) in kinds
    }
    standing = {circle.id for circle in queries.circles(session, account.office_id)}
    there = queries.compartments_of(session, account.id)
    for circle_id in sorted(wanted - there):
        session.execute(insert(CompartmentMember).values(account_id=account.id, compartment_id=circle_id))
        _journal_right(session, doer, "compartment.entered", account, {"compartment_id": circle_id}, now)
    leaving = (there & standing) - wanted if kinds else there
    for circle_id in sorted(leaving):
        session.execute(
            delete(CompartmentMember).where(
                CompartmentMember.account_id == account.id,  # type: ignore[arg-type]
                CompartmentMember.compartment_id == circle_id,  # type: ignore[arg-type]
            )
        )
        _journal_right(session, doer, "compartment.left", account, {"compartment_id": circle_id}, now)


def _journal_right(
    session: WriteSession, doer: Doer, verb: str, account: Account, facts: dict[str, str], now: datetime
) -> None:
    journal.record(
        session, doer, verb, "account", account.id, office_id=account.office_id, facts=facts, now=now
    )
