"""One digest a day for each person, overdue first; and what is out of range is said, a quiet desk says nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.clues.models import Clue
from app.desk import jobs, probe_rules, probes, today
from app.desk.clue_page import Desk
from app.desk.probe_rules import Arrival, Limits
from app.desk.queries import today as queries
from app.identity.queries.person import staff
from app.identity.terms import CompartmentKind
from app.platform import clock
from app.platform.jobs import Tools, Work
from app.platform.records import Job
from app.transfer.models import Transfer
from app.transfer.terms import TransferState
from app.triage import queries as queries_of_triage
from app.triage import service
from app.triage.models import DailyDigest
from app.triage.service import NoSuchChoice
from tests import cast
from tests.desk import makers
from tests.transfer import scenes
from tests.triage import walks

NOW = makers.NOW
TODAY = clock.office_date(NOW)
LIMITS = Limits(silence_hours=24, photo_window=4, unread_days=3, share_factor=2, share_least=3)


def desk(session, who="prosecutor_chen", now=NOW):
    return Desk(session, cast.actor(session, who), lambda name, **given: f"{name} {given}", now, 15)


def due(session, who, days, **wishes):
    """A registered clue of somebody whose term ends so many days from today."""
    person = cast.actor(session, who)
    clue = walks.register(session, person, makers.clue(session, **wishes))
    session.execute(update(Clue).where(col(Clue.id) == clue.id).values(due_on=TODAY + timedelta(days=days)))
    return clue


def test_the_longest_overdue_stands_first_and_what_has_time_is_left_out(session):
    for days in (2, -1, 0, -5, 9):
        due(session, "prosecutor_chen", days, title=f"{days} 天")
    due(session, "head_lin", -3, title="别人的")
    view = today.compose(desk(session), [])
    said = [(heap.key, [line.title for line in heap.lines]) for heap in view.heaps]
    assert said == [("overdue", ["-5 天", "-1 天"]), ("today", ["0 天"]), ("soon", ["2 天"])]
    assert view.more == 0


def test_every_date_says_why_it_is_that_day(session):
    chen = cast.actor(session, "prosecutor_chen")
    walks.register(session, chen, makers.clue(session))
    later = NOW + timedelta(days=16)
    line = today.compose(desk(session, now=later), []).heaps[0].lines[0]
    assert any("11月23日" in step for step in line.why), line.why
    moved = due(session, "prosecutor_chen", -1)
    lines = today.compose(desk(session), []).heaps[0].lines
    assert "或者由人改过" in next(one for one in lines if moved.id in one.href).why[0]


def test_it_is_never_a_flood(session, monkeypatch):
    monkeypatch.setattr("app.desk.queries.today.MOST", 3)
    for days in range(5):
        due(session, "prosecutor_chen", -days - 1)
    queries._dated.cache_clear()
    view = today.compose(desk(session), [])
    queries._dated.cache_clear()
    assert sum(len(heap.lines) for heap in view.heaps) == 3
    assert view.more == 2


def test_a_deputy_is_told_of_the_clues_they_stand_in_for_and_nobody_of_a_closed_circle(session):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    due(session, "prosecutor_chen", -1, title="陈的")
    secret = due(session, "head_lin", -1, kind=CompartmentKind.MILITARY, title="涉军")
    service.be_away(
        session,
        head,
        account_id=head.account_id,
        deputy_id=chen.account_id,
        from_on=TODAY,
        to_on=TODAY,
        now=NOW,
    )
    view = today.compose(desk(session), [])
    assert secret.title not in {line.title for heap in view.heaps for line in heap.lines}
    assert queries.counts(session, chen, today=TODAY, until=TODAY).overdue == 1
    service.be_away(
        session,
        head,
        account_id=chen.account_id,
        deputy_id=head.account_id,
        from_on=TODAY,
        to_on=TODAY,
        now=NOW,
    )
    titles = {
        line.title for heap in today.compose(desk(session, "head_lin"), []).heaps for line in heap.lines
    }
    assert titles == {"陈的", "涉军"}


def test_an_answer_that_is_due_is_part_of_it_and_a_promise_moves_the_day(session):
    head = cast.actor(session, "head_lin")
    transfer = scenes.drafted(session, head, scenes.clue(session), to="health")
    session.execute(update(Clue).values(assignee_id=head.account_id))
    session.execute(
        update(Transfer)
        .where(col(Transfer.id) == transfer.id)
        .values(state=TransferState.SENT.value, sent_at=NOW, due_on=TODAY - timedelta(days=2))
    )
    lines = [line for heap in today.compose(desk(session, "head_lin"), []).heaps for line in heap.lines]
    assert [line.due for line in lines if "等对方答复" in line.label] == ["已过 2 天"]
    session.execute(update(Transfer).values(promised_on=TODAY + timedelta(days=1)))
    lines = [line for heap in today.compose(desk(session, "head_lin"), []).heaps for line in heap.lines]
    answer = next(line for line in lines if "等对方答复" in line.label)
    assert answer.due == "还有 1 天"
    assert answer.why[0].startswith("对方答应")


@pytest.mark.app
def test_one_digest_a_morning_in_figures_alone(client, database):
    house = client.app.state.house
    now = clock.now()
    with database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        clue = makers.clue(session, title="不能出门的字")
        walks.register(session, chen, clue)
        session.execute(update(Clue).values(due_on=clock.office_date(now) - timedelta(days=2)))
    tools = Tools(house.settings, house.database, house.keys, house.store)
    night = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
    morning = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    for moment in (night, morning, morning + timedelta(hours=1)):
        jobs.ask_daily(tools, moment)
    with database.read_session() as session:
        asked = session.execute(select(Job).where(col(Job.handler) == jobs.DIGEST)).scalars().all()
    assert [job.once_key for job in asked] == ["2026-11-27"], "none before seven, one after it"
    work = Work("x", jobs.DIGEST, None, {}, 1)
    jobs.make_digests(tools, work)
    jobs.make_digests(tools, work)
    with database.read_session() as session:
        made = session.execute(select(DailyDigest)).scalars().all()
        assert {one.account_id for one in staff(session, now=now)} >= {one.account_id for one in made}
    assert [(one.account_id, one.overdue, one.due_today) for one in made] == [(chen.account_id, 1, 0)]
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("desk:today"))
    assert "不能出门的字" in page.text
    assert "已经超期" in page.text
    assert client.to("desk:today") in client.get(client.to("desk:queue")).text
    cast.sign_in(client, "clerk_liu")
    assert "今天没有到期的事" in client.get(client.to("desk:today")).text


# -- probes -----------------------------------------------------------------------------------------------------


def arrivals(*spans):
    """Arrivals, newest first, from (how many, category, days ago, whether with a photo)."""
    found = [
        Arrival(NOW - timedelta(days=days, minutes=at), key, has)
        for count, key, days, has in spans
        for at in range(count)
    ]
    return sorted(found, key=lambda one: one.received_at, reverse=True)


def test_photos_fell_only_where_there_were_some_before():
    assert probe_rules.photos_fell(arrivals((4, "a", 0, False), (8, "a", 3, True)), 4)
    assert not probe_rules.photos_fell(arrivals((4, "a", 0, False), (8, "a", 3, False)), 4)
    assert not probe_rules.photos_fell(arrivals((3, "a", 0, False), (1, "a", 0, True), (8, "a", 3, True)), 4)
    assert not probe_rules.photos_fell(arrivals((4, "a", 0, False)), 4), "a new office is not broken"
    assert not probe_rules.photos_fell(arrivals((4, "a", 0, False), (8, "a", 3, True)), 0), "switched off"


def test_a_share_is_compared_with_a_share_not_a_number_with_a_number():
    busy = arrivals((8, "a", 1, True), (8, "b", 1, True), (4, "a", 10, True), (4, "b", 10, True))
    assert probe_rules.doubled(busy, NOW, LIMITS) == [], "everything grew alike"
    grown = arrivals((6, "a", 1, True), (4, "b", 1, True), (4, "a", 10, True), (16, "b", 10, True))
    assert [(one.category_key, one.before, one.now) for one in probe_rules.doubled(grown, NOW, LIMITS)] == [
        ("a", 20, 60)
    ]
    few = arrivals((2, "a", 1, True), (16, "b", 10, True))
    assert probe_rules.doubled(few, NOW, LIMITS) == []


def test_silence_is_of_an_office_that_was_heard_before():
    assert probe_rules.is_silent(NOW - timedelta(hours=24), NOW, 24)
    assert not probe_rules.is_silent(NOW - timedelta(hours=23), NOW, 24)
    assert not probe_rules.is_silent(None, NOW, 24)
    assert not probe_rules.is_silent(NOW - timedelta(days=9), NOW, 0)


def test_a_quiet_desk_shows_nothing_and_each_probe_stays_in_its_circle(session):
    makers.clue(session, has_photo=True)
    assert probes.out_of_range(desk(session), LIMITS) == []
    later = NOW + timedelta(hours=30)
    assert "30 小时" in probes.out_of_range(desk(session, now=later), LIMITS)[0].text
    makers.clue(session, kind=CompartmentKind.MILITARY, now=later)
    probes._kept.clear()
    assert len(probes.out_of_range(desk(session, now=later), LIMITS)) == 1, (
        "a closed circle's clue is not heard"
    )
    assert probes.out_of_range(desk(session, "head_lin", now=later), LIMITS) == []


def test_an_unread_transfer_is_said_after_three_days(session):
    head = cast.actor(session, "head_lin")
    transfer = scenes.drafted(session, head, scenes.clue(session), to="health")
    values = {"state": TransferState.SENT.value, "sent_at": NOW - timedelta(days=3)}
    session.execute(update(Transfer).where(col(Transfer.id) == transfer.id).values(**values))
    session.execute(update(Clue).values(received_at=NOW))
    probes._kept.clear()
    assert [one.text for one in probes.out_of_range(desk(session, "head_lin"), LIMITS)] == [
        "1 件移送发出 3 天了对方还没有签收。"
    ]


# -- keeping out ------------------------------------------------------------------------------------------------


def test_a_head_is_told_to_decide_on_a_recusal_within_three_days_and_why(session):
    chen, head = cast.actor(session, "prosecutor_chen"), cast.actor(session, "head_lin")
    clue = walks.register(session, chen, makers.clue(session))
    service.recuse(session, chen, clue.id, reason="认识", now=NOW)
    line = today.compose(desk(session, "head_lin"), []).recusals[0]
    # Declared on Monday the 23rd: the day itself is not counted, three days end on Thursday the 26th.
    assert (line.ends_on.day, line.tone) == (26, "time")
    assert line.why
    assert "声明回避" in line.label
    assert today.compose(desk(session), []).recusals == [], "nobody decides on their own"
    with pytest.raises(NoSuchChoice):
        service.confirm_recusal(session, head, clue.id, account_id=head.account_id, now=NOW)
    service.confirm_recusal(session, head, clue.id, account_id=chen.account_id, now=NOW)
    assert today.compose(desk(session, "head_lin"), []).recusals == []
    assert chen.account_id in queries_of_triage.recused(session, clue.id), "confirmed, they still keep out"
    with pytest.raises(NoSuchChoice):
        service.confirm_recusal(session, head, clue.id, account_id=chen.account_id, now=NOW)
