"""The packaged days, checked against notices anyone can look up."""

from datetime import date, timedelta

import pytest

from app.clocks.calendar import calendar_of, published_calendar
from app.clocks.terms import DayKind

CALENDAR = published_calendar()


def days_of(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def test_the_packaged_years():
    assert CALENDAR.published_years == frozenset(range(2018, 2027))
    assert published_calendar() is CALENDAR


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-02-14", DayKind.WORKDAY),
        ("2026-02-28", DayKind.WORKDAY),
        ("2026-02-16", DayKind.REST),
        ("2026-02-23", DayKind.REST),
        ("2026-02-24", DayKind.WORKDAY),
        ("2026-01-02", DayKind.REST),
        ("2026-01-04", DayKind.WORKDAY),
        ("2026-10-10", DayKind.WORKDAY),
        ("2025-01-26", DayKind.WORKDAY),
        ("2025-10-08", DayKind.REST),
        ("2024-10-12", DayKind.WORKDAY),
        ("2020-01-31", DayKind.REST),  # the Spring Festival prolonged by notice
        ("2026-03-07", DayKind.REST),
        ("2026-03-09", DayKind.WORKDAY),
        ("2017-12-29", DayKind.UNPUBLISHED),
        ("2027-01-01", DayKind.UNPUBLISHED),
    ],
)
def test_known_days(day, kind):
    assert CALENDAR.day_kind(date.fromisoformat(day)) is kind


@pytest.mark.parametrize("year", range(2018, 2027))
def test_each_year_has_about_as_many_working_days_as_any(year):
    # 11 statutory holidays, 13 from 2025; the early years gave a few more by shifting days.
    assert 246 <= sum(CALENDAR.is_workday(day) for day in days_of(year)) <= 252


def test_an_unpublished_year_works_monday_to_friday():
    for day in days_of(2027):
        assert CALENDAR.is_workday(day) is (day.weekday() < 5)


@pytest.mark.parametrize(
    "line",
    [
        "holidays = [2027-01-02]\nmakeup = []",  # a Saturday rests anyway
        "holidays = []\nmakeup = [2027-01-04]",  # a Monday is worked anyway
        "holidays = [2026-01-01]\nmakeup = []",  # another year's day
        'holidays = ["2027-01-01"]\nmakeup = []',  # words, not a date
        "holidays = [2027-01-01T00:00:00]\nmakeup = []",  # an instant
    ],
)
def test_a_slip_of_the_pen_is_refused(line):
    with pytest.raises(ValueError, match="2027"):
        calendar_of(f"[[year]]\nyear = 2027\n{line}\n")


def test_a_new_year_can_be_read():
    text = "[[year]]\nyear = 2027\nholidays = [2027-01-01]\nmakeup = [2027-01-03]\n"
    calendar = calendar_of(text)
    assert calendar.published_years == frozenset({2027})
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 1, 3))
