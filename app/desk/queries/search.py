"""Search by words and by place: which rows the index of each database names, before anything else is asked of them.

SQLite answers from FTS5 and an R*Tree, PostgreSQL from a stored tsvector and a B-tree; the scope is asked of the
clue itself in the same statement (decisions.md 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    bindparam,
    column,
    exists,
    func,
    literal,
    select,
    table,
    text,
    true,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.clues.grams import Phrase, for_postgresql, for_sqlite
from app.clues.models import Clue, ClueText
from app.clues.queries import Scope, visible_to
from app.platform.db import ReadSession, WriteSession, ask

AnySession = ReadSession | WriteSession
C: Any = Clue
T: Any = ClueText
# How many of the newest matches are looked through; a common word with a rare filter must not walk a million.
LOOKED_AT: Final = 20_000
# SQLite puts the named rows down before it joins them: of a common word a page needs a few dozen, and only a rare filter
# beside it more. So it is asked for few first, and for those behind them only when these did not fill a page.
_FEW, _MORE = 256, 4096
# PostgreSQL is asked for the newest rows first, which fill the page of a word that is not rare.
_NEAR: Final = 8_000
# What it then costs to read a row in order and leave it, against reading one that the index of words names: measured.
_READ_COST, _NAMED_COST = 0.6, 1.3

_WORDS: Final = table("clue_words", column("rowid", BigInteger()))
_PLACES: Final = table("clue_place", *(column(name) for name in ("rowno", "south", "north", "west", "east")))


class Engine(Enum):
    """Which database is asked."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def engine_of(session: AnySession) -> Engine:
    """Say which database this is."""
    return Engine(session.get_bind().dialect.name)


_HOLDS: Final = {
    Engine.SQLITE: "clue_words MATCH :asked",
    Engine.POSTGRESQL: "clue_text.words @@ to_tsquery('simple', :asked)",
}
_NEWEST: Final = select(func.max(T.clue_rowno))


def written(engine: Engine, phrases: Sequence[Phrase]) -> str:
    """Write a search as the database reads it."""
    return for_sqlite(phrases) if engine is Engine.SQLITE else for_postgresql(phrases)


class Way(Enum):
    """How matches are found: by looking at the newest rows, in order until enough are found, or by the index of words."""

    NEAR = "near"
    IN_ORDER = "in_order"
    GATHERED = "gathered"


Matches = Mapping[Way, Select[Any]]


def newest_matches(
    engine: Engine,
    scope: Scope,
    columns: Sequence[Any],
    conditions: Sequence[Any],
    *,
    is_beyond: bool,
    is_backward: bool,
    limit: int,
) -> Matches:
    """Return the SELECTs of visible clues that hold every phrase (`asked`), in the order of arrival, newest first.

    `beyond` is the row number where a page ended; `looked_at` how many matches are looked at behind the first `passed`
    of them; `near` how far the nearest rows reach (`rows_of`).
    """

    def by(way: Way) -> Select[Any]:
        told, matching = _matching(engine, way, is_beyond=is_beyond, is_backward=is_backward)
        named = (
            matching.order_by(told if is_backward else told.desc())
            .limit(bindparam("looked_at"))
            .offset(bindparam("passed"))
            .subquery("named")
        )
        newest_first = named.c.rowid if is_backward else named.c.rowid.desc()
        if engine is Engine.SQLITE:
            # The rows of the inner SELECT come in order and SQLite keeps it: the outer one need not sort.
            joined = visible_to(scope, *columns).select_from(named).join(C, named.c.rowid == C.rowno)
            return joined.where(*conditions).order_by(newest_first).limit(limit)
        # Row by row until the page is full: by itself PostgreSQL would read all clues beside 20,000 matches.
        each = (
            visible_to(scope, *columns).where(C.rowno == named.c.rowid, *conditions).offset(0).lateral("each")
        )
        asked = select(*each.c).select_from(named).join(each, true())
        return asked.order_by(newest_first).limit(limit)

    ways = (Way.IN_ORDER,) if engine is Engine.SQLITE else tuple(Way)
    return {way: by(way) for way in ways}


