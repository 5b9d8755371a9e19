"""The desk's doors: each step, its right, the stale page, the unusable form, twice, and where one lands."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.terms import ClueState as S
from app.desk import steps, steps_beside
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.errors import Conflict
from app.platform.records import Journal, NumberSeries
from app.transfer.terms import TransferState
from app.triage import service
from app.triage.terms import Criterion
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

pytestmark = pytest.mark.app
ROW: Any = Journal
SCORES = {one.value: "2" for one in Criterion} | {"is_public": "yes", "is_ours": "yes"}
ANSWER_BY = (clock.office_date(clock.now()) + timedelta(days=10)).isoformat()
# Every door: a state it opens from, a form it takes, and the state after.
DOORS: dict[str, tuple[S, dict[str, str], S]] = {
    "register": (S.SUBMITTED, {}, S.REGISTERED),
    "request_info": (S.REGISTERED, {"text": "请补照片", "answer_by": ANSWER_BY}, S.NEED_MORE_INFO),
    "resume": (S.NEED_MORE_INFO, {}, S.REGISTERED),
    "start_evaluation": (S.REGISTERED, {}, S.EVALUATING),
    "evaluate": (S.REGISTERED, SCORES, S.EVALUATING),
    "end_inquiry": (S.PRELIMINARY_INQUIRY, {"note": "查实"}, S.EVALUATING),
    "screen_out": (S.REGISTERED, {"reason_key": "no_content"}, S.NOT_ACCEPTED),
    "redirect": (S.REGISTERED, {"reason_key": "police", "hotline_key": "110"}, S.REDIRECTED),
    "unmerge": (S.MERGED_DUPLICATE, {"note": "不是一处"}, S.EVALUATING),
    "watch": (S.EVALUATING, {"note": "等开春"}, S.WATCHING),
    "propose_filing": (S.EVALUATING, {}, S.FILING_PROPOSED),
    "close": (S.FILED, {"reason_key": "rectified", "public": "已经整改。"}, S.CLOSED),
    "reopen": (S.CLOSED, {"reason_key": "relapse"}, S.EVALUATING),
    "set_title": (S.REGISTERED, {"title": "新标题"}, S.REGISTERED),
    "set_flags": (S.REGISTERED, {"is_major": "yes"}, S.REGISTERED),
    "read_news": (S.REGISTERED, {}, S.REGISTERED),
    "set_labels": (S.REGISTERED, {"label_on_site": "yes"}, S.REGISTERED),
    "note": (S.REGISTERED, {"note": "电话说明"}, S.REGISTERED),
}
# Doors that change nothing a second reader could be mistaken about.
WITHOUT_VERSION = {"note", "reveal", "set_labels"}
ELSEWHERE = {"split", "begin_transfer", "file_major", "start_inquiry", "merge", "assign", "move", "reveal"}


@pytest.fixture
def desk(app: FastAPI, client: HouseClient) -> Desk:
    cast.sign_in(client, "head_lin")
    return Desk(app, client)


class Desk:
    """A signed-in head of department with clues in any state."""

    def __init__(self, app: FastAPI, client: HouseClient) -> None:
        self.house, self.client = app.state.house, client

    def clue(self, state: S, **wishes: Any) -> Clue:
        with self.house.database.write_session() as session:
            return walks.to(session, cast.actor(session, "head_lin"), state, **wishes)

    def now(self, clue_id: str) -> Clue:
        with self.house.database.read_session() as session:
            return by_id(session, clue_id)

    def post(self, step: str, clue: Clue, form: dict[str, str], **more: Any) -> Any:
        told = {"version": str(clue.version)} | form
        return self.client.post(self.client.to(f"triage:{step}", clue_id=clue.id), data=told, **more)

    def entries(self) -> int:
        with self.house.database.read_session() as session:
            return int(session.execute(select(func.count()).select_from(Journal)).scalar_one())


def test_every_door_of_the_two_rooms_is_tried():
    doors: list[Any] = [*steps.router.routes, *steps_beside.router.routes]
    assert {door.name.removeprefix("triage:") for door in doors} == set(DOORS) | ELSEWHERE


@pytest.mark.parametrize("step", DOORS)
def test_a_step_is_taken_and_lands_on_the_clue(desk: Desk, step: str):
    state, form, after = DOORS[step]
    clue = desk.clue(state)
    answer = desk.post(step, clue, form)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        desk.client.to("desk:clue", clue_id=clue.id),
    )
    assert desk.now(clue.id).state == after
    assert desk.client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("step", sorted(set(DOORS) - WITHOUT_VERSION))
def test_a_stale_page_gets_the_fresh_one_and_keeps_what_was_typed(desk: Desk, step: str):
    state, form, _after = DOORS[step]
    clue = desk.clue(state)
    with desk.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        service.set_title(
            session, head, clue.id, version=clue.version, now=makers.NOW, title="别人刚改的标题"
        )
    before, entries = desk.now(clue.id), desk.entries()
    box = {"evaluate": "reason", "request_info": "text", "set_title": "title"}.get(step, "note")
    answer = desk.post(step, clue, form | {box: "我写了很久的话"})
    assert answer.status_code == 409
    assert "别人刚改的标题" in answer.text
    assert "已经有人处理过" in answer.text
    if step not in {
        "set_flags",
        "read_news",
    }:  # these have no box for words, and stay open to be ticked again
        assert "我写了很久的话" in answer.text
    assert f'name="version" value="{before.version}"' in answer.text
    assert (desk.now(clue.id), desk.entries()) == (before, entries)


@pytest.mark.parametrize("step", sorted(set(DOORS) - WITHOUT_VERSION - {"read_news"}))
def test_twice_is_harmless(desk: Desk, step: str):
    state, form, after = DOORS[step]
    clue = desk.clue(state)
    assert desk.post(step, clue, form).status_code == 303
    entries = desk.entries()
    assert desk.post(step, clue, form).status_code == 409
    assert (desk.now(clue.id).state, desk.entries()) == (after, entries)


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader_tang", 403), ("auditor", 403), ("agency_water", 403), ("prosecutor_wu", 404)],
)
def test_every_door_is_shut_to_others(desk: Desk, who: str, status: int):
    clues = {step: desk.clue(state) for step, (state, _form, _after) in DOORS.items()}
    cast.sign_in(desk.client, who)
    before = desk.entries()
    for step, clue in clues.items():
        assert desk.post(step, clue, DOORS[step][1]).status_code == status, step
        assert desk.now(clue.id).version == clue.version
    assert desk.entries() == before


def test_a_closed_circle_finds_nothing(desk: Desk):
    # The way to a merged clue merges with one of the open circle.
    states = {
        step: state if state is not S.MERGED_DUPLICATE else S.REGISTERED
        for step, (state, *_rest) in DOORS.items()
    }
    clues = {step: desk.clue(state, kind=CompartmentKind.MILITARY) for step, state in states.items()}
    cast.sign_in(desk.client, "prosecutor_chen")
    for step, clue in clues.items():
        assert desk.post(step, clue, DOORS[step][1]).status_code == 404, step


@pytest.mark.parametrize(
    ("step", "form", "said"),
    [
        ("screen_out", {"note": "我的说明"}, "请选择理由"),
        ("screen_out", {"reason_key": "made_up", "note": "我的说明"}, "重新选"),
        ("screen_out", {"reason_key": "no_content", "public": "长" * 1901}, "最多 1900"),
        ("redirect", {"reason_key": "police"}, "请选择渠道"),
        ("redirect", {"reason_key": "police", "hotline_key": "999"}, "重新选"),
        ("evaluate", SCORES | {"truth": "4"}, "0 到 3"),
        ("evaluate", SCORES | {"grade": "A"}, "与建议"),
        ("evaluate", SCORES | {"grade": "<svg>", "reason": "<b>我的理由</b>"}, "请选择等级"),
        ("request_info", {"text": "请补照片", "answer_by": "2020-01-01"}, "今天以后"),
        ("request_info", {"text": " ", "answer_by": ANSWER_BY}, "要补充什么"),
        ("merge", {"master": "松检公线〔2026〕9999号", "reason_key": "same_subject"}, "没有找到"),
        ("merge", {"reason_key": "same_subject"}, "主线索"),
        ("set_title", {"title": "  "}, "请写标题"),
        ("assign", {"account_id": "somebody"}, "重新选"),
        ("note", {"note": ""}, "备注内容"),
    ],
)
def test_a_form_that_cannot_be_used_is_shown_again(desk: Desk, step: str, form: dict[str, str], said: str):
    clue = desk.clue(S.REGISTERED)
    before = desk.entries()
    answer = desk.post(step, clue, form)
    assert answer.status_code == 422
    assert said in answer.text
    for typed in form.values():
        assert (
            typed.strip() == ""
            or typed in unescape(answer.text)
            or typed in {"somebody", "made_up", "999", "4", "<svg>"}
        )
    assert desk.entries() == before


def test_a_step_not_open_says_why(desk: Desk):
    clue = desk.clue(S.REGISTERED)
    answer = desk.post("watch", clue, {"note": "等开春再看"})
    assert answer.status_code == 403
    assert "评估中的线索才能存查" in answer.text
    assert "等开春再看" in answer.text


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "9" * 40, "1e3", "٣"])
def test_a_strange_version_is_a_stale_page(desk: Desk, version: str):
    clue = desk.clue(S.SUBMITTED)
    assert desk.post("register", clue, {"version": version}).status_code == 409
    assert desk.now(clue.id).state == S.SUBMITTED


def test_what_was_half_done_is_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """A conflict after the number was taken: were it caught before the rollback, the series would have a hole."""
    clue = desk.clue(S.SUBMITTED)
    with monkeypatch.context() as planted:
        planted.setattr("app.triage.service.steps.give_to", _late_conflict)
        assert desk.post("register", clue, {}).status_code == 409
    with desk.house.database.read_session() as session:
        assert session.execute(select(func.count()).select_from(NumberSeries)).scalar_one() == 0
    assert desk.now(clue.id).state == S.SUBMITTED
    assert desk.post("register", clue, {}).status_code == 303
    assert desk.now(clue.id).number_seq == 1


def _late_conflict(*_told: Any, **_more: Any) -> None:
    raise Conflict


def test_closing_waits_for_the_last_receiver(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    clue = desk.clue(S.TRANSFER_OUT)
    with monkeypatch.context() as planted:
        with_receiver = {"x": TransferState.ACKNOWLEDGED}
        planted.setattr("app.transfer.queries.states_of_clue", lambda *_told: with_receiver)
        answer = desk.post("close", clue, {"reason_key": "rectified"})
        assert (answer.status_code, "还有移送没有办结" in answer.text) == (403, True)
    assert desk.post("close", clue, {"reason_key": "rectified"}).status_code == 303


def test_merging_and_assigning_and_moving(desk: Desk):
    master, member = desk.clue(S.REGISTERED), desk.clue(S.REGISTERED)
    told = {"master": str(master.number), "reason_key": "same_place_and_matter"}
    assert desk.post("merge", member, told).status_code == 303
    assert master.id in desk.client.get(desk.client.to("desk:clue", clue_id=member.id)).text
    assert member.id in desk.client.get(desk.client.to("desk:clue", clue_id=master.id)).text
    with desk.house.database.write_session() as session:
        people = cast.people(session)
    assert (
        desk.post("assign", desk.now(master.id), {"account_id": people["prosecutor_chen"]}).status_code == 303
    )
    assert desk.now(master.id).assignee_id == people["prosecutor_chen"]


def test_who_moves_a_clue_out_of_sight_is_taken_to_the_queue(desk: Desk):
    clue = desk.clue(S.SUBMITTED)
    with desk.house.database.read_session() as session:
        from app.identity.queries import circle_of

        closed = circle_of(session, clue.office_id, CompartmentKind.MILITARY)
    cast.sign_in(desk.client, "prosecutor_chen")
    answer = desk.post("move", clue, {"compartment_id": closed})
    assert (answer.status_code, answer.headers["location"]) == (303, desk.client.to("desk:queue"))
    assert desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).status_code == 404


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example/desk",
        "/desk\\..",
        "/track",
        "/deskx",
        "/desk/../x",
        "x" * 3000,
    ],
)
def test_the_way_back_is_the_queue_or_nothing(desk: Desk, back: str):
    clue = desk.clue(S.SUBMITTED)
    assert desk.post("register", clue, {"back": back}).headers["location"] == desk.client.to(
        "desk:clue", clue_id=clue.id
    )
    other = desk.clue(S.SUBMITTED)
    home = desk.client.to("desk:queue", list="new", clue=other.id)
    assert desk.post("register", other, {"back": home}).headers["location"] == home


def test_a_form_from_elsewhere_is_refused(desk: Desk):
    clue = desk.clue(S.SUBMITTED)
    answer = desk.post("register", clue, {}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert desk.now(clue.id).state == S.SUBMITTED


def test_a_contact_is_opened_for_a_reason_and_recorded(desk: Desk):
    with desk.house.database.write_session() as session:
        clue = makers.reported(session, desk.house, phone="13845671234")
    page = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    assert "留有联系方式" in page
    assert "13845671234" not in page
    assert desk.post("reveal", clue, {"reason": ""}).status_code == 422
    before = desk.entries()
    told = desk.post("reveal", clue, {"reason": "要约时间去现场"})
    assert told.status_code == 200
    assert "13845671234" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert desk.entries() == before + 1
    with desk.house.database.read_session() as session:
        verb = session.execute(select(ROW.verb).order_by(ROW.rowno.desc()).limit(1)).scalar_one()
        facts = str(session.execute(select(ROW.facts)).scalars().all())
    assert verb == "contact.revealed"
    assert "13845671234" not in facts
    assert "要约时间" not in facts
    after = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    assert "13845671234" not in after
    assert "要约时间去现场" in after
    for who, status in (("assistant_wang", 403), ("prosecutor_wu", 404)):
        cast.sign_in(desk.client, who)
        assert desk.post("reveal", clue, {"reason": "好奇"}).status_code == status
        page = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
        assert desk.client.to("triage:reveal", clue_id=clue.id) not in page


def test_the_bar_offers_what_the_doors_take(desk: Desk):
    """Every form on the page leads to a step that is open, for a head, a clerk and a leader."""
    for who in ("head_lin", "clerk_liu", "leader_tang"):
        for state in S:
            clue = desk.clue(state)
            cast.sign_in(desk.client, who)
            page = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
            offered = set(re.findall(rf'action="/desk/clues/{clue.id}/([a-z-]+)"', page))
            # That somebody looks is said by whoever may look; everything else is a step.
            assert bool(offered - {"presence"}) == (who != "leader_tang")
            cast.sign_in(desk.client, "head_lin")


def test_guards_name_the_rights_of_the_policy():
    from app.clues.terms import ClueAction
    from app.triage.policy import VERB_OF

    for route in steps.router.routes:
        action = route.name.removeprefix("triage:")  # type: ignore[attr-defined]
        if action in set(ClueAction):
            verbs = [one.call.verb for one in route.dependant.dependencies if isinstance(one.call, Requires)]  # type: ignore[attr-defined]
            assert verbs == [VERB_OF[ClueAction(action)]]
    assert Verb.CLUE_EVALUATE in VERB_OF.values()


def test_a_transfer_begins_with_one_press_from_the_register(desk: Desk):
    clue = desk.clue(S.REGISTERED)
    assert (
        desk.client.to("triage:begin_transfer", clue_id=clue.id)
        in desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    )
    answer = desk.post("begin_transfer", clue, {})
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        desk.client.to("transfer:draft", clue_id=clue.id),
    )
    assert desk.now(clue.id).state == S.EVALUATING
    assert desk.post("begin_transfer", clue, {}).status_code == 409, "a second press meets the fresh page"


def test_an_inquiry_by_two_people_and_a_major_clue_filed(desk: Desk):
    clue = desk.clue(S.EVALUATING)
    told = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    people = re.findall(
        r'<option value="([0-9a-f-]{36})"', told.split('name="staff_1"')[1].split("</select>")[0]
    )
    one = {"staff_1": people[0], "staff_2": people[0], "note": "去现场"}
    again = desk.post("start_inquiry", clue, one)
    assert again.status_code == 422
    assert "两名以上工作人员" in again.text
    assert "去现场" in again.text
    assert desk.post("start_inquiry", clue, one | {"staff_2": people[1]}).status_code == 303
    desk.post("set_flags", desk.now(clue.id), {"is_major": "yes"})
    told = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    superior = re.findall(r'<option value="([0-9a-f-]{36})"', told.split('name="superior_id"')[1])[0]
    day = clock.office_date(clock.now())
    late = {"superior_id": superior, "filed_on": (day + timedelta(days=1)).isoformat()}
    assert desk.post("file_major", desk.now(clue.id), late).status_code == 422
    assert desk.post("file_major", desk.now(clue.id), late | {"filed_on": day.isoformat()}).status_code == 303
    told = desk.client.get(desk.client.to("desk:clue", clue_id=clue.id)).text
    assert "重大线索已报备" in told
    assert 'name="superior_id"' not in told, "once is enough"
