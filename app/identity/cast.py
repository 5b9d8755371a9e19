"""The development cast: people without passwords, whom the sign-in page offers as buttons.

They exist only where `Settings.has_cast` is true, which production refuses (Settings.unsafe).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert

from app.identity import queries, seeding
from app.identity.models import Account, AccountRole, CompartmentMember
from app.identity.permissions import OFFICE_ROLES
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import ids
from app.platform.db import WriteSession
from app.platform.settings import Settings

OTHER_OFFICE: Final = "哈尔滨市道里区人民检察院"
_MILITARY: Final = "military_liaison_unit"
_VOLUNTEERS: Final = "volunteers"
_OUTSIDE: Final = {
    _MILITARY: (OrgKind.MILITARY_UNIT, "驻区部队联络单位"),
    _VOLUNTEERS: (OrgKind.VOLUNTEERS, "益心为公志愿者"),
    "water": (OrgKind.AGENCY, "松北区水务部门"),
    "health": (OrgKind.AGENCY, "松北区卫生健康部门"),
    "forestry": (OrgKind.AGENCY, "松北区林业和草原部门"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the cast: a login that also names them in tests, and where they stand."""

    login: str
    name: str
    roles: tuple[Role, ...]
    unit: str | None = None
    circles: tuple[CompartmentKind, ...] = ()
    is_elsewhere: bool = False


_ALL: Final = (CompartmentKind.MILITARY, CompartmentKind.MINORS)
_PIL: Final = "pil_department"
MEMBERS: Final = (
    Member("prosecutor_chen", "陈明远", (Role.HANDLER,), _PIL),
    Member("assistant_wang", "王悦", (Role.ASSISTANT,), _PIL),
    Member("clerk_liu", "刘畅", (Role.CLERK,), _PIL),
    Member("head_lin", "林静", (Role.DEPT_HEAD,), _PIL, _ALL),
    Member("deputy_gao", "高岩", (Role.DEPUTY_CHIEF,), None, _ALL),
    Member("chief_zhou", "周正", (Role.CHIEF,), None, _ALL),
    Member("complaints_sun", "孙丽", (Role.COMPLAINTS,), "complaints_department"),
    Member("case_mgmt_qian", "钱程", (Role.CASE_MGMT,), "case_management_department"),
    Member("leader_tang", "唐宁", (Role.LEADER,)),
    Member("prosecutor_wu", "吴晓", (Role.HANDLER,), _PIL, _ALL, is_elsewhere=True),
    Member("liaison_zhao", "赵刚", (Role.LIAISON,), _MILITARY),
    Member("agency_water", "何川", (Role.AGENCY_CONTACT,), "water"),
    Member("agency_health", "郑敏", (Role.AGENCY_CONTACT,), "health"),
    Member("agency_forestry", "冯杉", (Role.AGENCY_CONTACT,), "forestry"),
    Member("volunteer_li", "李想", (Role.VOLUNTEER,), _VOLUNTEERS),
    Member("sysadmin", "许可", (Role.SYSADMIN,)),
    Member("secadmin", "安宁", (Role.SECADMIN,)),
    Member("auditor", "严谨", (Role.AUDITOR,)),
)


def load(session: WriteSession, settings: Settings, *, now: datetime) -> dict[str, str]:
    """Add whoever of the cast is missing; return account ids by login. Production never gets them."""
    if settings.is_production:
        return {}
    home = seeding.office(session, settings, now=now).id
    away = queries.office_id_by_name(session, OTHER_OFFICE) or seeding.add_office(
        session, OTHER_OFFICE, now=now
    )
    seeding.complete(session, away)
    units = {office_id: queries.unit_ids_by_key(session, office_id) for office_id in (home, away)}
    for key, (kind, name) in _OUTSIDE.items():
        if key not in units[home]:
            units[home][key] = seeding.add_unit(session, home, kind, key, name)
    found = queries.account_ids_by_login(session, [member.login for member in MEMBERS])
    for member in MEMBERS:
        if member.login not in found:
            office_id = away if member.is_elsewhere else home
            unit_id = units[office_id][member.unit] if member.unit else office_id
            found[member.login] = _add(session, member, office_id, unit_id, now)
    return found


def _add(session: WriteSession, member: Member, office_id: str, unit_id: str, now: datetime) -> str:
    account_id = ids.new()
    session.execute(
        insert(Account).values(
            id=account_id, login=member.login, name=member.name, office_id=office_id, org_unit_id=unit_id,
            is_active=True, is_cast=True, must_change_password=False, created_at=now, version=1,
        )
    )  # fmt: skip
    session.execute(
        insert(AccountRole), [{"account_id": account_id, "role": role.value} for role in member.roles]
    )
    kinds = {kind.value for kind in member.circles}
    if OFFICE_ROLES.intersection(member.roles):
        kinds.add(CompartmentKind.OPEN.value)
    joined = [
        {"account_id": account_id, "compartment_id": circle.id}
        for circle in queries.circles(session, office_id)
        if circle.kind in kinds
    ]
    if joined:
        session.execute(insert(CompartmentMember), joined)
    return account_id
