"""The office at a glance, counted in the database: one statement a picture, of what this person may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, case, func

from app.clues.lifecycle import OPEN
from app.clues.models import Clue
from app.clues.queries import visible_to
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession
C: Any = Clue


def received_between(
    session: AnySession, actor: Actor, bounds: Sequence[datetime], *, only_open: bool = False
) -> list[int]:
    """Return how many clues came in between each two neighbouring instants."""
    parts = [
        func.coalesce(func.sum(case((and_(C.received_at >= start, C.received_at < end), 1), else_=0)), 0)
        for start, end in pairwise(bounds)
    ]
    statement = visible_to(actor, *parts).where(C.received_at >= bounds[0], C.received_at < bounds[-1])
    if only_open:
        statement = statement.where(C.state.in_([state.value for state in OPEN]))
    return [int(count) for count in session.execute(statement).one()]


def received_by(
    session: AnySession, actor: Actor, name: str, *, since: datetime
) -> list[tuple[str | None, int]]:
    """Return how many clues came in since an instant by field (`field_key`) or town (`town_key`), most first."""
    key, count = getattr(C, name), func.count()
    statement = visible_to(actor, key, count).where(C.received_at >= since).group_by(key)
    return [(row[0], row[1]) for row in session.execute(statement.order_by(count.desc(), key))]
