"""Filters, cursors and dates on plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.clues.terms import ClueState
from app.desk.rules import (
    Due,
    due,
    filters,
    read_cursor,
    write_cursor,
)
from app.desk.terms import IN_HAND, Age, Cursor, Filters, Flag, Order, WorkList
from app.platform import ids

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_an_empty_address_is_the_new_ones():
    assert filters({}) == Filters(WorkList.NEW)


def test_an_address_says_everything_and_comes_back():
    asked = {
        "list": "all", "state": "evaluating", "category": "water_pollution", "field": "eco_resource",
        "town": "taiyangdao", "source": "citizen_report", "channel": "web", "age": "7d", "flag": "photo",
        "q": "沟渠", "order": "urgent",
    }  # fmt: skip
    found = filters(asked)
    assert (found.age, found.flag, found.order) == (Age.WEEK, Flag.PHOTO, Order.URGENT)
    assert found.query() == asked
    assert "town" not in found.query(town="")


@given(
    some.dictionaries(some.sampled_from(["list", "state", "age", "flag", "order", "q", "town"]), some.text())
)
def test_junk_is_left_out(junk: dict[str, str]):
    found = filters(junk)
    assert found.state in {"", *ClueState}
    assert len(found.q) <= 64
    assert "\x00" not in found.q


@given(some.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), some.booleans(), some.booleans())  # noqa: DTZ001
def test_a_cursor_comes_back_to_the_microsecond(instant: datetime, is_urgent: bool, is_backward: bool):
    cursor = Cursor(instant.replace(tzinfo=UTC), ids.new(), is_urgent=is_urgent, is_backward=is_backward)
    assert read_cursor(write_cursor(cursor)) == cursor
    assert "rowno" not in write_cursor(cursor)


@given(some.text(max_size=80))
def test_a_strange_cursor_is_none(text: str):
    assert read_cursor(text) is None


@pytest.mark.parametrize(
    ("days", "standing"),
    [(-1, (Due.OVERDUE, 1)), (0, (Due.TODAY, 0)), (3, (Due.SOON, 3)), (4, (Due.LATER, 4))],
)
def test_how_a_date_stands(days: int, standing: tuple[Due, int]):
    today = date(2026, 11, 23)
    assert due(today + timedelta(days=days), "evaluating", today) == standing
    assert due(None, "evaluating", today)[0] is Due.NONE


@pytest.mark.parametrize("state", sorted(set(ClueState) - IN_HAND))
def test_after_a_decision_the_date_no_longer_runs(state: str):
    assert due(date(2020, 1, 1), state, date(2026, 11, 23))[0] is Due.NONE
