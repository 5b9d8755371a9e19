"""The organisations an office deals with: who they are, what they answer for, and no silent overwrite."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.identity import queries as identity_queries
from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.platform import clock
from app.platform.records import Journal
from app.reference import queries
from tests import cast

pytestmark = pytest.mark.app
GOOD = "12100000400000624D"


@pytest.fixture
def head(client):
    cast.sign_in(client, "head_lin")
    return client


def office_and(database, key):
    with database.read_session() as session:
        office = identity_queries.default_office(session)
        return office, next(unit for unit in queries.org_units(session, office.id) if unit.key == key)


def form(unit, **wishes):
    return {
        "version": str(unit.version), "name": unit.name, "kind": unit.kind, "is_active": "yes",
        "duty_category": [], "duty_role": [], "duty_town": [], "duty_basis": [],
    } | wishes  # fmt: skip


def test_the_list_shows_every_kind_and_what_is_not_confirmed(head, database):
    page = head.get(head.to("reference:agencies"))
    assert page.status_code == 200
    assert "待核实" in page.text
    assert "松北区水务部门" in page.text


def test_an_agency_is_changed_with_its_duties(head, database):
    office, unit = office_and(database, "water")
    href = head.to("reference:agency", agency_id=unit.id)
    assert head.get(href).status_code == 200
    data = form(
        unit, name="松北区水务局", credit_code=" 12100000400000624d", phone="0451-00000000", is_confirmed="yes",
        duty_category=["water_pollution", "river_litter", ""], duty_role=["lead", "co", "lead"],
        duty_town=["songbei", "", ""], duty_basis=["三定方案", "", ""],
    )  # fmt: skip
    assert head.post(href, data=data).status_code == 303
    _, changed = office_and(database, "water")
    assert (changed.name, changed.credit_code, changed.version) == ("松北区水务局", GOOD, 2)
    assert changed.address is None
    today = clock.office_date(clock.now())
    with database.read_session() as session:
        here = queries.suggested_agencies(session, office.id, "water_pollution", "songbei", today)
        there = queries.suggested_agencies(session, office.id, "water_pollution", "songpu", today)
        (row,) = session.execute(select(Journal).where(Journal.verb == "agency.changed")).scalars()
    assert (here[0][0].name, here[0][1]) == ("松北区水务局", True)
    assert there[0][0].key == "ecology"
    assert "水务" not in str(row.facts)
    page = head.get(href)
    assert "三定方案" in page.text


def test_a_stale_page_keeps_what_was_typed(head, database):
    _, unit = office_and(database, "water")
    href = head.to("reference:agency", agency_id=unit.id)
    assert head.post(href, data=form(unit, phone="111")).status_code == 303
    answer = head.post(href, data=form(unit, phone="222", name="我写的名称"))
    assert answer.status_code == 409
    assert "我写的名称" in answer.text
    assert 'value="222"' in answer.text
    assert CONTACTS.opened(head.app.state.house.keys, office_and(database, "water")[1], "phone") == "111"


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"credit_code": "91350100M000100Y42"}, "校验码"),
        ({"credit_code": "'\"><svg onload>"}, "校验码"),
        ({"name": ""}, "请填写"),
        ({"name": "长" * 121}, "最多"),
        ({"kind": "office"}, "列表"),
        ({"kind": "nonsense"}, "列表"),
        (
            {"duty_category": ["nonsense"], "duty_role": ["lead"], "duty_town": [""], "duty_basis": [""]},
            "第 1 行",
        ),
        (
            {
                "duty_category": ["wetland"] * 2,
                "duty_role": ["lead"] * 2,
                "duty_town": [""] * 2,
                "duty_basis": [""] * 2,
            },
            "重复",
        ),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(head, database, wishes, said):
    _, unit = office_and(database, "water")
    answer = head.post(head.to("reference:agency", agency_id=unit.id), data=form(unit, **wishes))
    assert answer.status_code == 422
    assert said in answer.text
    assert office_and(database, "water")[1].version == 1
    assert head.post(head.to("reference:add_agency"), data=form(unit, **wishes)).status_code == 422


def test_a_new_agency_may_lead_a_category(head, database):
    data = {"name": "松北区滑雪场管理办", "kind": "agency", "is_active": "yes", "credit_code": ""}
    assert head.post(head.to("reference:add_agency"), data=data).status_code == 303
    with database.read_session() as session:
        unit = session.execute(select(OrgUnit).where(OrgUnit.name == "松北区滑雪场管理办")).scalar_one()
    assert unit.key
    cast.sign_in(head, "sysadmin")
    page = head.get(head.to("reference:entry", section_key="categories", key="ice_venue"))
    assert f'value="{unit.key}"' in page.text


def test_another_offices_unit_is_not_there(head, database):
    with database.read_session() as session:
        office = identity_queries.default_office(session)
        elsewhere = (OrgUnit.office_id != office.id) & (OrgUnit.kind != "office")
        other = session.execute(select(OrgUnit).where(elsewhere)).scalars().first()
    assert other is not None
    for agency_id in (other.id, office.id, "nothing", "%00"):
        assert head.get(head.to("reference:agency", agency_id=agency_id)).status_code == 404
        assert head.post(head.to("reference:agency", agency_id=agency_id), data={}).status_code == 404


def test_a_handler_may_not_edit_agencies(client):
    cast.sign_in(client, "prosecutor_chen")
    assert client.get(client.to("reference:agencies")).status_code == 403
    assert client.post(client.to("reference:add_agency"), data={"name": "x"}).status_code == 403
