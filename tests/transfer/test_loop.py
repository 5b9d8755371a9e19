"""The loop: seen on the ground by two, closed, looked at again, relapsed, aimed anew, called; what the reporter read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.clues import queries as clue_queries
from app.clues.terms import ClueState
from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.errors import Refused
from app.platform.records import Journal
from app.transfer import queries, service
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Transfer
from app.transfer.queries import WorkList
from app.transfer.service import CallAgainDay, NothingToReceiver, StaleTransfer, TwoStaff, VisitDay
from app.transfer.terms import AnswerKind, VisitOutcome, VisitTold
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, show, transfer_in
from tests.transfer.scenes import NOW

if TYPE_CHECKING:
    from app.identity.actor import Actor
    from app.platform.db import Database, WriteSession
    from tests.conftest import HouseClient

TODAY = NOW.date()


def told(outcome: VisitOutcome, **wishes: Any) -> VisitTold:
    """A sound visit of today."""
    sound: dict[str, Any] = {
        "visited_on": TODAY, "staff_one": "陈明远", "staff_two": "王悦", "words": "现场看过了",
        "to_receiver": "" if outcome is VisitOutcome.VERIFIED else "请继续清理", "public_answer": "已经配齐。",
    }  # fmt: skip
    return VisitTold(outcome=outcome, **sound | wishes)


def at_state(
    session: WriteSession, state: S, *, to: str = "health", category: str = "aed_missing"
) -> tuple[Actor, Transfer]:
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session, category=category), to=to)
    return chief, scenes.brought_to(session, chief, transfer, state)


def visit(session: WriteSession, chief: Actor, transfer: Transfer, visit_told: VisitTold) -> bool:
    return service.record_visit(
        session, chief, transfer, visit_told, files=[], version=transfer.version, now=NOW
    )


def said(session: WriteSession, clue_id: str) -> list[str]:
    return [message.body for message in intake_queries.messages(session, clue_id)]


def test_what_two_people_saw_solved_ends_transfer_and_clue(session: WriteSession):
    chief, transfer = at_state(session, S.REPLIED)
    assert visit(session, chief, transfer, told(VisitOutcome.VERIFIED)) is True
    assert transfer.state == S.CLOSED.value
    assert clue_queries.by_id(session, transfer.clue_id).state == ClueState.CLOSED.value
    assert "已经配齐。" in said(session, transfer.clue_id)[-1]
    (row,) = queries.visits(session, transfer.id)
    assert (row.staff_one, row.staff_two, row.outcome) == ("陈明远", "王悦", "verified")
    planned = queries.revisits(session, transfer.id)
    assert [(each.days, each.due_on) for each in planned] == [
        (days, TODAY + timedelta(days=days)) for days in (30, 90, 180, 365)
    ]


def test_not_solved_goes_back_to_the_receiver_with_a_new_term(session: WriteSession):
    chief, transfer = at_state(session, S.REPLIED)
    session.execute(update(Transfer).where(Transfer.id == transfer.id).values(due_on=date(2026, 1, 1)))
    session.refresh(transfer)
    assert visit(session, chief, transfer, told(VisitOutcome.FAILED)) is False
    assert transfer.state == S.ACKNOWLEDGED.value
    assert transfer.due_on is not None
    assert transfer.due_on > TODAY
    assert transfer.disclosed is not None
    assert transfer.disclosed["due_on"] == transfer.due_on.isoformat()
    last = queries.answers(session, transfer.id)[-1]
    assert (last.kind, last.body) == (AnswerKind.ASKED_AGAIN.value, "请继续清理")
    assert clue_queries.by_id(session, transfer.clue_id).public_status == "transfer_acknowledged"
    assert queries.revisits(session, transfer.id) == []


def test_a_relapse_reopens_transfer_and_clue_and_the_reporter_is_told(session: WriteSession):
    chief, transfer = at_state(session, S.REPLIED)
    visit(session, chief, transfer, told(VisitOutcome.VERIFIED))
    assert visit(session, chief, transfer, told(VisitOutcome.RELAPSED)) is False
    assert transfer.state == S.ACKNOWLEDGED.value
    clue = clue_queries.by_id(session, transfer.clue_id)
    assert (clue.state, clue.public_status) == (ClueState.TRANSFER_OUT.value, "transfer_acknowledged")
    assert clue.public_text is None
    assert "又出现了" in said(session, transfer.clue_id)[-1]
    assert queries.revisits(session, transfer.id, only_open=True) == []
    # The loop closes a second time, with revisits of its own.
    scenes.brought_to(session, chief, transfer, S.REPLIED)
    assert visit(session, chief, transfer, told(VisitOutcome.VERIFIED)) is True
    assert len(queries.revisits(session, transfer.id, only_open=True)) == 4


def test_a_relapse_at_one_receiver_leaves_the_other_in_peace(session: WriteSession):
    chief = scenes.chief(session)
    clue_id = scenes.clue(session)
    first = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.REPLIED)
    other = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to="water"), S.SENT)
    assert visit(session, chief, first, told(VisitOutcome.VERIFIED, public_answer="")) is False
    before = len(said(session, clue_id))
    visit(session, chief, first, told(VisitOutcome.RELAPSED))
    assert (first.state, other.state) == (S.ACKNOWLEDGED.value, S.SENT.value)
    assert len(said(session, clue_id)) == before, "to the reporter it had not ended"


def test_a_revisit_that_finds_it_still_solved_is_crossed_out(session: WriteSession):
    chief, transfer = at_state(session, S.CLOSED)
    first = queries.revisits(session, transfer.id)[0]
    visit(session, chief, transfer, told(VisitOutcome.VERIFIED))
    assert transfer.state == S.CLOSED.value
    done = [row for row in queries.revisits(session, transfer.id) if row.done_at]
    assert [row.id for row in done] == [first.id]
    assert done[0].visit_id == queries.visits(session, transfer.id)[0].id


def test_water_waits_for_the_thaw(session: WriteSession):
    chief, transfer = at_state(session, S.CLOSED, to="water", category="water_pollution")
    planned = queries.revisits(session, transfer.id)
    assert planned[0].due_on == date(2027, 4, 16)
    assert planned[0].pause_key == "ice_cover"
    assert chief


@pytest.mark.parametrize("to", ["criminal_department", "superior_procuratorate", "police"])
def test_only_what_changed_on_the_ground_is_looked_at_again(session: WriteSession, to: str):
    _chief, transfer = at_state(session, S.CLOSED, to=to)
    assert queries.revisits(session, transfer.id) == []


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        ({"staff_two": "陈明远"}, TwoStaff),
        ({"staff_two": " 陈明远 "}, TwoStaff),
        ({"staff_two": " "}, TwoStaff),
        ({"visited_on": TODAY + timedelta(days=1)}, VisitDay),
        ({"visited_on": TODAY - timedelta(days=1)}, VisitDay),
    ],
)
def test_a_visit_needs_two_people_and_a_day(
    session: WriteSession, wishes: dict[str, Any], refusal: type[Exception]
):
    chief, transfer = at_state(session, S.REPLIED)
    with pytest.raises(refusal):
        visit(session, chief, transfer, told(VisitOutcome.VERIFIED, **wishes))
    assert queries.visits(session, transfer.id) == []
    assert transfer.state == S.REPLIED.value


@pytest.mark.parametrize("outcome", [VisitOutcome.FAILED, VisitOutcome.RELAPSED])
def test_nobody_puts_right_what_they_are_not_told(session: WriteSession, outcome: VisitOutcome):
    state = S.REPLIED if outcome is VisitOutcome.FAILED else S.CLOSED
    chief, transfer = at_state(session, state)
    with pytest.raises(NothingToReceiver):
        visit(session, chief, transfer, told(outcome, to_receiver=" "))


@pytest.mark.parametrize("state", [S.DRAFT, S.SENT, S.ACKNOWLEDGED, S.REFUSED, S.WITHDRAWN])
@pytest.mark.parametrize("outcome", list(VisitOutcome))
def test_where_there_is_nothing_to_see_no_visit_is_noted(
    session: WriteSession, state: S, outcome: VisitOutcome
):
    chief, transfer = at_state(session, state)
    with pytest.raises(TransferStepRefused):
        visit(session, chief, transfer, told(outcome))


def test_a_stale_page_and_a_person_without_the_right_are_refused(session: WriteSession):
    chief, transfer = at_state(session, S.REPLIED)
    with pytest.raises(StaleTransfer):
        service.record_visit(
            session,
            chief,
            transfer,
            told(VisitOutcome.VERIFIED),
            files=[],
            version=transfer.version - 1,
            now=NOW,
        )
    with pytest.raises(Refused):
        visit(session, cast.actor(session, "assistant_wang"), transfer, told(VisitOutcome.VERIFIED))


def test_a_refused_transfer_is_aimed_anew_in_one_step(session: WriteSession):
    chief, transfer = at_state(session, S.REFUSED)
    water = scenes.agency(session, chief, "water")
    made = queries.by_id(session, service.reaim(session, chief, transfer, receiver_id=water, now=NOW))
    assert (made.state, made.receiver_id, made.follows_id) == (S.DRAFT.value, water, transfer.id)
    for name in ("subject", "summary", "requests", "place_shown", "shown_answers", "clue_id"):
        assert getattr(made, name) == getattr(transfer, name)
    scenes.brought_to(session, chief, made, S.SENT)
    told_words = (
        session.execute(select(Journal.verb).where(Journal.verb == "transfer.reaimed")).scalars().all()
    )
    assert len(told_words) == 1
    assert clue_queries.by_id(session, transfer.clue_id).state == ClueState.TRANSFER_OUT.value


@pytest.mark.parametrize("state", [S.SENT, S.REPLIED, S.CLOSED])
def test_what_somebody_has_is_not_aimed_anew(session: WriteSession, state: S):
    chief, transfer = at_state(session, state)
    with pytest.raises(TransferStepRefused):
        service.reaim(session, chief, transfer, receiver_id=transfer.receiver_id, now=NOW)


def test_who_is_late_is_on_the_telephone_list_until_somebody_calls(session: WriteSession):
    chief, transfer = at_state(session, S.ACKNOWLEDGED)

    def listed(on: date) -> list[str]:
        return [row.id for row in queries.to_call(session, chief, today=on)]

    assert transfer.due_on is not None
    late = transfer.due_on + timedelta(days=1)
    assert listed(transfer.due_on) == []
    assert listed(late) == [transfer.id]
    assert queries.counts(session, chief, today=late)[WorkList.TO_CALL] == 1
    again = TODAY + timedelta(days=60)
    service.record_call(
        session, chief, transfer, spoke_with="郑敏", words="说下周答复", again_on=again, now=NOW
    )
    assert listed(late) == []
    assert listed(again) == [transfer.id]
    with pytest.raises(CallAgainDay):
        service.record_call(session, chief, transfer, spoke_with="郑敏", words="", again_on=TODAY, now=NOW)


def test_a_revisit_that_is_due_is_on_its_list(session: WriteSession):
    chief, transfer = at_state(session, S.CLOSED)
    due = queries.revisits(session, transfer.id)[0].due_on
    for on, wanted in ((due - timedelta(days=1), 0), (due, 1)):
        assert queries.counts(session, chief, today=on)[WorkList.REVISITS] == wanted
        assert len(queries.work_list(session, chief, WorkList.REVISITS, today=on)) == wanted


def visit_form(outcome: str, **wishes: Any) -> dict[str, Any]:
    """The boxes of a visit."""
    return {
        "outcome": outcome, "visited_on": clock.office_date(clock.now()).isoformat(), "staff_one": "陈明远", "staff_two": "王悦",
        "visit_words": "看过了", "to_receiver": "请继续清理", "visit_answer": "已经配齐。", **wishes,
    }  # fmt: skip


def test_the_desk_notes_a_visit_with_pictures(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.REPLIED)
    with database.read_session() as session:
        version = queries.by_id(session, transfer_id).version
    answer = client.post(
        client.to("transfer:visit", transfer_id=transfer_id),
        data={"version": str(version), **visit_form("failed")},
        files={"photos": ("after.jpg", scenes.picture(), "image/jpeg")},
    )
    assert answer.status_code == 303
    with database.read_session() as session:
        (row,) = queries.visits(session, transfer_id)
        assert len(evidence_queries.of_origin(session, Origin.STAFF, row.id)) == 1
        assert queries.by_id(session, transfer_id).state == S.ACKNOWLEDGED.value
    text = show(client, transfer_id)
    assert "没有解决" in text
    assert "陈明远、王悦" in text


@pytest.mark.parametrize(
    ("wishes", "told_text"),
    [
        ({"outcome": "nonsense"}, "请选核查的结论"),
        ({"staff_two": "陈明远"}, "要有两名工作人员"),
        ({"to_receiver": "找13904511234"}, "像电话号码"),
        ({"visited_on": "2099-01-01"}, "还没有到"),
    ],
)
def test_what_is_wrong_with_a_visit_is_said_beside_its_box(
    client: HouseClient, database: Database, clue_id: str, wishes: dict[str, str], told_text: str
):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.REPLIED)
    refused = post(client, "transfer:visit", transfer_id, database, **visit_form("failed") | wishes)
    assert refused.status_code == 422
    assert told_text in refused.text
    assert "看过了" in refused.text, "what was typed stays"


def test_calls_and_aiming_anew_at_the_desk(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "prosecutor_chen")
    transfer_id = transfer_in(database, clue_id, S.SENT)
    assert post(client, "transfer:call", transfer_id, database, spoke_with="").status_code == 422
    assert (
        post(client, "transfer:call", transfer_id, database, spoke_with="郑敏", call_words="在办").status_code
        == 303
    )
    assert "打给 郑敏" in show(client, transfer_id)
    refused = transfer_in(database, clue_id, S.REFUSED, to="water")
    assert post(client, "transfer:reaim", refused, database, new_receiver="").status_code == 422
    with database.write_session() as session:
        chosen = scenes.agency(session, scenes.chief(session), "transport")
    answer = post(client, "transfer:reaim", refused, database, new_receiver=chosen)
    assert answer.status_code == 303
    assert post(client, "transfer:reaim", refused, database, new_receiver="x").status_code == 422


def test_the_telephone_list_shows_number_and_lateness(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "clerk_liu")
    transfer_id = transfer_in(database, clue_id, S.SENT)
    with database.write_session() as session:
        row = queries.by_id(session, transfer_id)
        session.execute(update(Transfer).where(Transfer.id == transfer_id).values(due_on=date(2026, 1, 1)))
        house: Any = client.app.state.house  # type: ignore[attr-defined]
        values = CONTACTS.values(house.keys, row.receiver_id, {"phone": "0451-84000001"})
        session.execute(update(OrgUnit).where(OrgUnit.id == row.receiver_id).values(**values))
    text = client.get(client.to("transfer:calls")).text
    assert 'href="tel:045184000001"' in text
    assert "还没有打过电话" in text
    cast.sign_in(client, "prosecutor_wu")
    assert "0451-84000001" not in client.get(client.to("transfer:calls")).text
    cast.sign_in(client, "agency_health")
    assert client.get(client.to("transfer:calls")).status_code == 403
