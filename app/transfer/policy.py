"""Who may take which step of a transfer. Pure; buttons, page guards and services ask the same table."""

from __future__ import annotations

from typing import Final

from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.errors import Refused
from app.transfer.terms import TransferAction as A
from app.transfer.terms import TransferState as S

# Each step of the sign-off chain needs its own verb; one person may hold several (issue 2).
_VERBS: Final[dict[A, Verb]] = {
    A.SUBMIT: Verb.TRANSFER_DRAFT,
    A.APPROVE_REVIEW: Verb.TRANSFER_REVIEW,
    A.SIGN: Verb.TRANSFER_SIGN,
    A.SEND: Verb.TRANSFER_SEND,
    A.ACKNOWLEDGE: Verb.TRANSFER_RECORD_PAPER,
    A.REFUSE: Verb.TRANSFER_RECORD_PAPER,
    A.PROMISE: Verb.TRANSFER_RECORD_PAPER,
    A.ASK: Verb.TRANSFER_RECORD_PAPER,
    A.REPLY: Verb.TRANSFER_RECORD_PAPER,
    A.REPORT_DISPUTE: Verb.TRANSFER_RECORD_PAPER,
    A.TELL: Verb.TRANSFER_SEND,
    A.ASK_AGAIN: Verb.TRANSFER_SEND,
    A.VERIFY: Verb.CLUE_CLOSE,
    A.FAIL: Verb.CLUE_CLOSE,
    A.CLOSE: Verb.CLUE_CLOSE,
    A.RELAPSE: Verb.CLUE_REOPEN,
}


def verb_for(action: A, state: S) -> Verb:
    """Return the right a step needs where the transfer stands."""
    if action is A.RETURN_DRAFT:
        return Verb.TRANSFER_SIGN if state is S.TO_SIGN else Verb.TRANSFER_REVIEW
    if action is A.WITHDRAW:
        return Verb.TRANSFER_DRAFT if state is S.DRAFT else Verb.TRANSFER_SEND
    return _VERBS[action]


def may(actor: Actor, action: A, state: S) -> bool:
    """Say whether this person may take the step, as far as their verbs go."""
    return actor.may(verb_for(action, state))


def require(actor: Actor, action: A, state: S) -> None:
    """Raise Refused unless this person may take the step."""
    if not may(actor, action, state):
        raise Refused(verb=verb_for(action, state).value)
