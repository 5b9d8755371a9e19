"""The words people read for roles and kinds of organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.identity.actor import Actor
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform.i18n import N_, gettext, listed

ROLES: Final[dict[Role, str]] = {
    Role.HANDLER: N_("承办检察官"),
    Role.ASSISTANT: N_("检察官助理"),
    Role.CLERK: N_("书记员"),
    Role.DEPT_HEAD: N_("部门负责人"),
    Role.DEPUTY_CHIEF: N_("分管副检察长"),
    Role.CHIEF: N_("检察长"),
    Role.COMPLAINTS: N_("控申部门"),
    Role.CASE_MGMT: N_("案管部门"),
    Role.LEADER: N_("院领导（只读）"),
    Role.LIAISON: N_("军地联络员"),
    Role.AGENCY_CONTACT: N_("协作单位联络员"),
    Role.VOLUNTEER: N_("益心为公志愿者"),
    Role.SYSADMIN: N_("系统管理员"),
    Role.SECADMIN: N_("安全管理员"),
    Role.AUDITOR: N_("审计管理员"),
}
ORG_KINDS: Final[dict[OrgKind, str]] = {
    OrgKind.OFFICE: N_("本院"),
    OrgKind.DEPARTMENT: N_("本院部门"),
    OrgKind.AGENCY: N_("行政机关"),
    OrgKind.PROCURATORATE: N_("其他检察院"),
    OrgKind.MILITARY_PROCURATORATE: N_("军事检察院"),
    OrgKind.MILITARY_UNIT: N_("部队联络单位"),
    OrgKind.POLICE: N_("公安机关"),
    OrgKind.SUPERVISION: N_("监察机关"),
    OrgKind.VOLUNTEERS: N_("志愿者"),
}
COMPARTMENTS: Final[dict[CompartmentKind, str]] = {
    CompartmentKind.OPEN: N_("一般线索"),
    CompartmentKind.MILITARY: N_("涉军线索"),
    CompartmentKind.MINORS: N_("涉未成年人线索"),
    CompartmentKind.NAMED: N_("指定人员"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """What the page's head says of who is signed in."""

    name: str
    office_name: str
    org_name: str
    role_label: str


def role_labels(roles: frozenset[Role]) -> str:
    """Return the roles in words, in the order of the table."""
    return listed(gettext(text) for role, text in ROLES.items() if role in roles)


def person(actor: Actor) -> Person:
    """Return the person as the layouts show them."""
    return Person(actor.name, actor.office_name, actor.org_name, role_labels(actor.roles))
