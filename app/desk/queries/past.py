"""The latest clues a person may see, as the rules of jurisdiction ask about them: narrow rows, capped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, desc, func, select
from sqlalchemy.orm import aliased

from app.clues.models import Clue
from app.clues.queries import Scope, scope_of, visible_to
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.triage.models import Evaluation

# How many past clues a changed rule is tried on: the latest, because older ones were judged under other rules.
TRIED_ON: Final = 3000
C: Any = Clue
E: Any = Evaluation


@dataclass(frozen=True, slots=True)
class Past:
    """One past clue."""

    id: str
    received_at: datetime
    number: str | None
    title: str
    state: str
    standing: str
    town_key: str | None
    category_key: str
    field_key: str
    is_major: bool
    scores: dict[str, Any] | None


@lru_cache(maxsize=64)
def _latest(scope: Scope) -> Select[Any]:
    other: Any = aliased(Evaluation)
    newest = select(func.max(other.rowno)).where(other.clue_id == C.id).scalar_subquery()
    columns = [getattr(C, name) for name in Past.__slots__ if name != "scores"]
    return (
        visible_to(scope, *columns, E.scores)
        .outerjoin(Evaluation, (E.clue_id == C.id) & (E.rowno == newest))
        .where(C.compartment_id == bindparam("circle"))
        .order_by(desc(C.received_at), desc(C.id))
        .limit(TRIED_ON)
    )


def latest(session: ReadSession | WriteSession, actor: Actor) -> list[Past]:
    """Return the latest clues of all the person's circles, newest first, up to the cap.

    Each circle is read along its own index and the results are merged, as the queue does it.
    """
    scope = scope_of(actor)
    found = [
        Past(*row)
        for circle in scope.compartments
        for row in session.execute(_latest(scope), {"circle": circle})
    ]
    found.sort(key=lambda one: (one.received_at, one.id), reverse=True)
    return found[:TRIED_ON]
