"""The life of one transfer as a table of data; docs/lifecycle.md is generated from it.

It never writes the clue's state: the service calls `clues.service.advance` (decisions.md 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.platform.errors import Refused
from app.platform.i18n import N_
from app.transfer import kinds
from app.transfer.terms import SignStep
from app.transfer.terms import TransferAction as A
from app.transfer.terms import TransferKind as K
from app.transfer.terms import TransferState as S


class TransferStepRefused(Refused):
    """The transfer's life has no such step from here."""

    code = "transfer_step_refused"
    text = N_("这份移送现在不能做这一步。")


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from which states, to which; `to=None` stays where it is. Kinds without a step: app/transfer/kinds.py."""

    given: frozenset[S]
    to: S | None


_WITH_RECEIVER: Final = frozenset({S.SENT, S.ACKNOWLEDGED})
OPEN: Final = frozenset({S.SENT, S.ACKNOWLEDGED, S.REPLIED})
UNSENT: Final = frozenset({S.DRAFT, S.IN_REVIEW, S.TO_SIGN, S.SIGNED})

LIFECYCLE: Final[dict[A, Step]] = {
    A.SUBMIT: Step(frozenset({S.DRAFT}), S.IN_REVIEW),
    A.APPROVE_REVIEW: Step(frozenset({S.IN_REVIEW}), S.TO_SIGN),
    A.SIGN: Step(frozenset({S.TO_SIGN}), S.SIGNED),
    A.RETURN_DRAFT: Step(frozenset({S.IN_REVIEW, S.TO_SIGN}), S.DRAFT),
    A.SEND: Step(frozenset({S.SIGNED}), S.SENT),
    A.WITHDRAW: Step(UNSENT | {S.SENT}, S.WITHDRAWN),
    A.ACKNOWLEDGE: Step(frozenset({S.SENT}), S.ACKNOWLEDGED),
    A.REFUSE: Step(_WITH_RECEIVER, S.REFUSED),
    A.PROMISE: Step(_WITH_RECEIVER, S.ACKNOWLEDGED),
    A.ASK: Step(_WITH_RECEIVER, None),
    A.REPLY: Step(_WITH_RECEIVER, S.REPLIED),
    A.REPORT_DISPUTE: Step(_WITH_RECEIVER, None),
    # We answer a question of the receiver; nothing moves.
    A.TELL: Step(_WITH_RECEIVER, None),
    A.ASK_AGAIN: Step(frozenset({S.REPLIED}), S.ACKNOWLEDGED),
    # Two people looked on the ground (办案规则 36, 77): solved ends it, not solved gives it back to the receiver.
    A.VERIFY: Step(frozenset({S.REPLIED}), S.CLOSED),
    A.FAIL: Step(frozenset({S.REPLIED}), S.ACKNOWLEDGED),
    A.CLOSE: Step(frozenset({S.REPLIED}), S.CLOSED),
    # 反弹: found again on a later visit, it is the receiver's once more.
    A.RELAPSE: Step(frozenset({S.CLOSED}), S.ACKNOWLEDGED),
}


def next_state(state: S, action: A, *, kind: K, chain: tuple[SignStep, ...]) -> S:
    """Return the state an action leads to; raises TransferStepRefused.

    `chain` is the office's sign-off chain: steps it does not name are passed over.
    """
    step = LIFECYCLE[action]
    if state not in step.given or kinds.lacks(kind, action):
        raise TransferStepRefused(state=state.value, action=action.value, kind=kind.value)
    reached = state if step.to is None else step.to
    if reached is S.IN_REVIEW and SignStep.REVIEW not in chain:
        reached = S.TO_SIGN
    if reached is S.TO_SIGN and SignStep.SIGN not in chain:
        reached = S.SIGNED
    return reached


def open_actions(state: S, kind: K) -> tuple[A, ...]:
    """Return every action the table allows a kind of transfer from a state."""
    return tuple(
        action for action, step in LIFECYCLE.items() if state in step.given and not kinds.lacks(kind, action)
    )
