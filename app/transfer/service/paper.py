"""Answers on paper: staff say what the receiver said, by the same functions as accounts and links use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from app.evidence.service import KeptFile
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import WriteSession
from app.platform.errors import Refused
from app.transfer.models import Transfer
from app.transfer.service import answering
from app.transfer.terms import AnswerKind, PaperAnswer


def record_paper(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    entered: PaperAnswer,
    *,
    files: Sequence[KeptFile],
    version: int,
    now: datetime,
) -> str:
    """Enter one answer for the receiver; return its id."""
    if not actor.may(Verb.TRANSFER_RECORD_PAPER):
        raise Refused(verb=Verb.TRANSFER_RECORD_PAPER.value)
    doer, given, words = actor.doer, entered.given, entered.words
    match entered.kind:
        case AnswerKind.REFUSED:
            return answering.refuse(
                session, doer, transfer, given, reason_key=entered.reason_key, words=words,
                version=version, now=now, files=files,
            )  # fmt: skip
        case AnswerKind.PROMISED if entered.promised_on is not None:
            return answering.promise(
                session, doer, transfer, given, promised_on=entered.promised_on, words=words,
                version=version, now=now, files=files,
            )  # fmt: skip
    plain: dict[AnswerKind, Callable[..., str]] = {
        AnswerKind.ACKNOWLEDGED: answering.acknowledge,
        AnswerKind.ASKED: answering.ask,
        AnswerKind.DISPUTED: answering.report_dispute,
        AnswerKind.REPLIED: answering.reply,
    }
    say = plain[entered.kind]
    return say(session, doer, transfer, given, words=words, version=version, now=now, files=files)
