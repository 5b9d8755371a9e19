from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake import answers
from app.intake.terms import Said

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OPTIONS: list[dict[str, Any]] = [
    {"value": "mall", "label": "商场", "label_en": "Mall"},
    {"value": "fire", "label": "着火", "label_en": "Fire", "urgent": True},
]


@dataclass(frozen=True)
class Question:
    key: str
    kind: str
    label: str = "问题"
    label_en: str = "Question"
    options: list[dict[str, Any]] = field(default_factory=lambda: list(OPTIONS))
    unit: str = ""
    low: float | None = None
    high: float | None = None
    max_length: int | None = None
    is_required: bool = False
    is_urgent: bool = False
    is_private: bool = False
    shown_when: dict[str, Any] | None = None


def one(question: Question, *typed: str, is_unknown: bool = False):
    found, faults = answers.read([question], {question.key: Said(typed, is_unknown)}, now=NOW)
    return (found[0] if found else None), [fault.text for fault in faults]


@pytest.mark.parametrize(
    ("kind", "typed", "value", "shown"),
    [
        ("bool", ["yes"], "yes", "是"),
        ("bool", ["unknown"], "unknown", "不清楚"),
        ("enum", ["mall"], "mall", "商场"),
        ("enum", ["unknown"], "unknown", "不清楚"),
        ("multi", ["fire", "mall"], ["mall", "fire"], "商场、着火"),
        ("multi", ["unknown"], "unknown", "不清楚"),
        ("multi", ["unknown", "mall"], ["mall"], "商场"),
        ("int", [" １2 "], 12, "12"),
        ("int", ["1,200"], 1200, "1200"),
        ("number", ["3.50"], 3.5, "3.5"),
        ("number", ["1234567.25"], 1234567.25, "1234567.25"),
        ("text", ["  <svg onload=alert(1)> ' OR 1=1 --  "], "  <svg onload=alert(1)> ' OR 1=1 --  ", None),
        ("text", ["unknown"], "unknown", "unknown"),
        ("date", ["2026-11-20"], "2026-11-20", "2026-11-20"),
        ("datetime", ["2026-11-20T09:30"], "2026-11-20T09:30+08:00", "2026-11-20T09:30+08:00"),
        ("datetime", ["2026-11-20T09:30:00Z"], "2026-11-20T17:30+08:00", None),
    ],
)
def test_each_kind_is_read(kind: str, typed: list[str], value: Any, shown: str | None):
    found, faults = one(Question("q", kind), *typed)
    assert faults == []
    assert found is not None
    assert found["value"] == value
    assert found["shown"] == (shown if shown is not None else value)
    assert (found["label"], found["label_en"], found["kind"]) == ("问题", "Question", kind)


@pytest.mark.parametrize("kind", ["bool", "enum", "multi", "int", "number", "text", "date", "datetime"])
def test_nobody_is_forced_to_guess(kind: str):
    question = Question("q", kind, is_required=True)
    found, faults = one(question)
    assert (found, len(faults)) == (None, 1)
    found, faults = one(question, is_unknown=True)
    assert faults == []
    assert found is not None
    assert (found["value"], found["shown"], found["is_urgent"]) == ("unknown", "不清楚", False)
    assert one(Question("q", kind)) == (None, [])


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("bool", ["maybe"]), ("bool", ["yes", "no"]), ("enum", ["Mall"]), ("multi", ["mall", "x"]), ("int", ["1.5"]),
        ("int", ["一"]), ("int", ["99999999999"]), ("number", ["1e5"]), ("number", ["nan"]), ("number", ["inf"]),
        ("text", ["x" * 501]), ("date", ["2026-02-30"]), ("date", ["1949-12-31"]), ("date", ["0001-01-01"]),
        ("date", ["9999-12-31"]), ("datetime", ["0001-01-01T00:00"]), ("datetime", ["9999-12-31T23:59+00:00"]),
        ("datetime", ["yesterday"]),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_told_at_its_field(kind: str, typed: list[str]):
    found, faults = one(Question("q", kind), *typed)
    assert found is None
    assert len(faults) == 1
    assert "%(" not in faults[0]


def test_bounds_and_lengths():
    assert one(Question("q", "int", low=1, high=200), "0")[1]
    assert one(Question("q", "int", low=1, high=200), "201")[1]
    assert one(Question("q", "int", low=1, high=200, unit="层"), "200")[0]["shown"] == "200层"  # type: ignore[index]
    assert one(Question("q", "text", max_length=3), "四个字啊")[1]
    assert one(Question("occurred_at", "datetime"), "2027-01-01T08:00")[1]
    assert not one(Question("expiry", "date"), "2027-01-01")[1]


def test_urgency_comes_from_a_yes_or_an_urgent_option():
    def alarms(question: Question, *typed: str) -> bool:
        return answers.is_urgent([one(question, *typed)[0] or {}])

    assert alarms(Question("q", "bool", is_urgent=True), "yes")
    assert not alarms(Question("q", "bool", is_urgent=True), "no")
    assert not alarms(Question("q", "bool", is_urgent=True), "unknown")
    assert alarms(Question("q", "enum"), "fire")
    assert alarms(Question("q", "multi"), "mall", "fire")
    assert not alarms(Question("q", "multi"), "mall")


def test_a_condition_is_enforced_whoever_sent_the_answer():
    first = Question("first", "bool")
    second = Question("second", "enum", is_required=True, shown_when={"question": "first", "is": ["yes"]})
    third = Question("third", "text", shown_when={"question": "second", "is": ["fire"]})

    def keys(**said: str) -> list[str]:
        sent = {key: Said((value,)) for key, value in said.items()}
        return [found["key"] for found in answers.read([first, second, third], sent, now=NOW)[0]]

    assert keys(first="no", second="fire", third="x") == ["first"]
    assert keys(second="fire", third="x") == []
    assert keys(first="yes", second="mall", third="x") == ["first", "second"]
    assert keys(first="yes", second="fire", third="x") == ["first", "second", "third"]
    hidden = {"first": Said(("no",)), "second": Said(("rubbish",))}
    assert answers.read([first, second, third], hidden, now=NOW)[1] == [], "what is hidden cannot be wrong"


@given(
    st.sampled_from(["bool", "enum", "multi", "int", "number", "text", "date", "datetime"]),
    st.lists(st.text(max_size=60) | st.sampled_from(["yes", "fire", "2026-01-01", "-0", "٣", "²", "1e9"]), max_size=4),
    st.booleans(),
)  # fmt: skip
def test_junk_is_answered_never_raised(kind: str, typed: list[str], is_unknown: bool):
    found, faults = one(Question("q", kind, is_required=True, low=0, high=10), *typed, is_unknown=is_unknown)
    assert (found is None) == bool(faults)
