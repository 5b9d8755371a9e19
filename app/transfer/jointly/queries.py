"""Every SELECT on joint work; only clues of the military circle have any, and only its people see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.transfer.jointly.models import JointAct

AnySession = ReadSession | WriteSession
Done: Any = JointAct


def clue_of(session: AnySession, actor: Actor, clue_id: str) -> Clue:
    """Return a clue both sides work on; raises Missing for any other, as if it were not there."""
    clue = clue_queries.get(session, actor, clue_id)
    if not is_military(session, clue):
        raise Missing
    return clue


def is_military(session: AnySession, clue: Clue) -> bool:
    """Say whether a clue lies in the military circle."""
    kind = identity_queries.compartment_kind(session, clue.compartment_id)
    return CompartmentKind(kind) is CompartmentKind.MILITARY


def joint_href(session: AnySession, actor: Actor, clue: Clue, url: Callable[..., str]) -> str:
    """Return where joint work on a clue is recorded; nothing outside the military circle."""
    may = actor.may(Verb.TRANSFER_RECORD_PAPER) and is_military(session, clue)
    return url("transfer:joint", clue_id=clue.id) if may else ""


def of_clue(session: AnySession, clue_id: str) -> Sequence[JointAct]:
    """Return what both sides did on a clue that the caller has found, oldest first."""
    query = select(JointAct).where(Done.clue_id == clue_id).order_by(Done.held_on, Done.rowno)
    return session.execute(query).scalars().all()
