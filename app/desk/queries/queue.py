"""The queue by key and its capped counts.

A hot page reads columns, not records, and every read of clues begins at `visible_to` (decisions.md 4): a count
that knew of another circle's clues would tell of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, desc, func, literal, or_, select, tuple_

from app.clues.lifecycle import OPEN
from app.clues.models import Clue
from app.clues.queries import visible_to
from app.clues.terms import ClueState
from app.desk.rules import like
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
from app.platform.db import ReadSession, WriteSession
from app.transfer.models import Transfer
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
_OPEN = sorted(state.value for state in OPEN)
_IN_HAND = sorted(state.value for state in IN_HAND)
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue
_COLUMNS = tuple(getattr(C, name) for name in ROW_COLUMNS)


def _with_transfer_in(actor: Actor, state: TransferState) -> Any:
    column: Any = Transfer
    return C.id.in_(
        select(column.clue_id).where(
            column.office_id == actor.office_id,
            column.compartment_id.in_(sorted(actor.compartments)),
            column.state == state.value,
        )
    )


def _unfinished(actor: Actor) -> Any:
    missing = visible_to(actor, C.id).where(C.is_complete.is_(False))
    return missing.union(visible_to(actor, C.id).where(C.needs_correction.is_(True)))


def _on_list(which: WorkList, actor: Actor, today: date) -> list[Any]:
    """Return what makes a clue stand on a work list."""
    conditions: dict[WorkList, list[Any]] = {
        WorkList.NEW: [C.state == ClueState.SUBMITTED.value],
        WorkList.URGENT: [C.is_urgent.is_(True), C.state.in_(_OPEN)],
        WorkList.ANSWERED: [C.has_news.is_(True)],
        WorkList.DUE_TODAY: [C.due_on == today, C.state.in_(_IN_HAND)],
        WorkList.OVERDUE: [C.due_on < today, C.state.in_(_IN_HAND)],
        WorkList.UNASSIGNED: [C.assignee_id.is_(None), C.state.in_(_OPEN)],
        WorkList.MINE: [C.assignee_id == actor.account_id, C.state.in_(_OPEN)],
        # Two readings put together: with OR the planner walks everything that is open.
        WorkList.INCOMPLETE: [C.state.in_(_OPEN), C.id.in_(_unfinished(actor))],
        WorkList.ALL: [],
    }
    if which is WorkList.UNACKNOWLEDGED:
        return [_with_transfer_in(actor, TransferState.SENT)]
    if which is WorkList.TO_CHECK:
        return [_with_transfer_in(actor, TransferState.REPLIED)]
    return conditions[which]


_COUNTED = tuple(which for which in WorkList if which is not WorkList.ALL)


@lru_cache(maxsize=256)
def _counting(actor: Actor, today: date) -> Select[Any]:
    """Return the one statement of the counts; building it costs more than running it, and a desk asks every 15 s."""
    parts = []
    for which in _COUNTED:
        found = (
            visible_to(actor, literal(1))
            .where(*_on_list(which, actor, today))
            .limit(COUNT_CAP + 1)
            .subquery()
        )
        parts.append(select(func.count()).select_from(found).scalar_subquery())
    return select(*parts)


def counts(session: AnySession, actor: Actor, *, today: date) -> dict[WorkList, int]:
    """Return how many clues stand on each list, counted up to one more than the cap."""
    row = session.execute(_counting(actor, today)).one()
    return dict(zip(_COUNTED, row, strict=True))


def _flagged(flag: Flag) -> Any:
    return {
        Flag.URGENT: C.is_urgent.is_(True),
        Flag.MAJOR: C.is_major.is_(True),
        Flag.NEWS: C.has_news.is_(True),
        Flag.PHOTO: C.has_photo.is_(True),
        Flag.NO_PHOTO: C.has_photo.is_(False),
        Flag.OUTSIDE: C.standing == "outside",
        Flag.INCOMPLETE: C.is_complete.is_(False),
        Flag.CORRECTION: C.needs_correction.is_(True),
        Flag.WITHDRAWN: C.withdrawn_at.is_not(None),
    }[flag]


def _asked(filters: Filters, actor: Actor, *, today: date, now: datetime) -> list[Any]:
    """Return every condition of a view."""
    found = _on_list(filters.work_list, actor, today)
    equal = (
        (C.state, filters.state),
        (C.category_key, filters.category),
        (C.field_key, filters.field),
        (C.town_key, filters.town),
        (C.source_type, filters.source),
        (C.channel, filters.channel),
    )
    found += [column == value for column, value in equal if value]
    if filters.age is not None:
        edge = now - timedelta(days=AGE_DAYS[filters.age])
        found.append(C.received_at < edge if filters.age is Age.OLDER else C.received_at >= edge)
    if filters.flag is not None:
        found.append(_flagged(filters.flag))
    if filters.q:
        pattern = like(filters.q)
        columns = (C.number, C.title, C.place_words)
        found.append(or_(*(column.like(pattern, escape="\\") for column in columns)))
    return found


def rows(
    session: AnySession,
    actor: Actor,
    filters: Filters,
    *,
    today: date,
    now: datetime,
    cursor: Cursor | None = None,
) -> list[Row]:
    """Return one page and one row more, in reading order (a backward cursor gives the rows before it).

    Each circle is read by itself along its own index and the results are merged: one SELECT over several
    circles would have to sort everything it may see.
    """
    is_backward = cursor is not None and cursor.is_backward
    asked = _asked(filters, actor, today=today, now=now)
    # "Urgent first" is two readings, the urgent and the rest, so that both stay on the index.
    phases = [[]] if filters.order is Order.NEWEST else [[C.is_urgent.is_(True)], [C.is_urgent.is_(False)]]
    start = 0
    if is_backward:
        phases.reverse()
    if cursor is not None and len(phases) > 1:
        start = int(cursor.is_urgent is is_backward)
    found: list[Row] = []
    for at, phase in enumerate(phases[start:]):
        conditions = asked + phase + ([_beyond(cursor)] if cursor is not None and at == 0 else [])
        found += _merged(
            session, actor, conditions, limit=PAGE_ROWS + 1 - len(found), is_backward=is_backward
        )
        if len(found) > PAGE_ROWS:
            break
    return found[::-1] if is_backward else found


def _beyond(cursor: Cursor) -> Any:
    here, there = (
        tuple_(C.received_at, C.id),
        tuple_(literal(cursor.received_at, C.received_at.type), cursor.id),
    )
    return here > there if cursor.is_backward else here < there


def _merged(
    session: AnySession, actor: Actor, conditions: Sequence[Any], *, limit: int, is_backward: bool
) -> list[Row]:
    order = (C.received_at, C.id) if is_backward else (desc(C.received_at), desc(C.id))
    found: list[Row] = []
    for circle in sorted(actor.compartments):
        query = visible_to(actor, *_COLUMNS).where(C.compartment_id == circle, *conditions)
        found += [Row(*row) for row in session.execute(query.order_by(*order).limit(limit))]
    found.sort(key=lambda row: (row.received_at, row.id), reverse=not is_backward)
    return found[:limit]


def arrived_since(session: AnySession, actor: Actor, since: Cursor) -> int:
    """Return how many clues came in after a moment, up to the cap."""
    newer = C.received_at > since.received_at
    found = visible_to(actor, literal(1)).where(newer).limit(COUNT_CAP + 1).subquery()
    return int(session.execute(select(func.count()).select_from(found)).scalar_one())


def newest(session: AnySession, actor: Actor) -> datetime | None:
    """Return when the latest visible clue came in."""
    latest: datetime | None = session.execute(
        visible_to(actor, C.received_at).order_by(desc(C.received_at)).limit(1)
    ).scalar_one_or_none()
    return latest
