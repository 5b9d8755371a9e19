"""Things a test needs to exist, made through the real services with good defaults."""

from __future__ import annotations

from datetime import UTC, datetime

from app.clues import service as clue_service
from app.clues.service import NewClue, PlaceOfClue
from app.clues.terms import Standing
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.platform import journal
from app.platform.db import WriteSession

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def clue(
    session: WriteSession,
    *,
    category: str = "aed_missing",
    field: str = "public_health_security",
    compartment: CompartmentKind = CompartmentKind.OPEN,
    office_id: str | None = None,
    title: str = "商场没有AED",
    lat: float | None = 45.81,
    lon: float | None = 126.53,
    is_urgent: bool = False,
    now: datetime = NOW,
) -> str:
    """A submitted clue of the default office; returns its id."""
    office = office_id or identity_queries.default_office(session).id
    circle = identity_queries.circle_of(session, office, compartment)
    new = NewClue(
        office_id=office,
        compartment_id=circle,
        category_key=category,
        field_key=field,
        title=title,
        source_type="citizen_report",
        channel="web",
        place=PlaceOfClue(
            lat=lat, lon=lon, accuracy_m=12.0, source="browser", words="万象汇一层", standing=Standing.INSIDE
        ),
        is_urgent=is_urgent,
        is_facility=False,
        is_complete=True,
        needs_correction=False,
        has_photo=False,
        due_on=None,
    )
    return clue_service.open_clue(session, journal.REPORTER, new, now=now)
