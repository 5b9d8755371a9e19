"""Who may take which step in which situation; pure, and it says why not (house.md 6)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from app.clues.lifecycle import LIFECYCLE
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState, Fact
from app.identity.permissions import Verb
from app.triage.terms import WhyNot

# The right each step needs. FILE, NOT_FILE and TRANSFER_RETURNED are not steps of a person at this desk:
# filing belongs to the case rooms, a return is the receiver's.
VERB_OF: Final[dict[A, Verb]] = {
    A.REGISTER: Verb.CLUE_REGISTER,
    A.REQUEST_INFO: Verb.CLUE_MESSAGE,
    A.RESUME: Verb.CLUE_MESSAGE,
    A.START_EVALUATION: Verb.CLUE_EVALUATE,
    A.START_INQUIRY: Verb.CLUE_EVALUATE,
    A.END_INQUIRY: Verb.CLUE_EVALUATE,
    A.MERGE: Verb.CLUE_MERGE,
    A.UNMERGE: Verb.CLUE_MERGE,
    A.SCREEN_OUT: Verb.CLUE_SCREEN_OUT,
    A.REDIRECT: Verb.CLUE_REDIRECT,
    A.TRANSFER: Verb.TRANSFER_DRAFT,
    A.WATCH: Verb.CLUE_EVALUATE,
    A.PROPOSE_FILING: Verb.CLUE_EVALUATE,
    A.CLOSE: Verb.CLUE_CLOSE,
    A.REOPEN: Verb.CLUE_REOPEN,
}
# An evaluation may be written, and written again, in these states; from REGISTERED it begins the evaluating.
EVALUATABLE: Final = frozenset({ClueState.REGISTERED, ClueState.EVALUATING, ClueState.PRELIMINARY_INQUIRY})


@dataclass(frozen=True, slots=True)
class Situation:
    """What a step depends on beside the person."""

    state: ClueState
    has_evaluation: bool = False
    has_open_transfers: bool = False
    has_reporter: bool = True


def refusal(action: A, verbs: AbstractSet[Verb], situation: Situation) -> WhyNot | None:
    """Return why this person cannot take this step now; None when they can."""
    verb = VERB_OF.get(action)
    if verb is None or verb not in verbs:
        return WhyNot.NO_RIGHT
    step = LIFECYCLE[action]
    if situation.state not in step.given:
        return WhyNot.NOT_FROM_HERE
    if Fact.EVALUATION in step.needs and not situation.has_evaluation:
        return WhyNot.NEEDS_EVALUATION
    if action is A.CLOSE and situation.has_open_transfers:
        return WhyNot.TRANSFERS_OPEN
    if action is A.REQUEST_INFO and not situation.has_reporter:
        return WhyNot.NO_REPORTER
    return None


def may_evaluate(verbs: AbstractSet[Verb], state: ClueState) -> WhyNot | None:
    """Say whether an evaluation may be written now."""
    if Verb.CLUE_EVALUATE not in verbs:
        return WhyNot.NO_RIGHT
    return None if state in EVALUATABLE else WhyNot.NOT_FROM_HERE
