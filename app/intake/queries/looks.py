"""Looks at a reporter's contact: who asked, who has to give leave, who has to know; only of clues one may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.actor import Actor
from app.intake.models import ContactLook
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession


def get(session: AnySession, actor: Actor, look_id: str) -> tuple[ContactLook, Clue]:
    """Return a look at a contact, and its clue, if this person sees the clue; raises Missing."""
    found = session.execute(
        clue_queries.visible_beside(actor, Clue, ContactLook)
        .where(col(ContactLook.clue_id) == col(Clue.id))
        .where(col(ContactLook.id) == look_id)
    ).first()
    if found is None:
        raise Missing
    return found[1], found[0]


def listed(
    session: AnySession, actor: Actor, which: Any, *, limit: int = 50
) -> list[tuple[ContactLook, Clue]]:
    """Return looks of the clues this person sees that fit a condition, newest first."""
    rows = session.execute(
        clue_queries.visible_beside(actor, Clue, ContactLook)
        .where(col(ContactLook.clue_id) == col(Clue.id))
        .where(which)
        .order_by(col(ContactLook.rowno).desc())
        .limit(limit)
    )
    return [(found, clue) for clue, found in rows]


def to_decide(actor: Actor, now: datetime) -> Any:
    """Return the condition of requests that wait for this person's leave."""
    return (
        col(ContactLook.decided_at).is_(None)
        & col(ContactLook.used_at).is_(None)
        & (col(ContactLook.expires_at) > now)
        & (col(ContactLook.asked_by) != actor.account_id)
    )


def to_notice(actor: Actor) -> Any:
    """Return the condition of looks the heads have not said they know of."""
    return (
        col(ContactLook.used_at).is_not(None)
        & col(ContactLook.noticed_at).is_(None)
        & (col(ContactLook.asked_by) != actor.account_id)
    )


def own_since(actor: Actor, since: datetime) -> Any:
    """Return the condition of a person's own looks of late."""
    return (col(ContactLook.asked_by) == actor.account_id) & (col(ContactLook.asked_at) > since)


def waiting(session: AnySession, actor: Actor, now: datetime) -> int:
    """Return how many looks wait for this person, up to a cap."""
    waits = to_decide(actor, now) | to_notice(actor)
    return len(listed(session, actor, waits, limit=99))
