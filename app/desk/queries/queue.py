"""The queue by key and its capped counts.

A hot page reads columns, not records, and every read of clues begins at `visible_to` (decisions.md 4): a count
that knew of another circle's clues would tell of them. Building a statement costs several times what running it
does, so each shape of one is built once for a scope and filled with values (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Integer, Select, bindparam, desc, func, literal, select, tuple_, type_coerce

from app.clues import grams
from app.clues.lifecycle import OPEN
from app.clues.models import Clue
from app.clues.queries import Scope, scope_of, visible_to
from app.clues.terms import ClueState
from app.desk.queries import names, search
from app.desk.terms import (
    AGE_DAYS,
    COUNT_CAP,
    IN_HAND,
    PAGE_ROWS,
    ROW_COLUMNS,
    Age,
    Cursor,
    Filters,
    Flag,
    Order,
    Row,
    WorkList,
)
from app.identity.actor import Actor
from app.platform import clock
from app.platform.db import Id, ReadSession, WriteSession, ask
from app.transfer.models import Transfer
from app.transfer.terms import TransferState
from app.triage.models import Absence, ClueLabel, TeamMember

AnySession = ReadSession | WriteSession
_OPEN = sorted(state.value for state in OPEN)
IN_HAND_STATES = sorted(state.value for state in IN_HAND)
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue
_COLUMNS = tuple(getattr(C, name) for name in ROW_COLUMNS)
_FRESH: Final = (ClueState.SUBMITTED.value, ClueState.REGISTERED.value)
_RECENT_DAYS: Final = 90
_EQUAL: Final = {
    "state": C.state,
    "category": C.category_key,
    "field": C.field_key,
    "town": C.town_key,
    "source": C.source_type,
    "channel": C.channel,
    "grade": C.grade,
    "assignee": C.assignee_id,
    "team": C.team_id,
}
_FLAGS: Final[dict[Flag, Any]] = {
    Flag.URGENT: C.is_urgent.is_(True),
    Flag.MAJOR: C.is_major.is_(True),
    Flag.NEWS: C.has_news.is_(True),
    Flag.PHOTO: C.has_photo.is_(True),
    Flag.NO_PHOTO: C.has_photo.is_(False),
    Flag.OUTSIDE: C.standing == "outside",
    Flag.INCOMPLETE: C.is_complete.is_(False),
    Flag.CORRECTION: C.needs_correction.is_(True),
    Flag.WITHDRAWN: C.withdrawn_at.is_not(None),
    Flag.QUARANTINE: C.quarantine.is_not(None),
}
# One's own clues, and those of people one stands in for today.
_AWAY: Any = Absence
MY_HANDS: Any = select(bindparam("me", type_=Id())).union_all(
    select(_AWAY.account_id).where(
        _AWAY.deputy_id == bindparam("me", type_=Id()),
        _AWAY.from_on <= bindparam("today"),
        _AWAY.to_on >= bindparam("today"),
    )
)
_IN_TEAM: Any = TeamMember
_MY_TEAMS: Any = select(_IN_TEAM.team_id).where(_IN_TEAM.account_id == bindparam("me", type_=Id()))
_PLAIN_LISTS: Final[dict[WorkList, list[Any]]] = {
    WorkList.NEW: [C.state == ClueState.SUBMITTED.value],
    WorkList.URGENT: [C.is_urgent.is_(True), C.state.in_(_OPEN)],
    WorkList.ANSWERED: [C.has_news.is_(True)],
    WorkList.DUE_TODAY: [C.due_on == bindparam("today"), C.state.in_(IN_HAND_STATES)],
    WorkList.OVERDUE: [C.due_on < bindparam("today"), C.state.in_(IN_HAND_STATES)],
    WorkList.UNASSIGNED: [C.assignee_id.is_(None), C.team_id.is_(None), C.state.in_(_OPEN)],
    WorkList.TEAM: [C.team_id.in_(_MY_TEAMS), C.assignee_id.is_(None), C.state.in_(_OPEN)],
    WorkList.MINE: [C.assignee_id.in_(MY_HANDS), C.state.in_(_OPEN)],
    WorkList.ALL: [],
}


def _with_transfer_in(scope: Scope, state: TransferState) -> Any:
    column: Any = Transfer
    return C.id.in_(
        select(column.clue_id).where(
            column.office_id == scope.office_id,
            column.compartment_id.in_(scope.compartments),
            column.state == state.value,
        )
    )


_UNFINISHED: Final = (C.is_complete.is_(False), C.needs_correction.is_(True))


def _is_unfinished(scope: Scope, engine: search.Engine) -> Any:
    missing, wrong = _UNFINISHED
    if engine is search.Engine.POSTGRESQL:
        return missing | wrong  # its planner puts two indexes together
    # Two readings put together: with OR SQLite's planner walks everything that is open.
    rowno: Any = Clue.rowno
    return rowno.in_(visible_to(scope, rowno).where(missing).union(visible_to(scope, rowno).where(wrong)))


def _on_list(which: WorkList, scope: Scope, engine: search.Engine) -> list[Any]:
    """Return what makes a clue stand on a work list."""
    if which is WorkList.LIKELY:
        is_fresh = C.state.in_(_FRESH) & (C.received_at >= bindparam("recent"))
        return [is_fresh, search.has_like_beside(engine, scope)]
    if which is WorkList.UNACKNOWLEDGED:
        return [_with_transfer_in(scope, TransferState.SENT)]
    if which is WorkList.TO_CHECK:
        return [_with_transfer_in(scope, TransferState.REPLIED)]
    if which is WorkList.INCOMPLETE:
        return [C.state.in_(_OPEN), _is_unfinished(scope, engine)]
    return _PLAIN_LISTS[which]


_LABELLED: Any = select(ClueLabel.clue_id).where(ClueLabel.label_key == bindparam("label"))  # type: ignore[call-overload]
_COUNTED = tuple(which for which in WorkList if which is not WorkList.ALL)


def _found(which: WorkList, scope: Scope, engine: search.Engine) -> Any:
    """Return what is counted of a list, up to one more than the cap."""
    most = COUNT_CAP + 1
    if which is WorkList.INCOMPLETE and engine is search.Engine.SQLITE:
        # Each of its two readings ends at the cap: put together before that, all of a great office's would be read. The
        # empty word keeps the planner off the states' index: of what is unfinished there is less than of what is open.
        is_open = (C.state + "").in_(_OPEN)
        parts = [
            select(visible_to(scope, C.id).where(is_open, why).limit(most).subquery()) for why in _UNFINISHED
        ]
        return parts[0].union(*parts[1:]).limit(most)
    return visible_to(scope, literal(1)).where(*_on_list(which, scope, engine)).limit(most)


@lru_cache(maxsize=64)
def _counting(scope: Scope, engine: search.Engine) -> Select[Any]:
    """Return the one statement of the counts."""
    parts = []
    for which in _COUNTED:
        found = _found(which, scope, engine).subquery()
        parts.append(select(func.count()).select_from(found).scalar_subquery())
    return select(*parts)


def counts(session: AnySession, actor: Actor, *, today: date) -> dict[WorkList, int]:
    """Return how many clues stand on each list, counted up to one more than the cap."""
    values = {"today": today, "me": actor.account_id, "recent": _recent(today)}
    row = ask(session, _counting(scope_of(actor), search.engine_of(session)), values).one()
    return dict(zip(_COUNTED, row, strict=True))


def asked(shape: Shape) -> list[Any]:
    """Return every condition of a view; its values come when it is run."""
    found = list(_on_list(shape.work_list, shape.scope, shape.engine))
    for name in shape.equal:
        # A work list is short and has its own index: the empty word keeps the planner off the category's long one.
        is_long = shape.is_short or (name == "category" and shape.work_list is not WorkList.ALL)
        found.append((_EQUAL[name] + "" if is_long else _EQUAL[name]) == bindparam(name))
    at = received(shape)
    if shape.age is not None:
        edge: Any = bindparam("edge", type_=C.received_at.type)
        found.append(at < edge if shape.age is Age.OLDER else at >= edge)
    if shape.has_since:
        found.append(at >= bindparam("since", type_=C.received_at.type))
    if shape.has_until:
        found.append(at < bindparam("until", type_=C.received_at.type))
    if shape.has_label:
        found.append(C.id.in_(_LABELLED))
    if shape.flag is not None:
        found.append(_FLAGS[shape.flag])
    return found


def received(shape: Shape) -> Any:
    """Return when a clue came in, of a short list so written that no index answers for it."""
    return search.received(shape.engine) if shape.is_short else C.received_at


_IN_ORDER: Final = frozenset({WorkList.NEW, WorkList.ALL})  # all other lists have an index of their own


class Shape:
    """Everything of a view but its values: views of one shape share a statement."""

    __slots__ = (
        "_key", "age", "engine", "equal", "flag", "has_label", "has_since", "has_until", "is_short", "scope",
        "work_list",
    )  # fmt: skip

    def __init__(self, scope: Scope, engine: search.Engine, filters: Filters) -> None:
        self.scope, self.engine, self.work_list = scope, engine, filters.work_list
        self.equal = tuple(name for name in _EQUAL if getattr(filters, name))
        self.age, self.flag = filters.age, filters.flag
        self.has_label = bool(filters.label)
        self.has_since, self.has_until = filters.since is not None, filters.until is not None
        self.is_short = engine is search.Engine.SQLITE and self.work_list not in _IN_ORDER
        self._key = (
            scope, engine, self.work_list, self.equal, self.age, self.flag, self.has_label, self.has_since, self.has_until,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and self._key == other._key


def _recent(today: date) -> datetime:
    """Return since when two clues may be one matter on the list of likely ones."""
    return _midnight(today - timedelta(days=_RECENT_DAYS))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.OFFICE_ZONE).astimezone(UTC)


def values_of(filters: Filters, actor: Actor, *, today: date, now: datetime) -> dict[str, Any]:
    """Return the values of a view."""
    found: dict[str, Any] = {name: getattr(filters, name) for name in _EQUAL if getattr(filters, name)}
    found |= {"today": today, "me": actor.account_id, "recent": _recent(today)}
    if filters.label:
        found["label"] = filters.label
    if filters.age is not None:
        found["edge"] = now - timedelta(days=AGE_DAYS[filters.age])
    if filters.since is not None:
        found["since"] = _midnight(filters.since)
    if filters.until is not None:
        found["until"] = _midnight(filters.until + timedelta(days=1))
    return found


def rows(
    session: AnySession,
    actor: Actor,
    filters: Filters,
    *,
    today: date,
    now: datetime,
    cursor: Cursor | None = None,
    page_rows: int = PAGE_ROWS,
) -> list[Row]:
    """Return one page and one row more, in reading order (a backward cursor gives the rows before it).

    Whoever reads a view to its end asks for larger pages; those of a search are always the same.

    Each circle is read by itself along its own index and the results are merged: one SELECT over several
    circles would have to sort everything it may see.
    """
    is_backward = cursor is not None and cursor.is_backward
    shape, values = (
        Shape(scope_of(actor), search.engine_of(session), filters),
        values_of(filters, actor, today=today, now=now),
    )
    if filters.q:
        return _searched(
            session, actor, shape, values, grams.phrases(filters.q, label_names(session)), cursor
        )
    # "Urgent first" is two readings, the urgent and the rest, so that both stay on the index.
    phases: list[bool | None] = [None] if filters.order is Order.NEWEST else [True, False]
    start = 0
    if is_backward:
        phases.reverse()
    if cursor is not None and len(phases) > 1:
        start = int(cursor.is_urgent is is_backward)
    found: list[Row] = []
    for at, phase in enumerate(phases[start:]):
        beyond = cursor if at == 0 else None
        found += _merged(
            session, shape, phase, values, beyond, limit=page_rows + 1 - len(found), is_backward=is_backward
        )
        if len(found) > page_rows:
            break
    return found[::-1] if is_backward else found


@lru_cache(maxsize=256)
def _reading(shape: Shape, phase: bool | None, *, is_beyond: bool, is_backward: bool) -> Select[Any]:  # noqa: FBT001
    """Return the SELECT of one circle's part of a page."""
    conditions = asked(shape)
    at = received(shape)
    if phase is not None:
        is_urgent = (
            type_coerce(C.is_urgent, Integer) + 0 == int(phase) if shape.is_short else C.is_urgent.is_(phase)
        )
        conditions.append(is_urgent)
    if is_beyond:
        here = tuple_(at, C.id)
        there = tuple_(bindparam("at", type_=C.received_at.type), bindparam("at_id"))
        conditions.append(here > there if is_backward else here < there)
    order = (at, C.id) if is_backward else (desc(at), desc(C.id))
    return (
        visible_to(shape.scope, *_COLUMNS)
        .where(C.compartment_id == bindparam("circle"), *conditions)
        .order_by(*order)
        .limit(bindparam("most"))
    )


