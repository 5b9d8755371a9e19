"""The words of identity: roles (domain.md 1.4), kinds of organisation, kinds of compartment."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the house; one person may be several."""

    HANDLER = "handler"  # 承办检察官
    ASSISTANT = "assistant"  # 检察官助理
    CLERK = "clerk"  # 书记员
    DEPT_HEAD = "dept_head"  # 部门负责人
    DEPUTY_CHIEF = "deputy_chief"  # 分管副检察长
    CHIEF = "chief"  # 检察长
    COMPLAINTS = "complaints"  # 控申部门
    CASE_MGMT = "case_mgmt"  # 案管部门
    LEADER = "leader"  # 只读的院领导
    LIAISON = "liaison"  # 军地联络员
    AGENCY_CONTACT = "agency_contact"  # 协作单位联络员
    VOLUNTEER = "volunteer"  # 益心为公志愿者
    SYSADMIN = "sysadmin"  # 系统管理员
    SECADMIN = "secadmin"  # 安全管理员
    AUDITOR = "auditor"  # 审计管理员


class OrgKind(StrEnum):
    """What an organisation is to us."""

    OFFICE = "office"  # 本院 (an office this installation serves)
    DEPARTMENT = "department"  # 本院部门
    AGENCY = "agency"  # 行政机关
    PROCURATORATE = "procuratorate"  # 其他检察院
    MILITARY_PROCURATORATE = "military_procuratorate"  # 军事检察院
    MILITARY_UNIT = "military_unit"  # 部队 (liaison's side)
    POLICE = "police"
    SUPERVISION = "supervision"
    VOLUNTEERS = "volunteers"


class CompartmentKind(StrEnum):
    """Why some people may see a clue and others may not know of it (decisions.md 4)."""

    OPEN = "open"
    MILITARY = "military"
    MINORS = "minors"
    NAMED = "named"
