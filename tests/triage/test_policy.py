"""Who may take which step in which situation, and what is said when not."""

from __future__ import annotations

import pytest

from app.clues.lifecycle import LIFECYCLE
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.clues.terms import Fact
from app.identity.permissions import GRANTS, Verb
from app.identity.terms import Role
from app.triage import labels, policy
from app.triage.policy import Situation, may_evaluate, refusal
from app.triage.terms import Criterion, Grade, GradeReason, WhyNot

ALL = frozenset(Verb)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_every_state_and_action(state: S, action: A):
    why = refusal(action, ALL, Situation(state, has_evaluation=True))
    if action not in policy.VERB_OF:
        assert why is WhyNot.NO_RIGHT
    else:
        assert (why is None) == (state in LIFECYCLE[action].given)
        assert why is None or labels.why_not(action, why).endswith("。")


@pytest.mark.parametrize("action", policy.VERB_OF)
def test_the_verb_is_needed(action: A):
    state = next(iter(LIFECYCLE[action].given))
    assert (
        refusal(action, ALL - {policy.VERB_OF[action]}, Situation(state, has_evaluation=True))
        is WhyNot.NO_RIGHT
    )


@pytest.mark.parametrize("action", [a for a, step in LIFECYCLE.items() if Fact.EVALUATION in step.needs])
def test_some_steps_need_an_evaluation(action: A):
    state = next(iter(LIFECYCLE[action].given))
    assert refusal(action, ALL, Situation(state)) is WhyNot.NEEDS_EVALUATION


def test_closing_waits_for_transfers_and_asking_needs_somebody():
    assert refusal(A.CLOSE, ALL, Situation(S.TRANSFER_OUT, has_open_transfers=True)) is WhyNot.TRANSFERS_OPEN
    assert refusal(A.REQUEST_INFO, ALL, Situation(S.EVALUATING, has_reporter=False)) is WhyNot.NO_REPORTER


def test_evaluating_needs_right_and_state():
    assert may_evaluate(ALL, S.REGISTERED) is None
    assert may_evaluate(ALL, S.SUBMITTED) is WhyNot.NOT_FROM_HERE
    assert may_evaluate(frozenset(), S.REGISTERED) is WhyNot.NO_RIGHT


def test_a_reader_may_do_nothing():
    verbs = GRANTS[Role.LEADER]
    assert {refusal(action, verbs, Situation(state)) for action in policy.VERB_OF for state in S} == {
        WhyNot.NO_RIGHT
    }


def test_every_word_is_there():
    assert set(labels.CRITERIA) == set(labels.CRITERIA_HINTS) == set(Criterion)
    assert set(labels.GRADES) == set(Grade)
    assert set(labels.GRADE_REASONS) == set(GradeReason)
    assert set(labels.WHY_NOT) == set(WhyNot)
    assert set(labels.NOT_FROM_HERE) == set(policy.VERB_OF)
