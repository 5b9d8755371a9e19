"""Keeping out of a clue, standing in for somebody, handing everything over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from app.clues.lifecycle import StepRefused
from app.clues.queries import by_id
from app.clues.terms import ClueState as S
from app.desk.queries import queue
from app.desk.terms import Filters, WorkList
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused
from app.transfer.terms import TransferState
from app.triage import queries, service
from app.triage.service import NoSuchChoice
from app.triage.service.bulk import Item, Pick
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.transfer import scenes
from tests.triage import walks

NOW, TODAY = makers.NOW, clock.office_date(makers.NOW)


def mine(session: WriteSession, who: str) -> list[str]:
    actor = cast.actor(session, who)
    return [row.id for row in queue.rows(session, actor, Filters(WorkList.MINE), today=TODAY, now=NOW)]


def test_who_keeps_out_has_it_no_longer_and_is_not_offered_or_let_in(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = walks.register(session, chen, makers.clue(session))
    service.recuse(session, chen, clue.id, reason="对方是我亲戚", now=NOW)
    clue = by_id(session, clue.id)
    assert clue.assignee_id is None
    able = queries.handlers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=NOW, clue_id=clue.id
    )
    assert chen.account_id not in {one.account_id for one in able}
    with pytest.raises(StepRefused):
        walks.evaluate(session, chen, clue)
    with pytest.raises(NoSuchChoice):
        service.assign(session, head, clue.id, version=clue.version, now=NOW, account_id=chen.account_id)
    run_id = service.assign_all(
        session, head, [Pick(clue.id, clue.version)], account_id=chen.account_id, now=NOW
    )
    assert queries.bulk_run(session, head, run_id).items[0]["refused"]
    service.assign(session, head, clue.id, version=clue.version, now=NOW, account_id=head.account_id)


def test_who_keeps_out_of_a_clue_keeps_out_of_its_transfers(session: WriteSession):
    head = cast.actor(session, "head_lin")
    clue_id = scenes.clue(session)
    transfer = scenes.drafted(session, head, clue_id, to="health")
    service.recuse(session, head, clue_id, reason="有利害关系", now=NOW)
    with pytest.raises(StepRefused):
        scenes.brought_to(session, head, transfer, TransferState.IN_REVIEW)


def test_another_head_may_decide_that_it_is_not_needed_never_oneself(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = walks.register(session, chen, makers.clue(session))
    service.recuse(session, chen, clue.id, reason="认识", now=NOW)
    service.recuse(session, head, clue.id, reason="认识", now=NOW)
    with pytest.raises(Refused):
        service.lift_recusal(session, chen, clue.id, account_id=head.account_id, reason="不用", now=NOW)
    with pytest.raises(NoSuchChoice):
        service.lift_recusal(session, head, clue.id, account_id=head.account_id, reason="不用", now=NOW)
    service.lift_recusal(session, head, clue.id, account_id=chen.account_id, reason="只是同名", now=NOW)
    assert queries.recused(session, clue.id) == {head.account_id}
    walks.evaluate(session, chen, by_id(session, clue.id))


def test_a_deputy_sees_the_others_clues_among_their_own_for_these_days(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = walks.register(session, chen, makers.clue(session))
    assert clue.id not in mine(session, "head_lin")
    service.be_away(
        session,
        head,
        account_id=chen.account_id,
        deputy_id=head.account_id,
        from_on=TODAY,
        to_on=TODAY,
        now=NOW,
    )
    assert clue.id in mine(session, "head_lin")
    assert queue.counts(session, head, today=TODAY)[WorkList.MINE] == len(mine(session, "head_lin"))
    assert queue.counts(session, head, today=TODAY + timedelta(days=1))[WorkList.MINE] == 0
    assert by_id(session, clue.id).assignee_id == chen.account_id, "who answers for it does not change"
    (absence,) = queries.absences(session, head.office_id)
    with pytest.raises(Missing):
        service.be_back(session, cast.actor(session, "prosecutor_wu"), absence.id, now=NOW)
    service.be_back(session, head, absence.id, now=NOW)
    assert clue.id not in mine(session, "head_lin")


def test_standing_in_shows_nobody_what_they_may_not_see(session: WriteSession):
    chief, chen = cast.actor(session, "chief_zhou"), cast.actor(session, "prosecutor_chen")
    closed = walks.register(session, chief, makers.clue(session, kind=CompartmentKind.MILITARY))
    service.be_away(
        session,
        chief,
        account_id=chief.account_id,
        deputy_id=chen.account_id,
        from_on=TODAY,
        to_on=TODAY,
        now=NOW,
    )
    assert closed.id not in mine(session, "prosecutor_chen")


def test_everything_goes_to_another_in_one_step_and_comes_back(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    chief = cast.actor(session, "chief_zhou")
    theirs = [walks.register(session, head, makers.clue(session)).id for _ in range(3)]
    ended = walks.to(session, head, S.CLOSED).id
    closed = walks.register(session, head, makers.clue(session, kind=CompartmentKind.MILITARY)).id
    service.recuse(session, chen, theirs[0], reason="认识", now=NOW)
    run_id = service.hand_over(session, chief, from_id=head.account_id, to_id=chen.account_id, now=NOW)
    found = {item["clue"]: Item.of(item) for item in queries.bulk_run(session, chief, run_id).items}
    assert ended not in found, "what has ended stays where it is"
    assert {clue_id: bool(found[clue_id].refused) for clue_id in (*theirs, closed)} == {
        theirs[0]: True, theirs[1]: False, theirs[2]: False, closed: True,
    }  # fmt: skip
    assert by_id(session, theirs[1]).assignee_id == chen.account_id
    service.undo(session, chief, run_id, now=NOW)
    assert by_id(session, theirs[1]).assignee_id == head.account_id


@pytest.mark.app
def test_the_page_and_its_forms(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        chen, head = (cast.actor(session, who).account_id for who in ("prosecutor_chen", "head_lin"))
        clue = walks.register(session, cast.actor(session, "prosecutor_chen"), makers.clue(session))
    cast.sign_in(client, "head_lin")
    day = clock.office_date(clock.now())
    form = {"account_id": chen, "deputy_id": head, "from_on": day.isoformat(), "to_on": day.isoformat()}
    client.post(client.to("desk:be_away"), data=form)
    assert "代办" in client.get(client.to("desk:duties")).text
    wrong = client.post(client.to("desk:be_away"), data=form | {"to_on": "2020-01-01"})
    assert "结束不能早于今天" in client.get(wrong.headers["location"]).text
    assert "外出到" in client.get(client.to("desk:clue", clue_id=clue.id)).text
    (end,) = re.findall(r'action="([^"]+/absences/[^"]+/end)"', client.get(client.to("desk:duties")).text)
    client.post(end)
    later = {"from_on": (day + timedelta(days=1)).isoformat(), "to_on": (day + timedelta(days=2)).isoformat()}
    client.post(client.to("desk:be_away"), data=form | later)
    assert "外出到" not in client.get(client.to("desk:clue", clue_id=clue.id)).text, "not yet"
    over = client.post(client.to("desk:hand_over"), data={"from_id": chen, "to_id": head})
    assert "移交：做了 1 条" in client.get(over.headers["location"]).text
    out = client.post(client.to("triage:recuse", clue_id=clue.id), data={"note": "同学"})
    assert out.status_code == 303
    shown = client.get(client.to("desk:clue", clue_id=clue.id)).text
    assert "已声明回避，不办理这条线索" in shown
    refused = client.post(
        client.to("triage:set_title", clue_id=clue.id), data={"version": "99", "title": "新标题"}
    )
    assert refused.status_code in {403, 409}