def _matching(engine: Engine, way: Way, *, is_beyond: bool, is_backward: bool) -> tuple[Any, Select[Any]]:
    """Return the row numbers to sort by, and the SELECT of those that match."""
    rowid: Any = _WORDS.c.rowid if engine is Engine.SQLITE else T.clue_rowno
    # What PostgreSQL could read in order it would, through a million rows for a word that nobody wrote.
    told = rowid + 0 if way is Way.GATHERED else rowid
    matching = select(told.label("rowid")).where(text(_HOLDS[engine]))
    beyond = bindparam("beyond", type_=BigInteger())
    if is_beyond:
        matching = matching.where(rowid > beyond if is_backward else rowid < beyond)
    if way is Way.NEAR:
        near = bindparam("near", type_=BigInteger())
        edge = beyond if is_beyond else _NEWEST.scalar_subquery()
        matching = matching.where(rowid < edge + near if is_backward else rowid > edge - near)
    return told, matching


def rows_of(
    session: AnySession, engine: Engine, matches: Matches, given: Mapping[str, Any], *, enough: int
) -> Sequence[Any]:
    """Return the rows of a search, the first `enough` of them."""
    if engine is Engine.POSTGRESQL:
        return _rows_by_way(session, matches, given, enough)
    found: list[Any] = []
    passed = 0
    for until in (_FEW, _MORE, LOOKED_AT):
        asked = {**given, "looked_at": until - passed, "passed": passed}
        found += ask(session, matches[Way.IN_ORDER], asked).all()
        if len(found) >= enough:
            break
        passed = until
    return found[:enough]


_DENSITY: Final = (
    select(func.count())
    .select_from(ClueText)
    .where(text(_HOLDS[Engine.POSTGRESQL]), T.clue_rowno > bindparam("after", type_=BigInteger()))
)


def _rows_by_way(
    session: AnySession, matches: Matches, given: Mapping[str, Any], enough: int
) -> Sequence[Any]:
    """Look at the newest rows; where these give too few, see how common the word is there and choose by that.

    PostgreSQL's own guess of a word that its statistics do not know is half a percent. It then read a million rows in
    order for one that nobody wrote: 600 CPU-ms instead of 1.
    """
    given = {**given, "looked_at": LOOKED_AT, "passed": 0, "near": _NEAR}
    found = ask(session, matches[Way.NEAR], given).all()
    if len(found) >= enough:
        return found
    newest = ask(session, _NEWEST).scalar_one() or 0
    if newest <= _NEAR:
        return found  # these were all there are
    density = ask(session, _DENSITY, {"asked": given["asked"], "after": newest - _NEAR}).scalar_one() / _NEAR
    is_common = density and _READ_COST * min(LOOKED_AT / density, newest) < _NAMED_COST * newest * density
    return ask(session, matches[Way.IN_ORDER if is_common else Way.GATHERED], given).all()


def received(engine: Engine) -> Any:
    """Return when a clue came in, on SQLite so written that no index answers for it.

    SQLite would rather read a million clues in order than sort the few that another index names.
    """
    return type_coerce(C.received_at, String) + "" if engine is Engine.SQLITE else C.received_at


def lies_in(engine: Engine) -> Any:
    """Return the condition that a clue lies in a box, whose sides come as south, west, north, east.

    The R*Tree keeps 32-bit numbers rounded outwards: it is asked for overlap, and the clue for its true place.
    """
    south, west, north, east = (
        bindparam(side, type_=C.lat.type) for side in ("south", "west", "north", "east")
    )
    if engine is Engine.POSTGRESQL:
        # Points are compared with a tolerance of 0.1 m, hence the clue's own numbers too; not as they stand, because
        # the index of latitudes would be read beside the index of points, for ten times what it finds.
        truly = (C.lat + 0.0).between(south, north) & (C.lon + 0.0).between(west, east)
        return _within(C, south, north, west, east) & truly
    p = _PLACES.c
    near = select(p.rowno).where(p.north >= south, p.south <= north, p.east >= west, p.west <= east)
    return C.rowno.in_(near) & C.lat.between(south, north) & C.lon.between(west, east)


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
    # Row by row as the R*Tree names them: put down as a list first, a place that thousands report would cost as often.
    found = beside.select_from(_PLACES.join(other, other.rowno == p.rowno))
    # Of all that ever lay there only what came since is looked at: row numbers rise as clues come in.
    first = (
        visible_to(scope, C.rowno)
        .where(C.received_at >= bindparam("recent"))
        .order_by(C.received_at)
        .limit(1)
    )
    is_since = p.rowno >= first.correlate(None).scalar_subquery()
    return exists(found.where(is_close, is_since, is_beside).correlate(C))
