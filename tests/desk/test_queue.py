"""The queue: what each list and filter shows, whose it is, and that its pages stand still while clues arrive."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from itertools import combinations
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text

from app.clues import service as clue_service
from app.clues.service import PlaceOfClue
from app.clues.terms import ClueAction, ClueState, Fact, Standing
from app.desk import rules
from app.desk.queries import queue
from app.desk.terms import PAGE_ROWS, Age, Cursor, Filters, Flag, Order, WorkList
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.db import WriteSession
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

NOW, TODAY = makers.NOW, clock.office_date(makers.NOW)


def seen(session: WriteSession, actor: Actor, filters: Filters) -> list[str]:
    """Every clue of a view, page after page, and back again to the start."""
    found: list[str] = []
    cursor, last = None, None
    while True:
        rows = queue.rows(session, actor, filters, today=TODAY, now=NOW, cursor=cursor)
        page = rows[:PAGE_ROWS]
        found += [row.id for row in page]
        if len(rows) <= PAGE_ROWS:
            break
        last = page[-1]
        cursor = Cursor(last.received_at, last.id, is_urgent=last.is_urgent)
    return found


def test_each_list_has_its_clues_and_its_count(session: WriteSession):
    head = cast.actor(session, "head_lin")
    place = PlaceOfClue(words="桥东", standing=Standing.OUTSIDE)
    made = {
        WorkList.NEW: makers.clue(session, place=place).id,
        WorkList.URGENT: makers.clue(session, is_urgent=True).id,
        WorkList.INCOMPLETE: makers.clue(session, is_complete=False).id,
        WorkList.DUE_TODAY: makers.clue(session, due_on=TODAY).id,
        WorkList.OVERDUE: makers.clue(session, due_on=TODAY - timedelta(days=1)).id,
        WorkList.MINE: walks.register(session, head, makers.clue(session)).id,
    }
    news = makers.clue(session)
    clue_service.change(session, news, has_news=True)
    made[WorkList.ANSWERED] = news.id
    correction = makers.clue(session, needs_correction=True).id
    ended = walks.to(session, head, ClueState.CLOSED, is_urgent=True, due_on=TODAY).id
    counted = queue.counts(session, head, today=TODAY)
    for which, clue_id in made.items():
        shown = seen(session, head, Filters(which))
        assert clue_id in shown, which
        assert counted[which] == len(shown), which
    assert correction in seen(session, head, Filters(WorkList.INCOMPLETE))
    assert made[WorkList.MINE] not in seen(session, head, Filters(WorkList.UNASSIGNED))
    for which in (WorkList.URGENT, WorkList.DUE_TODAY, WorkList.UNASSIGNED):
        assert ended not in seen(session, head, Filters(which)), "an ended clue needs nobody"
    assert ended in seen(session, head, Filters(WorkList.ALL))
    assert counted[WorkList.UNACKNOWLEDGED] == counted[WorkList.TO_CHECK] == 0


FILTERS: dict[str, Any] = {
    "state": "evaluating", "category": "aed_missing", "field": "safety", "town": "songbei",
    "source": "organ_transfer", "channel": "phone", "flag": "photo", "q": "独一", "grade": "B",
}  # fmt: skip


@pytest.mark.parametrize("pair", list(combinations(FILTERS, 2)), ids="+".join)
def test_filters_narrow_together(session: WriteSession, pair: tuple[str, str]):
    head = cast.actor(session, "head_lin")
    wanted = walks.to(
        session, head, ClueState.EVALUATING, category_key="aed_missing", field_key="safety",
        place=PlaceOfClue(town_key="songbei"), source_type="organ_transfer", channel="phone", has_photo=True,
        title="独一份",
    )  # fmt: skip
    for _ in range(3):
        makers.clue(session)
    found = seen(session, head, rules.filters({"list": "all", **{name: FILTERS[name] for name in pair}}))
    assert found == [wanted.id]


def test_age_and_order(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    old = makers.clue(session, now=NOW - timedelta(days=100), is_urgent=True).id
    week = makers.clue(session, now=NOW - timedelta(days=3)).id
    fresh = makers.clue(session, now=NOW - timedelta(hours=1)).id
    view = {"list": "all"}
    assert seen(session, chen, rules.filters(view)) == [fresh, week, old]
    assert seen(session, chen, rules.filters(view | {"order": "urgent"})) == [old, fresh, week]
    assert seen(session, chen, rules.filters(view | {"age": "1d"})) == [fresh]
    assert seen(session, chen, rules.filters(view | {"age": "7d"})) == [fresh, week]
    assert seen(session, chen, rules.filters(view | {"age": "older"})) == [old]


def test_a_period_is_whole_days_of_the_office(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    # Shanghai's 22 November ends at 16:00 UTC.
    inside = makers.clue(session, now=NOW.replace(day=22, hour=15, minute=59)).id
    makers.clue(session, now=NOW.replace(day=22, hour=16))
    makers.clue(session, now=NOW.replace(day=21, hour=15, minute=59))
    view = rules.filters({"list": "all", "from": "2026-11-22", "to": "2026-11-22"})
    assert view.query()["from"] == view.query()["to"] == "2026-11-22"
    assert seen(session, chen, view) == [inside]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("which", [WorkList.ALL, WorkList.UNASSIGNED])
def test_pages_hold_every_clue_once_forward_and_back(session: WriteSession, which: WorkList, order: Order):
    head = cast.actor(session, "head_lin")
    kinds = [CompartmentKind.OPEN, CompartmentKind.MILITARY]
    for at in range(130):
        # Many arrive in one instant, so that only the id keeps them apart.
        makers.clue(session, kind=kinds[at % 2], now=NOW - timedelta(minutes=at // 7), is_urgent=at % 9 == 0)
    filters = Filters(which, order=order)
    forward = seen(session, head, filters)
    assert len(forward) == len(set(forward)) == 130
    third = queue.rows(session, head, filters, today=TODAY, now=NOW, cursor=_at(session, head, forward[99]))
    assert [row.id for row in third] == forward[100:]
    before = queue.rows(
        session,
        head,
        filters,
        today=TODAY,
        now=NOW,
        cursor=_at(session, head, forward[100], is_backward=True),
    )
    assert [row.id for row in before] == forward[100 - PAGE_ROWS - 1 : 100]


def _at(session: WriteSession, actor: Actor, clue_id: str, *, is_backward: bool = False) -> Cursor:
    from app.clues.queries import get

    clue = get(session, actor, clue_id)
    return Cursor(clue.received_at, clue.id, is_urgent=clue.is_urgent, is_backward=is_backward)


def test_the_next_page_stands_still_while_clues_arrive(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    for at in range(60):
        makers.clue(session, now=NOW - timedelta(minutes=at))
    filters = Filters(WorkList.ALL)
    first = queue.rows(session, chen, filters, today=TODAY, now=NOW)[:PAGE_ROWS]
    for _ in range(5):
        makers.clue(session, now=NOW + timedelta(minutes=1))
    last = Cursor(first[-1].received_at, first[-1].id)
    second = queue.rows(session, chen, filters, today=TODAY, now=NOW, cursor=last)
    assert len(second) == 10
    assert not {row.id for row in first} & {row.id for row in second}


@pytest.mark.parametrize("who", ["prosecutor_wu", "prosecutor_chen", "auditor", "sysadmin", "agency_water"])
def test_lists_and_counts_know_only_the_own_circles(session: WriteSession, who: str):
    actor, head = cast.actor(session, who), cast.actor(session, "head_lin")
    before = queue.counts(session, actor, today=TODAY)
    closed = [
        makers.clue(session, kind=kind, is_urgent=True, is_complete=False, due_on=TODAY, has_photo=True)
        for kind in (CompartmentKind.MILITARY, CompartmentKind.MINORS)
    ]
    for clue in closed:
        clue_service.change(session, clue, has_news=True)
    sent = walks.to(session, head, ClueState.EVALUATING, kind=CompartmentKind.MILITARY)
    clue_service.advance(
        session, head.doer, sent, ClueAction.TRANSFER, now=NOW, facts=frozenset({Fact.RECIPIENT})
    )
    assert queue.counts(session, actor, today=TODAY) == before
    assert queue.arrived_since(session, actor, Cursor(NOW - timedelta(days=1), sent.id)) == 0
    for which in WorkList:
        assert seen(session, actor, Filters(which)) == []
    assert queue.counts(session, head, today=TODAY) != before


@pytest.mark.app
def test_the_page_and_its_polls(app: FastAPI, client: HouseClient):
    house = app.state.house
    cast.sign_in(client, "prosecutor_chen")
    with house.database.write_session() as session:
        makers.clue(session, title="<b>沟渠</b> & 桥", now=clock.now() - timedelta(hours=2))
        makers.clue(session, kind=CompartmentKind.MILITARY, title="军用机场旁")
    told = client.get(client.to("desk:queue"))
    assert "&lt;b&gt;沟渠&lt;/b&gt; &amp; 桥" in told.text
    assert "军用机场旁" not in told.text
    assert told.headers["Cache-Control"] == "no-store"
    href = unescape(re.search(r'hx-get="([^"]+)"', told.text)[1])  # type: ignore[index]
    etag = re.search(r'"If-None-Match": "(\\"[0-9a-f]+\\")"', told.text)[1].replace("\\", "")  # type: ignore[index]
    poll = {"HX-Request": "true", "X-Poll": "1"}
    assert client.get(href, headers=poll | {"If-None-Match": etag}).status_code == 304
    with house.database.write_session() as session:
        makers.clue(session, kind=CompartmentKind.MILITARY, now=clock.now())
    assert client.get(href, headers=poll | {"If-None-Match": etag}).status_code == 304, (
        "a closed circle is silent"
    )
    with house.database.write_session() as session:
        makers.clue(session, now=clock.now())
    fresh = client.get(href, headers=poll | {"If-None-Match": etag})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != etag
    assert "有 1 条新到" in fresh.text
    assert "<html" not in fresh.text
    again = client.get(href, headers=poll | {"If-None-Match": fresh.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.app
def test_chips_pages_and_the_clue_beside(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        ids = [makers.clue(session, now=clock.now() - timedelta(minutes=60 - at)).id for at in range(60)][
            ::-1
        ]
    cast.sign_in(client, "prosecutor_chen")
    told = client.get(client.to("desk:queue", list="all", town="taiyangdao", q="沟渠")).text
    chips = re.findall(r'class="chip chip--removable" href="([^"]+)"', told)
    assert [("town" in chip, "q=" in chip) for chip in map(unescape, chips)] == [(False, True), (True, False)]
    following = unescape(re.search(r'rel="next" href="([^"]+)"', told)[1])  # type: ignore[index]
    second = client.get(following).text
    assert ids[59] in second
    assert ids[0] not in second
    back = unescape(re.search(r'rel="prev" href="([^"]+)"', second)[1])  # type: ignore[index]
    first = client.get(back).text
    assert ids[0] in first
    assert 'rel="prev"' not in first
    beside = client.get(client.to("desk:queue", list="all", clue=ids[3])).text
    assert 'aria-current="true"' in beside
    assert client.to("triage:register", clue_id=ids[3]) in beside
    assert client.get(client.to("desk:queue", list="all", clue="../../x")).status_code == 200


@pytest.mark.app
@pytest.mark.parametrize("who", ["auditor", "sysadmin", "agency_water", "liaison_zhao", "volunteer_li"])
def test_who_reads_no_clues_has_no_desk(client: HouseClient, who: str):
    cast.sign_in(client, who)
    for name in ("desk:queue", "desk:arrivals"):
        assert client.get(client.to(name)).status_code == 403


@pytest.mark.app
def test_a_stranger_is_sent_to_sign_in(client: HouseClient):
    assert client.get(client.to("desk:queue")).status_code == 303


@pytest.mark.app
def test_junk_in_the_address_is_never_a_fault(client: HouseClient):
    cast.sign_in(client, "prosecutor_chen")
    for name in (
        "list",
        "state",
        "category",
        "age",
        "flag",
        "q",
        "order",
        "from",
        "to",
        "grade",
        "assignee",
        "panel",
        "at",
        "clue",
        "since",
    ):
        for junk in ("", "x" * 3000, "\u202e\u200e", "'; drop table clue;--", "😀", "%00", "-1"):
            assert client.get(client.to("desk:queue", **{name: junk})).status_code == 200


def test_registering_takes_it_off_the_new_list(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    clue = makers.clue(session)
    assert queue.counts(session, chen, today=TODAY)[WorkList.NEW] == 1
    walks.register(session, chen, clue)
    assert queue.counts(session, chen, today=TODAY)[WorkList.NEW] == 0


@pytest.mark.app
def test_a_query_code_opens_its_clue_and_never_stands_in_an_address(app: FastAPI, client: HouseClient):
    house = app.state.house
    with house.database.write_session() as session:
        clue, closed = (
            makers.reported(session, house, words=words, now=clock.now()) for words in ("沟里", "院里")
        )
        clue_service.change(session, closed, compartment_id=cast_circle(session))
        code, other = (
            intake_queries.query_code(house.keys, intake_queries.of_clue(session, one.id)[0])
            for one in (clue, closed)
        )
    cast.sign_in(client, "prosecutor_chen")
    assert client.to("desk:find") in client.get(client.to("desk:queue", panel="filters")).text
    typed = f" {code[:4]}-{code[4:].lower()} "
    found = client.post(client.to("desk:find"), data={"code": typed})
    assert (found.status_code, found.headers["location"]) == (303, client.to("desk:clue", clue_id=clue.id))
    for wrong in (other, code[:-1] + ("2" if code[-1] != "2" else "3"), "", "x" * 3000):
        answer = client.post(client.to("desk:find"), data={"code": wrong})
        assert (answer.status_code, answer.headers["location"]) == (303, client.to("desk:queue"))


def cast_circle(session: WriteSession) -> str:
    """A circle prosecutor Chen does not belong to."""
    head = cast.actor(session, "head_lin")
    return identity_queries.circle_of(session, head.office_id, CompartmentKind.MINORS)


# What ANALYZE says of a million clues (tests/bench/filling.py): rows of the index, and how many stand behind each further column.
_OF_A_MILLION = {
    "ix_clue_assignee": "1000000 500000 83334", "ix_clue_category": "1000000 1000000 333334 20000 1 1",
    "ix_clue_correction": "1000000 1000000 333334 333334", "ix_clue_due": "1000000 1000000 333334 28572 54",
    "ix_clue_hands": "1000000 1000000 333334 200000 28572", "ix_clue_incomplete": "1000000 1000000 333334 166667",
    "ix_clue_newest": "1000000 1000000 333334 1 1", "ix_clue_news": "1000000 1000000 333334 200000 1 1",
    "ix_clue_place": "1000000 4 1", "ix_clue_queue": "1000000 1000000 333334 28572 1 1",
    "ix_clue_team": "1000000 1000000 83334", "ix_clue_urgent": "1000000 1000000 333334 166667 16394 1 1",
}  # fmt: skip


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("which", [each for each in WorkList if each not in {WorkList.NEW, WorkList.ALL}])
def test_a_short_list_is_not_sought_through_a_million_clues(session: WriteSession, which: WorkList):
    """SQLite would rather read all in order than sort a few: half a second for what is overdue, and often nothing is."""
    session.execute(text("ANALYZE"))
    session.execute(text("DELETE FROM sqlite_stat1 WHERE tbl = 'clue'"))
    for index, spread in _OF_A_MILLION.items():
        told = {"index": index, "spread": spread}
        session.execute(text("INSERT INTO sqlite_stat1 VALUES ('clue', :index, :spread)"), told)
    session.execute(text("ANALYZE sqlite_schema"))
    chen = cast.actor(session, "prosecutor_chen")
    asked: list[tuple[str, object]] = []
    event.listen(
        session.connection().engine, "before_cursor_execute", lambda *given: asked.append(given[2:4])
    )
    wishes: list[dict[str, Any]] = [
        {}, {"category": "wetland"}, {"source": "media"}, {"town": "songan"}, {"since": TODAY},
        {"age": Age.OLDER}, {"flag": Flag.PHOTO}, {"order": Order.URGENT},
    ]  # fmt: skip
    for wish in wishes:
        asked.clear()
        queue.rows(session, chen, Filters(which, **wish), today=TODAY, now=NOW)
        statements = [each for each in asked if each[0].startswith("SELECT clue.id")]
        assert statements
        for statement, values in statements:
            raw = session.connection().connection.driver_connection
            assert raw is not None
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            first = next(line for line in plan if line.startswith(("SEARCH", "SCAN")))
            assert "ix_clue_newest" not in first, (wish, plan)
            assert not first.startswith("SCAN clue"), (wish, plan)
