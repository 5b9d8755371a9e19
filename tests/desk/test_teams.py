"""A clue given to a team: everybody of it has it on their list until one takes it."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from app.clues.queries import by_id
from app.desk import bulk_view
from app.desk.bulk_view import Asked
from app.desk.clue_page import Desk
from app.desk.queries import queue
from app.desk.terms import Filters, WorkList
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.errors import Missing
from app.triage import queries, service
from app.triage.service import NoSuchChoice
from app.triage.service.bulk import Pick
from app.triage.teams import queries as team_queries
from app.triage.teams import service as teams
from app.triage.terms import BulkAct
from tests import cast
from tests.desk import makers
from tests.triage import walks

NOW, TODAY = makers.NOW, clock.office_date(makers.NOW)


def listed(session, who, which=WorkList.TEAM, **wishes):
    actor = cast.actor(session, who)
    found = queue.rows(session, actor, Filters(which, **wishes), today=TODAY, now=NOW)
    assert queue.counts(session, actor, today=TODAY)[WorkList.TEAM] >= (which is WorkList.TEAM and len(found))
    return [row.id for row in found]


def founded(session, *who, name="水组"):
    head = cast.actor(session, "head_lin")
    members = [cast.actor(session, one).account_id for one in who]
    return head, teams.save(session, head, team_id="", name=name, members=members, now=NOW)


def given(session, head, team_id, clue):
    return teams.give(session, head, clue.id, version=clue.version, now=NOW, team_id=team_id)


def test_it_stands_on_the_list_of_each_until_one_takes_it_and_stays_the_teams(session):
    head, team_id = founded(session, "prosecutor_chen", "head_lin")
    clue = given(session, head, team_id, makers.clue(session))
    assert listed(session, "prosecutor_chen") == listed(session, "head_lin") == [clue.id]
    assert listed(session, "deputy_gao") == []
    assert clue.id not in listed(session, "head_lin", WorkList.UNASSIGNED)
    chen = cast.actor(session, "prosecutor_chen")
    clue = service.assign(session, chen, clue.id, version=clue.version, now=NOW, account_id=chen.account_id)
    assert (clue.team_id, clue.assignee_id) == (team_id, chen.account_id)
    assert listed(session, "head_lin") == []
    assert listed(session, "head_lin", WorkList.ALL, team=team_id) == [clue.id]
    gao = cast.actor(session, "deputy_gao").account_id
    clue = service.assign(session, head, clue.id, version=clue.version, now=NOW, account_id=gao)
    assert clue.team_id is None, "somebody outside the team took it away from it"


def test_who_keeps_out_leaves_it_to_the_others_of_the_team(session):
    head, team_id = founded(session, "prosecutor_chen", "head_lin")
    clue = given(session, head, team_id, makers.clue(session))
    chen = cast.actor(session, "prosecutor_chen")
    service.assign(session, chen, clue.id, version=clue.version, now=NOW, account_id=chen.account_id)
    service.recuse(session, chen, clue.id, reason="认识", now=NOW)
    assert listed(session, "head_lin") == [clue.id]


def test_a_team_of_which_nobody_may_handle_a_clue_is_not_given_it(session):
    head, team_id = founded(session, "prosecutor_chen")
    secret = makers.clue(session, kind=CompartmentKind.MILITARY)
    with pytest.raises(NoSuchChoice):
        given(session, head, team_id, secret)
    _head, both = founded(session, "prosecutor_chen", "head_lin", name="两人组")
    given(session, head, both, secret)
    assert listed(session, "head_lin") == [secret.id]
    assert listed(session, "prosecutor_chen") == [], "a team opens no circle"
    wu = cast.actor(session, "prosecutor_wu")
    with pytest.raises(Missing):
        teams.save(session, wu, team_id=team_id, name="抢", members=[wu.account_id], now=NOW)
    with pytest.raises(NoSuchChoice):
        teams.save(session, head, team_id="", name="外人", members=[wu.account_id], now=NOW)


def test_a_team_that_ends_leaves_its_waiting_clues_to_nobody(session):
    head, team_id = founded(session, "prosecutor_chen")
    clue = given(session, head, team_id, makers.clue(session))
    teams.dissolve(session, head, team_id, now=NOW)
    session.expire_all()
    assert by_id(session, clue.id).team_id is None
    assert clue.id in listed(session, "head_lin", WorkList.UNASSIGNED)
    assert team_queries.of_office(session, head.office_id) == []
    assert team_queries.names_of(session, [team_id]) == {team_id: "水组"}


def test_several_are_given_at_once_and_each_goes_back_where_it_was(session):
    head, team_id = founded(session, "prosecutor_chen", "head_lin")
    fresh = makers.clue(session)
    chen = cast.actor(session, "prosecutor_chen")
    taken = walks.register(session, chen, makers.clue(session))
    picks = [Pick(fresh.id, fresh.version), Pick(taken.id, taken.version)]
    run_id = service.give_all(session, head, picks, team_id=team_id, now=NOW)
    assert sorted(listed(session, "head_lin")) == sorted([fresh.id, taken.id])
    back = service.undo(session, head, run_id, now=NOW)
    assert not [item for item in back.undone or () if item["refused"]]
    assert by_id(session, taken.id).assignee_id == chen.account_id
    assert (by_id(session, fresh.id).assignee_id, by_id(session, fresh.id).team_id) == (None, None)
    # Taken from a team by an assignment to somebody else, it goes back to the team.
    waiting = given(session, head, team_id, by_id(session, fresh.id))
    gao = cast.actor(session, "deputy_gao").account_id
    run_id = service.assign_all(session, head, [Pick(waiting.id, waiting.version)], account_id=gao, now=NOW)
    service.undo(session, head, run_id, now=NOW)
    assert listed(session, "head_lin") == [waiting.id]


def test_the_preview_asks_as_often_for_thirty_clues_as_for_one(session):
    head, team_id = founded(session, "prosecutor_chen", "head_lin")
    desk = Desk(session, head, lambda name, **_given: name, NOW, 15)
    clues = [makers.clue(session) for _at in range(30)]
    secret = makers.clue(session, kind=CompartmentKind.MILITARY)
    service.recuse(session, cast.actor(session, "prosecutor_chen"), clues[0].id, reason="认识", now=NOW)

    def asked(found, value):
        seen = []
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        picks = [Pick(one.id, by_id(session, one.id).version) for one in found]
        before = len(seen)
        view = bulk_view.preview(
            desk, Asked(BulkAct.ASSIGN, account_id=value), picks, is_second=True, back=""
        )
        return len(seen) - before, [line.is_done for line in view.lines]

    chen = cast.actor(session, "prosecutor_chen").account_id
    few, one = asked(clues[:1], chen)
    many, done = asked([*clues, secret], chen)
    assert 0 < few == many
    assert (one, done) == ([False], [False, *[True] * 29, False]), "kept out, able, not in the circle"
    _count, by_team = asked([clues[0], secret], f"team:{team_id}")
    assert by_team == [True, True], "one of the team can"


@pytest.mark.app
def test_a_team_is_set_up_given_a_clue_and_filtered_for(client, database):
    cast.sign_in(client, "head_lin")
    duties = client.to("desk:duties")
    with database.read_session() as session:
        chen = queries.handlers_of_office(session, office_id=_office(session), now=clock.now())[0].account_id
    assert client.post(client.to("desk:save_team"), data={"name": "", "members": [chen]}).status_code == 303
    assert "一组" not in client.get(duties).text
    client.post(client.to("desk:save_team"), data={"name": "一组", "members": [chen]})
    assert "一组" in client.get(duties).text
    with database.write_session() as session:
        clue = makers.clue(session)
        team = team_queries.of_office(session, clue.office_id)[0]
    page = client.get(client.to("desk:clue", clue_id=clue.id))
    assert f'value="team:{team.id}"' in page.text
    given = client.post(
        client.to("triage:assign", clue_id=clue.id),
        data={"account_id": f"team:{team.id}", "version": clue.version},
    )
    assert given.status_code == 303
    assert "办案组：一组，还没有人接" in client.get(client.to("desk:clue", clue_id=clue.id)).text
    found = client.get(client.to("desk:queue", list="all", team=team.id, panel="filters"))
    assert clue.id in found.text
    assert "办案组：一组" in found.text
    client.post(client.to("desk:end_team", team_id=team.id), data={})
    assert "还没有办案组" in client.get(duties).text


def _office(session):
    from app.identity import queries as identity_queries

    return identity_queries.default_office(session).id
