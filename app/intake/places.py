"""Reading a place as the form or the phone sends it. Pure: what cannot be a position is named, never stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.geo import rules as geo_rules
from app.geo.datums import point_in, to_wgs84
from app.geo.districts import district
from app.geo.terms import Datum, PlaceSource, PointRefused, Wgs84Point
from app.intake.terms import UNKNOWN, Fault, StatedPlace
from app.platform.i18n import N_

WORDS_MOST: Final = 200
PASTED_MOST: Final = 500
_ACCURACY_MOST_M: Final = 100_000.0
_CLOCK_SLACK: Final = timedelta(days=2)
_FROM_PHONE: Final = frozenset({PlaceSource.BROWSER.value, PlaceSource.PIN.value, PlaceSource.EXIF.value})
_OLDEST_FIX: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TypedPlace:
    """A place's fields as sent, all of them text."""

    lat: str = ""
    lon: str = ""
    accuracy_m: str = ""
    fixed_at: str = ""
    source: str = ""
    town: str = ""
    words: str = ""
    pasted: str = ""
    datum: str = ""
    pin_datum: str = ""

    @property
    def has_position(self) -> bool:
        """Say whether something like a position was sent."""
        return bool(self.lat.strip() or self.lon.strip())


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """What was understood, what is wrong, and what was left out because it is forbidden here."""

    place: StatedPlace
    faults: tuple[Fault, ...]
    declined: tuple[str, ...]


def read(typed: TypedPlace, towns: Mapping[str, str], *, allows_position: bool, now: datetime) -> ReadPlace:
    """Read the position, else the pasted text, else words and town; where forbidden, only words and town."""
    faults: list[Fault] = []
    place = StatedPlace(words=typed.words)
    if len(typed.words) > WORDS_MOST:
        faults.append(Fault("place_words", N_("地点最多写 %(most)s 个字"), {"most": WORDS_MOST}))
    if typed.town and typed.town != UNKNOWN:
        if typed.town in towns:
            place = replace(
                place, town_key=typed.town, town_name=towns[typed.town], source=PlaceSource.TOWN.value
            )
        else:
            faults.append(Fault("place_town", N_("请从列表里选一个街道或乡镇")))
    if not allows_position:
        sent = {"position": typed.has_position, "pasted_position": bool(typed.pasted.strip())}
        return ReadPlace(place, tuple(faults), tuple(what for what, is_sent in sent.items() if is_sent))
    place, wrong = _position(typed, place, now=now)
    return ReadPlace(place, (*faults, *wrong), ())


def _position(typed: TypedPlace, place: StatedPlace, *, now: datetime) -> tuple[StatedPlace, list[Fault]]:
    faults: list[Fault] = []
    if typed.has_position:
        point = _point(typed.lat, typed.lon, _stated_in(typed))
        if point is not None:
            return _from_phone(typed, place, point, now), faults
        # A person cannot mend hidden fields: it matters only where nothing else says where.
        if not (place.town_key or place.words.strip() or typed.pasted.strip()):
            faults.append(Fault("place", N_("没有取到位置，请再试一次，或者选街道、写附近有什么")))
    if not typed.pasted.strip():
        return place, faults
    if len(typed.pasted) > PASTED_MOST:
        return place, [
            *faults,
            Fault("place_pasted", N_("粘贴的文字太长了，最多 %(most)s 个字"), {"most": PASTED_MOST}),
        ]
    datum = typed.datum or Datum.GCJ02.value
    if datum not in {known.value for known in Datum}:
        return place, [*faults, Fault("place_datum", N_("请选坐标是从哪里复制的"))]
    return _from_text(typed.pasted, Datum(datum), place, faults)


def _from_text(
    pasted: str, datum: Datum, place: StatedPlace, faults: list[Fault]
) -> tuple[StatedPlace, list[Fault]]:
    raw: dict[str, Any] = {"text": pasted, "datum": datum.value}
    found = geo_rules.parse_position(pasted, datum)
    if found is None:
        if not (place.town_key or place.words.strip()):
            message = N_("没有从这段文字里读出坐标。请再看一下，或者选街道、写附近有什么")
            faults.append(Fault("place_pasted", message))
        return replace(place, raw=raw), faults
    raw |= {"datum": found.datum.value, "datum_came_from_text": found.datum_came_from_text}
    located = replace(
        place, lat=found.point.lat, lon=found.point.lon, accuracy_m=found.accuracy_m, raw=raw,
        source=PlaceSource.PASTED.value, standing=_standing(found.point),
    )  # fmt: skip
    return located, faults


def _from_phone(typed: TypedPlace, place: StatedPlace, point: Wgs84Point, now: datetime) -> StatedPlace:
    raw = {"lat": typed.lat.strip(), "lon": typed.lon.strip(), "datum": _stated_in(typed).value}
    if typed.pasted.strip():
        raw["text"] = typed.pasted[:PASTED_MOST]
    return replace(
        place,
        lat=point.lat,
        lon=point.lon,
        accuracy_m=_accuracy(typed.accuracy_m),
        source=typed.source if typed.source in _FROM_PHONE else PlaceSource.BROWSER.value,
        fixed_at=_fixed_at(typed.fixed_at, now),
        raw=raw,
        standing=_standing(point),
    )


def _stated_in(typed: TypedPlace) -> Datum:
    """Say what the numbers are in: a receiver's always in WGS-84, a pin's as its map is drawn."""
    is_shifted = typed.source == PlaceSource.PIN.value and typed.pin_datum == Datum.GCJ02.value
    return Datum.GCJ02 if is_shifted else Datum.WGS84


def _point(lat: str, lon: str, datum: Datum) -> Wgs84Point | None:
    try:
        return to_wgs84(point_in(datum, float(lat[:40]), float(lon[:40])))
    except (ValueError, PointRefused):
        return None


def _accuracy(typed: str) -> float | None:
    try:
        metres = float(typed[:40])
    except ValueError:
        return None
    return metres if math.isfinite(metres) and 0 <= metres <= _ACCURACY_MOST_M else None


def _fixed_at(typed: str, now: datetime) -> datetime | None:
    """Read when the phone fixed the position; a clock that is far off says nothing worth keeping."""
    try:
        found = datetime.fromisoformat(typed[:40])
        age = now - found if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return found if age is not None and -_CLOCK_SLACK < age < _OLDEST_FIX else None


def _standing(point: Wgs84Point) -> str:
    return geo_rules.standing(district().polygon, point).value
