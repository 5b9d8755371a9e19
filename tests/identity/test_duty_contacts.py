"""Whom to call at an organisation: sealed, bound to its row, read while the version before still writes, never lost."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.platform.crypto import KeyRing, Unreadable
from app.platform.jobs import Tools
from app.platform.records import Journal
from app.reference import agency_service, queries
from app.upkeep import acceptance, left_open
from app.upkeep.acceptance import Level
from tests import cast

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.settings import Settings

KEYS, OTHERS = KeyRing([("k1", bytes(range(32)))]), KeyRing([("k2", bytes(32))])
WHO, PHONE, MAIL = "何川", "13904510001", "hechuan@example.gov.cn"
TYPED = {
    "contact_name": WHO,
    "phone": PHONE,
    "remind_mail": MAIL,
    "remind_mobile": None,
    "remind_openid": None,
}
QUIET = datetime(2026, 11, 27, 2, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
_TOLD = "select facts from journal where verb = 'agency.changed' order by rowno"


def water(session: Any) -> OrgUnit:
    found: OrgUnit = session.execute(
        select(OrgUnit).where(OrgUnit.key == "water").order_by(OrgUnit.rowno).limit(1)  # type: ignore[arg-type]
        .execution_options(populate_existing=True)
    ).scalar_one()  # fmt: skip
    return found


def lying(session: Any) -> dict[str, str | None]:
    """The columns as they lie in the database, by their real names."""
    columns = OrgUnit.__table__.c  # type: ignore[attr-defined]
    names = [f"{kind}{field}" for field in CONTACTS.fields for kind in ("", "sealed_")]
    found = select(*(columns[name] for name in names)).where(columns.key == "water").order_by(columns.rowno)
    row = session.execute(found).first()
    return dict(zip(names, row, strict=True))


def write(session: WriteSession, settings: Settings, keys: KeyRing = KEYS, **wishes: str | None) -> None:
    """Save the organisation's form."""
    unit, actor = water(session), cast.actor(session, "head_lin", settings)
    values = {"name": unit.name, "kind": unit.kind, "is_active": True} | TYPED | wishes
    agency_service.change(
        session, keys, actor.doer, unit, values, [], version=unit.version, now=QUIET
    )  # fmt: skip


def read(session: Any, keys: KeyRing = KEYS) -> list[str]:
    unit = water(session)
    return [CONTACTS.opened(keys, unit, field) for field in CONTACTS.fields]


def tools(settings: Settings, database: Database) -> Tools:
    store: Any = None
    return Tools(settings, database, KEYS, store)


@pytest.fixture
def office(session: WriteSession, settings: Settings) -> WriteSession:
    cast.people(session, settings)
    return session


def test_what_the_form_writes_lies_sealed_and_is_read_again(office: WriteSession, settings: Settings):
    write(office, settings)
    kept = lying(office)
    assert {field: kept[field] for field in CONTACTS.fields} == dict.fromkeys(CONTACTS.fields)
    assert kept["sealed_remind_mobile"] is None, "what nobody wrote is not there, sealed or not"
    assert not any(secret in repr(kept) for secret in (WHO, PHONE, MAIL))
    assert read(office) == [WHO, PHONE, MAIL, "", ""]
    write(office, settings, phone=None)
    assert read(office) == [WHO, "", MAIL, "", ""], "what was taken away is gone"


def test_a_value_fits_only_where_it_was_sealed(office: WriteSession, settings: Settings):
    write(office, settings)
    kept = lying(office)
    unit = water(office)
    for wish in (
        {"table": "agreement", "row": unit.id, "field": "phone"},
        {"table": "org_unit", "row": unit.office_id or "", "field": "phone"},
        {"table": "org_unit", "row": unit.id, "field": "remind_mobile"},
    ):
        with pytest.raises(Unreadable):
            KEYS.open_field(kept["sealed_phone"] or "", **wish)
    office.execute(
        update(OrgUnit).where(OrgUnit.id == unit.id).values(sealed_remind_mobile=kept["sealed_phone"])
    )  # type: ignore[arg-type]
    assert read(office) == [WHO, PHONE, MAIL, "", ""], "a number moved into another box does not open"


def test_the_journals_digest_is_no_way_to_guess_a_number(office: WriteSession, settings: Settings):
    for keys in (KEYS, KEYS, OTHERS):
        write(office, settings, keys)
    told = [
        row["after"]
        for row in office.execute(select(Journal.facts).where(Journal.verb == "agency.changed")).scalars()
    ]  # type: ignore[arg-type]
    assert told[0] == told[1], "the same content has the same digest"
    assert told[1] != told[2], "but only whoever has the key can say of which number"


