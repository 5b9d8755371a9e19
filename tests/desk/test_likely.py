"""Perhaps the same matter: who is named, in what words, to whom; merging with one press; the list of likely ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.clues.models import Clue
from app.clues.service import PlaceOfClue
from app.desk.queries import queue
from app.desk.terms import Filters, WorkList
from app.evidence.models import Blob, EvidenceItem
from app.identity.terms import CompartmentKind
from app.platform import clock, ids
from app.platform.db import WriteSession
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

HERE = makers.HERE
WORDS = ("岸边一根水泥管一直往外流黑水，味道很大", "桥边有管子排黑水，黑水流到下游，臭味很大")


def beside(metres: float) -> PlaceOfClue:
    return replace(HERE, lat=(HERE.lat or 0) + metres / 111_320)


@pytest.mark.app
def test_candidates_are_ranked_and_explained(app: FastAPI, client: HouseClient):
    now = clock.now()
    with app.state.house.database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        old = walks.register(session, chen, makers.clue(session, words=WORDS[0], now=now - timedelta(days=3)))
        weak = makers.clue(
            session,
            title="别的事",
            category_key="solid_waste",
            words="垃圾没人清运",
            place=beside(20),
            now=now,
        )
        makers.clue(session, title="太远了", words=WORDS[0], place=beside(900), now=now)
        makers.clue(session, title="隔年的", words=WORDS[0], now=now - timedelta(days=800))
        makers.clue(session, title="看不见的", kind=CompartmentKind.MILITARY, words=WORDS[0], now=now)
        clue = makers.clue(session, title="新来的", words=WORDS[1], place=beside(12), now=now)
    cast.sign_in(client, "prosecutor_chen")
    told = client.get(client.to("desk:likely", clue_id=clue.id)).text
    assert old.id in told
    assert "相距 12 米" in told
    assert "说法相近" in told
    assert "同一类别" in told
    for absent in ("太远了", "隔年的", "看不见的", "新来的", weak.title):
        assert absent not in told
    assert "登记之后才能合并" in told
    assert client.to("triage:merge", clue_id=clue.id) not in told
    assert (
        client.to("desk:likely", clue_id=clue.id) in client.get(client.to("desk:clue", clue_id=clue.id)).text
    )


@pytest.mark.app
def test_one_press_merges_and_the_candidate_is_then_no_candidate(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        old, clue = (
            walks.register(session, chen, makers.clue(session, words=words, now=clock.now()))
            for words in WORDS
        )
        version = clue.version
    cast.sign_in(client, "prosecutor_chen")
    told = client.get(client.to("desk:likely", clue_id=clue.id)).text
    assert f'value="{old.id}"' in told
    given = {"version": version, "master": old.id, "reason_key": "same_place_and_matter"}
    assert client.post(client.to("triage:merge", clue_id=clue.id), data=given).status_code == 303
    again = client.get(client.to("desk:likely", clue_id=clue.id)).text
    assert old.id not in again
    assert "没有找到像是同一问题的线索" in again


@pytest.mark.app
def test_another_office_learns_nothing(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session, kind=CompartmentKind.MINORS)
    for who in ("prosecutor_wu", "prosecutor_chen"):
        cast.sign_in(client, who)
        assert client.get(client.to("desk:likely", clue_id=clue.id)).status_code == 404


@pytest.mark.app
def test_nearly_the_same_picture_is_said(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        both = [
            makers.clue(session, title=name, words=words, now=clock.now())
            for name, words in (("甲", "有味"), ("乙", "脏"))
        ]
        for at, clue in enumerate(both):
            digest = f"{at:064x}"
            session.add(Blob(digest=digest, size_bytes=1, media_type="image/jpeg", stored_at=clock.now()))
            session.flush()
            session.add(
                EvidenceItem(
                    id=ids.new(), clue_id=clue.id, office_id=clue.office_id, origin_kind="report", origin_id=clue.id,
                    digest=digest, size_bytes=1, media_type="image/jpeg", path="camera", fidelity="original",
                    condition="ready", picture_hash=0x0F0F if at else 0x0F0E, received_at=clock.now(),
                )
            )  # fmt: skip
    cast.sign_in(client, "prosecutor_chen")
    assert "照片几乎一样" in client.get(client.to("desk:likely", clue_id=both[0].id)).text


def test_the_list_of_likely_ones(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    today = clock.office_date(makers.NOW)
    old = walks.register(session, chen, makers.clue(session))
    new = makers.clue(session, place=beside(40))
    makers.clue(session, place=beside(400))
    makers.clue(session, place=beside(-400), category_key="solid_waste")
    makers.clue(session, kind=CompartmentKind.MILITARY, place=beside(400))
    shown = queue.rows(session, chen, Filters(WorkList.LIKELY), today=today, now=makers.NOW)
    assert {row.id for row in shown} == {old.id, new.id}
    assert queue.counts(session, chen, today=today)[WorkList.LIKELY] == 2
    aged = makers.NOW - timedelta(days=120)
    session.execute(update(Clue).where(Clue.id == old.id).values(received_at=aged))  # type: ignore[arg-type]
    assert queue.rows(session, chen, Filters(WorkList.LIKELY), today=today, now=makers.NOW) == []
