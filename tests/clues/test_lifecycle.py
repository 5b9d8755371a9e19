"""Every state and every action: the table is total, and what it does not name is refused."""

from __future__ import annotations

import itertools

import pytest

from app.clues.lifecycle import ENDED, LIFECYCLE, StepRefused, next_state, open_actions
from app.clues.terms import ClueAction, ClueState, Fact

ALL_FACTS = frozenset(Fact)
PAIRS = list(itertools.product(ClueState, ClueAction))


def test_the_table_names_every_action() -> None:
    assert set(LIFECYCLE) == set(ClueAction)


@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_a_step_is_taken_or_refused(state: ClueState, action: ClueAction) -> None:
    if action in open_actions(state):
        assert isinstance(next_state(state, action, ALL_FACTS, returns_to=ClueState.EVALUATING), ClueState)
    else:
        with pytest.raises(StepRefused):
            next_state(state, action, ALL_FACTS)


@pytest.mark.parametrize("action", [action for action, step in LIFECYCLE.items() if step.needs])
def test_a_step_without_its_facts_is_refused(action: ClueAction) -> None:
    state = next(iter(LIFECYCLE[action].given))
    with pytest.raises(StepRefused):
        next_state(state, action, frozenset())


def test_every_state_can_be_reached_and_every_end_can_be_opened_again() -> None:
    reached, border = {ClueState.SUBMITTED}, [ClueState.SUBMITTED]
    while border:
        state = border.pop()
        for action in open_actions(state):
            after = next_state(state, action, ALL_FACTS, returns_to=ClueState.EVALUATING)
            if after not in reached:
                reached.add(after)
                border.append(after)
    assert reached == set(ClueState)
    assert all(ClueAction.REOPEN in open_actions(state) for state in ENDED)


def test_a_clue_asked_for_more_goes_back_to_where_it_was() -> None:
    assert (
        next_state(ClueState.NEED_MORE_INFO, ClueAction.RESUME, ALL_FACTS, returns_to=ClueState.SUBMITTED)
        == "submitted"
    )


def test_nothing_is_transferred_before_it_is_registered_and_evaluated() -> None:
    assert ClueAction.TRANSFER not in open_actions(ClueState.SUBMITTED)
    assert ClueAction.TRANSFER not in open_actions(ClueState.REGISTERED)
