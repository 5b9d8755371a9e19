"""Every state × action × kind, and every step × role: what is not in the tables is refused."""

from __future__ import annotations

import itertools

import pytest

from app.identity.actor import Actor
from app.identity.permissions import GRANTS, Verb
from app.identity.terms import Role
from app.platform.errors import Refused
from app.transfer import labels, policy
from app.transfer.lifecycle import LIFECYCLE, OPEN, UNSENT, TransferStepRefused, next_state, open_actions
from app.transfer.terms import SignStep, TransferKind, TransferState
from app.transfer.terms import TransferAction as A
from app.transfer.terms import TransferState as S

BOTH = (SignStep.REVIEW, SignStep.SIGN)
# The trade's own account of the table, written down a second time: where a step leads from each state.
WAY = {
    S.DRAFT: {A.SUBMIT: S.IN_REVIEW, A.WITHDRAW: S.WITHDRAWN},
    S.IN_REVIEW: {A.APPROVE_REVIEW: S.TO_SIGN, A.RETURN_DRAFT: S.DRAFT, A.WITHDRAW: S.WITHDRAWN},
    S.TO_SIGN: {A.SIGN: S.SIGNED, A.RETURN_DRAFT: S.DRAFT, A.WITHDRAW: S.WITHDRAWN},
    S.SIGNED: {A.SEND: S.SENT, A.WITHDRAW: S.WITHDRAWN},
    S.SENT: {
        A.ACKNOWLEDGE: S.ACKNOWLEDGED, A.PROMISE: S.ACKNOWLEDGED, A.REFUSE: S.REFUSED, A.REPLY: S.REPLIED,
        A.ASK: S.SENT, A.TELL: S.SENT, A.REPORT_DISPUTE: S.SENT, A.WITHDRAW: S.WITHDRAWN,
    },
    S.ACKNOWLEDGED: {
        A.PROMISE: S.ACKNOWLEDGED, A.REFUSE: S.REFUSED, A.REPLY: S.REPLIED, A.ASK: S.ACKNOWLEDGED,
        A.TELL: S.ACKNOWLEDGED, A.REPORT_DISPUTE: S.ACKNOWLEDGED,
    },
    S.REPLIED: {A.ASK_AGAIN: S.ACKNOWLEDGED, A.CLOSE: S.CLOSED, A.VERIFY: S.CLOSED, A.FAIL: S.ACKNOWLEDGED},
    S.CLOSED: {A.RELAPSE: S.ACKNOWLEDGED},
}  # fmt: skip


def expected(state: S, action: A, kind: TransferKind) -> S | None:
    if action is A.REFUSE and kind is TransferKind.PROCURATORATE:
        return None
    if action is A.REPORT_DISPUTE and kind is not TransferKind.PROCURATORATE:
        return None
    return WAY.get(state, {}).get(action)


@pytest.mark.parametrize(("state", "action", "kind"), list(itertools.product(S, A, TransferKind)))
def test_every_step(state: S, action: A, kind: TransferKind):
    wanted = expected(state, action, kind)
    assert (action in open_actions(state, kind)) is (wanted is not None)
    if wanted is None:
        with pytest.raises(TransferStepRefused):
            next_state(state, action, kind=kind, chain=BOTH)
    else:
        assert next_state(state, action, kind=kind, chain=BOTH) is wanted


@pytest.mark.parametrize(
    ("chain", "action", "state", "reached"),
    [
        ((SignStep.SIGN,), A.SUBMIT, S.DRAFT, S.TO_SIGN),
        ((SignStep.REVIEW,), A.SUBMIT, S.DRAFT, S.IN_REVIEW),
        ((SignStep.REVIEW,), A.APPROVE_REVIEW, S.IN_REVIEW, S.SIGNED),
        ((), A.SUBMIT, S.DRAFT, S.SIGNED),
    ],
)
def test_steps_the_chain_does_not_name_are_passed_over(
    chain: tuple[SignStep, ...], action: A, state: S, reached: S
):
    assert next_state(state, action, kind=TransferKind.AGENCY, chain=chain) is reached


def test_the_groups_of_states_are_whole():
    assert OPEN | UNSENT | {S.REFUSED, S.WITHDRAWN, S.CLOSED} == set(S)
    assert set(LIFECYCLE) == set(A)


def actor(role: Role) -> Actor:
    return Actor("a", "甲", frozenset({role}), "o", "u", "院", "科", frozenset(), "s")


NEEDED = {
    (A.SUBMIT, S.DRAFT): Verb.TRANSFER_DRAFT,
    (A.APPROVE_REVIEW, S.IN_REVIEW): Verb.TRANSFER_REVIEW,
    (A.SIGN, S.TO_SIGN): Verb.TRANSFER_SIGN,
    (A.RETURN_DRAFT, S.IN_REVIEW): Verb.TRANSFER_REVIEW,
    (A.RETURN_DRAFT, S.TO_SIGN): Verb.TRANSFER_SIGN,
    (A.SEND, S.SIGNED): Verb.TRANSFER_SEND,
    (A.WITHDRAW, S.DRAFT): Verb.TRANSFER_DRAFT,
    (A.WITHDRAW, S.SENT): Verb.TRANSFER_SEND,
    (A.REPLY, S.SENT): Verb.TRANSFER_RECORD_PAPER,
    (A.CLOSE, S.REPLIED): Verb.CLUE_CLOSE,
    (A.VERIFY, S.REPLIED): Verb.CLUE_CLOSE,
    (A.FAIL, S.REPLIED): Verb.CLUE_CLOSE,
    (A.RELAPSE, S.CLOSED): Verb.CLUE_REOPEN,
    (A.ASK_AGAIN, S.REPLIED): Verb.TRANSFER_SEND,
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("step", "verb"), list(NEEDED.items()))
def test_each_step_needs_its_verb(role: Role, step: tuple[A, S], verb: Verb):
    person = actor(role)
    assert policy.may(person, *step) is (verb in GRANTS[role])
    if verb not in GRANTS[role]:
        with pytest.raises(Refused):
            policy.require(person, *step)


def test_policy_knows_every_action():
    for action, state in itertools.product(A, S):
        assert policy.verb_for(action, state) in Verb


def test_every_word_has_a_label():
    for state in TransferState:
        assert labels.state(state.value)[0]
    assert set(labels.KINDS) == set(TransferKind)
