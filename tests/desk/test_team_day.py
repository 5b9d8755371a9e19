"""A team's lead sees the team's whole day: who has what, what nobody has taken, each thing once, and only what they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.clues.models import Clue
from app.desk import jobs, today
from app.identity.terms import CompartmentKind
from app.triage import service
from app.triage.service import NoSuchChoice
from app.triage.teams import queries as team_queries
from app.triage.teams import service as teams
from tests import cast
from tests.desk import makers
from tests.desk.test_today import NOW, TODAY, desk, due


def led(session, *members, by):
    head = cast.actor(session, "head_lin")
    accounts = [cast.actor(session, one).account_id for one in members]
    lead_id = cast.actor(session, by).account_id
    return teams.save(session, head, team_id="", name="水组", members=accounts, now=NOW, lead_id=lead_id)


def waiting(session, team_id, days, **wishes):
    """A clue of the team that nobody has taken."""
    head = cast.actor(session, "head_lin")
    clue = makers.clue(session, **wishes)
    clue = teams.give(session, head, clue.id, version=clue.version, now=NOW, team_id=team_id)
    session.execute(update(Clue).where(col(Clue.id) == clue.id).values(due_on=TODAY + timedelta(days=days)))
    return clue


def team_lines(session, who):
    day = today.compose(desk(session, who), []).team
    return (
        None
        if day is None
        else [(heap.key, line.title, line.label.split(" · ")[0]) for heap in day.heaps for line in heap.lines]
    )


def test_a_lead_sees_who_has_what_and_what_waits_each_once_and_their_own_above(session):
    team_id = led(session, "prosecutor_chen", "head_lin", by="head_lin")
    due(session, "prosecutor_chen", -2, title="陈的")
    due(session, "prosecutor_chen", 9, title="有时间")
    due(session, "head_lin", -1, title="林自己的")
    due(session, "deputy_gao", -1, title="组外的")
    waiting(session, team_id, 0, title="没人接")
    chen = cast.actor(session, "prosecutor_chen").name
    assert team_lines(session, "head_lin") == [
        ("team-overdue", "陈的", chen),
        ("team-today", "没人接", "组里还没有人接"),
    ]
    own = today.compose(desk(session, "head_lin"), []).heaps
    assert [line.title for heap in own for line in heap.lines] == ["林自己的"]
    assert team_lines(session, "prosecutor_chen") is None, "a member has their own day alone"


def test_nothing_of_a_circle_the_lead_is_not_in(session):
    led(session, "prosecutor_chen", "head_lin", by="prosecutor_chen")
    due(session, "head_lin", -1, kind=CompartmentKind.MILITARY, title="涉军")
    assert team_lines(session, "prosecutor_chen") == []


def test_who_stands_in_for_a_lead_has_the_teams_day_too(session):
    led(session, "prosecutor_chen", "head_lin", by="head_lin")
    due(session, "prosecutor_chen", -2, title="陈的")
    head, gao = cast.actor(session, "head_lin"), cast.actor(session, "deputy_gao")
    assert team_lines(session, "deputy_gao") is None
    service.be_away(
        session,
        head,
        account_id=head.account_id,
        deputy_id=gao.account_id,
        from_on=TODAY,
        to_on=TODAY,
        now=NOW,
    )
    assert [title for _key, title, _who in team_lines(session, "deputy_gao")] == ["陈的"]


def test_a_lead_is_one_of_the_team_and_an_ended_team_has_no_day(session):
    head = cast.actor(session, "head_lin")
    chen, gao = (cast.actor(session, one).account_id for one in ("prosecutor_chen", "deputy_gao"))
    with pytest.raises(NoSuchChoice):
        teams.save(session, head, team_id="", name="水组", members=[chen], now=NOW, lead_id=gao)
    team_id = led(session, "prosecutor_chen", by="prosecutor_chen")
    assert [team.lead_id for team in team_queries.of_office(session, head.office_id)] == [chen]
    teams.save(session, head, team_id=team_id, name="水组", members=[chen], now=NOW)
    assert team_lines(session, "prosecutor_chen") is None, "saved without a lead it has none"
    teams.save(session, head, team_id=team_id, name="水组", members=[chen], now=NOW, lead_id=chen)
    teams.dissolve(session, head, team_id, now=NOW)
    assert team_lines(session, "prosecutor_chen") is None


def test_the_digest_counts_the_team_beside_what_is_the_leads_own(session):
    led(session, "prosecutor_chen", "head_lin", by="head_lin")
    due(session, "prosecutor_chen", -2)
    due(session, "prosecutor_chen", 0)
    due(session, "head_lin", -1)
    head = cast.actor(session, "head_lin")
    team = jobs._team(session, head, TODAY)
    assert (team.overdue, team.today) == (1, 1)
    assert jobs._team(session, cast.actor(session, "prosecutor_chen"), TODAY).total == 0
