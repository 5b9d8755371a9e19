"""Search by words and by place: which rows the index of each database names, before anything else is asked of them.

SQLite answers from FTS5 and an R*Tree, PostgreSQL from a stored tsvector and a B-tree; the scope is asked of the
clue itself in the same statement (decisions.md 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, column, exists, func, literal, select, table, text
from sqlalchemy.orm import aliased

from app.clues.grams import Phrase, for_postgresql, for_sqlite
from app.clues.models import Clue, ClueText
from app.clues.queries import Scope, visible_to
from app.platform.db import ReadSession, WriteSession, ask

AnySession = ReadSession | WriteSession
C: Any = Clue
# How many of the newest matches are looked through; a common word with a rare filter must not walk a million.
LOOKED_AT: Final = 20_000
# SQLite puts the named rows down before it joins them: of a common word a page needs a few dozen, and only a rare filter
# beside it more. So it is asked for few first, and for those behind them only when these did not fill a page.
_FEW, _MORE = 256, 4096

_WORDS: Final = table("clue_words", column("rowid", BigInteger()))
_PLACES: Final = table("clue_place", *(column(name) for name in ("rowno", "south", "north", "west", "east")))


class Engine(Enum):
    """Which database is asked."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def engine_of(session: AnySession) -> Engine:
    """Say which database this is."""
    return Engine(session.get_bind().dialect.name)


def written(engine: Engine, phrases: Sequence[Phrase]) -> str:
    """Write a search as the database reads it."""
    return for_sqlite(phrases) if engine is Engine.SQLITE else for_postgresql(phrases)


def newest_matches(
    engine: Engine,
    scope: Scope,
    columns: Sequence[Any],
    conditions: Sequence[Any],
    *,
    is_beyond: bool,
    is_backward: bool,
    limit: int,
) -> Select[Any]:
    """Return the SELECT of visible clues that hold every phrase (`asked`), in the order of arrival, newest first.

    `beyond` is the row number where a page ended; `looked_at` how many matches are looked at behind the first `passed`
    of them (`rows_of`).
    """
    if engine is Engine.SQLITE:
        rowid: Any = _WORDS.c.rowid
        matching = select(rowid).where(text("clue_words MATCH :asked"))
    else:
        holder: Any = ClueText
        rowid = holder.clue_rowno
        matching = select(rowid.label("rowid")).where(text("clue_text.words @@ to_tsquery('simple', :asked)"))
    if is_beyond:
        beyond = bindparam("beyond", type_=BigInteger())
        matching = matching.where(rowid > beyond if is_backward else rowid < beyond)
    # The rows of the inner SELECT come in order and SQLite keeps it: the outer one need not sort.
    named = (
        matching.order_by(rowid if is_backward else rowid.desc())
        .limit(bindparam("looked_at"))
        .offset(bindparam("passed"))
        .subquery("named")
    )
    return (
        visible_to(scope, *columns)
        .select_from(named)
        .join(C, named.c.rowid == C.rowno)
        .where(*conditions)
        .order_by(named.c.rowid if is_backward else named.c.rowid.desc())
        .limit(limit)
    )


def rows_of(
    session: AnySession, engine: Engine, statement: Select[Any], given: Mapping[str, Any], *, enough: int
) -> Sequence[Any]:
    """Return the rows of a statement of `newest_matches`, the first `enough` of them.

    PostgreSQL finds and sorts all matches at any rate, and is asked once.
    """
    stages = (_FEW, _MORE, LOOKED_AT) if engine is Engine.SQLITE else (LOOKED_AT,)
    found: list[Any] = []
    passed = 0
    for until in stages:
        found += ask(session, statement, {**given, "looked_at": until - passed, "passed": passed}).all()
        if len(found) >= enough:
            break
        passed = until
    return found[:enough]


def lies_in(engine: Engine) -> Any:
    """Return the condition that a clue lies in a box, whose sides come as south, west, north, east.

    The R*Tree keeps 32-bit numbers rounded outwards: it is asked for overlap, and the clue for its true place.
    """
    south, west, north, east = (
        bindparam(side, type_=C.lat.type) for side in ("south", "west", "north", "east")
    )
    truly = C.lat.between(south, north) & C.lon.between(west, east)
    if engine is Engine.POSTGRESQL:
        return _within(C, south, north, west, east) & truly
    p = _PLACES.c
    near = select(p.rowno).where(p.north >= south, p.south <= north, p.east >= west, p.west <= east)
    return C.rowno.in_(near) & truly


def _within(place: Any, south: Any, north: Any, west: Any, east: Any) -> Any:
    """Return the condition that the index of points on PostgreSQL answers (ix_clue_point); SQLite has its R*Tree."""
    corners = func.box(func.point(west, south), func.point(east, north))
    return func.point(place.lon, place.lat).bool_op("<@")(corners)


# About a hundred metres at this latitude: close enough to be asked whether it is the same matter.
_BESIDE_LAT: Final = 0.0009
_BESIDE_LON: Final = 0.0013


def has_like_beside(engine: Engine, scope: Scope) -> Any:
    """Return the condition that a visible clue of the same category lies beside a clue, both since `recent`.

    It is asked of the few clues that are new; `triage.likeness` then looks closely.
    """
    other: Any = aliased(Clue)
    # The empty word added keeps the planner from walking a whole category: the R*Tree is to be asked first.
    is_beside = (
        (other.category_key + "" == C.category_key)
        & (other.id != C.id)
        & (other.office_id + "" == scope.office_id)
        & (other.compartment_id + "").in_(scope.compartments)
        & (other.received_at >= bindparam("recent"))
    )
    sides = (C.lat - _BESIDE_LAT, C.lat + _BESIDE_LAT, C.lon - _BESIDE_LON, C.lon + _BESIDE_LON)
    beside = select(literal(1)).correlate(C)
    if engine is Engine.POSTGRESQL:
        is_close = _within(other, *sides)
        return exists(beside.select_from(other).where(is_close, is_beside).correlate(C))
    p = _PLACES.c
    is_close = (p.north >= sides[0]) & (p.south <= sides[1]) & (p.east >= sides[2]) & (p.west <= sides[3])
    near = select(p.rowno).where(is_close).correlate(C)
    return exists(beside.select_from(other).where(other.rowno.in_(near), is_beside).correlate(C))
