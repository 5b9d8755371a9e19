"""What is done with the organisations an office deals with; every change is journalled, nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.platform import ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.digest import canonical_json
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.reference import rules
from app.reference.models import AgencyDuty


class StaleAgency(Conflict):
    """Somebody changed the organisation after the page was opened."""

    code = "stale_agency"
    text = N_("您打开页面之后，别人改过这个单位。请看最新情况再改。")


def add(
    session: WriteSession,
    keys: KeyRing,
    doer: Doer,
    office_id: str,
    values: Mapping[str, Any],
    duties: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> str:
    """Add an organisation with its duties; its key is made, so that categories may name it."""
    unit_id = ids.new()
    key = "own_" + unit_id.replace("-", "")[-12:]
    session.execute(
        insert(OrgUnit).values(
            id=unit_id, office_id=office_id, parent_id=None, key=key, version=1, **_public(values),
            **CONTACTS.values(keys, unit_id, values),
        )
    )  # fmt: skip
    _set_duties(session, unit_id, duties)
    after = _digest(keys, unit_id, values, duties)
    _record(session, doer, "agency.added", office_id, unit_id, 1, after, len(duties), now=now)
    return unit_id


def change(
    session: WriteSession,
    keys: KeyRing,
    doer: Doer,
    unit: OrgUnit,
    values: Mapping[str, Any],
    duties: Sequence[Mapping[str, Any]],
    *,
    version: int,
    now: datetime,
) -> None:
    """Change an organisation and its duties as a whole; raises StaleAgency when somebody was faster."""
    changed = session.execute(
        update(OrgUnit)
        .where(OrgUnit.id == unit.id, OrgUnit.version == version)  # type: ignore[arg-type]
        .values(version=version + 1, **_public(values), **CONTACTS.values(keys, unit.id, values, held=unit))
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleAgency(agency_id=unit.id)
    session.execute(delete(AgencyDuty).where(AgencyDuty.org_unit_id == unit.id))  # type: ignore[arg-type]
    _set_duties(session, unit.id, duties)
    after = _digest(keys, unit.id, values, duties)
    _record(
        session, doer, "agency.changed", unit.office_id, unit.id, version + 1, after, len(duties), now=now
    )


def _set_duties(session: WriteSession, unit_id: str, duties: Sequence[Mapping[str, Any]]) -> None:
    if duties:
        session.execute(insert(AgencyDuty), [{"org_unit_id": unit_id, **duty} for duty in duties])


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in CONTACTS.fields}


def _digest(
    keys: KeyRing, unit_id: str, values: Mapping[str, Any], duties: Sequence[Mapping[str, Any]]
) -> str:
    """Return what the journal keeps of an organisation: its contact enters under a key, or a number could be guessed."""
    contact = canonical_json([unit_id, *(values.get(field) for field in CONTACTS.fields)]).decode()
    kept = _public(values) | {"contact": keys.keyed_digest("duty-contact", contact)}
    return rules.digest_of({"unit": kept, "duties": [dict(duty) for duty in duties]})


def _record(
    session: WriteSession,
    doer: Doer,
    verb: str,
    office_id: str | None,
    unit_id: str,
    version: int,
    after: str,
    duties: int,
    *,
    now: datetime,
) -> None:
    journal.record(
        session, doer, verb, "org_unit", unit_id, now=now, office_id=office_id,
        facts={"version": version, "after": after, "duties": duties},
    )  # fmt: skip
