"""The clues of a view of the queue that have a position: the newest, capped, as narrow rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, desc, func, literal, select

from app.clues import grams
from app.clues.models import Clue
from app.clues.queries import scope_of, visible_to
from app.desk.queries import search
from app.desk.queries.queue import Shape, asked, label_names, received, values_of
from app.desk.terms import COUNT_CAP, ROW_COLUMNS, Filters, Row
from app.geo.terms import BoundingBox
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
# A drawing of five thousand is as full as one of fifty thousand, and is there at once.
DRAWN: Final = 5000
C: Any = Clue


@dataclass(frozen=True, slots=True)
class Placed:
    """One clue with a position."""

    id: str
    received_at: datetime
    lat: float
    lon: float
    is_urgent: bool
    state: str


_COLUMNS: Final = tuple(getattr(C, name) for name in Placed.__slots__)


@lru_cache(maxsize=128)
def _placed(shape: Shape, *, is_boxed: bool) -> Select[Any]:
    where = search.lies_in(shape.engine) if is_boxed else C.lat.is_not(None)
    return (
        visible_to(shape.scope, *_COLUMNS)
        .where(C.compartment_id == bindparam("circle"), where, *asked(shape))
        .order_by(desc(received(shape)), desc(C.id))
        .limit(DRAWN)
    )


@lru_cache(maxsize=64)
def _found(shape: Shape) -> search.Matches:
    return search.newest_matches(
        shape.engine, shape.scope, _COLUMNS, [C.lat.is_not(None), *asked(shape)],
        is_beyond=False, is_backward=False, limit=DRAWN,
    )  # fmt: skip


def placed(
    session: AnySession,
    actor: Actor,
    filters: Filters,
    *,
    box: BoundingBox | None,
    today: date,
    now: datetime,
) -> list[Placed]:
    """Return the newest clues of a view that lie in a box (anywhere, without one), newest first, up to the cap."""
    shape = Shape(scope_of(actor), search.engine_of(session), filters)
    values = values_of(filters, actor, today=today, now=now)
    if filters.q:
        phrases = grams.phrases(filters.q, label_names(session))
        if not phrases:
            return []
        given = {**values, "asked": search.written(shape.engine, phrases)}
        rows = search.rows_of(session, shape.engine, _found(shape), given, enough=DRAWN)
        found = [Placed(*row) for row in rows]
        return [one for one in found if box is None or _is_in(box, one)]
    if box is not None:
        values |= {"south": box.south, "west": box.west, "north": box.north, "east": box.east}
    statement = _placed(shape, is_boxed=box is not None)
    found = [
        Placed(*row)
        for circle in shape.scope.compartments
        for row in session.execute(statement, {**values, "circle": circle})
    ]
    found.sort(key=lambda one: (one.received_at, one.id), reverse=True)
    return found[:DRAWN]


def _is_in(box: BoundingBox, one: Placed) -> bool:
    return box.south <= one.lat <= box.north and box.west <= one.lon <= box.east


@lru_cache(maxsize=64)
def _nowhere(shape: Shape) -> Select[Any]:
    found = (
        visible_to(shape.scope, literal(1))
        .where(C.lat.is_(None), *asked(shape))
        .limit(COUNT_CAP + 1)
        .subquery()
    )
    return select(func.count()).select_from(found)


def nowhere(session: AnySession, actor: Actor, filters: Filters, *, today: date, now: datetime) -> int:
    """Return how many clues of a view have no position, up to the cap; a search does not ask."""
    if filters.q:
        return 0
    shape = Shape(scope_of(actor), search.engine_of(session), filters)
    values = values_of(filters, actor, today=today, now=now)
    return int(session.execute(_nowhere(shape), values).scalar_one())


_ROW: Final = tuple(getattr(C, name) for name in ROW_COLUMNS)


def rows_of(session: AnySession, actor: Actor, clue_ids: Sequence[str]) -> list[Row]:
    """Return visible clues as rows of the queue, in the order they are named."""
    if not clue_ids:
        return []
    found = {row[0]: Row(*row) for row in session.execute(visible_to(actor, *_ROW).where(C.id.in_(clue_ids)))}
    return [found[one] for one in clue_ids if one in found]
