"""The office a new installation starts with: its departments and its three circles. Adds what is missing only."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import insert

from app.identity import queries
from app.identity.labels import COMPARTMENTS
from app.identity.models import Compartment, OrgUnit
from app.identity.terms import CompartmentKind, OrgKind
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.settings import Settings

# Named as in the reference data, which would otherwise add them a second time.
DEPARTMENTS: Final = (
    ("pil_department", "公益诉讼检察部门", "Public-interest litigation department"),
    ("complaints_department", "控告申诉检察部门", "Complaints department"),
    ("case_management_department", "案件管理部门", "Case management department"),
)
CIRCLES: Final = (CompartmentKind.OPEN, CompartmentKind.MILITARY, CompartmentKind.MINORS)


def office(session: WriteSession, settings: Settings, *, now: datetime) -> OrgUnit:
    """Return the installation's default office, made with departments and circles when there is none yet."""
    office_id = queries.first_office_id(session)
    if office_id is None:
        office_id = add_office(session, settings.office_name, short_name=settings.office_short, now=now)
    complete(session, office_id)
    return queries.org_unit(session, office_id)


def add_office(session: WriteSession, name: str, *, short_name: str | None = None, now: datetime) -> str:
    """Open one office and return its id; journals `office.added`."""
    office_id = add_unit(session, None, OrgKind.OFFICE, None, name, short_name=short_name)
    journal.record(
        session, journal.SYSTEM, "office.added", "org_unit", office_id, office_id=office_id, now=now
    )
    return office_id


def complete(session: WriteSession, office_id: str) -> None:
    """Give an office the departments and circles it has not got."""
    there = queries.unit_ids_by_key(session, office_id)
    for key, name, name_en in DEPARTMENTS:
        if key not in there:
            add_unit(session, office_id, OrgKind.DEPARTMENT, key, name, name_en=name_en)
    kinds = {circle.kind for circle in queries.circles(session, office_id)}
    for kind in CIRCLES:
        if kind.value not in kinds:
            session.execute(
                insert(Compartment).values(
                    id=ids.new(), office_id=office_id, kind=kind.value, name=COMPARTMENTS[kind]
                )
            )


def add_unit(
    session: WriteSession,
    office_id: str | None,
    kind: OrgKind,
    key: str | None,
    name: str,
    *,
    name_en: str | None = None,
    short_name: str | None = None,
) -> str:
    """Insert one organisation of an office (an office belongs to itself) and return its id."""
    unit_id = ids.new()
    is_own = kind in {OrgKind.OFFICE, OrgKind.DEPARTMENT}
    session.execute(
        insert(OrgUnit).values(
            id=unit_id, office_id=office_id or unit_id, parent_id=office_id if is_own else None, kind=kind.value,
            key=key, name=name, name_en=name_en, short_name=short_name, is_confirmed=False, is_active=True, version=1,
        )
    )  # fmt: skip
    return unit_id
