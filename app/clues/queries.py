"""Every SELECT on clues; each begins at `visible_to`, so that an unseen clue does not exist (decisions.md 4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, false, select
from sqlmodel import col

from app.clues.lifecycle import OPEN
from app.clues.models import Clue, ClueLink, ClueRespondent, ClueText
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession
R: Any = ClueRespondent
C: Any = Clue
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a person decides which clues exist for them: people with one scope share their statements."""

    office_id: str
    compartments: tuple[str, ...]
    reads_clues: bool


def scope_of(actor: Actor) -> Scope:
    """Return a person's scope."""
    reads = actor.is_office_staff and actor.may(Verb.CLUE_READ)
    return Scope(actor.office_id, tuple(sorted(actor.compartments)), reads)


def is_visible(viewer: Actor | Scope, *, is_led_to: bool = False) -> Any:
    """Return the condition every read of clues carries: own office, own compartments, office staff only.

    Where another table leads to the clues (`is_led_to`), no index of theirs is to be asked for office and circle.
    """
    scope = viewer if isinstance(viewer, Scope) else scope_of(viewer)
    if not scope.reads_clues:
        return false()
    office, circle = (
        col(each) + "" if is_led_to else col(each) for each in (Clue.office_id, Clue.compartment_id)
    )
    return (office == scope.office_id) & circle.in_(scope.compartments)


def visible_to(viewer: Actor | Scope, *columns: Any) -> Select[Any]:
    """Return the base SELECT of what this person may see: whole records, or just the columns named."""
    return select(*(columns or (Clue,))).where(is_visible(viewer))


def visible_beside(viewer: Actor | Scope, *columns: Any) -> Select[Any]:
    """Return the same for a statement whose clues are those that rows of another table name by their ids.

    With few such rows, or none yet, SQLite would otherwise read the ids of a million clues to look for them.
    """
    return select(*columns).where(is_visible(viewer, is_led_to=True))


def get(session: AnySession, actor: Actor, clue_id: str) -> Clue:
    """Return one clue; raises Missing when there is none for this person."""
    found: Clue | None = session.execute(_one(scope_of(actor)), {"clue_id": clue_id}).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def shown(session: AnySession, actor: Actor, clue_id: str) -> Clue:
    """Return the same to be looked at only: its columns without the ORM, a quarter of the price."""
    found = look_up(session, _one_row(scope_of(actor)), {"clue_id": clue_id}).one_or_none()
    if found is None:
        raise Missing
    return cast("Clue", found)


@lru_cache(maxsize=64)
def _one_row(scope: Scope) -> Select[Any]:
    return visible_to(scope, *(getattr(C, name) for name in Clue.model_fields)).where(
        C.id == bindparam("clue_id")
    )


@lru_cache(maxsize=64)
def _one(scope: Scope) -> Select[Any]:
    """Return the statement of one clue: built once for a scope, because building costs more than running."""
    return visible_to(scope).where(col(Clue.id) == bindparam("clue_id"))


# house: allow scope-first (for the house itself, and rooms that have checked their own right)
_BY_ID = select(Clue).where(col(Clue.id) == bindparam("clue_id"))


def by_id(session: AnySession, clue_id: str) -> Clue:
    """Return one clue for the house itself or for a room that has checked its own right (a reporter's code)."""
    found: Clue | None = session.execute(_BY_ID, {"clue_id": clue_id}).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def by_ids(session: AnySession, clue_ids: Sequence[str]) -> dict[str, Clue]:
    """Return clues by their ids, for whom `by_id` is for; one statement for a whole list."""
    # house: allow scope-first (as by_id)
    found = session.execute(select(Clue).where(C.id.in_(set(clue_ids)))).scalars()
    return {clue.id: clue for clue in found}


def underway_in_box(
    session: AnySession, like: Clue, box: tuple[float, float, float, float], since: datetime
) -> Sequence[tuple[float, float]]:
    """Return where registered, unended clues of the same kind and circle lie in a box (south, west, north, east).

    For a reporter, who may learn no more than that there is one (decisions.md 20): positions, nothing else of them.
    """
    south, west, north, east = box
    found = select(col(Clue.lat), col(Clue.lon)).where(  # house: allow scope-first (documented above)
        col(Clue.office_id) == like.office_id,
        col(Clue.compartment_id) == like.compartment_id,
        col(Clue.category_key) == like.category_key,
        col(Clue.received_at) >= since,
        col(Clue.id) != like.id,
        col(Clue.state).in_(OPEN - {ClueState.SUBMITTED}),
        col(Clue.withdrawn_at).is_(None),
        col(Clue.lat).between(south, north),
        col(Clue.lon).between(west, east),
    )
    return [(lat, lon) for lat, lon in session.execute(found)]


