"""Decisions on plain values: which grade the scores suggest. 办案规则 27 asks for 真实性 and 可查性; the rest is [P]."""

from __future__ import annotations

from typing import Final

from app.triage.terms import Grade, GradeReason, Scores, Suggestion

_ENOUGH: Final = 8
_STRONG: Final = 13
_SOLID: Final = 2
ORDER: Final = (Grade.D, Grade.C, Grade.B, Grade.A)


def suggested_grade(scores: Scores) -> Suggestion:
    """Return the grade the scores suggest; more of anything never suggests less.

    Whether the matter is ours (`is_ours`) changes the road, not the worth: what another body must handle is
    transferred, not dropped (办案规则 26), so it takes no part here.
    """
    checkable = min(scores.check_object, scores.check_fact, scores.check_conditions)
    is_solid = scores.truth >= _SOLID and scores.harm >= _SOLID
    is_strong = is_solid and checkable >= _SOLID and scores.total >= _STRONG
    # The first line that holds decides.
    ladder = (
        (not scores.is_public, Grade.D, GradeReason.NOT_PUBLIC),
        (scores.truth == 0, Grade.D, GradeReason.NOT_CREDIBLE),
        (checkable == 0, Grade.C, GradeReason.NOT_CHECKABLE),
        (is_solid and scores.is_pressing, Grade.A, GradeReason.PRESSING),
        (is_strong, Grade.A, GradeReason.STRONG),
        (scores.total >= _ENOUGH or scores.is_pressing, Grade.B, GradeReason.ENOUGH),
        (True, Grade.C, GradeReason.THIN),
    )
    return next(Suggestion(grade, reason) for holds, grade, reason in ladder if holds)
