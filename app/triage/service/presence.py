"""Who has a clue before them: said by their page while it is in sight, forgotten by itself. It never holds anybody up.

Two people may still decide at once; then the version decides, and the second is shown the fresh clue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_
from sqlmodel import col

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.platform.db import WriteSession
from app.platform.putting import put
from app.triage.models import Presence

# The page says it every 25 seconds: one may be lost on the way.
STANDS: Final = timedelta(seconds=60)
# Without script nobody says it again: whoever presses the button has a few minutes.
STANDS_ALONE: Final = timedelta(minutes=5)


def be_present(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    is_deciding: bool,
    now: datetime,
    is_said_again: bool,
) -> None:
    """Note that somebody has a clue before them, or is deciding on it; what has run out is swept on the way."""
    clue_queries.get(session, actor, clue_id)
    mine = (col(Presence.clue_id) == clue_id) & (col(Presence.account_id) == actor.account_id)
    session.execute(delete(Presence).where(or_(mine, col(Presence.until) <= now)))
    put(
        session, Presence, clue_id=clue_id, account_id=actor.account_id, is_deciding=is_deciding,
        until=now + (STANDS if is_said_again else STANDS_ALONE),
    )  # fmt: skip
