"""Who has a clue before them: others are told, nobody is held up, it forgets by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.identity.terms import CompartmentKind
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.triage import queries, service
from app.triage.models import Presence
from app.triage.service.presence import STANDS
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers

NOW = makers.NOW


def test_others_are_told_until_it_runs_out(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = makers.clue(session)
    service.be_present(session, chen, clue.id, is_deciding=False, now=NOW, is_said_again=True)
    service.be_present(session, chen, clue.id, is_deciding=True, now=NOW, is_said_again=True)
    assert queries.present(session, head, [clue.id], now=NOW) == {clue.id: {chen.account_id: True}}
    assert queries.present(session, chen, [clue.id], now=NOW) == {}, "nobody is told of themselves"
    assert queries.present(session, head, [clue.id], now=NOW + STANDS) == {}
    other = makers.clue(session)
    service.be_present(session, head, other.id, is_deciding=False, now=NOW + STANDS, is_said_again=True)
    assert session.execute(select(func.count()).select_from(Presence)).scalar_one() == 1, "swept on the way"


def test_nobody_is_present_at_what_they_may_not_see(session: WriteSession):
    closed = makers.clue(session, kind=CompartmentKind.MILITARY)
    with pytest.raises(Missing):
        service.be_present(
            session,
            cast.actor(session, "prosecutor_wu"),
            closed.id,
            is_deciding=True,
            now=NOW,
            is_said_again=True,
        )


@pytest.mark.app
def test_the_page_tells_and_nobody_is_held_up(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session)
    cast.sign_in(client, "prosecutor_chen")
    said = client.post(
        client.to("desk:presence", clue_id=clue.id),
        data={"doing": "deciding"},
        headers={"HX-Request": "true"},
    )
    assert (said.status_code, "正在" in said.text) == (200, False)
    cast.sign_in(client, "head_lin")
    shown = client.get(client.to("desk:clue", clue_id=clue.id)).text
    assert "陈明远正在办理这条线索" in shown
    assert "陈明远正在办理" in client.get(client.to("desk:queue")).text
    step = client.post(client.to("triage:register", clue_id=clue.id), data={"version": "1"})
    assert step.status_code == 303, "a soft lock stops nobody"
    plain = client.post(client.to("desk:presence", clue_id=clue.id), data={"doing": "deciding"})
    assert plain.status_code == 303, "without script it is a form like any other"


@pytest.mark.app
def test_saying_so_is_no_activity(app: FastAPI, client: HouseClient):
    """A page left open must not keep a session alive (decisions.md 23)."""
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session)
    cast.sign_in(client, "prosecutor_chen", ago=timedelta(minutes=5))
    from app.identity.models import LoginSession

    def seen() -> object:
        with app.state.house.database.read_session() as reading:
            return reading.execute(select(func.max(LoginSession.last_seen_at))).scalar_one()

    before = seen()
    client.post(
        client.to("desk:presence", clue_id=clue.id), data={}, headers={"X-Poll": "1", "HX-Request": "true"}
    )
    assert seen() == before
    client.get(client.to("desk:clue", clue_id=clue.id))
    assert seen() != before
