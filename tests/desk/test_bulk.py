"""Several clues at once: what is shown before, that each is done by itself, and what taking it back does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.terms import ClueState as S
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused
from app.platform.records import Journal
from app.triage import queries, service
from app.triage.service.bulk import UNDO_FOR, Item, Pick
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

NOW = makers.NOW
ROW: Any = Journal


def picks(clues: list[Clue]) -> list[Pick]:
    return [Pick(clue.id, clue.version) for clue in clues]


def items(session: WriteSession, actor: Actor, run_id: str) -> dict[str, Item]:
    return {item["clue"]: Item.of(item) for item in queries.bulk_run(session, actor, run_id).items}


def entries(session: WriteSession, verb: str) -> int:
    return len(session.execute(select(ROW.id).where(ROW.verb == verb)).all())


def registered(session: WriteSession, actor: Actor, count: int) -> list[Clue]:
    return [walks.register(session, actor, makers.clue(session)) for _ in range(count)]


def test_stale_ones_are_told_and_the_others_done(session: WriteSession):
    head = cast.actor(session, "head_lin")
    chen = cast.actor(session, "prosecutor_chen")
    clues = registered(session, head, 3)
    seen = picks(clues)
    service.set_title(session, head, clues[1].id, version=clues[1].version, now=NOW, title="别人改了")
    before = entries(session, "clue.assigned")
    run_id = service.assign_all(session, head, seen, account_id=chen.account_id, now=NOW)
    found = items(session, head, run_id)
    assert [bool(found[clue.id].refused) for clue in clues] == [False, True, False]
    assert entries(session, "clue.assigned") - before == 2, "one journal row for each that was done"
    assert by_id(session, clues[0].id).assignee_id == chen.account_id
    assert by_id(session, clues[1].id).assignee_id == head.account_id


def test_undo_gives_each_back_to_who_had_it_unless_touched_since(session: WriteSession):
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    mine, touched = registered(session, head, 2)
    nobodys = makers.clue(session)
    assert nobodys.assignee_id is None
    run_id = service.assign_all(
        session, head, picks([mine, nobodys, touched]), account_id=chen.account_id, now=NOW
    )
    later = by_id(session, touched.id)
    service.set_title(session, chen, later.id, version=later.version, now=NOW, title="办起来了")
    run = service.undo(session, head, run_id, now=NOW + timedelta(minutes=14))
    assert by_id(session, mine.id).assignee_id == head.account_id
    assert by_id(session, nobodys.id).assignee_id is None
    assert by_id(session, touched.id).assignee_id == chen.account_id
    assert [bool(item["refused"]) for item in run.undone or ()] == [False, False, True]
    with pytest.raises(Refused):
        service.undo(session, head, run_id, now=NOW + timedelta(minutes=14))


def test_undo_has_its_time_and_its_person(session: WriteSession):
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    run_id = service.label_all(session, head, picks(registered(session, head, 1)), label="discuss", now=NOW)
    with pytest.raises(Missing):
        service.undo(session, chen, run_id, now=NOW)
    with pytest.raises(Refused):
        service.undo(session, head, run_id, now=NOW + UNDO_FOR)


def test_screened_out_together_each_reporter_told_and_reopened_by_undo(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    one = walks.register(session, head, makers.reported(session, app.state.house))
    fresh = makers.reported(session, app.state.house)
    run_id = service.screen_out_all(
        session, head, picks([one, fresh]), reason_key="no_content", public="", note="", now=NOW
    )
    found = items(session, head, run_id)
    assert by_id(session, one.id).state == S.NOT_ACCEPTED
    assert by_id(session, one.id).public_text
    assert found[fresh.id].refused, "what is not registered cannot be screened out, and says so"
    assert by_id(session, fresh.id).state == S.SUBMITTED
    service.undo(session, head, run_id, now=NOW)
    again = by_id(session, one.id)
    assert (again.state, again.public_text) == (S.EVALUATING, None)


def test_a_label_is_put_on_once_and_only_what_was_put_on_comes_off(session: WriteSession):
    head = cast.actor(session, "head_lin")
    had, new = registered(session, head, 2)
    service.set_labels(session, head, had.id, now=NOW, keys={"discuss"})
    run_id = service.label_all(session, head, picks([had, new]), label="discuss", now=NOW)
    assert queries.labels_of(session, [had.id, new.id]) == {had.id: ["discuss"], new.id: ["discuss"]}
    service.undo(session, head, run_id, now=NOW)
    assert queries.labels_of(session, [had.id, new.id]) == {had.id: ["discuss"]}


def test_nobody_reaches_a_circle_or_an_office_that_is_not_theirs(session: WriteSession):
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    wu = cast.actor(session, "prosecutor_wu")
    closed = makers.clue(session, kind=CompartmentKind.MILITARY)
    assert closed.compartment_id not in chen.compartments
    for actor in (chen, wu):
        run_id = service.label_all(session, actor, picks([closed]), label="discuss", now=NOW)
        nothing = service.label_all(
            session, actor, [Pick("00000000-0000-7000-8000-000000000000", 1)], label="discuss", now=NOW
        )
        refused = [item.refused for run in (run_id, nothing) for item in items(session, actor, run).values()]
        assert refused == [Missing.text, Missing.text], "hidden and absent read alike"
    assert queries.labels_of(session, [closed.id]) == {}
    run_id = service.assign_all(session, head, picks([closed]), account_id=chen.account_id, now=NOW)
    assert items(session, head, run_id)[closed.id].refused, "chen is not in its circle"


def test_who_may_not_decide_does_not_decide_in_bulk_either(session: WriteSession):
    clerk, head = cast.actor(session, "clerk_liu"), cast.actor(session, "head_lin")
    seen = picks(registered(session, head, 1))
    with pytest.raises(Refused):
        service.assign_all(session, clerk, seen, account_id=head.account_id, now=NOW)
    with pytest.raises(Refused):
        service.screen_out_all(session, clerk, seen, reason_key="no_content", public="", note="", now=NOW)


@pytest.mark.app
def test_the_way_from_the_list_over_the_preview_and_back(app: FastAPI, client: HouseClient):
    """By plain forms: tick, look, confirm, read what became of each, take it back."""
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        chen = cast.actor(session, "prosecutor_chen").account_id
        ours, closed = registered(session, head, 1)[0], makers.clue(session, kind=CompartmentKind.MILITARY)
    cast.sign_in(client, "head_lin")
    listed = client.get(client.to("desk:queue", list="all")).text
    boxes = re.findall(r'name="pick" value="([^"]+)" form="bulk"', listed)
    assert {box.partition(".")[0] for box in boxes} == {ours.id, closed.id}
    form = {"pick": boxes, "act": "assign", "back": client.to("desk:queue", list="all")}
    first = client.post(client.to("desk:bulk"), data=form)
    assert "看看会怎样" in first.text
    assert client.to("desk:bulk_assign") not in first.text, "nothing to confirm before a person is chosen"
    second = client.post(client.to("desk:bulk"), data=form | {"look": "yes", "account_id": chen})
    assert "会处理 1 条，1 条不做" in second.text
    assert "不在它的范围里" in second.text
    done = client.post(client.to("desk:bulk_assign"), data=form | {"account_id": chen})
    assert done.status_code == 303
    shown = client.get(done.headers["location"]).text
    assert "分派：做了 1 条，1 条没有做" in shown
    undo = re.search(r'action="([^"]+/undoing)"', shown)
    assert undo
    after = client.post(undo[1])
    assert "已经撤销" in client.get(after.headers["location"]).text
    with app.state.house.database.read_session() as reading:
        assert by_id(reading, ours.id).assignee_id == head.account_id


@pytest.mark.app
def test_who_may_not_assign_is_shown_no_preview_of_it(client: HouseClient):
    cast.sign_in(client, "clerk_liu")
    look = {"act": "assign", "pick": "00000000-0000-7000-8000-000000000000.1"}
    assert client.post(client.to("desk:bulk"), data=look).status_code == 403
    assert client.post(client.to("desk:bulk"), data=look | {"act": "label"}).status_code == 200


@pytest.mark.app
def test_the_queue_is_narrowed_by_a_label_and_shows_it(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        wanted, other = registered(session, head, 2)
        service.set_labels(session, head, wanted.id, now=NOW, keys={"campaign"})
    cast.sign_in(client, "head_lin")
    shown = client.get(client.to("desk:queue", list="all", label="campaign")).text
    assert wanted.id in shown
    assert other.id not in shown
    assert "专项行动" in shown
