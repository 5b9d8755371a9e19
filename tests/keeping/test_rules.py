"""Which term holds, when it ends, when a run must stop."""

from __future__ import annotations

from datetime import date

import pytest

from app.clues.lifecycle import ENDED
from app.keeping import rules
from app.keeping.terms import Part, Term
from app.reference import checks
from app.reference.loading import read
from app.reference.terms import OUTCOMES

EVERY = Term("common", "any", 12, 60)
REFUSED = Term("common", "not_accepted", 1, 6)
AED = Term("aed_missing", "any", None, 24)
EXACT = Term("aed_missing", "not_accepted", 3, None)
TERMS = [EVERY, REFUSED, AED, EXACT]


@pytest.mark.parametrize(
    ("category", "outcome", "found"),
    [
        ("solid_waste", "closed", EVERY),
        ("solid_waste", "not_accepted", REFUSED),
        ("aed_missing", "closed", AED),
        ("aed_missing", "not_accepted", EXACT),
    ],
)
def test_the_most_exact_row_wins(category: str, outcome: str, found: Term):
    for order in (TERMS, TERMS[::-1]):
        assert rules.term_for(order, category, outcome) == found


def test_no_row_and_no_figure_keep_everything():
    closed = date(2026, 1, 31)
    assert rules.ends_on([], Part.CONTENT, "x", "closed", closed) is None
    assert rules.ends_on(TERMS, Part.CONTACT, "aed_missing", "closed", closed) is None
    assert rules.ends_on(TERMS, Part.CONTENT, "aed_missing", "closed", closed) == date(2028, 1, 31)
    assert rules.shortest(TERMS, Part.CONTENT) == 6
    assert rules.shortest([EXACT], Part.CONTENT) is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 2, date(2027, 1, 30)),
        (date(2026, 12, 31), 1200, date(2126, 12, 31)),
    ],
)
def test_months_are_the_calendars(day: date, months: int, later: date):
    assert rules.months_later(day, months) == later


def test_nothing_goes_before_its_notice_has_run():
    today = date(2026, 11, 26)
    assert rules.goes_on(date(2020, 1, 1), today=today, notice_days=30) == date(2026, 12, 26)
    assert rules.goes_on(date(2027, 1, 1), today=today, notice_days=30) == date(2027, 1, 1)


def test_a_run_stops_above_its_cap_and_not_at_it():
    assert not rules.is_runaway(50, 50)
    assert rules.is_runaway(51, 50)


def test_outcomes_are_the_ends_a_clue_can_have():
    assert {key for key, _ in OUTCOMES} == {"any"} | {state.value for state in ENDED}


def test_the_terms_we_ship_let_nothing_go():
    rows = read("retention.toml")["term"]
    assert rows
    assert not [
        row for row in rows if "contact_months" in row or "content_months" in row or row.get("is_confirmed")
    ]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({}, []),
        ({"contact_months": 12, "content_months": 6, "basis": "x", "is_confirmed": True}, ["contact_months"]),
        ({"content_months": 6, "is_confirmed": True}, ["basis"]),
        ({"content_months": 6, "basis": "x"}, ["is_confirmed"]),
        ({"contact_months": 6, "content_months": 6, "basis": "x", "is_confirmed": True}, []),
    ],
)
def test_a_term_says_on_what_it_rests(row: dict[str, object], wrong: list[str]):
    assert [one.field for one in checks.retention_term(row)] == wrong
