"""Looking on the ground: two people, what they found; solved ends it, not solved gives it back, a relapse reopens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.clocks import rules as clock_rules
from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.terms import ClueAction, ClueState, Fact
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Origin
from app.identity.actor import Actor
from app.intake import service as intake_service
from app.intake.terms import MessageKind
from app.platform import clock, ids
from app.platform.db import WriteSession
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.transfer import disclosure, policy
from app.transfer.invitations import queries as invitation_queries
from app.transfer.kinds import KINDS
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Transfer, TransferAnswer, Visit
from app.transfer.service import closing, revisiting, steps
from app.transfer.service.sending import FEEDBACK_CLOCK
from app.transfer.terms import (
    AnswerKind,
    AnswerWay,
    TransferAction,
    TransferKind,
    TransferState,
    VisitOutcome,
    VisitTold,
)

_RELAPSED: str = "回访时发现您反映的问题又出现了，我们已经请有权处理的机关继续处理。"
# What each finding does, by where the transfer stands; a visit that finds a closed matter still solved moves nothing.
_STEPS: dict[tuple[TransferState, VisitOutcome], TransferAction | None] = {
    (TransferState.REPLIED, VisitOutcome.VERIFIED): TransferAction.VERIFY,
    (TransferState.REPLIED, VisitOutcome.FAILED): TransferAction.FAIL,
    (TransferState.CLOSED, VisitOutcome.VERIFIED): None,
    (TransferState.CLOSED, VisitOutcome.RELAPSED): TransferAction.RELAPSE,
}


class TwoStaff(Invalid):
    """Evidence is collected by two people (办案规则 36)."""

    code = "two_staff"
    text = N_("现场核查要有两名工作人员，请写两个人的姓名。")


class VisitDay(Invalid):
    """A visit lies before the transfer left, or in the future."""

    code = "visit_day"
    text = N_("核查的日期要在移送以后、今天以前。")


class NoSuchSupport(Invalid):
    """The answer named supports nothing here: of another clue, or without a place."""

    code = "no_such_support"
    text = N_("请从名单里选一份佐证，或者不选。")


class NothingToReceiver(Invalid):
    """Nobody can put right what they are not told."""

    code = "nothing_to_receiver"
    text = N_("没有解决的，请写明要对方再做什么。")


def outcomes_at(state: TransferState) -> tuple[VisitOutcome, ...]:
    """Return what a visit may find where a transfer stands."""
    return tuple(outcome for at, outcome in _STEPS if at is state)


def record_visit(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    told: VisitTold,
    *,
    files: Sequence[KeptFile],
    version: int,
    now: datetime,
    revisit_days: Sequence[int] = revisiting.REVISIT_DAYS,
) -> bool:
    """Note what two people found on the ground, with their pictures; return whether the clue ended with it."""
    steps.fresh(transfer, version)
    state = TransferState(transfer.state)
    if (state, told.outcome) not in _STEPS:
        raise TransferStepRefused(state=state.value, action=told.outcome.value)
    action = _STEPS[state, told.outcome]
    policy.require(actor, action or TransferAction.VERIFY, state)
    _sound(transfer, told, now)
    _supported(session, actor, transfer, told)
    visit_id = _insert(session, actor, transfer, told, files, now=now)
    match action:
        case TransferAction.VERIFY:
            return closing.close(
                session, actor, transfer, public_answer=told.public_answer, version=version, now=now,
                action=action, revisit_days=revisit_days,
            )  # fmt: skip
        case TransferAction.FAIL | TransferAction.RELAPSE:
            _give_back(session, actor, transfer, action, told, version=version, now=now)
            if action is TransferAction.RELAPSE:
                _reopen(session, actor, transfer, now=now)
        case _:
            steps.change(session, transfer, version=version)
            revisiting.tick(session, transfer, visit_id, told.visited_on, now)
    return False


def _sound(transfer: Transfer, told: VisitTold, now: datetime) -> None:
    names = {told.staff_one.strip(), told.staff_two.strip()}
    if len(names) != 2 or "" in names:  # noqa: PLR2004 - two people, by law
        raise TwoStaff
    sent_on = clock.office_date(transfer.sent_at or now)
    if not sent_on <= told.visited_on <= clock.office_date(now):
        raise VisitDay
    if told.outcome is not VisitOutcome.VERIFIED and not told.to_receiver.strip():
        raise NothingToReceiver


def _supported(session: WriteSession, actor: Actor, transfer: Transfer, told: VisitTold) -> None:
    found = invitation_queries.supports(session, actor, transfer.clue_id) if told.support_id else []
    if told.support_id and told.support_id not in {said.id for said, _invitation in found}:
        raise NoSuchSupport


def _insert(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    told: VisitTold,
    files: Sequence[KeptFile],
    *,
    now: datetime,
) -> str:
    visit_id = ids.new()
    session.execute(
        insert(Visit).values(
            id=visit_id, transfer_id=transfer.id, visited_on=told.visited_on, staff_one=told.staff_one.strip(),
            staff_two=told.staff_two.strip(), outcome=told.outcome.value, words=told.words,
            support_id=told.support_id or None, recorded_by=actor.account_id, recorded_at=now,
        )
    )  # fmt: skip
    evidence_service.take_in(
        session, actor.doer, files, clue_id=transfer.clue_id, office_id=transfer.office_id,
        origin_kind=Origin.STAFF, origin_id=visit_id, now=now,
    )  # fmt: skip
    steps.record(
        session, actor.doer, "visited", transfer, now=now,
        facts={"visit": visit_id, "outcome": told.outcome.value, "files": len(files)}
        | ({"support": told.support_id} if told.support_id else {}),
    )  # fmt: skip
    return visit_id


def _give_back(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    action: TransferAction,
    told: VisitTold,
    *,
    version: int,
    now: datetime,
) -> None:
    """Give it to the receiver once more, with a new term, in words it reads."""
    disclosed = disclosure.frozen(session, transfer)
    due = clock_rules.deadline(
        FEEDBACK_CLOCK,
        clock.office_date(now),
        reference_queries.calendar(session),
        int(disclosed["feedback_days"]),
    )
    values: dict[str, Any] = {
        "due_on": due.due_on, "promised_on": None, "closed_at": None, "answered_at": None,
        "disclosed": {**disclosed, "due_on": due.due_on.isoformat()},
    }  # fmt: skip
    steps.advance(session, transfer, action, version=version, values=values)
    session.execute(
        insert(TransferAnswer).values(
            id=ids.new(), transfer_id=transfer.id, kind=AnswerKind.ASKED_AGAIN.value, way=AnswerWay.OFFICE.value,
            body=told.to_receiver, account_id=actor.account_id, answered_at=now, signer="", document_number="",
        )
    )  # fmt: skip
    revisiting.forget(session, transfer)


def _reopen(session: WriteSession, actor: Actor, transfer: Transfer, *, now: datetime) -> None:
    """Take the clue up again where it had ended, and tell the reporter in plain words."""
    clue = clue_queries.by_id(session, transfer.clue_id)
    if clue.state == ClueState.CLOSED.value:
        told = {"transfer": transfer.id}
        clue_service.advance(
            session, actor.doer, clue, ClueAction.REOPEN, now=now, facts=frozenset({Fact.REASON}),
            values={"reason_key": None, "public_text": None}, journal_facts=told,
        )  # fmt: skip
        received_by = KINDS[TransferKind(transfer.kind)].received_by.value
        clue_service.advance(
            session, actor.doer, clue, ClueAction.TRANSFER, now=now, facts=frozenset({Fact.RECIPIENT}),
            journal_facts={**told, "recipient_kind": received_by},
        )  # fmt: skip
        steps.show_public(session, clue.id)
        if not disclosure.is_facility(clue):
            intake_service.tell_reporter(session, actor.doer, clue, MessageKind.NOTE, _RELAPSED, now)
    steps.tell_desk(session, clue)
