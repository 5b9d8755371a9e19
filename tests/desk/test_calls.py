"""Calling reporters: who is listed, that no number ever is, and what a call leaves in the books."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.clues.models import Clue
from app.identity.terms import CompartmentKind
from app.intake import calling
from app.intake.queries import calls
from app.intake.terms import CallEnd
from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused
from app.triage import service
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

NOW = makers.NOW
PHONE = "13904510000"
pytestmark = pytest.mark.app


def asked(session: WriteSession, app: FastAPI, phone: str = PHONE) -> Clue:
    head = cast.actor(session, "head_lin")
    clue = walks.register(session, head, makers.reported(session, app.state.house, phone=phone))
    return service.request_info(
        session, head, clue.id, version=clue.version, now=NOW, text="请补照片",
        answer_by=(NOW + timedelta(days=9)).date(),
    )  # fmt: skip


def listed(session: WriteSession, who: str, *, only_mine: bool = False) -> list[str]:
    actor = cast.actor(session, who)
    since = NOW - timedelta(days=30)
    return [one.id for one in calls.to_call(session, actor, ended_since=since, only_mine=only_mine)]


def test_listed_is_who_left_a_phone_and_has_something_to_hear(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    waiting, _silent = asked(session, app), asked(session, app, phone="")
    busy = walks.register(session, head, makers.reported(session, app.state.house, phone=PHONE))
    ended = walks.register(session, head, makers.reported(session, app.state.house, phone=PHONE))
    service.screen_out(
        session, head, ended.id, version=ended.version, now=NOW, reason_key="no_content", public="看过了"
    )
    found = listed(session, "head_lin")
    assert set(found) == {waiting.id, ended.id}
    assert busy.id not in found
    assert listed(session, "prosecutor_chen", only_mine=True) == []
    assert listed(session, "prosecutor_wu") == [], "another office has its own"


def test_a_closed_circle_is_not_in_anybody_elses_list(session: WriteSession, app: FastAPI):
    clue = asked(session, app)
    from sqlalchemy import update

    from app.identity import queries as identity_queries

    circle = identity_queries.circle_of(session, clue.office_id, CompartmentKind.MILITARY)
    session.execute(update(Clue).where(Clue.id == clue.id).values(compartment_id=circle))  # type: ignore[arg-type]
    assert listed(session, "prosecutor_chen") == []


def test_a_call_is_recorded_by_who_may_look_and_only_where_a_phone_is(session: WriteSession, app: FastAPI):
    clue, silent = asked(session, app), asked(session, app, phone="")
    version = clue.version
    head, clerk = cast.actor(session, "head_lin"), cast.actor(session, "clerk_liu")
    calling.record_call(session, head, clue.id, end=CallEnd.NO_ANSWER, words="", now=NOW)
    session.refresh(clue)
    assert clue.version == version, "a call makes nobody's page stale"
    with pytest.raises(Refused):
        calling.record_call(session, clerk, clue.id, end=CallEnd.REACHED, words="", now=NOW)
    with pytest.raises(Missing):
        calling.record_call(session, head, silent.id, end=CallEnd.REACHED, words="", now=NOW)


def test_the_way_of_a_call(app: FastAPI, client: HouseClient):
    """List, look for a reason (recorded), call, note it; the number stands on one page only, once."""
    with app.state.house.database.write_session() as session:
        clue = asked(session, app)
    cast.sign_in(client, "head_lin")
    listing = client.get(client.to("desk:reporter_calls"))
    assert clue.title in listing.text
    assert PHONE not in listing.text
    look = client.post(client.to("triage:reveal", clue_id=clue.id), data={"reason": "请反映人补照片"})
    assert f'href="tel:{PHONE}"' in look.text
    form = {"from": "list", "end": "call_again", "words": "晚上再打"}
    noted = client.post(client.to("triage:call", clue_id=clue.id), data=form)
    assert (noted.status_code, noted.headers["location"]) == (303, client.to("desk:reporter_calls"))
    assert "约了再打" in client.get(client.to("desk:reporter_calls")).text
    shown = client.get(client.to("desk:clue", clue_id=clue.id)).text
    assert "给反映人打了电话" in shown
    assert PHONE not in shown
    client.post(client.to("triage:call", clue_id=clue.id), data={"from": "list", "end": "reached"})
    assert clue.title not in client.get(client.to("desk:reporter_calls")).text, "there is nothing left to say"
    unsaid = client.post(client.to("triage:call", clue_id=clue.id), data={"words": "说了半天"})
    assert unsaid.status_code == 422
    assert "说了半天" in unsaid.text
