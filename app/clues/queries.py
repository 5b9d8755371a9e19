"""Every SELECT on clues; each begins at `visible_to`, so that an unseen clue does not exist (decisions.md 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, false, select
from sqlmodel import col

from app.clues.models import Clue, ClueLink
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession


def is_visible(actor: Actor) -> Any:
    """Return the condition every read of clues carries: own office, own compartments, office staff only."""
    if not (actor.is_office_staff and actor.may(Verb.CLUE_READ)):
        return false()
    return (col(Clue.office_id) == actor.office_id) & col(Clue.compartment_id).in_(sorted(actor.compartments))


def visible_to(actor: Actor, *columns: Any) -> Select[Any]:
    """Return the base SELECT of what this person may see: whole records, or just the columns named."""
    return select(*(columns or (Clue,))).where(is_visible(actor))


def get(session: AnySession, actor: Actor, clue_id: str) -> Clue:
    """Return one clue; raises Missing when there is none for this person."""
    found: Clue | None = session.execute(
        visible_to(actor).where(col(Clue.id) == clue_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def by_id(session: AnySession, clue_id: str) -> Clue:
    """Return one clue for the house itself or for a room that has checked its own right (a reporter's code)."""
    found: Clue | None = session.execute(
        select(Clue).where(col(Clue.id) == clue_id)  # house: allow scope-first (documented above)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def master_of(session: AnySession, clue_id: str) -> str | None:
    """Return the id of the clue this one is linked under, if any."""
    found: str | None = session.execute(
        select(col(ClueLink.master_id)).where(
            col(ClueLink.member_id) == clue_id, col(ClueLink.unlinked_at).is_(None)
        )
    ).scalar_one_or_none()
    return found


def members_of(session: AnySession, clue_id: str) -> Sequence[str]:
    """Return the ids of the clues linked under this one."""
    return (
        session.execute(
            select(col(ClueLink.member_id)).where(
                col(ClueLink.master_id) == clue_id, col(ClueLink.unlinked_at).is_(None)
            )
        )
        .scalars()
        .all()
    )
