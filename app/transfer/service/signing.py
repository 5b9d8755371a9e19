"""The sign-off chain: submit, review, sign, return. At the last signature the number is taken and the words freeze."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.clues import queries as clue_queries
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform import ids, numbers
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Conflict, Invalid
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.transfer import disclosure, kinds, policy, queries, rules
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Letter, Transfer
from app.transfer.service import steps
from app.transfer.terms import (
    LetterKind,
    Practice,
    SignDecision,
    SignStep,
    TransferAction,
    TransferKind,
    TransferState,
)


class Undecided(Invalid):
    """Something in the text could give a person away, and nobody has decided about it."""

    code = "undecided_findings"
    text = N_("文字里还有可能让人认出谁的内容没有处理，请先隐去或者确认保留。")


class PicturesOutdated(Conflict):
    """A picture that goes along was redacted after the draft was saved; the older copy must not leave."""

    code = "pictures_outdated"
    text = N_("有图片在存草稿以后又遮盖过。请先换成最新遮盖的图，再往下走；不在起草人手里的，请先退回修改。")


class Unchecked(Invalid):
    """Something on the list of what may not leave was not ticked."""

    code = "unchecked"
    text = N_("请逐项核对，每一项都勾选以后再继续。")


def must_be_checked(session: WriteSession, transfer: Transfer, checks: Sequence[str]) -> list[str]:
    """Return every entry of the lists this transfer needs; raises Unchecked where a person ticked less."""
    wanted = needed_checks(session, transfer)
    if set(wanted) - set(checks):
        raise Unchecked(missing=sorted(set(wanted) - set(checks)))
    return wanted


def must_be_decided(session: WriteSession, transfer: Transfer) -> None:
    """Raise Undecided while something in the words could give somebody away; asked at every step of the way out."""
    if disclosure.undecided(session, transfer):
        raise Undecided


def must_be_up_to_date(session: WriteSession, transfer: Transfer) -> None:
    """Raise PicturesOutdated while an older copy of a picture would leave than the newest redacted one."""
    if disclosure.outdated(session, transfer):
        raise PicturesOutdated


def needed_checks(session: WriteSession | ReadSession, transfer: Transfer) -> list[str]:
    """Return the keys of what has to be looked at before this leaves."""
    return [row.key for name in _lists(session, transfer) for row in reference_queries.reasons(session, name)]


def needs_second_check(session: WriteSession | ReadSession, transfer: Transfer) -> bool:
    """Say whether whoever sends it looks again: military matters are checked at both ends of the chain."""
    return kinds.MILITARY_CHECKS in _lists(session, transfer)


def _lists(session: WriteSession | ReadSession, transfer: Transfer) -> tuple[str, ...]:
    circle = identity_queries.compartment_kind(session, transfer.compartment_id)
    return kinds.check_lists(TransferKind(transfer.kind), circle)


def submit(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    checks: Sequence[str],
    practice: Practice,
    version: int,
    now: datetime,
) -> None:
    """Submit a draft for review; refused while a finding is undecided."""
    steps.fresh(transfer, version)
    steps.refuse_respondent(session, transfer.clue_id, transfer.receiver_id)
    must_be_decided(session, transfer)
    checked = must_be_checked(session, transfer, checks)
    _decide(
        session, actor, transfer, TransferAction.SUBMIT, SignStep.SUBMIT, "submitted",
        words="", practice=practice, version=version, now=now, checks=checked,
    )  # fmt: skip


def approve_review(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    words: str,
    practice: Practice,
    version: int,
    now: datetime,
) -> None:
    """Pass a draft on to signature 审核."""
    _decide(
        session, actor, transfer, TransferAction.APPROVE_REVIEW, SignStep.REVIEW, "reviewed",
        words=words, practice=practice, version=version, now=now,
    )  # fmt: skip


def sign(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    words: str,
    practice: Practice,
    version: int,
    now: datetime,
) -> None:
    """Sign 签发: the number is taken, and what will be disclosed is frozen."""
    _decide(
        session, actor, transfer, TransferAction.SIGN, SignStep.SIGN, "signed",
        words=words, practice=practice, version=version, now=now,
    )  # fmt: skip


def return_draft(
    session: WriteSession, actor: Actor, transfer: Transfer, *, words: str, version: int, now: datetime
) -> None:
    """Send a draft back to its writer, with what has to be put right."""
    before = TransferState(transfer.state)
    policy.require(actor, TransferAction.RETURN_DRAFT, before)
    step = SignStep.SIGN if before is TransferState.TO_SIGN else SignStep.REVIEW
    steps.advance(session, transfer, TransferAction.RETURN_DRAFT, version=version)
    steps.sign_off(
        session, transfer, step, SignDecision.RETURNED, account_id=actor.account_id, words=words, now=now
    )
    steps.record(session, actor.doer, "returned", transfer, now=now, note=words, facts={"step": step.value})


def _decide(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    action: TransferAction,
    step: SignStep,
    word: str,
    *,
    words: str,
    practice: Practice,
    version: int,
    now: datetime,
    checks: Sequence[str] = (),
) -> None:
    steps.fresh(transfer, version)
    policy.require(actor, action, TransferState(transfer.state))
    after = steps.next_state(transfer, action, chain=practice.chain)
    must_be_up_to_date(session, transfer)
    if action is not TransferAction.SUBMIT:
        must_be_decided(session, transfer)
    values = _sealed(session, transfer, practice, now=now) if after is TransferState.SIGNED else {}
    steps.advance(session, transfer, action, version=version, chain=practice.chain, values=values)
    decision = SignDecision.SUBMITTED if step is SignStep.SUBMIT else SignDecision.APPROVED
    steps.sign_off(
        session, transfer, step, decision, account_id=actor.account_id, words=words, now=now, checks=checks
    )
    facts: dict[str, Any] = {"number": transfer.number} if transfer.number else {}
    facts |= {"checks": list(checks)} if checks else {}
    steps.record(session, actor.doer, word, transfer, now=now, note=words, facts=facts)


def _sealed(
    session: WriteSession, transfer: Transfer, practice: Practice, *, now: datetime
) -> dict[str, Any]:
    """Take the letter's number from the series of the clue's compartment kind, and freeze what will be shown."""
    clue = clue_queries.by_id(session, transfer.clue_id)
    compartment = identity_queries.compartment_kind(session, clue.compartment_id)
    year, seq = numbers.take(
        session, office_id=transfer.office_id, kind="letter", compartment_kind=compartment.value,
        start=practice.number_start, now=now,
    )  # fmt: skip
    number = rules.number_text(
        practice.number_pattern, office=practice.office_short, compartment=compartment, year=year, seq=seq
    )
    shown = disclosure.as_disclosed(
        session, transfer, feedback_days=practice.feedback_days, number=number, now=now
    )
    return {
        "number": number,
        "number_year": year,
        "number_seq": seq,
        "disclosed": shown,
        "signed_at": now,
        "compartment_id": clue.compartment_id,
    }


def keep_letter(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    kind: LetterKind,
    fields: dict[str, Any],
    docx_digest: str,
    pdf_digest: str | None,
    now: datetime,
) -> int:
    """Note a document whose bytes are kept already; a further making is a further version."""
    if transfer.number is None:
        raise TransferStepRefused(state=transfer.state, action="letter")
    made = queries.newest_letter(session, transfer.id)
    version = 1 if made is None else made.version + 1
    session.execute(
        insert(Letter).values(
            id=ids.new(), transfer_id=transfer.id, kind=kind.value, version=version, fields=fields,
            docx_digest=docx_digest, pdf_digest=pdf_digest, made_by=actor.account_id, made_at=now,
        )
    )  # fmt: skip
    steps.record(
        session, actor.doer, "letter_made", transfer, now=now,
        facts={"version": version, "docx": docx_digest, "pdf": pdf_digest},
    )  # fmt: skip
    return version
