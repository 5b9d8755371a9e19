"""The room's words: points that carry their datum, shapes, and what someone stated.

A bare pair of numbers never leaves this room: Chinese web maps draw 300 to 700 m beside
the true position, so each datum is a type of its own and the type checker keeps them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from datetime import datetime

MAX_LAT = 90.0
MAX_LON = 180.0


class PointRefused(ValueError):
    """Two numbers that cannot be a position."""

    code: ClassVar[str] = "geo.point_refused"


class PointNotFinite(PointRefused):
    """Infinity or not-a-number, which would poison every comparison after it."""

    code: ClassVar[str] = "geo.point_not_finite"


class PointOutOfRange(PointRefused):
    """A latitude beyond the pole or a longitude beyond the date line."""

    code: ClassVar[str] = "geo.point_out_of_range"


class PointAtZero(PointRefused):
    """Exactly (0, 0): what a phone reports when it has no position at all."""

    code: ClassVar[str] = "geo.point_at_zero"


class Datum(StrEnum):
    """In which coordinate system two numbers were stated."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class PlaceSource(StrEnum):
    """How a place came to be known; the order says nothing about its worth."""

    BROWSER = "browser"
    PIN = "pin"
    EXIF = "exif"
    TYPED = "typed"
    PASTED = "pasted"
    TOWN = "town"
    STAFF = "staff"
    NONE = "none"


class Standing(StrEnum):
    """How a point stands to an outline; near the edge a person decides, not we."""

    INSIDE = "inside"
    NEAR_EDGE = "near_edge"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class _Point:
    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse what no receiver can have measured."""
        if not (math.isfinite(self.lat) and math.isfinite(self.lon)):
            raise PointNotFinite
        if abs(self.lat) > MAX_LAT or abs(self.lon) > MAX_LON:
            raise PointOutOfRange
        if self.lat == 0 and self.lon == 0:
            raise PointAtZero


@dataclass(frozen=True, slots=True)
class Wgs84Point(_Point):
    """Degrees as a satellite receiver gives them; the only datum we store."""

    datum: ClassVar[Datum] = Datum.WGS84


@dataclass(frozen=True, slots=True)
class Gcj02Point(_Point):
    """Degrees as 高德 and 腾讯 draw them."""

    datum: ClassVar[Datum] = Datum.GCJ02


@dataclass(frozen=True, slots=True)
class Bd09Point(_Point):
    """Degrees as 百度 draws them."""

    datum: ClassVar[Datum] = Datum.BD09


POINT_TYPES: Final[dict[Datum, type[Wgs84Point | Gcj02Point | Bd09Point]]] = {
    Datum.WGS84: Wgs84Point,
    Datum.GCJ02: Gcj02Point,
    Datum.BD09: Bd09Point,
}


@dataclass(frozen=True, slots=True)
class StatedPosition:
    """A position as someone gave it, with what is needed to doubt it later."""

    point: Wgs84Point
    source: PlaceSource
    datum_raw: Datum
    raw_text: str
    accuracy_m: float | None = None
    fixed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a moment without its zone and an accuracy that is none."""
        if self.fixed_at is not None and self.fixed_at.utcoffset() is None:
            message = "fixed_at must carry its time zone"
            raise ValueError(message)
        accuracy = self.accuracy_m
        if accuracy is not None and not (math.isfinite(accuracy) and accuracy >= 0):
            message = "accuracy_m must be a finite number of metres, zero or more"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class ParsedPosition:
    """What was read out of pasted text.

    `datum_came_from_text` is false when only the caller's guess stands behind the datum;
    the page then has to ask which map the numbers were taken from.
    """

    point: Wgs84Point
    datum: Datum
    datum_came_from_text: bool
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A box on the map, for the cheap first filter before the true distance."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, point: Wgs84Point) -> bool:
        """Whether the point lies in the box or on its rim."""
        return self.south <= point.lat <= self.north and self.west <= point.lon <= self.east


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the coarse grid: near enough for a count, too coarse for a doorstep."""

    lat: float
    lon: float
    decimals: int

    @property
    def key(self) -> str:
        """The cell's name in an address or a group by."""
        return f"{self.lat:.{self.decimals}f},{self.lon:.{self.decimals}f}"


Ring = tuple[Wgs84Point, ...]
MIN_RING = 3


@dataclass(frozen=True, slots=True)
class Polygon:
    """One or more outlines, each with its holes: parts of rings, the first ring outermost."""

    parts: tuple[tuple[Ring, ...], ...]

    def __post_init__(self) -> None:
        """Refuse an outline that encloses nothing."""
        if not self.parts or not all(self.parts):
            message = "a polygon needs at least one ring"
            raise ValueError(message)
        if any(len(ring) < MIN_RING for ring in self.rings):
            message = "a ring needs at least three corners"
            raise ValueError(message)

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Every ring, outlines and holes alike."""
        return tuple(ring for part in self.parts for ring in part)

    @property
    def bounding_box(self) -> BoundingBox:
        """The smallest box around all of it."""
        corners = [corner for ring in self.rings for corner in ring]
        lats = [corner.lat for corner in corners]
        lons = [corner.lon for corner in corners]
        return BoundingBox(min(lats), min(lons), max(lats), max(lons))


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What a geocoder suggests for some words; a person still has to agree."""

    point: Wgs84Point
    label: str
