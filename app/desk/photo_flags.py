"""The flags of a clue's photos, for the person who looks: each statement compared with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.clues.models import Clue
from app.desk import clue_around
from app.evidence import rules
from app.evidence.exif import PhotoFacts
from app.evidence.queries import Shown
from app.evidence.queries.likeness import Elsewhere, elsewhere
from app.evidence.rules import Raised, Said
from app.geo import datums
from app.geo import rules as geo_rules
from app.geo.distances import distance_m
from app.geo.districts import district
from app.geo.terms import Gcj02Point, PointRefused, Standing, Wgs84Point
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Looked:
    """A photo with what was found out about it."""

    item: Shown
    facts: PhotoFacts
    point: Wgs84Point | None
    phone_point: Wgs84Point | None
    to_place_m: float | None
    held: Elsewhere
    raised: tuple[Raised, ...]


def look_at(session: AnySession, actor: Actor, clue: Clue, items: Sequence[Shown]) -> dict[str, Looked]:
    """Return what each file of a clue gives reason to ask; two questions to the database for all of them."""
    held = elsewhere(session, actor, items, but=clue.id)
    return {item.id: _look(clue, item, held[item.id]) for item in items}


def _look(clue: Clue, item: Shown, held: Elsewhere) -> Looked:
    facts, pin = PhotoFacts.from_json(item.photo_facts or {}), clue_around.point_of(clue)
    point, phone_point = photo_point(facts), _phone_point(item)
    to_place = distance_m(point, pin) if point and pin else None
    to_phone = distance_m(point, phone_point) if point and phone_point else None
    raised = rules.flags(
        Said(
            facts, item.received_at, item.media_type, item.original_name, (item.width or 0, item.height or 0),
            to_place_m=to_place, to_phone_m=to_phone, phone_accuracy_m=item.phone_accuracy_m,
            is_outside=point is not None and geo_rules.standing(district().polygon, point) is Standing.OUTSIDE,
            same_bytes=len(held.same_bytes), same_picture=len(held.same_picture),
        )
    )  # fmt: skip
    return Looked(item, facts, point, phone_point, to_place, held, raised)


def photo_point(facts: PhotoFacts) -> Wgs84Point | None:
    """Return the photo's position in WGS-84; the datum it names is believed, silence means WGS-84."""
    if facts.lat is None or facts.lon is None:
        return None
    try:
        if "GCJ" in (facts.datum_text or "").upper():
            return datums.to_wgs84(Gcj02Point(facts.lat, facts.lon))
        return Wgs84Point(facts.lat, facts.lon)
    except PointRefused:
        return None


def _phone_point(item: Shown) -> Wgs84Point | None:
    if item.phone_lat is None or item.phone_lon is None:
        return None
    try:
        return Wgs84Point(item.phone_lat, item.phone_lon)
    except PointRefused:
        return None
