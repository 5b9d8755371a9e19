"""Reporters who left a phone and have something to hear: which clues they are, never the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, or_, select

from app.clues.lifecycle import ENDED
from app.clues.models import Clue
from app.clues.queries import visible_to
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.intake.models import Report, ReporterContact
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
C: Any = Clue
_ENDED: Final = sorted(state.value for state in ENDED)


@dataclass(frozen=True, slots=True)
class Callee:
    """One clue whose reporter may be called."""

    id: str
    number: str | None
    title: str
    state: str
    state_since: datetime
    assignee_id: str | None
    is_urgent: bool


_COLUMNS: Final = tuple(getattr(C, name) for name in Callee.__slots__)


def to_call(
    session: AnySession, actor: Actor, *, ended_since: datetime, only_mine: bool, limit: int = 100
) -> Sequence[Callee]:
    """Return visible clues with a phone that wait for their reporter, or have just ended.

    Those who are waited for stand first, who waits longest before the others.
    """
    report: Any = Report
    contact: Any = ReporterContact
    has_phone = C.id.in_(
        select(report.clue_id)
        .join(contact, contact.report_id == report.id)
        .where(contact.sealed_phone.is_not(None))
    )
    waits = C.state == ClueState.NEED_MORE_INFO.value
    is_told = C.state.in_(_ENDED) & C.feedback_sent_at.is_not(None) & (C.state_since >= ended_since)
    query = visible_to(actor, *_COLUMNS).where(has_phone, or_(waits, is_told), C.withdrawn_at.is_(None))
    if only_mine:
        query = query.where(C.assignee_id == actor.account_id)
    return [
        Callee(*row)
        for row in session.execute(
            query.order_by(case((waits, 0), else_=1), C.state_since, C.id).limit(limit)
        )
    ]
