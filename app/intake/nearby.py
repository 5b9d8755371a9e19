"""Whether a reporter may be told that the same is being dealt with nearby: off, unless a category is harmless."""

from __future__ import annotations

from datetime import timedelta

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.geo import rules as geo_rules
from app.geo.distances import distance_m
from app.geo.terms import Wgs84Point
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.reference import queries as reference


def is_told(session: ReadSession | WriteSession, clue: Clue) -> bool:
    """Say whether there is one within the category's radius and window, and the category may say so (decisions.md 20).

    Yes or no and nothing more: a number or a distance would tell a polluter that he is watched, and by how many.
    """
    if clue.lat is None or clue.lon is None:
        return False
    try:
        kind = reference.category(session, clue.category_key, clock.office_date(clue.received_at))
    except Missing:
        return False
    if not kind.shows_nearby:
        return False
    here = Wgs84Point(clue.lat, clue.lon)
    box = geo_rules.bounding_box(here, kind.duplicate_radius_m)
    since = clue.received_at - timedelta(days=kind.duplicate_window_days)
    found = clue_queries.underway_in_box(session, clue, (box.south, box.west, box.north, box.east), since)
    return any(distance_m(here, Wgs84Point(*place)) <= kind.duplicate_radius_m for place in found)
