"""Sending and taking back: the clue follows in the same transaction, and the reporter is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.clocks import rules as clock_rules
from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.terms import ClueAction, Fact
from app.identity.actor import Actor
from app.intake import service as intake_service
from app.intake.terms import MessageKind
from app.platform import clock
from app.platform.db import WriteSession
from app.platform.errors import Refused
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.transfer import disclosure, policy, queries, rules
from app.transfer.kinds import KINDS
from app.transfer.models import Transfer
from app.transfer.service import steps
from app.transfer.service.signing import must_be_checked, must_be_decided, needs_second_check
from app.transfer.terms import SignDecision, SignStep, TransferAction, TransferKind, TransferState

FEEDBACK_CLOCK = "partner_transfer_feedback"


class LetterMissing(Refused):
    """Nothing is sent without its document."""

    code = "letter_missing"
    text = N_("文书还没有生成，请先生成文书再发出。")


def send(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    checks: Sequence[str] = (),
    version: int,
    now: datetime,
) -> None:
    """Send a signed transfer to its receiver: the clue is transferred, the clock runs, the reporter is told."""
    steps.fresh(transfer, version)
    policy.require(actor, TransferAction.SEND, TransferState(transfer.state))
    steps.next_state(transfer, TransferAction.SEND)
    steps.refuse_respondent(session, transfer.clue_id, transfer.receiver_id)
    if queries.newest_letter(session, transfer.id) is None:
        raise LetterMissing
    must_be_decided(session, transfer)
    checked = must_be_checked(session, transfer, checks) if needs_second_check(session, transfer) else []
    disclosed, today = disclosure.frozen(session, transfer), clock.office_date(now)
    was_told = queries.was_told(session, transfer.clue_id, transfer.kind)
    due = clock_rules.deadline(
        FEEDBACK_CLOCK, today, reference_queries.calendar(session), int(disclosed["feedback_days"])
    )
    steps.advance(
        session, transfer, TransferAction.SEND, version=version,
        values={
            "sent_at": now, "sent_by": actor.account_id, "due_on": due.due_on,
            "disclosed": {**disclosed, "due_on": due.due_on.isoformat()},
        },
    )  # fmt: skip
    clue = clue_queries.by_id(session, transfer.clue_id)
    clue_service.advance(
        session, actor.doer, clue, ClueAction.TRANSFER, now=now, facts=frozenset({Fact.RECIPIENT}),
        journal_facts={"transfer": transfer.id, "recipient_kind": KINDS[TransferKind(transfer.kind)].received_by.value},
    )  # fmt: skip
    steps.show_public(session, clue.id)
    steps.sign_off(
        session, transfer, SignStep.SEND, SignDecision.SENT, account_id=actor.account_id, words="", now=now,
        checks=checked,
    )  # fmt: skip
    steps.record(
        session, actor.doer, "sent", transfer, now=now,
        facts={"number": transfer.number, "due_on": due.due_on.isoformat(), "checks": checked,
               "given": disclosure.digest_of(session, transfer)},
    )  # fmt: skip
    # Of a facility clue the reporter reads one fixed sentence and nothing else (domain.md 1.11).
    if not was_told and not disclosure.is_facility(clue):
        intake_service.tell_reporter(
            session,
            actor.doer,
            clue,
            MessageKind.NOTE,
            rules.public_sentence(disclosed["wording"]["body"], today),
            now,
        )


def withdraw(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    reason_key: str,
    words: str,
    version: int,
    now: datetime,
) -> None:
    """Take a transfer back; a number already taken stays void and is never used again (decisions.md 5)."""
    steps.fresh(transfer, version)
    policy.require(actor, TransferAction.WITHDRAW, TransferState(transfer.state))
    steps.check_reason(session, "withdraw_transfer", reason_key)
    steps.advance(
        session,
        transfer,
        TransferAction.WITHDRAW,
        version=version,
        values={"reason_key": reason_key, "closed_at": now},
    )
    steps.record(
        session, actor.doer, "withdrawn", transfer, now=now, note=words,
        facts={"reason": reason_key, "void_number": transfer.number},
    )  # fmt: skip
    steps.after_loss(session, actor.doer, transfer, now=now)
