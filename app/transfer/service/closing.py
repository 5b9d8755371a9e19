"""The end of a transfer: asking on, answering a question, closing; and with the last one the clue itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from app.clues import queries as clue_queries
from app.clues.terms import ClueAction, ClueState, Fact
from app.identity.actor import Actor
from app.intake import service as intake_service
from app.platform import ids
from app.platform.db import WriteSession
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.transfer import disclosure, policy, queries
from app.transfer.models import Transfer, TransferAnswer
from app.transfer.rules import Outlook
from app.transfer.service import revisiting, steps
from app.transfer.terms import AnswerKind, AnswerWay, TransferAction, TransferState

_DONE_REASON = "transferred_done"


class NoPublicAnswer(Invalid):
    """The clue ends with this step, so the reporter must be told something."""

    code = "no_public_answer"
    text = N_("这是最后一个受送单位，请写好给反映人的答复再办结。")


def tell(
    session: WriteSession, actor: Actor, transfer: Transfer, *, words: str, version: int, now: datetime
) -> str:
    """Answer a question of the receiver; nothing moves."""
    return _our_words(
        session, actor, transfer, TransferAction.TELL, AnswerKind.TOLD, words, version=version, now=now
    )


def ask_again(
    session: WriteSession, actor: Actor, transfer: Transfer, *, words: str, version: int, now: datetime
) -> str:
    """Ask the receiver for more after its reply: it has the matter in hand again."""
    return _our_words(
        session,
        actor,
        transfer,
        TransferAction.ASK_AGAIN,
        AnswerKind.ASKED_AGAIN,
        words,
        version=version,
        now=now,
    )


def _our_words(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    action: TransferAction,
    kind: AnswerKind,
    words: str,
    *,
    version: int,
    now: datetime,
) -> str:
    steps.fresh(transfer, version)
    policy.require(actor, action, TransferState(transfer.state))
    steps.advance(session, transfer, action, version=version)
    answer_id = ids.new()
    session.execute(
        insert(TransferAnswer).values(
            id=answer_id, transfer_id=transfer.id, kind=kind.value, way=AnswerWay.OFFICE.value, body=words,
            account_id=actor.account_id, answered_at=now, signer="", document_number="",
        )
    )  # fmt: skip
    steps.record(session, actor.doer, kind.value, transfer, now=now, facts={"answer": answer_id})
    return answer_id


def close(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    public_answer: str,
    version: int,
    now: datetime,
    action: TransferAction = TransferAction.CLOSE,
    revisit_days: Sequence[int] = revisiting.REVISIT_DAYS,
) -> bool:
    """Close a checked transfer; with the last open one the clue closes and the reporter reads the answer.

    Returns whether the clue is closed. A transfer closed before may be asked again to close its clue, when the
    receivers after it were lost.
    """
    steps.fresh(transfer, version)
    policy.require(actor, action, TransferState(transfer.state))
    clue = clue_queries.by_id(session, transfer.clue_id)
    if transfer.state != TransferState.CLOSED.value:
        steps.advance(session, transfer, action, version=version, values={"closed_at": now})
        steps.record(session, actor.doer, "closed", transfer, now=now, facts={"by": action.value})
        revisiting.plan(session, transfer, clue, revisit_days, now)
    if not ends_clue(queries.states_of_clue(session, transfer.clue_id), transfer.id):
        return False
    clue = clue_queries.by_id(session, transfer.clue_id)
    # Of a facility's matter the reporter reads one sentence, whatever came of it (domain.md 1.11).
    if not public_answer.strip() and not disclosure.is_facility(clue):
        raise NoPublicAnswer
    if clue.state != ClueState.TRANSFER_OUT.value:
        return False
    intake_service.conclude(
        session, actor.doer, clue, ClueAction.CLOSE, text=public_answer, reason_key=_DONE_REASON,
        facts=frozenset({Fact.OUTCOME}), now=now, journal_facts={"transfer": transfer.id},
    )  # fmt: skip
    return True


def ends_clue(states: dict[str, TransferState], transfer_id: str) -> bool:
    """Say whether closing this transfer leaves nobody who still has the matter in hand."""
    return not Outlook(tuple(state for key, state in states.items() if key != transfer_id)).has_open
