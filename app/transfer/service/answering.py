"""What the receiver says: by account, by one-time link, or on paper entered by staff. One function per answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert

from app.clocks import rules as clock_rules
from app.clues import queries as clue_queries
from app.evidence import service as evidence_service
from app.evidence.service import KeptFile
from app.evidence.terms import Origin
from app.platform import clock, ids
from app.platform.db import WriteSession
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.reference import queries as reference_queries
from app.transfer.models import Transfer, TransferAnswer
from app.transfer.service import steps
from app.transfer.service.sending import FEEDBACK_CLOCK
from app.transfer.terms import AnswerKind, Given, TransferAction


class PromiseInPast(Invalid):
    """A promised day lies before today."""

    code = "promise_in_past"
    text = N_("承诺的日期已经过去了，请填今天或以后的日期。")


class _Said(NamedTuple):
    """One kind of answer: the step it takes, how it is kept, its journal word."""

    action: TransferAction
    kind: AnswerKind
    word: str


_ACKNOWLEDGED = _Said(TransferAction.ACKNOWLEDGE, AnswerKind.ACKNOWLEDGED, "acknowledged")
_REFUSED = _Said(TransferAction.REFUSE, AnswerKind.REFUSED, "refused")
_PROMISED = _Said(TransferAction.PROMISE, AnswerKind.PROMISED, "promised")
_ASKED = _Said(TransferAction.ASK, AnswerKind.ASKED, "asked")
_REPLIED = _Said(TransferAction.REPLY, AnswerKind.REPLIED, "replied")
_DISPUTED = _Said(TransferAction.REPORT_DISPUTE, AnswerKind.DISPUTED, "disputed")


def acknowledge(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    version: int,
    now: datetime,
    words: str = "",
    files: Sequence[KeptFile] = (),
) -> str:
    """Note that the receiver has it in hand 接收."""
    values = {"acknowledged_at": now} | _recounted(session, transfer, given)
    return _say(
        session,
        doer,
        transfer,
        given,
        _ACKNOWLEDGED,
        words=words,
        files=files,
        version=version,
        now=now,
        values=values,
    )


def refuse(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    reason_key: str,
    words: str,
    version: int,
    now: datetime,
    files: Sequence[KeptFile] = (),
) -> str:
    """Note that the receiver returns it 退回, with a reason; when nobody has it any more, the clue comes back to us."""
    steps.check_reason(session, "transfer_refusal", reason_key)
    answer_id = _say(
        session, doer, transfer, given, _REFUSED, words=words, files=files, version=version, now=now,
        values={"reason_key": reason_key, "answered_at": now, "closed_at": now}, reason_key=reason_key,
    )  # fmt: skip
    clue = steps.after_loss(session, doer, transfer, now=now)
    steps.tell_desk(session, clue)
    return answer_id


def promise(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    promised_on: date,
    version: int,
    now: datetime,
    words: str = "",
    files: Sequence[KeptFile] = (),
) -> str:
    """Note by which day the receiver promises an answer 承诺; a promise is also a receipt."""
    if promised_on < clock.office_date(now):
        raise PromiseInPast
    values = {"promised_on": promised_on, "acknowledged_at": transfer.acknowledged_at or now}
    return _say(
        session, doer, transfer, given, _PROMISED, words=words, files=files, version=version, now=now,
        values=values | _recounted(session, transfer, given), promised_on=promised_on,
    )  # fmt: skip


def ask(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    words: str,
    version: int,
    now: datetime,
    files: Sequence[KeptFile] = (),
) -> str:
    """Note a question of the receiver; nothing moves, the handler has news."""
    answer_id = _say(
        session, doer, transfer, given, _ASKED, words=words, files=files, version=version, now=now
    )
    steps.tell_desk(session, clue_queries.by_id(session, transfer.clue_id))
    return answer_id


def reply(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    words: str,
    version: int,
    now: datetime,
    files: Sequence[KeptFile] = (),
) -> str:
    """Note what the receiver has done 回复, with its pictures; the handler checks it before the reporter is told."""
    answer_id = _say(
        session, doer, transfer, given, _REPLIED, words=words, files=files, version=version, now=now,
        values={"answered_at": now, "acknowledged_at": transfer.acknowledged_at or now},
    )  # fmt: skip
    steps.tell_desk(session, clue_queries.by_id(session, transfer.clue_id))
    return answer_id


def report_dispute(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    *,
    words: str,
    version: int,
    now: datetime,
    files: Sequence[KeptFile] = (),
) -> str:
    """Note that a same-level procuratorate disagrees and reports to its superior (办案规则 26: it may not return)."""
    answer_id = _say(
        session, doer, transfer, given, _DISPUTED, words=words, files=files, version=version, now=now
    )
    steps.tell_desk(session, clue_queries.by_id(session, transfer.clue_id))
    return answer_id


def _recounted(session: WriteSession, transfer: Transfer, given: Given) -> dict[str, Any]:
    """Count the time to answer from the day a paper was received, not from the day it left us (domain.md, trap 3)."""
    if given.received_on is None or transfer.disclosed is None:
        return {}
    days = int(transfer.disclosed["feedback_days"])
    due = clock_rules.deadline(FEEDBACK_CLOCK, given.received_on, reference_queries.calendar(session), days)
    return {"due_on": due.due_on, "disclosed": {**transfer.disclosed, "due_on": due.due_on.isoformat()}}


def _say(
    session: WriteSession,
    doer: Doer,
    transfer: Transfer,
    given: Given,
    said: _Said,
    *,
    words: str,
    files: Sequence[KeptFile],
    version: int,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    reason_key: str | None = None,
    promised_on: date | None = None,
) -> str:
    steps.advance(session, transfer, said.action, version=version, values=values)
    answer_id = ids.new()
    session.execute(
        insert(TransferAnswer).values(
            id=answer_id, transfer_id=transfer.id, kind=said.kind.value, way=given.way.value, body=words,
            reason_key=reason_key, signer=given.signer, document_number=given.document_number,
            promised_on=promised_on, received_on=given.received_on,
            service=None if given.service is None else given.service.as_json(),
            account_id=given.account_id, link_id=given.link_id, answered_at=now,
        )
    )  # fmt: skip
    evidence_service.take_in(
        session, doer, files, clue_id=transfer.clue_id, office_id=transfer.office_id,
        origin_kind=Origin.TRANSFER, origin_id=answer_id, now=now,
    )  # fmt: skip
    facts = {"answer": answer_id, "way": given.way.value, "files": len(files)}
    facts |= {"reason": reason_key} if reason_key else {}
    steps.record(session, doer, said.word, transfer, now=now, facts=facts)
    return answer_id
