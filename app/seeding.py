"""What a new installation starts with: the office, the reference data and, in development, the cast."""

from __future__ import annotations

from app.identity import cast
from app.identity import seeding as identity_seeding
from app.platform import clock
from app.platform.db import WriteSession
from app.platform.settings import Settings
from app.reference import loading


def load(session: WriteSession, settings: Settings) -> None:
    """Add what is missing; touches nothing that is there, so it may run at every start."""
    now = clock.now()
    office = identity_seeding.office(session, settings, now=now)
    loading.load(session, office.id)
    if settings.has_cast:
        cast.load(session, settings, now=now)
