from __future__ import annotations

import pytest

from app.identity import policy
from app.identity.permissions import ADMIN_ROLES, GRANTS, OFFICE_ROLES, Verb, granted
from app.identity.terms import CompartmentKind, OrgKind, Role

MINE, DEPARTMENT = OrgKind.OFFICE, OrgKind.DEPARTMENT


@pytest.mark.parametrize(
    ("roles", "unit", "why"),
    [
        ({Role.HANDLER}, DEPARTMENT, None),
        ({Role.HANDLER, Role.DEPT_HEAD}, DEPARTMENT, None),
        ({Role.SECADMIN}, MINE, None),
        ({Role.AGENCY_CONTACT}, OrgKind.AGENCY, None),
        ({Role.AGENCY_CONTACT}, OrgKind.POLICE, None),
        ({Role.LIAISON}, OrgKind.MILITARY_UNIT, None),
        ({Role.VOLUNTEER}, OrgKind.VOLUNTEERS, None),
        (set(), MINE, policy.NO_ROLE),
        ({Role.SECADMIN, Role.AUDITOR}, MINE, policy.ADMIN_APART),
        ({Role.SYSADMIN, Role.HANDLER}, MINE, policy.ADMIN_APART),
        ({Role.SYSADMIN, Role.VOLUNTEER}, MINE, policy.ADMIN_APART),
        ({Role.HANDLER, Role.VOLUNTEER}, MINE, policy.INSIDE_AND_OUTSIDE),
        ({Role.HANDLER}, OrgKind.AGENCY, policy.WRONG_UNIT),
        ({Role.AGENCY_CONTACT}, MINE, policy.WRONG_UNIT),
        ({Role.LIAISON}, OrgKind.AGENCY, policy.WRONG_UNIT),
        ({Role.LIAISON, Role.VOLUNTEER}, OrgKind.VOLUNTEERS, policy.WRONG_UNIT),
        ({Role.AUDITOR}, OrgKind.AGENCY, policy.WRONG_UNIT),
    ],
)
def test_which_roles_go_together(roles: set[Role], unit: OrgKind, why: str | None):
    assert policy.role_fault(roles, unit) == why


def test_every_admin_role_excludes_every_other_role():
    for admin in ADMIN_ROLES:
        for other in set(Role) - {admin}:
            assert policy.role_fault({admin, other}, MINE) == policy.ADMIN_APART


def test_only_staff_enter_circles():
    assert policy.circle_fault({Role.HANDLER}, {CompartmentKind.MILITARY}) is None
    for role in set(Role) - OFFICE_ROLES:
        assert policy.circle_fault({role}, {CompartmentKind.MILITARY}) == policy.CIRCLE_FOR_STAFF
        assert policy.circle_fault({role}, set()) is None


def test_no_administrator_reads_clues_and_nobody_raises_their_own_rights():
    for admin in ADMIN_ROLES:
        assert not granted(frozenset({admin})) & {Verb.CLUE_READ, Verb.TRANSFER_READ, Verb.CONTACT_REVEAL}
    assert policy.may_manage("a", "a") == policy.NOT_YOURSELF
    assert policy.may_manage("a", "b") is None
    assert [role for role, verbs in GRANTS.items() if Verb.ACCOUNT_MANAGE in verbs] == [Role.SECADMIN]


def test_every_role_has_its_place():
    assert set(Role) == OFFICE_ROLES | policy.OUTSIDE_ROLES | ADMIN_ROLES
    assert not OFFICE_ROLES & policy.OUTSIDE_ROLES
    assert not (OFFICE_ROLES | policy.OUTSIDE_ROLES) & ADMIN_ROLES
