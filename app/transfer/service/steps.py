"""The one writer of a transfer's state, and what every step shares: the version guard and the journal row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.terms import ClueAction, ClueState
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Invalid, Refused
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.reference import queries as reference_queries
from app.transfer import lifecycle, queries
from app.transfer.models import SignOff, Transfer
from app.transfer.rules import Outlook
from app.transfer.terms import SignDecision, SignStep, TransferAction, TransferKind, TransferState
from app.triage.service.opening import refuse_recused


class StaleTransfer(Conflict):
    """The transfer has moved on since the page was opened."""

    code = "stale_transfer"
    text = N_("您打开页面之后，这份移送已经有人处理过。请看最新情况再决定。")


class UnknownReason(Invalid):
    """A reason that is not on the list."""

    code = "unknown_reason"
    text = N_("请从名单里选一个理由。")


class ReceiverIsRespondent(Refused):
    """The matter is about the very organisation it would be sent to, and no document was served on it yet."""

    code = "receiver_is_respondent"
    text = N_("受送单位是这件事的被监督单位，还没有送达文书，不能移送给它。")


def refuse_respondent(session: WriteSession, clue_id: str, receiver_id: str) -> None:
    """Raise ReceiverIsRespondent while the receiver is to learn nothing of the matter (domain.md 1.12)."""
    if receiver_id in clue_queries.kept_from(session, clue_id):
        raise ReceiverIsRespondent(receiver_id=receiver_id)


def check_reason(session: WriteSession, list_key: str, key: str) -> None:
    """Raise UnknownReason unless the key is on the list."""
    if key not in {reason.key for reason in reference_queries.reasons(session, list_key)}:
        raise UnknownReason


def advance(
    session: WriteSession,
    transfer: Transfer,
    action: TransferAction,
    *,
    version: int,
    chain: tuple[SignStep, ...] = (),
    values: Mapping[str, Any] | None = None,
) -> TransferState:
    """Take one step of the transfer's life; the only writer of `transfer.state`.

    `version` is the one the person saw. A second writer finds no row under it and is told that the page is stale.
    """
    fresh(transfer, version)
    queries.hold(session, transfer.clue_id)
    after = next_state(transfer, action, chain=chain)
    _write(session, transfer, version, {**(values or {}), "state": after.value})
    show_public(session, transfer.clue_id)
    return after


def next_state(
    transfer: Transfer, action: TransferAction, *, chain: tuple[SignStep, ...] = ()
) -> TransferState:
    """Return where an action would lead; raises TransferStepRefused."""
    return lifecycle.next_state(
        TransferState(transfer.state), action, kind=TransferKind(transfer.kind), chain=chain
    )


def fresh(transfer: Transfer, version: int) -> None:
    """Raise StaleTransfer unless the person saw the present version."""
    if transfer.version != version:
        raise StaleTransfer(transfer_id=transfer.id)


def change(session: WriteSession, transfer: Transfer, *, version: int, **values: Any) -> None:
    """Write columns other than the state, if nobody else did since `version`."""
    fresh(transfer, version)
    _write(session, transfer, version, values)


def _write(session: WriteSession, transfer: Transfer, version: int, values: Mapping[str, Any]) -> None:
    changed = session.execute(
        update(Transfer)
        .where(Transfer.id == transfer.id, Transfer.version == version)  # type: ignore[arg-type]
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleTransfer(transfer_id=transfer.id)
    session.refresh(transfer)


def record(
    session: WriteSession,
    doer: Doer,
    word: str,
    transfer: Transfer,
    *,
    now: datetime,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the journal row of a step; a person's words go into its erasable note.

    Every step of a person passes here: whoever keeps out of the clue keeps out of its transfers as well.
    """
    if doer.kind == "account" and doer.id is not None:
        refuse_recused(session, doer.id, transfer.clue_id)
    journal.record(
        session, doer, f"transfer.{word}", "transfer", transfer.id,
        now=now, clue_id=transfer.clue_id, office_id=transfer.office_id, note=note,
        facts={"receiver": transfer.receiver_id, "state": transfer.state, **(facts or {})},
        jobs=[journal.SIGN_HEAD] if word == "sent" else [],
    )  # fmt: skip


def sign_off(
    session: WriteSession,
    transfer: Transfer,
    step: SignStep,
    decision: SignDecision,
    *,
    account_id: str,
    words: str,
    now: datetime,
    checks: Sequence[str] = (),
) -> None:
    """Keep one decision of the sign-off chain."""
    session.execute(
        insert(SignOff).values(
            id=ids.new(), transfer_id=transfer.id, step=step.value, decision=decision.value,
            account_id=account_id, words=words, checks=list(checks), decided_at=now,
        )
    )  # fmt: skip


def after_loss(session: WriteSession, doer: Doer, transfer: Transfer, *, now: datetime) -> Clue:
    """Put the clue right after a receiver is lost (refused, withdrawn); tell the desk that there is news.

    All refused returns the clue to evaluation (decisions.md 6). Where another receiver has dealt with it, it stays
    transferred and waits for its closure.
    """
    clue = clue_queries.by_id(session, transfer.clue_id)
    outlook = Outlook(tuple(queries.states_of_clue(session, transfer.clue_id).values()))
    is_out = clue.state == ClueState.TRANSFER_OUT.value
    if is_out and not outlook.has_open and not outlook.has_closed:
        clue_service.advance(
            session,
            doer,
            clue,
            ClueAction.TRANSFER_RETURNED,
            now=now,
            journal_facts={"transfer": transfer.id},
        )
    return clue


def show_public(session: WriteSession, clue_id: str) -> None:
    """Let the reporter read the furthest step of any receiver (decisions.md 6); one sentence for a facility."""
    clue = clue_queries.by_id(session, clue_id)
    if clue.state != ClueState.TRANSFER_OUT.value or clue.public_status == clue_rules.MILITARY_B:
        return
    status = Outlook(tuple(queries.states_of_clue(session, clue_id).values())).furthest
    if status != clue.public_status:
        clue_service.change(session, clue, public_status=status)


def tell_desk(session: WriteSession, clue: Clue) -> None:
    """Mark the clue as having news for its handler."""
    clue_service.change(session, clue, has_news=True)
