"""The life of a clue as one table of data (domain.md 1.3); docs/lifecycle.md is generated from it.

Only `state` is in here. Withdrawal, urgency, completeness and the public wording are columns of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.clues.terms import Fact
from app.platform.errors import Refused
from app.platform.i18n import N_


class StepRefused(Refused):
    """The lifecycle has no such step from here, or a fact is missing."""

    code = "step_refused"
    text = N_("现在的状态不能做这一步。")


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from which states, to which, and what must be told. `to=None` goes back to where it came from."""

    given: frozenset[S]
    to: S | None
    needs: frozenset[Fact] = frozenset()
    remembers: bool = False


# States in which the office is still deciding.
_DECIDING: Final = frozenset({S.REGISTERED, S.EVALUATING, S.PRELIMINARY_INQUIRY})
# States that end the office's work for the time being; each can be opened again with a reason.
ENDED: Final = frozenset({S.NOT_ACCEPTED, S.REDIRECTED, S.WATCHING, S.NOT_FILED, S.CLOSED})
# States in which a clue may receive more facts and still be in work.
OPEN: Final = frozenset(S) - ENDED - {S.MERGED_DUPLICATE}

LIFECYCLE: Final[dict[A, Step]] = {
    A.REGISTER: Step(frozenset({S.SUBMITTED}), S.REGISTERED, frozenset({Fact.NUMBER})),
    A.REQUEST_INFO: Step(
        _DECIDING | {S.SUBMITTED}, S.NEED_MORE_INFO, frozenset({Fact.REQUEST}), remembers=True
    ),
    A.RESUME: Step(frozenset({S.NEED_MORE_INFO}), None),
    A.START_EVALUATION: Step(frozenset({S.REGISTERED}), S.EVALUATING),
    A.START_INQUIRY: Step(frozenset({S.EVALUATING}), S.PRELIMINARY_INQUIRY, frozenset({Fact.EVALUATION})),
    A.END_INQUIRY: Step(frozenset({S.PRELIMINARY_INQUIRY}), S.EVALUATING, frozenset({Fact.REASON})),
    A.MERGE: Step(_DECIDING | {S.NEED_MORE_INFO}, S.MERGED_DUPLICATE, frozenset({Fact.MASTER})),
    A.UNMERGE: Step(frozenset({S.MERGED_DUPLICATE}), S.EVALUATING, frozenset({Fact.REASON})),
    A.SCREEN_OUT: Step(_DECIDING | {S.NEED_MORE_INFO}, S.NOT_ACCEPTED, frozenset({Fact.REASON})),
    A.REDIRECT: Step(_DECIDING | {S.NEED_MORE_INFO}, S.REDIRECTED, frozenset({Fact.REASON, Fact.CHANNEL})),
    A.TRANSFER: Step(frozenset({S.EVALUATING, S.TRANSFER_OUT}), S.TRANSFER_OUT, frozenset({Fact.RECIPIENT})),
    A.TRANSFER_RETURNED: Step(frozenset({S.TRANSFER_OUT}), S.EVALUATING),
    A.WATCH: Step(frozenset({S.EVALUATING}), S.WATCHING, frozenset({Fact.REASON})),
    A.PROPOSE_FILING: Step(frozenset({S.EVALUATING}), S.FILING_PROPOSED, frozenset({Fact.EVALUATION})),
    A.FILE: Step(frozenset({S.FILING_PROPOSED}), S.FILED),
    A.NOT_FILE: Step(frozenset({S.FILING_PROPOSED}), S.NOT_FILED, frozenset({Fact.REASON})),
    A.CLOSE: Step(frozenset({S.TRANSFER_OUT, S.FILED}), S.CLOSED, frozenset({Fact.OUTCOME})),
    A.REOPEN: Step(ENDED, S.EVALUATING, frozenset({Fact.REASON})),
}


def next_state(state: S, action: A, facts: frozenset[Fact], *, returns_to: S | None = None) -> S:
    """Return the state an action leads to; raises StepRefused when the table has no such step.

    `returns_to` is where a clue was when it was asked for more; RESUME goes back there.
    """
    step = LIFECYCLE[action]
    if state not in step.given:
        raise StepRefused(state=state.value, action=action.value)
    missing = step.needs - facts
    if missing:
        raise StepRefused(state=state.value, action=action.value, missing=sorted(missing))
    if step.to is not None:
        return step.to
    return returns_to or S.REGISTERED


def open_actions(state: S) -> tuple[A, ...]:
    """Return every action the table allows from a state, in the table's order."""
    return tuple(action for action, step in LIFECYCLE.items() if state in step.given)
