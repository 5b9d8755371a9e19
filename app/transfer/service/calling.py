"""Calling a receiver who is late: whom one spoke with, what they said, when to call again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert

from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import clock, ids
from app.platform.db import WriteSession
from app.platform.errors import Invalid, Refused
from app.platform.i18n import N_
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.models import Call, Transfer
from app.transfer.service import steps
from app.transfer.terms import TransferState

_WITH_RECEIVER = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


class CallAgainDay(Invalid):
    """A day to call again lies in the past."""

    code = "call_again_day"
    text = N_("下次打电话的日期要在今天以后。")


def record_call(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    spoke_with: str,
    words: str,
    again_on: date | None,
    now: datetime,
) -> str:
    """Note a telephone call; it moves nothing, so it makes nobody's page stale."""
    if not actor.may(Verb.TRANSFER_RECORD_PAPER):
        raise Refused(verb=Verb.TRANSFER_RECORD_PAPER.value)
    if transfer.state not in _WITH_RECEIVER:
        raise TransferStepRefused(state=transfer.state, action="call")
    if again_on is not None and again_on <= clock.office_date(now):
        raise CallAgainDay
    call_id = ids.new()
    session.execute(
        insert(Call).values(
            id=call_id, transfer_id=transfer.id, spoke_with=spoke_with, words=words, again_on=again_on,
            called_by=actor.account_id, called_at=now,
        )
    )  # fmt: skip
    steps.record(session, actor.doer, "called", transfer, now=now, facts={"call": call_id})
    return call_id
