"""The office at a glance: every picture adds up to what the viewer may see, and says its numbers without the picture."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.clues.models import Clue
from app.clues.terms import ClueState
from app.desk import overview
from app.desk.clue_page import Desk
from app.desk.queries.names import Name
from app.identity.terms import CompartmentKind
from app.transfer.team.terms import Month, Standing
from tests import cast
from tests.desk import makers

NOW = makers.NOW


def urls(name, **given):
    return f"{name}?" + "&".join(f"{key}={value}" for key, value in sorted(given.items()))


def shown(session, who="prosecutor_chen"):
    return overview.compose(Desk(session, cast.actor(session, who), urls, NOW, 15))


def counts(picture):
    return [int(row.value) for row in picture.rows]


def picture(view, key):
    return next(one for one in view.pictures if one.key == key)


def test_a_week_begins_on_monday_in_the_offices_time(session):
    monday = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # midnight of the 23rd in Shanghai
    makers.clue(session, now=monday)
    makers.clue(session, now=monday - timedelta(seconds=1))
    makers.clue(session, now=NOW - timedelta(weeks=20))
    view = shown(session)
    assert counts(view.arrivals) == [0] * 10 + [1, 1]
    assert view.arrivals.rows[-1].label == "11/23"
    assert view.arrivals.said == "最近 12 周收到 2 条，本周 1 条。"


def test_only_what_is_open_has_an_age_and_every_day_falls_into_one_row(session):
    for days in (0, 3, 4, 7, 8, 15, 16, 30, 31, 400):
        makers.clue(session, now=NOW - timedelta(days=days))
    done = makers.clue(session)
    session.execute(update(Clue).where(col(Clue.id) == done.id).values(state=ClueState.CLOSED.value))
    found = picture(shown(session), "ages")
    assert [(row.label, row.value) for row in found.rows] == [
        ("3 天以内", "2"), ("4 到 7 天", "2"), ("8 到 15 天", "2"), ("16 到 30 天", "2"), ("30 天以上", "2"),
    ]  # fmt: skip
    assert found.said == "在办 10 条，其中 2 条收到超过 30 天。"


def test_a_bar_opens_the_clues_it_counts_and_what_is_beyond_eight_is_one_row(session):
    for number in range(10):
        for _time in range(10 - number):
            makers.clue(session, field_key=f"field{number}", place=replace(makers.HERE, town_key=None))
    makers.clue(session, field_key="eco_resource")
    view = shown(session)
    rows = picture(view, "field").rows
    assert [int(row.value) for row in rows] == [10, 9, 8, 7, 6, 5, 4, 3, 4]
    assert (rows[-1].label, rows[-1].href) == ("其余", None)
    towns = [(row.label, row.value, row.href) for row in picture(view, "town").rows]
    assert towns[0] == ("还没有定", "55", None)
    assert towns[1][1:] == ("1", "desk:queue?list=all&town=taiyangdao")


def test_a_closed_circles_clues_are_in_no_picture_of_who_is_not_in_it(session):
    makers.clue(session)
    makers.clue(session, kind=CompartmentKind.MILITARY)
    totals = [
        {sum(counts(one)) for one in (view.arrivals, *view.pictures[:3])}
        for view in (shown(session, who) for who in ("prosecutor_chen", "head_lin", "prosecutor_wu"))
    ]
    assert totals == [{1}, {2}, {0}]


def test_who_answers_least_in_time_stands_first_and_nobody_is_judged_by_what_is_not_due():
    month = Month(date(2026, 11, 1), in_time=6, late=2, overdue=1, waiting=5)
    row = overview._answered("松北区水务局", month)
    assert (row.value, row.note) == ("6/9", "逾期答复 2，逾期未答 1")
    assert [(part.tone, part.start, part.size) for part in row.parts] == [
        ("done", 0, 66.7), ("time", 66.7, 22.2), ("stop", 88.9, pytest.approx(11.1)),
    ]  # fmt: skip
    assert overview._answered("区林草局", Month(date(2026, 11, 1), in_time=3)).note == ""


def test_each_receiver_is_counted_for_itself(session, monkeypatch):
    day = date(2026, 11, 2)
    late = Standing(day, day, day + timedelta(days=1), is_waiting=False, is_refused=False, is_withdrawn=False)
    good = replace(late, answered_on=day)
    open_ = replace(late, answered_on=None, due_on=date(2026, 12, 1), is_waiting=True)
    monkeypatch.setattr(
        "app.desk.overview.team_queries.by_receiver",
        lambda *_given, **_named: {"a": [good, good], "b": [late, good], "c": [open_]},
    )
    monkeypatch.setattr(
        "app.desk.overview.identity_queries.org_names_of", lambda *_given: {"a": "甲", "b": "乙", "c": "丙"}
    )
    found = picture(shown(session), "answers")
    assert [(row.label, row.value) for row in found.rows] == [("乙", "1/2"), ("甲", "2/2")]
    assert found.said == "最近 12 个月到期的移送 4 份，按期答复 3 份。"


@pytest.mark.app
def test_the_numbers_are_heard_without_the_picture(client, database):
    with database.write_session() as session:
        makers.clue(session)
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("desk:overview")).text
    assert client.to("desk:overview") in client.get(client.to("desk:queue")).text
    drawing = re.search(r'<svg class="column-chart__drawing"[^>]*role="img" aria-label="([^"]+)"', page)
    assert drawing
    assert drawing.group(1).startswith("每周收到：最近 12 周收到")
    assert page.count('class="bars__bar"') == page.count(
        'aria-hidden="true" focusable="false"><rect class="bars__ground"'
    )
    assert re.search(
        r'<th scope="row" class="bars__label"><a[^>]*>[^<]+</a></th>\s*<td class="bars__value"><span class="bars__number">1<',
        page,
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([(None, 5), ("water", 2)], "最多的是水污染，2 条"),
        ([(None, 5)], "5 条，都还没有定"),
        ([], "还没有收到线索"),
    ],
)
def test_what_is_not_settled_is_not_said_to_be_the_most(session, monkeypatch, found, said):
    monkeypatch.setattr("app.desk.overview.queries.received_by", lambda *_given, **_named: found)
    desk = Desk(session, cast.actor(session, "prosecutor_chen"), urls, NOW, 15)
    assert (
        said
        in overview._by(
            desk, "category", "按类别", {"water": Name("water", "水污染", "Water pollution")}
        ).said
    )
