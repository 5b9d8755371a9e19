"""What people ask of their own data: found by the person's own report, or by a clue staff may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.intake.models import RightsRequest
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession
R: Any = RightsRequest


def of_report(session: AnySession, report_id: str) -> Sequence[RightsRequest]:
    """Return what was asked about one report, newest first."""
    found = select(RightsRequest).where(R.report_id == report_id).order_by(R.rowno.desc()).limit(20)
    return session.execute(found).scalars().all()


def own(session: AnySession, report_id: str, request_id: str) -> RightsRequest:
    """Return a request for whoever holds the code of its report; raises Missing."""
    found: RightsRequest | None = session.execute(
        select(RightsRequest).where(R.id == request_id, R.report_id == report_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def get(session: AnySession, actor: Actor, request_id: str) -> tuple[RightsRequest, Clue]:
    """Return a request and its clue, if this person sees the clue; raises Missing."""
    found = session.execute(
        clue_queries.visible_beside(actor, Clue, RightsRequest).where(
            R.clue_id == col(Clue.id), R.id == request_id
        )
    ).first()
    if found is None:
        raise Missing
    return found[1], found[0]


def listed(session: AnySession, actor: Actor, *, is_open: bool) -> list[tuple[RightsRequest, Clue]]:
    """Return requests of the clues this person sees: the open ones by their day, the others newest first."""
    found = clue_queries.visible_beside(actor, Clue, RightsRequest).where(R.clue_id == col(Clue.id))
    if is_open:
        found = found.where(R.decided_at.is_(None)).order_by(R.due_on, R.rowno)
    else:
        found = found.where(R.decided_at.is_not(None)).order_by(R.decided_at.desc())
    return [(row[1], row[0]) for row in session.execute(found.limit(100))]


def waiting(session: AnySession, actor: Actor) -> int:
    """Return how many requests wait for this person's decision."""
    if not actor.may(Verb.RIGHTS_DECIDE):
        return 0
    found: int = session.execute(
        clue_queries.visible_beside(actor, func.count(R.id)).where(
            R.clue_id == col(Clue.id), R.decided_at.is_(None), R.asked_by.is_distinct_from(actor.account_id)
        )
    ).scalar_one()
    return found
