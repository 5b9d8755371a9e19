"""Clues for the desk's tests: opened without a form, or received with a report as intake does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clues import service as clue_service
from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.service import NewClue, Numbering, PlaceOfClue
from app.clues.terms import Standing
from app.identity import queries as identity_queries
from app.identity.terms import CompartmentKind
from app.intake import service as intake_service
from app.intake.terms import Matter, ReportCommand, StatedContact, StatedPlace
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.web.given import House

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NUMBERING = Numbering("松检公线〔{year}〕{seq:04d}号", "哈松检", 1)
HERE = PlaceOfClue(
    lat=45.8021, lon=126.5432, accuracy_m=12.0, source="browser", words="太阳岛西侧沟渠", town_key="taiyangdao",
    standing=Standing.INSIDE,
)  # fmt: skip
WATER = Matter(
    key="water_pollution", field_key="eco_resource", name="水体污染", compartment_kind="open", sla_days=15,
    is_priority=True, allows_photos=True, allows_position=True,
)  # fmt: skip


def clue(
    session: WriteSession,
    *,
    kind: CompartmentKind = CompartmentKind.OPEN,
    now: datetime = NOW,
    place: PlaceOfClue = HERE,
    **wishes: Any,
) -> Clue:
    """Open a clue in the default office."""
    office = identity_queries.default_office(session)
    usual: dict[str, Any] = {
        "office_id": office.id, "compartment_id": identity_queries.circle_of(session, office.id, kind),
        "category_key": "water_pollution", "field_key": "eco_resource", "title": "太阳岛西侧沟渠排黑水",
        "source_type": "citizen_report", "channel": "web", "is_urgent": False, "is_facility": False,
        "is_complete": True, "needs_correction": False, "has_photo": False,
        "due_on": (now + timedelta(days=15)).date(),
    }  # fmt: skip
    clue_id = clue_service.open_clue(
        session, journal.REPORTER, NewClue(place=place, **usual | wishes), now=now
    )
    return by_id(session, clue_id)


def reported(
    session: WriteSession,
    house: House,
    *,
    words: str = "沟里排黑水，有刺鼻气味",
    phone: str = "",
    now: datetime = NOW,
    answers: tuple[Mapping[str, Any], ...] = (),
    **wishes: Any,
) -> Clue:
    """Receive a report as intake does; the clue it opened."""
    usual: dict[str, Any] = {
        "report_id": ids.new(), "matter": WATER, "words": words, "answers": answers,
        "place": StatedPlace(
            lat=45.8021, lon=126.5432, accuracy_m=12.0, source="browser", words="太阳岛西侧", town_key="taiyangdao",
            town_name="太阳岛街道", standing="inside",
        ),
        "contact": StatedContact("李女士", phone, "", "2026-1") if phone else None,
        "channel": "web", "forwarder": None, "consent_version": "2026-1", "is_urgent": False,
    }  # fmt: skip
    command = ReportCommand(**usual | wishes)
    received = intake_service.receive(session, house, command, kept=[], declined=[], actor=None, now=now)
    return by_id(session, received.clue_id)
