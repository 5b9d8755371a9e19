"""How things stand beside the rows of the queue, in one look: the poll and the page ask for them each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select

from app.clues.queries import Scope, scope_of
from app.desk.queries.queue import newest_received
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession, ask
from app.platform.records import Journal
from app.triage.models import DailyDigest

# Where the journal stands: while it does, nothing that a list shows has changed.
_LATEST: Final = select(func.max(Journal.rowno))


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand beside the rows, in one look: see `standing_for`."""

    newest: datetime | None
    latest_entry: int
    overdue: int
    due_today: int


@lru_cache(maxsize=64)
def _standing(scope: Scope) -> Select[Any]:
    told: Any = DailyDigest
    morning = (told.account_id == bindparam("me"), told.on_date == bindparam("today"))
    return select(
        newest_received(scope).scalar_subquery(),
        _LATEST.scalar_subquery(),
        select(told.overdue + told.team_overdue).where(*morning).scalar_subquery(),
        select(told.due_today + told.team_due_today).where(*morning).scalar_subquery(),
    )


def standing_for(session: ReadSession | WriteSession, actor: Actor, *, today: date) -> Standing:
    """Return when the latest visible clue came in, where the journal stands, and what the morning's digest told this person."""
    given = {"me": actor.account_id, "today": today}
    newest, latest, overdue, due_today = ask(session, _standing(scope_of(actor)), given).one()
    return Standing(newest, latest or 0, overdue or 0, due_today or 0)
