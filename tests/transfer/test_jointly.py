"""The military side: the liaison's own entrance, joint inquiries and hearings, and nobody outside who learns of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.clues.models import Clue
from app.evidence import queries as evidence_queries
from app.identity.terms import CompartmentKind
from app.intake.models import Report
from app.platform import clock
from app.platform.records import Journal
from app.transfer.jointly import queries
from app.transfer.service.erasing import erase_words
from tests import cast
from tests.transfer import scenes

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def closed(database: Database) -> str:
    """A clue of the military circle."""
    with database.write_session() as session:
        cast.people(session)
        return scenes.clue(session, compartment=CompartmentKind.MILITARY, category="mil_transport")


def told(**wishes: Any) -> dict[str, Any]:
    return {
        "kind": "hearing", "held_on": clock.office_date(clock.now()).isoformat(), "place": "本院听证室",
        "ours": "林静、陈明远", "theirs": "军事检察院二人", "outcome": "各方同意增设军人优先窗口<b>", **wishes,
    }  # fmt: skip


def files() -> dict[str, Any]:
    return {"files": ("笔录.pdf", PDF, "application/pdf")}


def test_a_hearing_is_recorded_with_its_paper_and_journalled(
    client: HouseClient, database: Database, closed: str
):
    cast.sign_in(client, "head_lin")
    door = client.to("transfer:joint", clue_id=closed)
    assert door in client.get(client.to("desk:clue", clue_id=closed)).text
    missing = client.post(door, data=told(theirs="", kind=""))
    assert missing.status_code == 422
    assert "各方同意增设军人优先窗口&lt;b&gt;" in missing.text
    assert client.post(door, data=told(held_on="2099-01-01")).status_code == 422
    assert client.post(door, data=told(), files=files()).status_code == 303
    page = client.get(door).text
    for shown in ("联合听证", "军事检察院二人", "下载附件", "各方同意增设军人优先窗口&lt;b&gt;"):
        assert shown in page
    with database.write_session() as session:
        assert len(evidence_queries.of_clue(session, closed)) == 1
        entry = session.execute(select(Journal).where(Journal.verb == "joint.recorded")).scalar_one()  # type: ignore[arg-type]
        assert entry.facts["kind"] == "hearing"
        assert entry.facts["files"] == 1
        erase_words(session, closed, subject="已清除", now=clock.now())
    with database.read_session() as session:
        (left,) = queries.of_clue(session, closed)
        assert (left.place, left.ours, left.theirs, left.outcome) == ("", "", "", "")


@pytest.mark.parametrize("who", ["prosecutor_chen", "clerk_liu", "prosecutor_wu"])
def test_outside_the_circle_there_is_no_such_page(client: HouseClient, closed: str, who: str):
    cast.sign_in(client, who)
    door = client.to("transfer:joint", clue_id=closed)
    nothing = "00000000-0000-7000-8000-000000000000"
    never = client.get(client.to("transfer:joint", clue_id=nothing)).text
    assert client.get(door).text.replace(closed, nothing) == never
    for answer in (client.get(door), client.post(door, data=told())):
        assert answer.status_code == 404


def test_an_open_clue_has_no_joint_work(client: HouseClient, clue_id: str):
    cast.sign_in(client, "head_lin")
    door = client.to("transfer:joint", clue_id=clue_id)
    assert door not in client.get(client.to("desk:clue", clue_id=clue_id)).text
    assert client.get(door).status_code == 404
    assert client.post(door, data=told()).status_code == 404


def test_of_a_facility_no_file_is_taken(client: HouseClient, database: Database, closed: str):
    with database.write_session() as session:
        session.execute(update(Clue).where(Clue.id == closed).values(public_status="military_b"))  # type: ignore[arg-type]
    cast.sign_in(client, "head_lin")
    door = client.to("transfer:joint", clue_id=closed)
    assert 'type="file"' not in client.get(door).text
    assert client.post(door, data=told(), files=files()).status_code == 303
    with database.read_session() as session:
        assert not evidence_queries.of_clue(session, closed)
        assert len(queries.of_clue(session, closed)) == 1


def test_the_liaison_has_an_entrance_of_his_own(client: HouseClient, database: Database, closed: str):
    liaison = client.to("partner:inbox")
    facility = client.to("intake:form", category_key="mil_facility_env")
    cast.sign_in(client, "liaison_zhao")
    page = client.get(liaison).text
    assert facility in page
    assert "军人权益和优待" in page
    assert "不拍照、不定位" in page
    assert 'type="file"' not in client.get(facility).text
    with database.write_session() as session:
        who = cast.people(session)["liaison_zhao"]
        session.execute(update(Report).where(Report.clue_id == closed).values(account_id=who))  # type: ignore[arg-type]
    own = client.get(liaison).text
    assert "军人乘车优待" in own
    assert closed not in own
    for other in ("volunteer_li", "agency_health"):
        cast.sign_in(client, other)
        assert facility not in client.get(liaison).text
