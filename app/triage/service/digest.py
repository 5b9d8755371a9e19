"""The one digest a day: figures kept for a person, once; whoever carries messages outside reads them here."""

from __future__ import annotations

from datetime import date, datetime

from app.identity.actor import Actor
from app.platform import ids
from app.platform.db import WriteSession
from app.platform.putting import put
from app.triage import queries
from app.triage.models import DailyDigest


def keep_digest(
    session: WriteSession,
    person: Actor,
    on: date,
    *,
    overdue: int,
    due_today: int,
    soon: int,
    news: int,
    now: datetime,
    team_overdue: int = 0,
    team_due_today: int = 0,
) -> bool:
    """Keep what one person is told on a day; a second time the same day changes nothing, and nothing is no digest."""
    told = overdue + due_today + soon + news + team_overdue + team_due_today
    if not told or queries.digest_of(session, person.account_id, on) is not None:
        return False
    put(
        session, DailyDigest, id=ids.new(), office_id=person.office_id, account_id=person.account_id, on_date=on,
        overdue=overdue, due_today=due_today, soon=soon, news=news,
        team_overdue=team_overdue, team_due_today=team_due_today, made_at=now,
    )  # fmt: skip
    return True
