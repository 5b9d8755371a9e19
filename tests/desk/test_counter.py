"""The counter: what is brought is received exactly once, with its paper, its source and a receipt to take along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.clues.models import Clue
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.records import Journal, Note
from tests import cast
from tests.conftest import HouseClient

pytestmark = pytest.mark.app
C: Any = Clue
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def counter(app: FastAPI, client: HouseClient) -> HouseClient:
    cast.sign_in(client, "head_lin")
    return client


def form(client: HouseClient, **wishes: str) -> dict[str, str]:
    page = client.get(client.to("desk:counter")).text
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    local = clock.now().astimezone(clock.OFFICE_ZONE) - timedelta(hours=1)
    usual = {
        "form_id": form_id, "channel": "walk_in", "category": "water_pollution", "words": "来人说沟里排黑水，夜里更多",
        "received_at": f"{local:%Y-%m-%dT%H:%M}", "place_town": "taiyangdao", "place_words": "桥东",
    }  # fmt: skip
    return usual | wishes


def clues(app: FastAPI) -> list[Any]:
    with app.state.house.database.read_session() as session:
        return list(
            session.execute(select(C).order_by(C.rowno)).scalars()
        )  # house: allow scope-first (a test)


def test_a_visit_becomes_a_clue_with_number_and_receipt(app: FastAPI, counter: HouseClient):
    sent = form(
        counter, wants_number="yes", contact_name="李女士", contact_phone="13845671234", contact_consent="yes",
        handed_over_by="控申部门 孙丽，控申〔2026〕12号", place_pasted="45.8021, 126.5432", place_datum="wgs84", is_urgent="yes",
    )  # fmt: skip
    files = {"papers": ("letter.pdf", PDF, "application/pdf")}
    answer = counter.post(counter.to("desk:enter"), data=sent, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, counter.to("desk:counter_receipt"))
    (clue,) = clues(app)
    assert (clue.state, clue.channel, clue.source_type) == ("registered", "walk_in", "citizen_report")
    assert (clue.lat, clue.town_key, clue.is_urgent) == (45.8021, "taiyangdao", True)
    receipt = counter.get(answer.headers["location"])
    assert str(clue.number) in receipt.text
    assert "李女士" not in receipt.text
    assert "黑水" not in receipt.text, "the receipt says nothing of what was reported"
    with app.state.house.database.read_session() as session:
        (report,) = intake_queries.of_clue(session, clue.id)
        code = intake_queries.query_code(app.state.house.keys, report)
        told = intake_queries.for_desk(session, clue.id)[0]
        notes = session.execute(select(Note.body)).scalars().all()  # type: ignore[call-overload]
        facts = str(session.execute(select(Journal.facts)).scalars().all())  # type: ignore[call-overload]
    assert code[:4] in receipt.text
    assert report.secret_digest is None
    assert told.has_contact
    assert "控申部门 孙丽，控申〔2026〕12号" in notes
    assert "13845671234" not in facts
    page = counter.get(counter.to("desk:clue", clue_id=clue.id)).text
    assert "控申部门 孙丽" in page
    assert "文件 " in page


def test_twice_is_one_clue(app: FastAPI, counter: HouseClient):
    sent = form(counter)
    for _ in range(2):
        assert counter.post(counter.to("desk:enter"), data=sent).status_code == 303
    assert len(clues(app)) == 1


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"channel": "web"}, "从哪里来的"),
        ({"channel": ""}, "从哪里来的"),
        ({"category": "made_up"}, "请选择类别"),
        ({"words": " "}, "写几句内容"),
        ({"words": "长" * 5001}, "太长"),
        ({"received_at": "2999-01-01T00:00"}, "不能晚于现在"),
        ({"received_at": "昨天"}, "不能晚于现在"),
        ({"contact_phone": "13845671234"}, "同意"),
        ({"contact_phone": "abc", "contact_consent": "yes"}, "电话"),
        ({"place_town": "nowhere"}, "列表"),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_typed_is_lost(
    app: FastAPI, counter: HouseClient, wishes: dict[str, str], said: str
):
    answer = counter.post(counter.to("desk:enter"), data=form(counter, handed_over_by="刑检部门", **wishes))
    assert answer.status_code == 422
    assert said in answer.text
    assert "刑检部门" in answer.text
    assert clues(app) == []


def test_a_letter_needs_no_words_and_a_facility_takes_no_picture(app: FastAPI, counter: HouseClient):
    files = {"papers": ("letter.pdf", PDF, "application/pdf")}
    sent = form(counter, words="", channel="letter")
    assert counter.post(counter.to("desk:enter"), data=sent, files=files).status_code == 303
    sent = form(
        counter, category="mil_facility_env", words="围墙外有人倒垃圾", place_pasted="45.8021, 126.5432"
    )
    assert counter.post(counter.to("desk:enter"), data=sent, files=files).status_code == 303
    letter, facility = clues(app)
    assert letter.channel == "letter"
    assert (facility.lat, facility.lon) == (None, None)
    with app.state.house.database.read_session() as session:
        assert [one["reason"] for one in intake_queries.for_desk(session, facility.id)[0].declined]
        (report,) = intake_queries.for_desk(session, facility.id)
        assert intake_queries.promised(session, report.id) == []
        assert (report.missing_photos, report.declined_photos) == (0, 0)


def test_what_falls_into_another_circle_is_taken_but_not_shown(app: FastAPI, client: HouseClient):
    cast.sign_in(client, "clerk_liu")
    sent = form(client, category="mil_facility_env", words="围墙外有人倒垃圾", wants_number="yes")
    answer = client.post(client.to("desk:enter"), data=sent)
    assert answer.status_code == 303
    (clue,) = clues(app)
    assert (clue.state, clue.number) == ("submitted", None), "who cannot see it cannot number it"
    with app.state.house.database.read_session() as session:
        from app.identity.queries import compartment_kind

        assert compartment_kind(session, clue.compartment_id) is CompartmentKind.MILITARY
    receipt = client.get(answer.headers["location"]).text
    assert client.to("desk:clue", clue_id=clue.id) not in receipt
    assert client.get(client.to("desk:clue", clue_id=clue.id)).status_code == 404


def test_the_receipt_is_for_the_one_who_entered_it(app: FastAPI, counter: HouseClient):
    assert counter.get(counter.to("desk:counter_receipt")).status_code == 404
    counter.post(counter.to("desk:enter"), data=form(counter))
    assert counter.get(counter.to("desk:counter_receipt")).status_code == 200
    cast.sign_in(counter, "clerk_liu")
    assert counter.get(counter.to("desk:counter_receipt")).status_code == 404


@pytest.mark.parametrize("who", ["leader_tang", "agency_water", "auditor"])
def test_who_enters_nothing_has_no_counter(client: HouseClient, who: str):
    cast.sign_in(client, who)
    assert client.get(client.to("desk:counter")).status_code == 403
    assert client.post(client.to("desk:enter"), data={"words": "x"}).status_code == 403
