"""The clue on one screen: what is said, who may see it, what lies near, what a photo tells, no look recorded."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.clues.service import PlaceOfClue
from app.clues.terms import ClueState as S
from app.clues.terms import Standing
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Condition, Origin, PathIn
from app.identity.terms import CompartmentKind
from app.intake import service as intake_service
from app.platform import clock, journal
from app.platform.db import WriteSession
from app.platform.records import Journal
from app.triage import service
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

pytestmark = pytest.mark.app
PRIVATE = {
    "key": "vehicle_plate", "kind": "text", "label": "车牌号", "label_en": "Number plate", "unit": "",
    "value": "黑A12345", "shown": "黑A12345", "shown_en": "黑A12345", "is_private": True, "is_urgent": False,
}  # fmt: skip


def photo(session: WriteSession, clue: Any, *, digest: str = "a" * 64, **facts: Any) -> str:
    """An evidence item as if its derivatives were made."""
    file = KeptFile(digest, 1000, "image/jpeg", "image/jpeg", "IMG_1.jpg", PathIn.CAMERA, is_picture=True)
    taken = evidence_service.take_in(
        session, journal.REPORTER, [file], clue_id=clue.id, office_id=clue.office_id,
        origin_kind=Origin.REPORT, origin_id=clue.id, now=makers.NOW,
    )  # fmt: skip
    evidence_service.describe(
        session,
        taken[0].evidence_id,
        condition=Condition.READY.value,
        photo_facts=facts,
        width=900,
        height=1200,
    )
    return taken[0].evidence_id


def test_the_page_says_what_was_said(app: FastAPI, client: HouseClient):
    house = app.state.house
    hostile = "'\"><svg onload=alert(1)> \u202e颠倒 😀\n第二行"
    with house.database.write_session() as session:
        clue = makers.reported(session, house, words=hostile, answers=(PRIVATE,))
        head = cast.actor(session, "head_lin")
        clue = walks.register(session, head, clue)
        service.note(session, head, clue.id, now=makers.NOW, text="电话里说<b>晚上</b>排")
        intake_service.ask_reporter(session, head, clue, "请补一张照片", makers.NOW.date(), makers.NOW)
    cast.sign_in(client, "head_lin")
    told = client.get(client.to("desk:clue", clue_id=clue.id)).text
    text = unescape(told)
    assert hostile in text
    assert "<svg onload" not in told
    for words in (
        "黑A12345",
        "不外传",
        "松检公线〔2026〕0001号",
        "±12 米",
        "手机定位",
        "请补一张照片",
        "林静",
    ):
        assert words in text, words
    assert "电话里说<b>晚上</b>排" in text
    assert "<b>晚上" not in told
    assert "为什么" in text
    assert "11月23日（周一） 当天不算" in text, "the date is explained by the clock's own steps"


def test_looking_records_nothing(app: FastAPI, client: HouseClient):
    house = app.state.house
    with house.database.write_session() as session:
        clue = makers.reported(session, house)
        evidence = photo(session, clue)
    cast.sign_in(client, "prosecutor_chen")

    def entries() -> int:
        with house.database.read_session() as session:
            return int(session.execute(select(func.count()).select_from(Journal)).scalar_one())

    before = entries()
    for path in (
        client.to("desk:clue", clue_id=clue.id), client.to("desk:queue"),
        client.to("desk:photo", clue_id=clue.id, evidence_id=evidence),
    ):  # fmt: skip
        assert client.get(path).status_code == 200
    assert entries() == before


@pytest.mark.parametrize(
    ("who", "kind", "status"),
    [
        ("prosecutor_wu", CompartmentKind.OPEN, 404),
        ("prosecutor_chen", CompartmentKind.MILITARY, 404),
        ("leader_tang", CompartmentKind.MINORS, 404),
        ("head_lin", CompartmentKind.MILITARY, 200),
        ("leader_tang", CompartmentKind.OPEN, 200),
        ("agency_water", CompartmentKind.OPEN, 403),
        ("auditor", CompartmentKind.OPEN, 403),
    ],
)
def test_who_may_look(app: FastAPI, client: HouseClient, who: str, kind: CompartmentKind, status: int):
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session, kind=kind)
        evidence = photo(session, clue)
        other = makers.clue(session)
    cast.sign_in(client, who)
    assert client.get(client.to("desk:clue", clue_id=clue.id)).status_code == status
    assert client.get(client.to("desk:photo", clue_id=clue.id, evidence_id=evidence)).status_code == status
    if status == 200:
        wrong = client.to("desk:photo", clue_id=other.id, evidence_id=evidence)
        assert client.get(wrong).status_code == 404, "a picture is reached through its own clue only"
    assert client.get(client.to("desk:clue", clue_id="nothing")).status_code == (
        403 if status == 403 else 404
    )


def test_a_not_found_clue_and_a_hidden_one_look_the_same(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        hidden = makers.clue(session, kind=CompartmentKind.MILITARY).id
    cast.sign_in(client, "prosecutor_chen")
    absent = hidden[:-4] + ("0000" if hidden[-4:] != "0000" else "1111")
    pages = [client.get(client.to("desk:clue", clue_id=one)) for one in (hidden, absent)]
    assert pages[0].text.replace(hidden, "") == pages[1].text.replace(absent, "")


def test_near_ones_are_of_the_category_radius_window_and_circle(app: FastAPI, client: HouseClient):
    def at(metres: float) -> PlaceOfClue:
        return PlaceOfClue(
            lat=45.8021 + metres / 111_195, lon=126.5432, source="browser", standing=Standing.INSIDE
        )

    day = timedelta(days=1)
    with app.state.house.database.write_session() as session:
        here = makers.clue(session, place=at(0)).id
        near = {
            "near_100": makers.clue(session, place=at(100), title="近一百米", now=makers.NOW - day).id,
            "near_290": makers.clue(
                session, place=at(290), title="近二百九十米", now=makers.NOW - 29 * day
            ).id,
        }
        # Inside the box around the circle, outside the circle: 250 m north and 250 m east.
        corner = PlaceOfClue(lat=45.8021 + 250 / 111_195, lon=126.5432 + 250 / 77_600, source="browser")
        makers.clue(session, place=corner, title="太远", now=makers.NOW - day)
        makers.clue(session, place=at(10), title="太久", now=makers.NOW - 31 * day)
        makers.clue(session, place=at(10), title="别的类别", category_key="aed_missing")
        makers.clue(session, place=at(10), title="封闭范围", kind=CompartmentKind.MILITARY)
    cast.sign_in(client, "prosecutor_chen")
    told = client.get(client.to("desk:clue", clue_id=here)).text
    assert [title for title in ("近一百米", "近二百九十米", "太远", "太久", "别的类别", "封闭范围") if title in told] == [
        "近一百米", "近二百九十米",
    ]  # fmt: skip
    assert told.index(near["near_100"]) < told.index(near["near_290"])
    assert re.search(r"相距 (99|100|101) 米", told)


def test_what_a_photo_says_and_where_its_bytes_lie_as_well(app: FastAPI, client: HouseClient):
    old = (makers.NOW - timedelta(days=40)).isoformat()
    with app.state.house.database.write_session() as session:
        clue, open_one = makers.clue(session), makers.clue(session, title="公开的那条")
        closed = makers.clue(session, kind=CompartmentKind.MILITARY, title="封闭的那条")
        evidence = photo(session, clue, lat=45.9, lon=127.5, error_m=250.0, taken_at=old)
        photo(session, open_one)
        photo(session, closed)
        calm = photo(session, clue, digest="b" * 64)
        only_closed = photo(session, clue, digest="c" * 64)
        photo(session, closed, digest="c" * 64)
    cast.sign_in(client, "prosecutor_chen")
    told = client.get(client.to("desk:photo", clue_id=clue.id, evidence_id=evidence)).text
    for words in (
        "较远",
        "三十天以上",
        "超过 200 米",
        "照片位置在本区外",
        "也在另外 1 条线索里",
        "公开的那条",
        "a" * 64,
    ):
        assert words in told, words
    assert "封闭的那条" not in told
    for one in (calm, only_closed):
        page = client.get(client.to("desk:photo", clue_id=clue.id, evidence_id=one)).text
        assert "值得问一问" not in page
        assert "封闭" not in page


@pytest.mark.parametrize(
    "who", ["prosecutor_chen", "clerk_liu", "complaints_sun", "case_mgmt_qian", "leader_tang"]
)
def test_every_role_gets_a_whole_page_in_every_state(app: FastAPI, client: HouseClient, who: str):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clues = [walks.to(session, head, state).id for state in S]
    cast.sign_in(client, who)
    client.cookies.set("yixian_lang", "en")
    for clue_id in clues:
        assert client.get(client.to("desk:clue", clue_id=clue_id)).status_code == 200


def test_the_pane_is_a_part_of_the_page(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session)
    cast.sign_in(client, "prosecutor_chen")
    back = client.to("desk:queue", list="all", clue=clue.id)
    part = client.get(client.to("desk:clue", clue_id=clue.id, back=back), headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "<h1" not in part.text
    assert f'name="back" value="{back.replace("&", "&amp;")}"' in part.text
    assert "HX-Request" in part.headers["Vary"]


def test_a_facility_clue_tells_the_reporter_nothing_more(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clue = walks.to(session, head, S.REGISTERED, kind=CompartmentKind.MILITARY, is_facility=True)
    cast.sign_in(client, "head_lin")
    told = client.get(client.to("desk:clue", clue_id=clue.id)).text
    assert "答复反映人" not in told
    assert "已转专门渠道" in told


def test_deadlines_show_how_they_stand(app: FastAPI, client: HouseClient):
    today = clock.office_date(clock.now())
    with app.state.house.database.write_session() as session:
        late = makers.clue(session, due_on=today - timedelta(days=2)).id
        ended = walks.to(session, cast.actor(session, "head_lin"), S.NOT_ACCEPTED).id
    cast.sign_in(client, "head_lin")
    assert "超期 2 天" in client.get(client.to("desk:clue", clue_id=late)).text
    assert "还有" not in client.get(client.to("desk:clue", clue_id=ended)).text