_MASTER_OF = select(col(ClueLink.master_id)).where(
    col(ClueLink.member_id) == bindparam("clue_id"), col(ClueLink.unlinked_at).is_(None)
)
_MEMBERS_OF = select(col(ClueLink.member_id)).where(
    col(ClueLink.master_id) == bindparam("clue_id"), col(ClueLink.unlinked_at).is_(None)
)


def lie_in(session: AnySession, circle_id: str, clue_ids: Collection[str]) -> bool:
    """Say whether one of some clues lies in a circle."""
    wanted = list(clue_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found = select(C.rowno).where(C.compartment_id == circle_id, C.id.in_(some)).limit(1)
        if session.execute(found).first() is not None:
            return True
    return False


def master_of(session: AnySession, clue_id: str) -> str | None:
    """Return the id of the clue this one is linked under, if any."""
    found: str | None = look_up(session, _MASTER_OF, {"clue_id": clue_id}).scalar_one_or_none()
    return found


def members_of(session: AnySession, clue_id: str) -> Sequence[str]:
    """Return the ids of the clues linked under this one."""
    return look_up(session, _MEMBERS_OF, {"clue_id": clue_id}).scalars().all()


def numbers_taken(session: AnySession, office_id: str, numbers: Sequence[str]) -> dict[str, str]:
    """Return which of these numbers clues of an office have already, clue ids by number."""
    # house: allow scope-first (a number may not be used twice, whoever sees the clue that has it)
    found = select(col(Clue.number), col(Clue.id)).where(
        col(Clue.office_id) == office_id, col(Clue.number).in_(numbers)
    )
    return {row[0]: row[1] for row in session.execute(found)}


_RESPONDENTS = select(ClueRespondent).where(R.clue_id == bindparam("clue_id")).order_by(R.rowno)


def respondents(session: AnySession, clue_id: str) -> Sequence[ClueRespondent]:
    """Return the organisations a matter is or was about, in the order they were named."""
    return session.execute(_RESPONDENTS, {"clue_id": clue_id}).scalars().all()


def kept_from(session: AnySession, clue_id: str) -> set[str]:
    """Return the organisations that learn nothing of this matter yet; named for the clue it is merged into counts."""
    return set(session.execute(select(R.org_unit_id).where(_is_about(session, clue_id))).scalars())


def standstill(session: AnySession, clue_id: str, org_unit_id: str) -> ClueRespondent | None:
    """Return since when an organisation learns nothing more of a matter, should it be about them."""
    return standstills(session, [clue_id], org_unit_id).get(clue_id)


def standstills(session: AnySession, clue_ids: Sequence[str], org_unit_id: str) -> dict[str, ClueRespondent]:
    """Return the same for a whole list, by clue: as many statements whether it is named anywhere or nowhere."""
    linked = select(col(ClueLink.member_id), col(ClueLink.master_id)).where(
        col(ClueLink.member_id).in_(clue_ids), col(ClueLink.unlinked_at).is_(None)
    )
    master_of_each: dict[str, str] = dict(session.execute(linked).all())
    query = select(ClueRespondent).where(
        R.clue_id.in_({*clue_ids, *master_of_each.values()}),
        R.org_unit_id == org_unit_id,
        R.ended_at.is_(None),
    )
    rows = session.execute(query.order_by(R.rowno)).scalars().all()
    found = {}
    for clue_id in clue_ids:
        about = next((row for row in rows if row.clue_id in {clue_id, master_of_each.get(clue_id)}), None)
        if about is not None:
            found[clue_id] = about
    return found


def _is_about(session: AnySession, clue_id: str) -> Any:
    master_id = master_of(session, clue_id)
    return R.clue_id.in_([clue_id, *([master_id] if master_id else [])]) & R.ended_at.is_(None)


def head_of(session: AnySession, rowno: int) -> str:
    """Return the tokens of a clue's title, place, numbers and labels, for the house itself."""
    found = session.execute(select(col(ClueText.head)).where(col(ClueText.clue_rowno) == rowno))
    return found.scalar_one_or_none() or ""
