"""The desk's verbs: what each writes, whom it refuses, that twice is harmless."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.clues.lifecycle import StepRefused
from app.clues.models import Clue
from app.clues.queries import master_of
from app.clues.service import StaleClue
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.platform.db import Database, WriteSession
from app.platform.errors import Missing, Refused
from app.platform.records import Journal, Note
from app.triage import queries, service
from app.triage.models import Assignment, Evaluation
from app.triage.service import NoSuchChoice
from app.triage.terms import Grade, Scores
from tests import cast
from tests.desk import makers
from tests.triage import walks
from tests.triage.walks import verbs_of

NOW = makers.NOW


def count(session: WriteSession, table: Any) -> int:
    return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def test_registering_gives_number_date_and_handler(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session))
    assert clue.number == "松检公线〔2026〕0001号"
    assert clue.assignee_id == chen.account_id
    assert str(clue.due_on) == "2026-12-08"  # 23 November and 15 days
    assert verbs_of(session, clue.id) == ["clue.received", "clue.register", "clue.assigned"]


def test_who_only_registers_is_not_made_responsible(session: WriteSession):
    clerk = cast.actor(session, "clerk_liu")
    assert walks.register(session, clerk, makers.clue(session)).assignee_id is None


def test_a_stale_page_changes_nothing_and_twice_is_harmless(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = makers.clue(session)
    stale = clue.version
    walks.register(session, chen, clue)
    verbs = verbs_of(session, clue.id)
    with pytest.raises(StaleClue):
        service.register(
            session, chen, clue.id, version=stale, now=NOW, numbering=makers.NUMBERING, evaluation_days=15
        )
    assert verbs_of(session, clue.id) == verbs
    assert walks.register(session, chen, makers.clue(session)).number_seq == 2, "a refused step took a number"


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("prosecutor_wu", CompartmentKind.OPEN),
        ("prosecutor_chen", CompartmentKind.MILITARY),
        ("auditor", CompartmentKind.OPEN),
    ],
)
def test_what_is_not_theirs_does_not_exist(session: WriteSession, who: str, kind: CompartmentKind):
    with pytest.raises(Missing):
        walks.register(session, cast.actor(session, who), makers.clue(session, kind=kind))


@pytest.mark.parametrize("act", [walks.evaluate, *walks.STEPS.values()])
def test_every_step_needs_its_right(session: WriteSession, act: walks.Act):
    leader, head = cast.actor(session, "leader_tang"), cast.actor(session, "head_lin")
    clue = walks.to(session, head, S.EVALUATING)
    with pytest.raises(Refused):
        act(session, leader, clue) if act is not walks.merge else service.merge(
            session, leader, clue.id, version=clue.version, now=NOW, master="x", reason_key="same_subject"
        )


@pytest.mark.parametrize(
    "verb", ["assign", "set_title", "set_flags", "note", "move", "read_news", "note_entry"]
)
def test_what_is_beside_needs_its_right_too(session: WriteSession, verb: str):
    leader = cast.actor(session, "leader_tang")
    clue = makers.clue(session)
    told: dict[str, dict[str, Any]] = {
        "assign": {"version": 1, "account_id": leader.account_id},
        "set_title": {"version": 1, "title": "x"},
        "set_flags": {"version": 1, "is_urgent": True, "is_major": True},
        "note": {"text": "x"},
        "note_entry": {"text": "x"},
        "move": {"version": 1, "compartment_id": clue.compartment_id},
        "read_news": {"version": 1},
    }
    with pytest.raises(Refused):
        getattr(service, verb)(session, leader, clue.id, now=NOW, **told[verb])


def test_evaluating_twice_keeps_both_and_decides_by_the_last(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.evaluate(session, chen, walks.register(session, chen, makers.clue(session)))
    assert clue.state == S.EVALUATING
    service.evaluate(
        session,
        chen,
        clue.id,
        version=clue.version,
        now=NOW,
        scores=walks.GOOD,
        grade=Grade.A,
        reason="群众反映强烈",
    )
    found = queries.evaluations(session, clue.id)
    assert [(one.grade, one.suggested_grade, one.reason) for one in found] == [
        ("A", "B", "群众反映强烈"),
        ("B", "B", ""),
    ]
    assert verbs_of(session, clue.id)[-2:] == ["clue.start_evaluation", "clue.evaluated"]


def test_an_inquiry_needs_an_evaluation(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session))
    clue = service.start_evaluation(session, chen, clue.id, version=clue.version, now=NOW)
    with pytest.raises(StepRefused, match="评估"):
        service.start_inquiry(
            session, chen, clue.id, version=clue.version, now=NOW, staff=walks.two(session, chen, clue)
        )
    assert count(session, Evaluation) == 0


def test_screening_out_tells_the_reporter_why_and_reopening_takes_it_back(session: WriteSession):
    head = cast.actor(session, "head_lin")
    clue = walks.to(session, head, S.NOT_ACCEPTED)
    assert clue.public_text is not None
    assert clue.public_text.startswith("没有看到具体的问题")
    assert (clue.reason_key, clue.public_status) == ("no_content", "not_accepted")
    clue = walks.STEPS[A.REOPEN](session, head, clue)
    assert (clue.state, clue.reason_key, clue.public_text, clue.closed_at) == (S.EVALUATING, None, None, None)


def test_redirecting_names_the_channel(session: WriteSession):
    head = cast.actor(session, "head_lin")
    clue = walks.to(session, head, S.REDIRECTED)
    assert "12345" in (clue.public_text or "").splitlines()[-1]


def test_near_military_facilities_the_reporter_reads_nothing_more(session: WriteSession):
    head = cast.actor(session, "head_lin")
    clue = walks.to(session, head, S.NOT_ACCEPTED, kind=CompartmentKind.MILITARY, is_facility=True)
    assert (clue.public_text, clue.public_status) == (None, "military_b")


@pytest.mark.parametrize("step", ["screen_out", "close", "reopen", "merge", "redirect"])
def test_a_reason_is_one_of_the_list(session: WriteSession, step: str):
    head = cast.actor(session, "head_lin")
    state = {"close": S.TRANSFER_OUT, "reopen": S.CLOSED}.get(step, S.EVALUATING)
    clue = walks.to(session, head, state)
    more: dict[str, Any] = {
        "close": {"public": "x"}, "merge": {"master": "x"}, "redirect": {"hotline_key": "12345"},
    }.get(step, {})  # fmt: skip
    with pytest.raises(service.NoSuchChoice):
        getattr(service, step)(
            session, head, clue.id, version=clue.version, now=NOW, reason_key="made_up", **more
        )


def test_asking_says_until_when_and_an_ended_wait_goes_on_where_it_was(session: WriteSession):
    head = cast.actor(session, "head_lin")
    clue = walks.to(session, head, S.EVALUATING)
    clue = walks.STEPS[A.REQUEST_INFO](session, head, clue)
    assert (clue.state, clue.returns_to) == (S.NEED_MORE_INFO, S.EVALUATING)
    assert walks.STEPS[A.RESUME](session, head, clue).state == S.EVALUATING


def test_merging_by_number_or_id_and_apart_again(session: WriteSession):
    head = cast.actor(session, "head_lin")
    for named_by in ("number", "id"):
        master = walks.register(session, head, makers.clue(session))
        member = walks.register(session, head, makers.clue(session))
        number = member.number
        service.merge(
            session, head, member.id, version=member.version, now=NOW,
            master=str(getattr(master, named_by)), reason_key="same_subject",
        )  # fmt: skip
        assert (master_of(session, member.id), member.number) == (master.id, number)
        assert "clue.linked" in verbs_of(session, master.id)
        service.unmerge(session, head, member.id, version=member.version, now=NOW, note="不是一处")
        assert (master_of(session, member.id), member.state) == (None, S.EVALUATING)


def test_what_cannot_be_merged(session: WriteSession):
    head, chen = cast.actor(session, "head_lin"), cast.actor(session, "prosecutor_chen")
    one, other = (walks.register(session, head, makers.clue(session)) for _ in range(2))
    closed = walks.register(session, head, makers.clue(session, kind=CompartmentKind.MILITARY))

    def merging(actor: Any, clue: Clue, master: str) -> None:
        service.merge(
            session, actor, clue.id, version=clue.version, now=NOW, master=master, reason_key="same_subject"
        )

    for actor, clue, master, said in (
        (head, one, one.id, "当前这条"),
        (head, one, closed.id, "不在同一个范围"),
        (head, one, "松检公线〔2026〕9999号", "没有找到"),
        # Chen may not know that there is such a clue: the same answer as for a number that does not exist.
        (chen, one, str(closed.number), "没有找到"),
    ):
        with pytest.raises(service.CannotMerge, match=said):
            merging(actor, clue, master)
    merging(head, one, other.id)
    with pytest.raises(service.CannotMerge, match="主线索"):
        merging(head, walks.register(session, head, makers.clue(session)), one.id)
    with pytest.raises(service.CannotMerge, match="反过来"):
        merging(head, other, walks.register(session, head, makers.clue(session)).id)


def test_assigning_within_the_circle_only(session: WriteSession):
    head, people = cast.actor(session, "head_lin"), cast.people(session)
    clue = makers.clue(session)
    clue = service.assign(
        session, head, clue.id, version=clue.version, now=NOW, account_id=people["prosecutor_chen"]
    )
    version = clue.version
    again = service.assign(
        session,
        head,
        clue.id,
        version=version,
        now=NOW + timedelta(hours=1),
        account_id=people["prosecutor_chen"],
    )
    assert again.version == version, "to the same person is nothing"
    service.assign(session, head, clue.id, version=version, now=NOW, account_id=people["deputy_gao"])
    ended = session.execute(select(Assignment).where(Assignment.clue_id == clue.id)).scalars().all()  # type: ignore[arg-type]
    assert [row.ended_at is None for row in ended] == [False, True]
    for other in ("prosecutor_wu", "clerk_liu", "leader_tang", "agency_water", "auditor"):
        with pytest.raises(service.NoSuchChoice):
            service.assign(session, head, clue.id, version=clue.version, now=NOW, account_id=people[other])
    closed = makers.clue(session, kind=CompartmentKind.MILITARY)
    with pytest.raises(service.NoSuchChoice):
        service.assign(session, head, closed.id, version=1, now=NOW, account_id=people["prosecutor_chen"])


def test_title_flags_and_notes(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = makers.clue(session)
    clue = service.set_title(session, chen, clue.id, version=1, now=NOW, title="太阳岛西沟渠")
    assert service.set_title(session, chen, clue.id, version=2, now=NOW, title="太阳岛西沟渠").version == 2
    clue = service.set_flags(session, chen, clue.id, version=2, now=NOW, is_urgent=True, is_major=False)
    assert (clue.is_urgent, clue.is_major, clue.version) == (True, False, 3)
    service.note(session, chen, clue.id, now=NOW, text="电话里说晚上排得多")
    assert verbs_of(session, clue.id) == ["clue.received", "clue.retitled", "clue.flagged", "clue.noted"]
    bodies = session.execute(select(Note.body)).scalars().all()  # type: ignore[call-overload]
    assert bodies == ["太阳岛西侧沟渠排黑水", "电话里说晚上排得多"]
    facts = session.execute(select(Journal.facts)).scalars().all()  # type: ignore[call-overload]
    assert "电话" not in str(facts), "a person's words belong into the erasable note"


def test_moving_before_registration_relieves_who_cannot_follow(session: WriteSession):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = makers.clue(session)
    clue = service.assign(session, head, clue.id, version=1, now=NOW, account_id=chen.account_id)
    closed = identity_queries.circle_of(session, clue.office_id, CompartmentKind.MILITARY)
    clue = service.move(session, chen, clue.id, version=clue.version, now=NOW, compartment_id=closed)
    assert (clue.compartment_id, clue.assignee_id) == (closed, None)
    with pytest.raises(Missing):
        service.note(session, chen, clue.id, now=NOW, text="x")
    numbered = walks.register(session, head, clue)
    assert "军" in str(numbered.number)
    with pytest.raises(StepRefused, match="编号"):
        service.move(session, head, clue.id, version=clue.version, now=NOW, compartment_id=closed)


def test_moving_to_another_offices_circle_is_no_choice(session: WriteSession):
    wu, chen = cast.actor(session, "prosecutor_wu"), cast.actor(session, "prosecutor_chen")
    clue = makers.clue(session)
    with pytest.raises(service.NoSuchChoice):
        service.move(session, chen, clue.id, version=1, now=NOW, compartment_id=min(wu.compartments))


def test_numbers_are_gapless_when_eight_register_at_once(database: Database):
    with database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        ids = [makers.clue(session).id for _ in range(40)]

    def register(clue_id: str) -> int:
        with database.write_session() as session:
            clue = service.register(
                session, chen, clue_id, version=1, now=NOW, numbering=makers.NUMBERING, evaluation_days=15
            )
            return clue.number_seq or 0

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(register, ids))
    assert sorted(numbers) == list(range(1, 41))


def test_of_eight_who_register_one_clue_one_wins(database: Database):
    with database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        one, next_one = makers.clue(session).id, makers.clue(session).id

    def register(clue_id: str) -> bool:
        try:
            with database.write_session() as session:
                service.register(
                    session, chen, clue_id, version=1, now=NOW, numbering=makers.NUMBERING, evaluation_days=15
                )
        except StaleClue:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(register, [one] * 8)) == 1
    with database.write_session() as session:
        clue = service.register(
            session, chen, next_one, version=1, now=NOW, numbering=makers.NUMBERING, evaluation_days=15
        )
        assert clue.number_seq == 2, "a refused registration took a number"


def test_two_who_merge_into_each_other_do_not_make_a_circle(database: Database):
    with database.write_session() as session:
        head = cast.actor(session, "head_lin")
        pair = [walks.register(session, head, makers.clue(session)) for _ in range(2)]
        told = [(pair[at].id, pair[at].version, pair[1 - at].id) for at in (0, 1)]

    def merge(one: tuple[str, int, str]) -> bool:
        try:
            with database.write_session() as session:
                service.merge(
                    session, head, one[0], version=one[1], now=NOW, master=one[2], reason_key="same_subject"
                )
        except (service.CannotMerge, StaleClue):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(merge, told)) == 1


def test_an_inquiry_names_two_people_of_the_circle(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.to(session, chen, S.EVALUATING)
    strangers = [cast.actor(session, who).account_id for who in ("prosecutor_wu", "auditor")]
    mine = chen.account_id
    for staff in ((), (mine,), (mine, mine), (mine, strangers[0]), (mine, strangers[1])):
        with pytest.raises(NoSuchChoice):
            service.start_inquiry(session, chen, clue.id, version=clue.version, now=NOW, staff=staff)
    two = walks.two(session, chen, clue)
    service.start_inquiry(session, chen, clue.id, version=clue.version, now=NOW, staff=two)
    facts = session.execute(
        select(walks.ROW.facts).where(walks.ROW.clue_id == clue.id, walks.ROW.verb == "clue.start_inquiry")
    ).scalar_one()
    assert facts["staff"] == sorted(two)


def test_a_major_clue_is_filed_with_a_procuratorate(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session))
    superior = queries.superiors(session, clue.office_id)[0].id
    given = {"now": NOW, "filed_on": NOW.date(), "note": "电话已报"}
    with pytest.raises(StepRefused, match="重大"):
        service.file_major(session, chen, clue.id, version=clue.version, superior_id=superior, **given)
    marks = {"is_urgent": False, "is_major": True}
    clue = service.set_flags(session, chen, clue.id, version=clue.version, now=NOW, **marks)
    with pytest.raises(NoSuchChoice):
        service.file_major(session, chen, clue.id, version=clue.version, superior_id=clue.office_id, **given)
    service.file_major(session, chen, clue.id, version=clue.version, superior_id=superior, **given)
    assert verbs_of(session, clue.id)[-1] == "clue.major_filed"


def test_what_is_judged_pressing_becomes_urgent(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = walks.register(session, chen, makers.clue(session))
    pressing = replace(walks.GOOD, is_pressing=True, is_harmed=True, is_duty_unmet=True)
    clue = service.evaluate(
        session, chen, clue.id, version=clue.version, now=NOW, scores=pressing, grade=Grade.A, reason=""
    )
    assert (clue.is_urgent, clue.grade) == (True, "A")
    kept = queries.evaluations(session, clue.id)[0]
    assert Scores.from_json(kept.scores).is_administrative
    old = {key: value for key, value in kept.scores.items() if key not in {"is_harmed", "is_duty_unmet"}}
    assert not Scores.from_json(old).is_administrative, "older evaluations say nothing of the test"