def _merged(
    session: AnySession,
    shape: Shape,
    phase: bool | None,  # noqa: FBT001
    values: Mapping[str, Any],
    beyond: Cursor | None,
    *,
    limit: int,
    is_backward: bool,
) -> list[Row]:
    statement = _reading(shape, phase, is_beyond=beyond is not None, is_backward=is_backward)
    at = {"at": beyond.received_at, "at_id": beyond.id} if beyond is not None else {}
    found: list[Row] = []
    for circle in shape.scope.compartments:
        given = {**values, **at, "circle": circle, "most": limit}
        found += [Row(*row) for row in ask(session, statement, given).all()]
    if len(shape.scope.compartments) > 1:
        found.sort(key=lambda row: (row.received_at, row.id), reverse=not is_backward)
    return found[:limit]


@lru_cache(maxsize=128)
def _searching(shape: Shape, *, is_beyond: bool, is_backward: bool) -> search.Matches:
    """Return the SELECTs of a search's page, in the order of arrival: the index names rows in that order for nothing."""
    return search.newest_matches(
        shape.engine, shape.scope, _COLUMNS, asked(shape), is_beyond=is_beyond, is_backward=is_backward,
        limit=PAGE_ROWS + 1,
    )  # fmt: skip


def label_names(session: AnySession) -> list[tuple[str, str]]:
    """Return the labels' names in both languages with their keys: a label is found by its name."""
    known = names.known(session).labels
    return [(name, key) for key, one in known.items() for name in (one.name, one.name_en) if name]


