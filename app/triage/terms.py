"""The words of triage: what is judged, the grades, why a step is not possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from app.reference.jurisdiction.terms import Level

HIGHEST_SCORE: Final = 3


class Criterion(StrEnum):
    """What is judged from 0 to 3 (domain.md 1.8): 真实性, 可查性 in three parts, 危害, 履职."""

    TRUTH = "truth"
    CHECK_OBJECT = "check_object"
    CHECK_FACT = "check_fact"
    CHECK_CONDITIONS = "check_conditions"
    HARM = "harm"
    DUTY_FAILURE = "duty_failure"


class Grade(StrEnum):
    """How the clue is taken on."""

    A = "A"  # 优先办理
    B = "B"  # 一般
    C = "C"  # 存查
    D = "D"  # 不予受理


class GradeReason(StrEnum):
    """The one fact that decided a suggestion."""

    NOT_PUBLIC = "not_public"
    NOT_CREDIBLE = "not_credible"
    NOT_CHECKABLE = "not_checkable"
    PRESSING = "pressing"
    STRONG = "strong"
    ENOUGH = "enough"
    THIN = "thin"


@dataclass(frozen=True, slots=True)
class Scores:
    """One judgement: six scores of 0 to 3, and three plain questions."""

    truth: int
    check_object: int
    check_fact: int
    check_conditions: int
    harm: int
    duty_failure: int
    is_ours: bool
    is_public: bool
    is_pressing: bool
    # The two-part test of administrative cases (办案规则 67): interest harmed, and a duty perhaps not done.
    is_harmed: bool = False
    is_duty_unmet: bool = False
    # Of what level whoever is supervised is (办案规则 13); it decides the jurisdiction together with place and kind.
    level: Level = Level.UNKNOWN

    @property
    def is_administrative(self) -> bool:
        """Say whether both parts of the administrative test hold."""
        return self.is_harmed and self.is_duty_unmet

    def of(self, criterion: Criterion) -> int:
        """Return one score."""
        return int(getattr(self, criterion.value))

    @property
    def total(self) -> int:
        """Return the sum of the six scores, 0 to 18."""
        return sum(self.of(criterion) for criterion in Criterion)

    def as_json(self) -> dict[str, int | bool | str]:
        """Return the form that is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, int | bool | str]) -> Scores:
        """Read the stored form."""
        marks = {criterion.value: int(stored[criterion.value]) for criterion in Criterion}
        return cls(
            **marks,
            is_ours=bool(stored["is_ours"]),
            is_public=bool(stored["is_public"]),
            is_pressing=bool(stored["is_pressing"]),
            # Evaluations from before the test was asked say nothing of it.
            is_harmed=bool(stored.get("is_harmed", False)),
            is_duty_unmet=bool(stored.get("is_duty_unmet", False)),
            level=Level(str(stored.get("level", Level.UNKNOWN.value))),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The grade the scores suggest and the fact that decided it; a person decides."""

    grade: Grade
    reason: GradeReason


class WhyNot(StrEnum):
    """Why a step is not possible now."""

    NO_RIGHT = "no_right"
    NOT_FROM_HERE = "not_from_here"
    NEEDS_EVALUATION = "needs_evaluation"
    TRANSFERS_OPEN = "transfers_open"
    NO_REPORTER = "no_reporter"


class BulkAct(StrEnum):
    """What may be done to several clues at once."""

    ASSIGN = "assign"
    SCREEN_OUT = "screen_out"
    LABEL = "label"
    HAND_OVER = "hand_over"
