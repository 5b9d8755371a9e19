"""Which visible clues might be the same matter as one: near it, or in its town where a position is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, desc, or_, select

from app.clues.models import Clue, ClueText
from app.clues.queries import Scope, scope_of, visible_to
from app.desk.queries.search import Engine, engine_of, lies_in, received
from app.evidence.models import EvidenceItem
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue
_TEXT: Any = ClueText
_ITEM: Any = EvidenceItem
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another clue with what is compared of it."""

    id: str
    number: str | None
    title: str
    state: str
    compartment_id: str
    category_key: str
    field_key: str
    town_key: str | None
    place_words: str
    lat: float | None
    lon: float | None
    received_at: datetime
    body: str | None


_COLUMNS = (*(getattr(C, name) for name in Candidate.__slots__ if name != "body"), _TEXT.body)


def _within(scope: Scope, at: Any = C.received_at) -> Select[Any]:
    since, until = (bindparam(edge, type_=C.received_at.type) for edge in ("since", "until"))
    return (
        visible_to(scope, *_COLUMNS)
        .outerjoin(_TEXT, _TEXT.clue_rowno == C.rowno)
        .where(at >= since, at <= until)
        .order_by(desc(at))
        .limit(MOST)
    )


@lru_cache(maxsize=64)
def _one(scope: Scope) -> Select[Any]:
    return (
        visible_to(scope, *_COLUMNS)
        .outerjoin(_TEXT, _TEXT.clue_rowno == C.rowno)
        .where(C.id == bindparam("clue_id"))
    )


@lru_cache(maxsize=64)
def _near(scope: Scope, engine: Engine) -> Select[Any]:
    return _within(scope, received(engine)).where(lies_in(engine), C.id != bindparam("clue_id"))


@lru_cache(maxsize=64)
def _placeless(scope: Scope, *, is_placed: bool) -> Select[Any]:
    """Return the SELECT of a town's clues of a category; where the clue has a position, those without one only."""
    found = _within(scope).where(
        C.category_key == bindparam("category"), C.id != bindparam("clue_id"),
        or_(C.town_key == bindparam("town"), C.town_key.is_(None)),
    )  # fmt: skip
    return found.where(C.lat.is_(None)) if is_placed else found


def itself(session: AnySession, actor: Actor, clue_id: str) -> Candidate | None:
    """Return the clue as it is compared; None when there is none for this person."""
    row = session.execute(_one(scope_of(actor)), {"clue_id": clue_id}).first()
    return Candidate(*row) if row is not None else None


def candidates(
    session: AnySession,
    actor: Actor,
    clue: Candidate,
    *,
    box: tuple[float, float, float, float] | None,
    since: datetime,
    until: datetime,
) -> list[Candidate]:
    """Return what might be the same matter as a clue, each once."""
    scope = scope_of(actor)
    given: dict[str, Any] = {"clue_id": clue.id, "since": since, "until": until}
    found: dict[str, Candidate] = {}
    if box is not None:
        sides = dict(zip(("south", "west", "north", "east"), box, strict=True))
        for row in session.execute(_near(scope, engine_of(session)), {**given, **sides}):
            found[row[0]] = Candidate(*row)
    asked = {**given, "category": clue.category_key, "town": clue.town_key}
    for row in session.execute(_placeless(scope, is_placed=box is not None), asked):
        found.setdefault(row[0], Candidate(*row))
    return list(found.values())


_PICTURES: Final = select(_ITEM.clue_id, _ITEM.picture_hash).where(
    _ITEM.clue_id.in_(bindparam("clue_ids", expanding=True)), _ITEM.picture_hash.is_not(None)
)


def pictures(session: AnySession, clue_ids: Iterable[str]) -> dict[str, list[int]]:
    """Return the picture hashes of clues this person was found to see."""
    found: dict[str, list[int]] = {}
    for clue_id, picture_hash in session.execute(_PICTURES, {"clue_ids": list(clue_ids)}):
        found.setdefault(clue_id, []).append(picture_hash)
    return found
