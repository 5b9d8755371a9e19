"""The sign-off chain: submit, review, sign, return. At the last signature the number is taken and the words freeze."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.clues import queries as clue_queries
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform import ids, numbers
from app.platform.db import WriteSession
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.transfer import disclosure, findings, policy, queries, rules
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Letter, Transfer
from app.transfer.service import steps
from app.transfer.terms import LetterKind, Practice, SignDecision, SignStep, TransferAction, TransferState


class Undecided(Invalid):
    """Something in the text could give a person away, and nobody has decided about it."""

    code = "undecided_findings"
    text = N_("文字里还有像电话、证件号或车牌的内容没有处理，请先隐去或者确认保留。")


def submit(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    practice: Practice,
    version: int,
    now: datetime,
) -> None:
    """Submit a draft for review; refused while a finding is undecided."""
    steps.fresh(transfer, version)
    content = disclosure.content_of(transfer)
    if findings.undecided(rules.texts_of(content), content.kept_findings):
        raise Undecided
    _decide(
        session, actor, transfer, TransferAction.SUBMIT, SignStep.SUBMIT, "submitted",
        words="", practice=practice, version=version, now=now,
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
) -> None:
    steps.fresh(transfer, version)
    policy.require(actor, action, TransferState(transfer.state))
    after = steps.next_state(transfer, action, chain=practice.chain)
    values = _sealed(session, transfer, practice, now=now) if after is TransferState.SIGNED else {}
    steps.advance(session, transfer, action, version=version, chain=practice.chain, values=values)
    decision = SignDecision.SUBMITTED if step is SignStep.SUBMIT else SignDecision.APPROVED
    steps.sign_off(session, transfer, step, decision, account_id=actor.account_id, words=words, now=now)
    facts = {"number": transfer.number} if transfer.number else {}
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
    shown = disclosure.as_disclosed(session, transfer, feedback_days=practice.feedback_days, number=number)
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