def _searched(
    session: AnySession,
    actor: Actor,
    shape: Shape,
    values: Mapping[str, Any],
    phrases: list[grams.Phrase],
    cursor: Cursor | None,
) -> list[Row]:
    if not phrases:
        return []
    is_backward = cursor is not None and cursor.is_backward
    given = {**values, "asked": search.written(search.engine_of(session), phrases)}
    if cursor is not None:
        found = session.execute(visible_to(actor, C.rowno).where(C.id == cursor.id))
        given["beyond"] = found.scalar_one_or_none() or 0
    statement = _searching(shape, is_beyond=cursor is not None, is_backward=is_backward)
    rows = search.rows_of(session, shape.engine, statement, given, enough=PAGE_ROWS + 1)
    page = [Row(*row) for row in rows]
    return page[::-1] if is_backward else page


@lru_cache(maxsize=64)
def _arrivals(scope: Scope) -> Select[Any]:
    found = (
        visible_to(scope, literal(1))
        .where(C.received_at > bindparam("since"))
        .limit(COUNT_CAP + 1)
        .subquery()
    )
    return select(func.count()).select_from(found)


def arrived_since(session: AnySession, actor: Actor, since: Cursor) -> int:
    """Return how many clues came in after a moment, up to the cap."""
    return int(ask(session, _arrivals(scope_of(actor)), {"since": since.received_at}).scalar_one())


@lru_cache(maxsize=64)
def newest_received(scope: Scope) -> Select[Any]:
    """Return the SELECT of when the latest visible clue came in."""
    return visible_to(scope, C.received_at).order_by(desc(C.received_at)).limit(1)


def newest(session: AnySession, actor: Actor) -> datetime | None:
    """Return when the latest visible clue came in."""
    latest: datetime | None = ask(session, newest_received(scope_of(actor))).scalar_one_or_none()
    return latest
