"""Who may be given which roles, and who may change whose account. Pure; refusals are message ids."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from app.identity.permissions import ADMIN_ROLES, OFFICE_ROLES
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform.i18n import N_

OUTSIDE_ROLES: Final = frozenset({Role.LIAISON, Role.AGENCY_CONTACT, Role.VOLUNTEER})
_OWN_HOUSE: Final = frozenset({OrgKind.OFFICE, OrgKind.DEPARTMENT})
_UNITS: Final[dict[Role, frozenset[OrgKind]]] = {
    Role.LIAISON: frozenset({OrgKind.MILITARY_UNIT, OrgKind.MILITARY_PROCURATORATE}),
    Role.AGENCY_CONTACT: frozenset(
        {OrgKind.AGENCY, OrgKind.POLICE, OrgKind.SUPERVISION, OrgKind.PROCURATORATE}
    ),
    Role.VOLUNTEER: frozenset({OrgKind.VOLUNTEERS}),
}
# Circles that nobody enters by being appointed: each member is ticked by hand.
CLOSED_CIRCLES: Final = frozenset({CompartmentKind.MILITARY, CompartmentKind.MINORS})

NO_ROLE: Final = N_("请至少选一个身份。")
ADMIN_APART: Final = N_("系统、安全、审计管理员各自独立，不能兼任别的身份（三员分立）。")
INSIDE_AND_OUTSIDE: Final = N_("本院人员不能同时是外单位联络员或志愿者。")
WRONG_UNIT: Final = N_("身份和所在单位对不上：本院人员选本院或部门，联络员选自己的单位。")
CIRCLE_FOR_STAFF: Final = N_("只有能查看线索的本院人员才能进入这个范围。")
NOT_YOURSELF: Final = N_("自己的账号要由另一位安全管理员来改；改密码请到“我的账号”。")


def role_fault(roles: AbstractSet[Role], unit: OrgKind) -> str | None:
    """Return why these roles cannot be held together in this organisation, or None."""
    if not roles:
        return NO_ROLE
    if roles & ADMIN_ROLES and len(roles) > 1:
        return ADMIN_APART
    if roles & OUTSIDE_ROLES and roles & OFFICE_ROLES:
        return INSIDE_AND_OUTSIDE
    if any(unit not in _UNITS.get(role, _OWN_HOUSE) for role in roles):
        return WRONG_UNIT
    return None


def circle_fault(roles: AbstractSet[Role], circles: AbstractSet[CompartmentKind]) -> str | None:
    """Return why people of these roles cannot belong to these circles, or None."""
    return CIRCLE_FOR_STAFF if circles and not roles & OFFICE_ROLES else None


def may_manage(own_id: str, account_id: str) -> str | None:
    """Return why an administrator may not touch this account, or None: nobody raises their own rights."""
    return NOT_YOURSELF if own_id == account_id else None
