"""Boxes, days and codes: typed text in, a value or a sentence out; no database, no request."""

from __future__ import annotations

import json
from datetime import date

import pytest

from app.reference import dates, inputs, rules, terms
from app.reference.inputs import Input, Option
from tests.patrol.source import ROOT

YES_NO = [Option("yes", "是"), Option("no", "否")]


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("91350100M000100Y43", True),  # the standard's own example
        ("12100000400000624D", True),
        ("91350100M000100Y42", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),  # the letter I is not in the alphabet
        ("91350100M000100y43", False),
        ("", False),
        ("１２１０００００４００００06２４Ｐ", False),
    ],
)
def test_a_credit_code_is_computed(code: str, holds: bool):
    assert rules.credit_code_holds(code) is holds


def test_any_single_slip_in_a_credit_code_is_found():
    good = "91350100M000100Y43"
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    slips = [good[:at] + sign + good[at + 1 :] for at in range(18) for sign in signs if sign != good[at]]
    assert len(slips) == 18 * 30
    assert not [slip for slip in slips if rules.credit_code_holds(slip)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2027-10-01", [(10, 1)]),
        ("10月1日至3日", [(10, 1), (10, 2), (10, 3)]),
        ("10月1日（周五）至10月3日（周日）", [(10, 1), (10, 2), (10, 3)]),
        ("2027.10.1 - 10.2", [(10, 1), (10, 2)]),
        ("1/1、1/2, 2027年1月3日\n", [(1, 1), (1, 2), (1, 3)]),
        ("9月30日~10月2日", [(9, 30), (10, 1), (10, 2)]),
        ("", []),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: list[tuple[int, int]]):
    read = dates.read_days(text, 2027)
    assert read.unread == ""
    assert read.found == {date(2027, month, day) for month, day in days}


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01",
        "2月30日",
        "10月3日至1日",
        "国庆节",
        "10月1日至12月31日",
        "7",
        "'\"><svg onload>",
        "１０月",
    ],
)
def test_a_day_that_cannot_be_read_is_named_never_skipped(text: str):
    read = dates.read_days(f"2027-01-01 {text}", 2027)
    assert read.unread
    assert read.unread in text


def test_options_are_one_a_line():
    item = Input("options", "选项", "options")
    value, problem = inputs.read(item, ["pipe|管道|Pipe\nditch|沟|| 急\n\n  pit ｜渗坑"], [])
    assert problem == ""
    assert value == [
        {"value": "pipe", "label": "管道", "label_en": "Pipe"},
        {"value": "ditch", "label": "沟", "label_en": "", "urgent": True},
        {"value": "pit", "label": "渗坑", "label_en": ""},
    ]
    again, _problem = inputs.read(item, [str(inputs.shown(item, value))], [])
    assert again == value


@pytest.mark.parametrize(
    "line",
    [
        "管道",
        "A|管道",
        "pipe|",
        "pipe|管道|Pipe|soon",
        "pipe|a|b|urgent|x",
        "unknown|不清楚",
        "pipe|a\npipe|b",
    ],
)
def test_an_odd_option_line_is_refused_with_its_number(line: str):
    value, problem = inputs.read(Input("options", "选项", "options"), [line], [])
    assert value == []
    assert "行" in problem


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("whole", "1_000"), ("whole", "１２"), ("whole", "1e3"), ("whole", "99999999999"), ("whole", "-1"),
        ("number", "nan"), ("number", "inf"), ("number", "1,5"), ("pick", "maybe"), ("key", "Ä"), ("key", "a b"),
        ("text", "两\n行"), ("text", "长" * 61), ("text", "   "),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(kind: str, typed: str):
    item = Input("a", "甲", kind, is_required=True, longest=60, low=0, high=10)
    _value, problem = inputs.read(item, [typed], YES_NO)
    assert problem


def test_every_box_survives_nothing_and_junk():
    junk = ["'\"><svg onload=alert(1)>\u202e|;DROP TABLE clue;--\U0001f600" * 50]
    for kind in ("text", "key", "lines", "yes", "whole", "number", "pick", "many", "options", "basis"):
        for typed in ([], [""], junk, junk * 3):
            inputs.read(Input("a", "甲", kind), typed, YES_NO)


def test_the_pictures_of_categories_exist():
    known = json.loads((ROOT / "static/icons.json").read_text("utf-8"))
    assert {name for name, _label in terms.ICONS} <= set(known)
