"""Who is to take a clue: what the rules say of it, and what a changed rule would have done with past clues."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clues.terms import Standing
from app.desk import rules as desk_rules
from app.desk.jurisdiction_view import Editing, try_rule
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.records import Journal
from app.reference.jurisdiction import rules
from app.reference.jurisdiction.queries import in_force
from app.reference.jurisdiction.terms import Level, Matter, Verdict
from app.triage import jurisdiction, service
from app.triage.terms import Grade
from tests import cast
from tests.desk import makers
from tests.triage import walks

NOW = makers.NOW
TODAY = clock.office_date(NOW)
HERE = Matter("inside", "taiyangdao", "water_pollution", "eco_resource")


def verdict(session, **wishes):
    found = rules.decides(in_force(session, TODAY), replace(HERE, **wishes))
    return found.verdict if found else None


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, Verdict.OWN),
        ({"level": Level.DISTRICT}, Verdict.OWN),
        ({"level": Level.PARTY}, Verdict.OWN),
        ({"level": Level.GOVERNMENT}, Verdict.SUPERIOR),
        ({"level": Level.CITY}, Verdict.SUPERIOR),
        ({"level": Level.MILITARY}, Verdict.MILITARY),
        (
            {"category_key": "mil_facility_env", "field_key": "defense", "standing": "unknown"},
            Verdict.MILITARY,
        ),
        ({"category_key": "mil_transport", "field_key": "military_rights"}, Verdict.OWN),
        ({"field_key": "antimonopoly"}, Verdict.SUPERIOR),
        ({"standing": "outside"}, Verdict.SISTER),
        ({"standing": "near_edge"}, Verdict.OWN),
        ({"is_private": True}, Verdict.HOTLINE),
        ({"standing": "unknown"}, Verdict.OWN),
    ],
)
def test_the_seeded_rules_say_what_the_law_and_the_agreements_say(session, wishes, expected):
    assert verdict(session, **wishes) is expected


def test_every_rule_says_why_and_none_claims_to_be_confirmed(session):
    found = in_force(session, TODAY)
    assert len(found) > 10
    assert all(rule.reason and rule.reason_en and rule.basis for rule in found)
    assert not any(rule.is_confirmed for rule in found), "only the office can say that a rule holds for it"


def test_advice_names_the_body_the_reason_and_what_each_level_would_change(session):
    clue = makers.clue(session, place=replace(makers.HERE, standing=Standing.OUTSIDE))
    advice = jurisdiction.of_clue(session, clue, None, TODAY)
    assert advice.lines[0].verdict == "移送同级检察院"
    assert advice.lines[0].target == "哈尔滨市道外区人民检察院"
    assert "第26条" in advice.lines[0].basis
    assert any(line.verdict == "移送行政机关" and line.target for line in advice.lines[1:])
    assert dict(advice.by_level)["部队单位"].startswith("移送军事检察院")


def test_a_private_matter_is_pointed_to_the_hotlines_of_its_category(session):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session, category_key="wage_arrears", field_key="other"))
    service.evaluate(
        session, chen, clue.id, version=clue.version, now=NOW, scores=replace(walks.GOOD, is_public=False),
        grade=Grade.D, reason="只是他一个人的工资",
    )  # fmt: skip
    advice = jurisdiction.of_clue(session, clue, jurisdiction.latest_scores(session, clue.id), TODAY)
    assert advice.lines[0].verdict == "引导到热线"
    assert "12333" in advice.lines[0].target


def editing(session, who="head_lin"):
    return Editing(session, cast.actor(session, who), lambda name, **values: f"{name} {values}", NOW)


def changed(session, key="inside", **wishes):
    return replace(next(rule for rule in in_force(session, TODAY) if rule.key == key), **wishes)


def test_a_trial_counts_and_lists_the_past_clues_a_change_would_touch_and_keeps_nothing(session):
    ours = [makers.clue(session, now=NOW - timedelta(minutes=at)) for at in range(3)]
    makers.clue(session, place=replace(makers.HERE, standing=Standing.OUTSIDE))
    trial = try_rule(editing(session), "inside", changed(session, verdict=Verdict.SUPERIOR), None)
    assert (trial.looked_at, trial.changed, trial.is_capped) == (4, 3, False)
    assert trial.counts == [("本院办理（问题在本区内）", "报请上一级检察院（问题在本区内）", 3)]
    assert [ours[at].id in line.href for at, line in enumerate(trial.lines)] == [True] * 3
    assert verdict(session) is Verdict.OWN
    without = try_rule(editing(session), "inside", None, None)
    assert without.counts == [("本院办理（问题在本区内）", "移送行政机关（主管机关）", 3)]


def test_a_trial_is_paged_by_key_and_stable_under_arrivals(session, monkeypatch):
    monkeypatch.setattr("app.desk.jurisdiction_view.PAGE_ROWS", 2)
    for at in range(5):
        makers.clue(session, now=NOW - timedelta(minutes=at), title=f"第{at}条")
    change = changed(session, verdict=Verdict.SUPERIOR)
    seen, cursor = [], ""
    for turn in range(3):
        trial = try_rule(editing(session), "inside", change, desk_rules.read_cursor(cursor))
        seen += [line.title for line in trial.lines]
        cursor = trial.next_at
        makers.clue(session, now=NOW + timedelta(minutes=turn), title="后来的")
    assert seen == [f"第{at}条" for at in range(5)]
    assert not cursor


def test_a_trial_looks_only_at_what_the_person_may_see(session):
    makers.clue(session)
    makers.clue(session, kind=CompartmentKind.MILITARY)
    change = changed(session, verdict=Verdict.SUPERIOR)
    seen = [
        try_rule(editing(session, who), "inside", change, None).looked_at
        for who in ("head_lin", "prosecutor_chen", "prosecutor_wu", "sysadmin")
    ]
    assert seen == [2, 1, 0, 0]


@pytest.mark.app
def test_the_head_tries_a_changed_rule_then_saves_it_and_the_clue_says_so(client, database):
    with database.write_session() as session:
        clue_id = makers.clue(session, now=clock.now() - timedelta(hours=1)).id
    cast.sign_in(client, "head_lin")
    page = client.get(client.to("desk:rule", key="inside"))
    from tests.reference.test_pages import typed

    data = typed(page.text) | {"verdict": "superior", "target": "superior_procuratorate", "reason": "改一改"}
    tried = client.post(client.to("desk:try_rule", key="inside"), data=data)
    assert tried.status_code == 200
    assert "1 条的建议会变" in tried.text
    assert client.to("desk:clue", clue_id=clue_id) in tried.text
    assert "改一改" in tried.text, "what was typed is kept on the page of the trial"
    advice = client.to("desk:advice", clue_id=clue_id)
    assert "本院办理" in client.get(advice).text
    assert client.post(client.to("desk:change_rule", key="inside"), data=data).status_code == 303
    said = client.get(advice).text
    assert "哈尔滨市人民检察院" in said
    assert "改一改" in said
    with database.read_session() as session:
        entry = (
            session.execute(select(Journal).where(Journal.verb == "reference.changed")).scalars().all()[-1]
        )
    assert entry.facts["section"] == "jurisdiction"
    stale = client.post(client.to("desk:change_rule", key="inside"), data=data | {"reason": "又改"})
    assert stale.status_code == 409


@pytest.mark.app
def test_what_is_wrong_is_said_and_a_rule_is_added_and_ended(client):
    cast.sign_in(client, "head_lin")
    data: dict[str, str | list[str]] = {
        "key": "own_rule",
        "name": "试一条",
        "verdict": "sister",
        "reason": "因为",
        "sort": "5",
    }
    wrong = client.post(client.to("desk:add_rule"), data=data)
    assert wrong.status_code == 422
    assert "请选是哪一个检察院" in wrong.text
    data |= {"target": "sister_procuratorate", "standings": ["outside"]}
    assert client.post(client.to("desk:try_rule", key="new"), data=data).status_code == 200
    assert client.post(client.to("desk:add_rule"), data=data).status_code == 303
    assert "试一条" in client.get(client.to("desk:jurisdiction")).text
    ended = client.post(
        client.to("desk:retire_rule", key="own_rule"), data={"ends_on": str(clock.office_date(clock.now()))}
    )
    assert ended.status_code == 303
    assert client.get(client.to("desk:rule", key="nothing_here")).status_code == 404
    assert "停用的和还没开始用的" not in client.get(client.to("desk:jurisdiction")).text, (
        "it holds until tonight"
    )
