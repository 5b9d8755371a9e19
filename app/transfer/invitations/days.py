"""What the calendar does to invitations: a guest who has not answered is reminded once, and the end of the day is noted.

Nothing here commits. Neither touches the version, so that nobody's open page grows stale by a morning's run.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.platform import clock, journal
from app.platform.db import WriteSession
from app.transfer.invitations import queries, rules, service
from app.transfer.invitations.models import Invitation


def remind(session: WriteSession, *, now: datetime) -> list[str]:
    """Note who is reminded today; return the organisations they belong to. Twice is nothing."""
    today, units = clock.office_date(now), list[str]()
    for one in queries.unanswered(session, until=today + timedelta(days=rules.REMIND_DAYS)):
        is_due = rules.is_to_remind(one.due_on, clock.office_date(one.sent_at), today)
        unit_id = _unit_of(session, one) if is_due and one.reminded_at is None else None
        if unit_id is None:
            continue
        _note(session, one, reminded_at=now)
        service.record(session, journal.SYSTEM, "reminded", one, now=now)
        units.append(unit_id)
    return list(dict.fromkeys(units))


def expire(session: WriteSession, *, now: datetime) -> int:
    """Note whose day has passed without an answer; return how many. Twice is nothing."""
    over = queries.unanswered(session, until=clock.office_date(now) - timedelta(days=1))
    for one in over:
        _note(session, one, expired_at=now)
        service.record(session, journal.SYSTEM, "expired", one, now=now)
    return len(over)


def _unit_of(session: WriteSession, invitation: Invitation) -> str | None:
    """Return the organisation of a guest who may still be asked about the clue: others are told of nothing."""
    clue = clue_queries.by_id(session, invitation.clue_id)
    guests = service.guests_of(session, clue) if clue.erased_at is None else []
    return next((guest.org_unit_id for guest in guests if guest.account_id == invitation.account_id), None)


def _note(session: WriteSession, invitation: Invitation, **values: datetime) -> None:
    session.execute(
        update(Invitation)
        .where(col(Invitation.id) == invitation.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(invitation)
