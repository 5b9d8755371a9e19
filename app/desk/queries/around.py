"""What lies around a clue: near it, linked with it. Visible clues only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, desc
from sqlalchemy import false as nothing

from app.clues.models import Clue
from app.clues.queries import Scope, scope_of, visible_to
from app.desk.queries.search import Engine, engine_of, lies_in, received
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession, ask

AnySession = ReadSession | WriteSession
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another visible clue, in as many words as a list of likely same matters needs."""

    id: str
    number: str | None
    title: str
    state: str
    lat: float | None
    lon: float | None
    received_at: datetime


_NEIGHBOUR = tuple(getattr(C, name) for name in Neighbour.__slots__)


@lru_cache(maxsize=64)
def _boxed(scope: Scope, engine: Engine) -> Select[Any]:
    at = received(engine)
    return (
        visible_to(scope, *_NEIGHBOUR)
        .where(
            lies_in(engine),
            C.category_key + "" == bindparam("category"),
            at >= bindparam("since", type_=C.received_at.type),
            C.id != bindparam("but"),
        )
        .order_by(desc(at))
        .limit(bindparam("most"))
    )


def in_box(
    session: AnySession,
    actor: Actor,
    *,
    box: tuple[float, float, float, float],
    category_key: str,
    since: datetime,
    but: str,
    limit: int = 100,
) -> list[Neighbour]:
    """Return visible clues of a category inside a box (south, west, north, east), newest first."""
    sides = dict(zip(("south", "west", "north", "east"), box, strict=True))
    values = {**sides, "category": category_key, "since": since, "but": but, "most": limit}
    query = _boxed(scope_of(actor), engine_of(session))
    return [Neighbour(*row) for row in ask(session, query, values).all()]


def by_ids(session: AnySession, actor: Actor, clue_ids: Iterable[str]) -> dict[str, Neighbour]:
    """Return those of some clues that this person may see."""
    wanted = list(clue_ids)
    query = visible_to(actor, *_NEIGHBOUR).where(C.id.in_(wanted) if wanted else nothing())
    return {row[0]: Neighbour(*row) for row in session.execute(query)}
