"""The suggested grade: what decides, and that more of anything never suggests less."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from app.triage.rules import ORDER, suggested_grade
from app.triage.terms import Criterion, Grade, GradeReason, Scores

PLAIN = Scores(2, 2, 2, 2, 2, 2, is_ours=True, is_public=True, is_pressing=False)


@pytest.mark.parametrize(
    ("changes", "grade", "reason"),
    [
        ({"is_public": False}, Grade.D, GradeReason.NOT_PUBLIC),
        ({"truth": 0}, Grade.D, GradeReason.NOT_CREDIBLE),
        ({"check_fact": 0, "is_pressing": True}, Grade.C, GradeReason.NOT_CHECKABLE),
        ({"is_pressing": True}, Grade.A, GradeReason.PRESSING),
        ({"harm": 3}, Grade.A, GradeReason.STRONG),
        ({}, Grade.B, GradeReason.ENOUGH),
        (
            {"truth": 1, "check_object": 1, "check_fact": 1, "check_conditions": 1, "harm": 1},
            Grade.C,
            GradeReason.THIN,
        ),
    ],
)
def test_what_decides(changes: dict[str, int], grade: Grade, reason: GradeReason):
    found = suggested_grade(replace(PLAIN, **changes))
    assert (found.grade, found.reason) == (grade, reason)


def test_whose_matter_it_is_changes_no_grade():
    assert suggested_grade(replace(PLAIN, is_ours=False)) == suggested_grade(PLAIN)


def test_more_never_suggests_less():
    def rank(scores: Scores) -> int:
        return ORDER.index(suggested_grade(scores).grade)

    looked_at = 0
    for marks in product(range(4), repeat=6):
        for is_public, is_pressing in product((False, True), repeat=2):
            truth, object_, fact, conditions, harm, duty = marks
            scores = Scores(truth, object_, fact, conditions, harm, duty, True, is_public, is_pressing)
            higher = [replace(scores, is_public=True), replace(scores, is_pressing=True)]
            higher += [
                replace(scores, **{one.value: scores.of(one) + 1}) for one in Criterion if scores.of(one) < 3
            ]
            assert all(rank(better) >= rank(scores) for better in higher)
            looked_at += 1
    assert looked_at == 4**6 * 4


def test_scores_survive_storing():
    assert Scores.from_json(PLAIN.as_json()) == PLAIN
