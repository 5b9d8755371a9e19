"""Counting as the law counts, case by case; the reasons are part of the answer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.calendar import published_calendar
from app.clocks.rules import Calendar, NoAmountSet, UnknownDeadline, deadline
from app.clocks.terms import DayKind, DeadlineKind, Unit, Why, WhyStep

CALENDAR = published_calendar()
PUBLISHED = st.dates(date(2018, 1, 1), date(2026, 9, 30))
ANY_DAY = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def d(text):
    return date.fromisoformat(text)


def keys(due):
    return [step.key for step in due.why]


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        ("2024-08-09", 2, "2024-10-09"),
        ("2025-12-30", 2, "2026-02-28"),  # a shorter month, and its Saturday is made a working day
        ("2025-12-31", 2, "2026-02-28"),
        ("2023-12-31", 2, "2024-02-29"),  # a leap year's shorter month
        ("2023-12-29", 2, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-08-31", 1, "2024-09-30"),  # the eve of the National Day is a plain Monday
        ("2026-01-15", 1, "2026-02-24"),  # Sunday 15 February opens the long Spring Festival
        ("2025-12-20", 2, "2026-02-24"),  # Friday 20 February is in the middle of it
        ("2025-08-03", 2, "2025-10-09"),  # National Day and Mid-Autumn together
        ("2025-11-10", 2, "2026-01-12"),  # Saturday 10 January is a plain one
        ("2024-11-11", 3, "2025-02-11"),  # into the next year
    ],
)
def test_months(start, months, due):
    assert CALENDAR.add_months(d(start), months).due_on == d(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02", 7, "2026-03-09"),
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-04", 3, "2026-03-09"),  # ends on a Saturday, rolls over the Sunday
        ("2026-02-11", 3, "2026-02-14"),  # ends on a Saturday made a working day: stands
        ("2026-02-13", 2, "2026-02-24"),  # ends on the first day of the Spring Festival: rolls past it
        ("2026-02-09", 15, "2026-02-24"),  # the first working day after it stands by itself
        ("2026-09-24", 7, "2026-10-08"),  # ends on the National Day
        ("2024-02-26", 3, "2024-02-29"),
    ],
)
def test_days(start, days, due):
    assert CALENDAR.add_days(d(start), days).due_on == d(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02", 7, "2026-03-11"),
        ("2026-03-07", 1, "2026-03-09"),  # begun on a Saturday
        # 30 Sep, 8, 9 and the made-up Saturday 10 Oct, 12, 13, 14 Oct.
        ("2026-09-29", 7, "2026-10-14"),
        # The made-up Sunday 28 Sep, 29, 30 Sep, 9, 10, the made-up Saturday 11, 13 Oct.
        ("2025-09-26", 7, "2025-10-13"),
        # 13 and the made-up Saturday 14 Feb, then 24 to 27 and the made-up Saturday 28 Feb.
        ("2026-02-12", 7, "2026-02-28"),
    ],
)
def test_workdays(start, days, due):
    assert CALENDAR.add_workdays(d(start), days).due_on == d(due)


def test_why_a_plain_deadline_is_when_it_is():
    due = CALENDAR.add_months(d("2024-08-09"), 2)
    assert due.why == (
        WhyStep(Why.START_NOT_COUNTED, {"starts_on": d("2024-08-09"), "counted_from": d("2024-08-10")}),
        WhyStep(Why.MONTHS_COUNTED, {"amount": 2, "last_on": d("2024-10-09")}),
    )
    assert not due.is_provisional


def test_why_a_deadline_in_a_shorter_month_stands_on_a_made_up_saturday():
    due = CALENDAR.add_months(d("2025-12-30"), 2)
    assert due.why[1:] == (
        WhyStep(Why.MONTHS_COUNTED, {"amount": 2, "last_on": d("2026-02-28")}),
        WhyStep(Why.SHORTER_MONTH, {"wanted_day": 30, "last_on": d("2026-02-28")}),
        WhyStep(Why.MAKEUP_DAY_STANDS, {"due_on": d("2026-02-28")}),
    )


def test_why_a_deadline_rolled():
    due = CALENDAR.add_days(d("2026-02-13"), 2)
    assert due.why[1:] == (
        WhyStep(Why.DAYS_COUNTED, {"amount": 2, "last_on": d("2026-02-15")}),
        WhyStep(Why.ROLLED, {"from_on": d("2026-02-15"), "due_on": d("2026-02-24")}),
    )


def test_why_working_days_end_there():
    due = CALENDAR.add_workdays(d("2026-09-29"), 7)
    assert due.why[1].values == {"amount": 7, "skipped": 8, "last_on": d("2026-10-14")}


def test_without_a_published_year_monday_to_friday_counts_and_the_answer_says_so():
    due = CALENDAR.add_months(d("2026-12-02"), 2)  # Tuesday 2 February 2027
    assert due.due_on == d("2027-02-02")
    assert due.why[-1] == WhyStep(Why.UNPUBLISHED, {"year": 2027})
    assert due.is_provisional
    assert CALENDAR.add_days(d("2026-12-31"), 2).due_on == d("2027-01-04")  # Saturday rolls


def test_only_days_that_mattered_make_a_deadline_provisional():
    assert not CALENDAR.add_days(d("2027-12-30"), 0).is_provisional
    assert not CALENDAR.add_workdays(d("2026-12-30"), 1).is_provisional
    assert keys(CALENDAR.add_workdays(d("2026-12-30"), 2)).count(Why.UNPUBLISHED) == 1
    across = Calendar().add_workdays(d("2030-12-30"), 5)
    assert [step.values["year"] for step in across.why if step.key is Why.UNPUBLISHED] == [2030, 2031]


def test_an_offices_own_days_win_day_by_day_without_publishing_their_year():
    closed = CALENDAR.with_days({d("2026-03-09"): DayKind.REST, d("2027-01-04"): DayKind.REST})
    assert closed.add_days(d("2026-03-02"), 7).due_on == d("2026-03-10")
    due = closed.add_days(d("2026-12-31"), 2)
    assert due.due_on == d("2027-01-05")
    assert due.is_provisional
    assert CALENDAR.is_workday(d("2026-03-09"))
    no_makeup = CALENDAR.with_days({d("2026-02-28"): DayKind.REST})
    assert no_makeup.add_months(d("2025-12-30"), 2).due_on == d("2026-03-02")
    published = CALENDAR.with_days({d("2027-01-01"): DayKind.REST}, [2027])
    assert not published.add_months(d("2026-12-02"), 2).is_provisional
    doubted = CALENDAR.with_days({d("2026-03-09"): DayKind.UNPUBLISHED})
    assert doubted.add_days(d("2026-03-02"), 7).is_provisional


@pytest.mark.parametrize("unit", ["add_days", "add_months", "add_workdays", "month_end"])
def test_an_instant_is_no_start_and_a_period_is_not_negative(unit):
    count = getattr(CALENDAR, unit)
    with pytest.raises(TypeError, match="not at an instant"):
        count(datetime(2026, 3, 2, 20, 0, tzinfo=UTC), 1)
    with pytest.raises(ValueError, match="shorter than nothing"):
        count(d("2026-03-02"), -1)


@pytest.mark.parametrize("unit", ["add_days", "add_months", "add_workdays"])
def test_nothing_to_count_is_the_same_day_even_on_a_sunday(unit):
    due = getattr(CALENDAR, unit)(d("2026-03-08"), 0)
    assert (due.due_on, keys(due)) == (d("2026-03-08"), [Why.SAME_DAY])


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [("2026-02-03", 0, "2026-02-28"), ("2026-12-31", 1, "2027-01-31"), ("2024-02-29", 0, "2024-02-29")],
)
def test_the_end_of_a_month_does_not_roll(start, months, due):
    assert CALENDAR.month_end(d(start), months).due_on == d(due)


@given(ANY_DAY, st.integers(1, 400))
def test_a_period_of_days_never_ends_early_nor_on_a_rest_day(start, amount):
    due = CALENDAR.add_days(start, amount)
    last = start + timedelta(days=amount)
    assert due.due_on >= last
    assert CALENDAR.is_workday(due.due_on)
    assert not any(CALENDAR.is_workday(last + timedelta(days=n)) for n in range((due.due_on - last).days))
    assert (Why.ROLLED in keys(due)) is (due.due_on != last)


@given(ANY_DAY, st.integers(1, 60))
def test_a_period_of_months_ends_in_its_month_unless_it_rolled(start, amount):
    due = CALENDAR.add_months(start, amount)
    last = next(step.values["last_on"] for step in due.why if step.key is Why.MONTHS_COUNTED)
    assert isinstance(last, date)
    assert (last.year - start.year) * 12 + last.month - start.month == amount
    assert last.day == start.day or (last + timedelta(days=1)).day == 1
    assert (Why.SHORTER_MONTH in keys(due)) is (last.day != start.day)
    assert due.due_on >= last
    assert CALENDAR.is_workday(due.due_on)


@given(PUBLISHED, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start, amount):
    due = CALENDAR.add_workdays(start, amount)
    between = [start + timedelta(days=n) for n in range(1, (due.due_on - start).days + 1)]
    assert sum(CALENDAR.is_workday(day) for day in between) == amount
    assert CALENDAR.is_workday(due.due_on)


def test_a_deadline_carries_its_key_kind_and_amount():
    due = deadline("agency_reply", d("2025-12-30"), CALENDAR)
    assert (due.key, due.kind, due.unit, due.amount) == (
        "agency_reply",
        DeadlineKind.STATUTORY,
        Unit.MONTHS,
        2,
    )
    assert due.due_on == d("2026-02-28")


@pytest.mark.parametrize(
    ("key", "due"),
    [
        ("filing_decision_service", "2026-03-09"),
        ("agency_reply_urgent", "2026-03-17"),
        ("civil_notice", "2026-04-01"),
        ("civil_review", "2026-06-02"),
        ("petition_result", "2026-06-02"),
        ("clue_ack", "2026-03-02"),
        ("clue_progress", "2026-03-11"),
        ("12345_batch", "2026-03-31"),
    ],
)
def test_deadlines_from_the_table(key, due):
    assert deadline(key, d("2026-03-02"), CALENDAR).due_on == d(due)


def test_an_offices_own_amount_is_named_and_no_longer_the_laws():
    own = deadline("agency_reply", d("2026-03-02"), CALENDAR, amount_override=1)
    assert (own.due_on, own.kind) == (d("2026-04-02"), DeadlineKind.CONFIGURED)
    assert own.why[0] == WhyStep(Why.AMOUNT_OVERRIDDEN, {"amount": 1, "usual_amount": 2})
    same = deadline("agency_reply", d("2026-03-02"), CALENDAR, amount_override=2)
    assert same == deadline("agency_reply", d("2026-03-02"), CALENDAR)


def test_where_nobody_sets_a_limit_the_office_has_to():
    with pytest.raises(NoAmountSet):
        deadline("preliminary_inquiry", d("2026-03-02"), CALENDAR)
    set_here = deadline("preliminary_inquiry", d("2026-03-02"), CALENDAR, amount_override=30)
    assert (set_here.due_on, set_here.kind) == (d("2026-04-01"), DeadlineKind.CONFIGURED)


def test_an_unknown_key_is_refused():
    with pytest.raises(UnknownDeadline):
        deadline("whenever", d("2026-03-02"), CALENDAR)