def test_without_its_key_nothing_breaks_and_nothing_is_overwritten(
    office: WriteSession, settings: Settings, caplog: pytest.LogCaptureFixture
):
    write(office, settings)
    before = lying(office)
    assert not CONTACTS.is_lost(KEYS, water(office))
    with caplog.at_level(logging.WARNING):
        assert read(office, OTHERS) == [""] * 5
        assert CONTACTS.is_lost(OTHERS, water(office))
    blank = dict.fromkeys(CONTACTS.fields)
    write(office, settings, OTHERS, **blank | {"phone": "0451-1"})
    after = lying(office)
    assert after["sealed_contact_name"] == before["sealed_contact_name"], (
        "nobody has read it, so nobody took it away"
    )
    assert read(office, OTHERS)[1] == "0451-1"
    assert read(office, KEYS)[0] == WHO


def test_what_the_version_before_wrote_is_read_then_sealed(settings: Settings, database: Database):
    """A host of the version before knows the open columns only; then the worker's chore comes by, twice."""
    with database.write_session() as session:
        cast.people(session, settings)
        write(session, settings)
        session.execute(text("update org_unit set phone = '0451-22' where key = 'water'"))
        session.execute(text("update org_unit set remind_mail = '' where key = 'ecology'"))
        agreed = "insert into agreement (id, office_id, name, number, mechanisms, contacts, categories, version, added_at)"
        unit = water(session)
        values = " values (:id, :office, '协作', '', '', '水务 何川 13904510001', '[]', 1, :now)"
        session.execute(text(agreed + values), {"id": unit.id, "office": unit.office_id, "now": QUIET})
        assert read(session)[1] == "0451-22", "written later than what lies sealed"
        assert len(left_open.lying_open(session)) == 2
        assert acceptance._contacts(session).level is Level.MEND, "`check` says so"
        versions = water(session).version
        units = session.execute(text("select count(*) from org_unit where phone = '0451-22'")).scalar_one()
    for _ in range(2):
        left_open.seal(tools(settings, database), QUIET)
    with database.write_session() as session:
        assert left_open.lying_open(session) == []
        assert acceptance._contacts(session).level is Level.FINE
        assert lying(session)["phone"] is None
        assert read(session) == [WHO, "0451-22", MAIL, "", ""]
        assert water(session).version == versions, "nobody's open page grows stale over it"
        assert session.execute(text("select contacts from agreement")).scalar_one() == ""
        told = session.execute(
            select(Journal.facts).where(Journal.verb == left_open.SEALED)  # type: ignore[arg-type]
        ).scalars()
        assert {facts["table"]: facts["count"] for facts in told} == {"agreement": 1, "org_unit": units}


@pytest.mark.only("postgresql")
def test_where_hosts_are_exchanged_it_waits_for_the_night(settings: Settings, database: Database):
    with database.write_session() as session:
        cast.people(session, settings)
        session.execute(text("update org_unit set phone = '0451-22' where key = 'water'"))
    left_open.seal(tools(settings, database), QUIET.replace(hour=10))
    with database.write_session() as session:
        assert [table.table for table in left_open.lying_open(session)] == ["org_unit"]
    left_open.seal(tools(settings, database), QUIET)
    with database.write_session() as session:
        assert left_open.lying_open(session) == []


def test_a_row_somebody_writes_meanwhile_is_theirs(office: WriteSession, settings: Settings):
    """The chore read a number, a host of the version before writes another: the other is not overwritten."""
    office.execute(text("update org_unit set phone = '0451-22' where key = 'water'"))
    seen = water(office)
    office.expunge(seen)
    office.execute(text("update org_unit set phone = '0451-33' where key = 'water'"))
    assert CONTACTS._change(office, KEYS, seen) is False
    assert read(office)[1] == "0451-33"


@pytest.mark.app
def test_the_list_opens_nothing_and_one_page_opens_its_own(client: Any, monkeypatch: pytest.MonkeyPatch):
    house, opened = client.app.state.house, list[str]()
    with house.database.write_session() as session:
        actor = cast.actor(session, "head_lin", house.settings)
        for unit in queries.org_units(session, actor.office_id):
            values = CONTACTS.values(house.keys, unit.id, TYPED)
            session.execute(update(OrgUnit).where(OrgUnit.id == unit.id).values(**values))  # type: ignore[arg-type]
        unit_id = water(session).id
    cast.sign_in(client, "head_lin")
    really = KeyRing.open_field

    def seen(ring: KeyRing, sealed: str, *, table: str, row: str, field: str) -> str:
        opened.append(field)
        return really(ring, sealed, table=table, row=row, field=field)

    monkeypatch.setattr(KeyRing, "open_field", seen)
    shown = client.get(client.to("reference:agencies")).text
    assert "留了电话" in shown
    assert PHONE not in shown
    assert opened == []
    form = client.get(client.to("reference:agency", agency_id=unit_id)).text
    assert all(f'value="{secret}"' in form for secret in (WHO, PHONE, MAIL))
    assert set(opened) == {"contact_name", "phone", "remind_mail"}
    client.app.state.house = house.__class__(
        house.settings, house.database, OTHERS, house.store, house.pieces
    )
    lost = client.get(client.to("reference:agency", agency_id=unit_id))
    assert lost.status_code == 200
    assert "联系方式打不开" in lost.text
