"""When a place is looked at again: seasons are waited out, nothing is hidden for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import loading
from app.transfer.revisits import Pause, after_pauses, pause_of, plan

ICE = pause_of("ice_cover", "11-01", "04-15")
SUMMER = pause_of("no_ice", "04-01", "11-15")


@pytest.mark.parametrize(
    ("on", "pauses", "due", "key"),
    [
        (date(2026, 12, 20), [ICE], date(2027, 4, 16), "ice_cover"),
        (date(2027, 4, 15), [ICE], date(2027, 4, 16), "ice_cover"),
        (date(2026, 11, 1), [ICE], date(2027, 4, 16), "ice_cover"),
        (date(2026, 10, 31), [ICE], date(2026, 10, 31), None),
        (date(2027, 4, 16), [ICE], date(2027, 4, 16), None),
        (date(2027, 6, 1), [SUMMER], date(2027, 11, 16), "no_ice"),
        (date(2027, 6, 1), [], date(2027, 6, 1), None),
    ],
)
def test_a_revisit_waits_for_the_thaw(on: date, pauses: list[Pause], due: date, key: str | None):
    assert after_pauses(on, pauses) == (due, key)


def test_revisits_of_one_winter_become_one():
    found = plan(date(2026, 11, 20), (30, 90, 180, 365), [ICE])
    assert [(each.days, each.due_on) for each in found] == [
        (90, date(2027, 4, 16)),
        (180, date(2027, 5, 19)),
        (365, date(2028, 4, 16)),
    ]
    assert found[0].pause_key == "ice_cover"


def test_two_pauses_that_cover_the_year_hide_nothing():
    due, _key = after_pauses(date(2026, 12, 1), [ICE, SUMMER])
    assert due < date(2026, 12, 1) + timedelta(days=3 * 366)


@given(on=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_revisit_is_never_early_and_never_in_a_pause(on: date):
    due, key = after_pauses(on, [ICE])
    assert due >= on
    assert ICE.last_day(due) is None
    assert (key is None) is (due == on)


def test_the_seasons_we_ship_can_be_read():
    rows = loading.read("seasons.toml")["season"]
    assert len(rows) == 2
    for row in rows:
        assert (
            pause_of(row["key"], row["starts"], row["ends"]).last_day(date(2026, 1, 1))
            or row["key"] == "no_ice"
        )
