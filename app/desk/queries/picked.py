"""Clues picked in the queue, as narrow rows; whoever may not see one does not get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.clues.models import Clue
from app.clues.queries import visible_to
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession

C: Any = Clue


@dataclass(frozen=True, slots=True)
class Picked:
    """One clue before a step for several is taken."""

    id: str
    version: int
    number: str | None
    state: str
    title: str
    compartment_id: str
    assignee_id: str | None
    team_id: str | None


_COLUMNS: Final = tuple(getattr(C, name) for name in Picked.__slots__)


def picked(session: ReadSession | WriteSession, actor: Actor, clue_ids: Sequence[str]) -> dict[str, Picked]:
    """Return the clues of these ids that the person may see, by id."""
    if not clue_ids:
        return {}
    rows = session.execute(visible_to(actor, *_COLUMNS).where(C.id.in_(clue_ids)))
    return {row[0]: Picked(*row) for row in rows}
