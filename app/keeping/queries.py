"""Reads of keeping: what could be announced, what falls due, what a person may see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.clues import queries as clue_queries
from app.clues.lifecycle import ENDED
from app.clues.models import Clue, ClueLink
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.keeping.models import RetentionNotice
from app.keeping.terms import Part, Term
from app.platform.db import ReadSession, WriteSession
from app.reference import queries as reference

AnySession = ReadSession | WriteSession
PAGE: Final = 100
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue
L: Any = ClueLink
N: Any = RetentionNotice
M: Any = aliased(Clue)
_ENDED: Final = [state.value for state in ENDED]


def terms(session: AnySession, on: date) -> list[Term]:
    """Return the office's terms in force; what nobody has confirmed lets nothing go."""
    return [
        Term(
            row.category_key, row.outcome, row.contact_months if row.is_confirmed else None,
            row.content_months if row.is_confirmed else None, row.name, row.is_confirmed,
        )
        for row in reference.retention_terms(session, on)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """A matter whose work is over: its own end, or that of the matter it was merged into."""

    clue: Clue
    outcome: str
    closed_at: datetime


def _ended() -> Select[Any]:
    """Every ended matter with how and when it ended; a merged one ends with its master.

    The condition names no person's scope: the house itself asks, in the night (see `listed` for what people see).
    """
    return (
        # house: allow scope-first (documented above)
        select(Clue, func.coalesce(M.state, C.state), func.coalesce(M.closed_at, C.closed_at))
        .select_from(Clue)
        .outerjoin(
            L, (L.member_id == C.id) & L.unlinked_at.is_(None) & (C.state == ClueState.MERGED_DUPLICATE.value)
        )
        .outerjoin(M, (M.id == L.master_id))
        .where(
            or_(
                C.state.in_(_ENDED) & C.closed_at.is_not(None),
                (C.state == ClueState.MERGED_DUPLICATE.value)
                & M.state.in_(_ENDED)
                & M.closed_at.is_not(None),
            )
        )
    )


def ended(session: AnySession, clue_id: str) -> Ended | None:
    """Return how a matter ended; None while it is in work."""
    row = session.execute(_ended().where(C.id == clue_id)).first()
    return None if row is None else Ended(*row)


def to_announce(
    session: AnySession, part: Part, *, closed_before: datetime, after: int, limit: int
) -> Sequence[Ended]:
    """Return ended matters whose part could be over by their end alone, that nobody has been told of yet."""
    told = select(N.clue_id).where(N.clue_id == C.id, N.part == part.value)
    found = (
        _ended()
        .where(
            C.erased_at.is_(None), C.held_at.is_(None), C.rowno > after, ~told.exists(),
            or_(C.closed_at <= closed_before, M.closed_at <= closed_before),
        )
        .order_by(C.rowno)
        .limit(limit)
    )  # fmt: skip
    return [Ended(*row) for row in session.execute(found)]


@dataclass(frozen=True, slots=True)
class Due:
    """A part of a matter whose day has come."""

    notice_id: str
    clue_id: str
    compartment_id: str
    office_id: str
    part: Part
    is_released: bool


def due(session: AnySession, today: date) -> list[Due]:
    """Return everything whose day has come and that nobody holds."""
    rows = session.execute(
        # house: allow scope-first (the house itself asks, in the night)
        select(N.id, N.clue_id, C.compartment_id, C.office_id, N.part, N.released_at)
        .join(Clue, C.id == N.clue_id)
        .where(N.done_at.is_(None), N.due_on <= today, C.held_at.is_(None))
        .order_by(N.due_on, N.rowno)
    )
    return [Due(row[0], row[1], row[2], row[3], Part(row[4]), row[5] is not None) for row in rows]


def notice(session: AnySession, notice_id: str) -> RetentionNotice | None:
    """Return one notice."""
    found: RetentionNotice | None = session.execute(
        select(RetentionNotice).where(N.id == notice_id)
    ).scalar_one_or_none()
    return found


def notices_of(session: AnySession, clue_id: str) -> dict[Part, RetentionNotice]:
    """Return the notices given about one clue."""
    rows = session.execute(select(RetentionNotice).where(N.clue_id == clue_id)).scalars()
    return {Part(row.part): row for row in rows}


def listed(session: AnySession, actor: Actor) -> list[tuple[RetentionNotice, Clue]]:
    """Return what this person may see of what will go, the next first."""
    rows = session.execute(
        # house: allow scope-first (it begins with visible_beside; the rest is the join)
        clue_queries.visible_beside(actor, RetentionNotice, Clue)
        .select_from(Clue)
        .join(RetentionNotice, N.clue_id == C.id)
        .where(N.done_at.is_(None), C.held_at.is_(None))
        .order_by(N.due_on, N.rowno)
        .limit(PAGE)
    )
    return [(row[0], row[1]) for row in rows]


def held(session: AnySession, actor: Actor) -> Sequence[Clue]:
    """Return the clues this person may see that are held back (保全), announced or not."""
    found = clue_queries.visible_to(actor).where(C.held_at.is_not(None)).order_by(C.held_at).limit(PAGE)
    return session.execute(found).scalars().all()


def waiting(session: AnySession, actor: Actor, today: date) -> dict[str, int]:
    """Return how many parts have fallen due and were not released, by circle, of what this person may see."""
    rows = session.execute(
        # house: allow scope-first (it begins with visible_beside; the rest is the join)
        clue_queries.visible_beside(actor, C.compartment_id, func.count())
        .select_from(Clue)
        .join(RetentionNotice, N.clue_id == C.id)
        .where(N.done_at.is_(None), N.due_on <= today, C.held_at.is_(None), N.released_at.is_(None))
        .group_by(C.compartment_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def announced(session: AnySession, actor: Actor) -> int:
    """Return how many parts of what this person may see will go."""
    found: int = session.execute(
        # house: allow scope-first (it begins with visible_beside; the rest is the join)
        clue_queries.visible_beside(actor, func.count())
        .select_from(Clue)
        .join(RetentionNotice, N.clue_id == C.id)
        .where(N.done_at.is_(None), C.held_at.is_(None))
    ).scalar_one()
    return found


def stopped_ids(session: AnySession, actor: Actor, compartments: Sequence[str], today: date) -> list[str]:
    """Return the notices of these circles that wait for a person's word."""
    rows = session.execute(
        # house: allow scope-first (it begins with visible_beside; the rest is the join)
        clue_queries.visible_beside(actor, N.id)
        .select_from(Clue)
        .join(RetentionNotice, N.clue_id == C.id)
        .where(
            N.done_at.is_(None), N.due_on <= today, C.held_at.is_(None), N.released_at.is_(None),
            C.compartment_id.in_(compartments),
        )
    )  # fmt: skip
    return list(rows.scalars())
