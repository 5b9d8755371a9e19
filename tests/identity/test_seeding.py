from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.identity import cast as members
from app.identity import first_account, passwords, queries, seeding
from app.identity.models import Account, Compartment, CompartmentMember, OrgUnit
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import clock, journal
from app.platform.records import Journal
from app.reference import loading
from tests import cast
from tests.conftest import make_settings

NOW = clock.now()


def counts(session) -> list[int]:
    return [
        session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (OrgUnit, Compartment, Account, CompartmentMember)
    ]


def test_the_office_is_made_once(session, settings):
    before = counts(session)
    office = seeding.office(session, settings, now=NOW)
    assert office.name == settings.office_name
    assert queries.default_office(session).id == office.id
    assert {circle.kind for circle in queries.circles(session, office.id)} == {"open", "military", "minors"}
    assert {key for key, *_ in seeding.DEPARTMENTS} <= set(queries.unit_ids_by_key(session, office.id))
    assert counts(session) == before, "the seeded database has it all already"


def test_reference_data_does_not_double_the_departments(session, settings):
    office = seeding.office(session, settings, now=NOW)
    loading.load(session, office.id)
    names = [unit.name for unit in queries.units(session, office.id)]
    assert len(names) == len(set(names))


def test_the_cast_is_loaded_once_and_has_no_password(session, settings):
    first = cast.people(session, settings)
    there = counts(session)
    assert cast.people(session, settings) == first
    assert counts(session) == there
    accounts = session.execute(select(Account)).scalars().all()
    assert {account.login for account in accounts} == set(first) == set(cast.NAMES)
    assert all(account.is_cast and account.password_hash is None for account in accounts)


def test_production_never_gets_the_cast(session, database_url, tmp_path):
    settings = make_settings(database_url, tmp_path, env="production")
    assert members.load(session, settings, now=NOW) == {}
    assert session.execute(select(func.count()).select_from(Account)).scalar_one() == 0


def test_who_stands_where(session, settings):
    people = cast.people(session, settings)
    home = queries.default_office(session)
    lin, wu, chen = (cast.actor(session, who) for who in ("head_lin", "prosecutor_wu", "prosecutor_chen"))
    kinds = {circle.id: circle.kind for circle in queries.circles(session, home.id)}
    assert {kinds[circle] for circle in lin.compartments} == {"open", "military", "minors"}
    assert {kinds[circle] for circle in chen.compartments} == {"open"}
    assert wu.office_id != home.id
    assert not wu.compartments & set(kinds)
    for who in ("sysadmin", "secadmin", "auditor", "agency_water", "liaison_zhao", "volunteer_li"):
        assert not cast.actor(session, who).compartments
    water = queries.account_by_id(session, people["agency_water"])
    assert queries.org_unit(session, water.org_unit_id).key == "water"
    liaison = queries.account_by_id(session, people["liaison_zhao"])
    assert queries.org_unit(session, liaison.org_unit_id).kind == OrgKind.MILITARY_UNIT.value


def test_every_role_is_played():
    assert {role for member in members.MEMBERS for role in member.roles} == set(Role)


# -- the first administrator ------------------------------------------------------------------------------------
def password_in(line: str) -> str:
    found = re.search(r"[2-9a-z]{4}(?:-[2-9a-z]{4}){3}", line)
    assert found, line
    return found[0]


def test_the_first_administrator(session, settings):
    line = first_account.make_or_rescue(session, settings, login="admin.li", name="李安", role="secadmin")
    account = queries.account_by_login(session, "admin.li")
    assert account is not None
    assert account.must_change_password
    assert passwords.check(password_in(line), account.password_hash, cost="low").is_right
    assert queries.roles_of(session, account.id, now=NOW) == {Role.SECADMIN}


def test_an_administrator_locked_out_is_let_in_again(session, settings):
    first = password_in(first_account.make_or_rescue(session, settings, login="li", name="", role="secadmin"))
    account = queries.account_by_login(session, "li")
    assert account is not None
    account.is_active = False
    session.flush()
    again = password_in(first_account.make_or_rescue(session, settings, login="li", name="", role="sysadmin"))
    session.refresh(account)
    assert account.is_active
    assert not passwords.check(first, account.password_hash, cost="low").is_right
    assert passwords.check(again, account.password_hash, cost="low").is_right
    assert queries.roles_of(session, account.id, now=NOW) == {Role.SECADMIN}, "a rescue gives no other role"
    doers = (
        session.execute(select(Journal.actor_kind).where(Journal.verb == "account.password_reset"))
        .scalars()
        .all()
    )
    assert doers == [journal.SYSTEM.kind]


@pytest.mark.parametrize("role", ["handler", "chief", "god", ""])
def test_only_administrators_begin_like_this(session, settings, role: str):
    with pytest.raises(SystemExit):
        first_account.make_or_rescue(session, settings, login="li", name="", role=role)


def test_nobody_else_is_rescued_like_this(session, settings):
    cast.people(session, settings)
    with pytest.raises(SystemExit):
        first_account.make_or_rescue(session, settings, login="prosecutor_chen", name="", role="secadmin")


def test_circles_are_of_the_three_kinds():
    assert set(seeding.CIRCLES) == set(CompartmentKind) - {CompartmentKind.NAMED}
