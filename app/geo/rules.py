"""Decisions on places: inside or outside, how far from the edge, how coarse to tell.

Pure. Conversions and the reading of pasted text are offered from here as well, so that
other rooms need one name: `from app.geo import rules as geo_rules`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from app.geo.datums import point_in, to_bd09, to_gcj02, to_wgs84
from app.geo.pasted import parse_position
from app.geo.terms import BoundingBox, Cell, Standing, Wgs84Point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.geo.terms import Polygon, Ring

__all__ = [
    "NEAR_EDGE_M",
    "bounding_box",
    "cell",
    "contains",
    "edge_distance_m",
    "parse_position",
    "point_in",
    "rounded",
    "standing",
    "to_bd09",
    "to_gcj02",
    "to_wgs84",
]

# Two open outlines of the district differ by 184 m at nine corners in ten, so closer than
# this the outline cannot decide whose matter it is.
NEAR_EDGE_M: Final = 300.0

_EARTH_RADIUS_M: Final = 6371008.8
_DEGREE_M: Final = math.radians(1.0) * _EARTH_RADIUS_M
# The box must never be smaller than the circle it stands for, whatever the rounding.
_BOX_SLACK: Final = 1.0 + 1e-9
_DISCLOSED_DECIMALS: Final = 6


def contains(polygon: Polygon, point: Wgs84Point) -> bool:
    """Whether the point lies inside, by ray casting: an odd number of crossings.

    Exactly on an edge either answer may come; `standing` calls that near the edge.
    """
    return any(sum(_crossings(ring, point) for ring in part) % 2 == 1 for part in polygon.parts)


def edge_distance_m(polygon: Polygon, point: Wgs84Point) -> float:
    """Metres to the nearest edge, from either side.

    On a flat map around the point: right to the metre where it matters, within a few
    kilometres of the edge, and still the right order of size across a province.
    """
    return min(
        _segment_distance_m(point, start, end) for ring in polygon.rings for start, end in _edges(ring)
    )


def standing(polygon: Polygon, point: Wgs84Point) -> Standing:
    """Say inside, outside, or near the edge, where a person has to decide."""
    if edge_distance_m(polygon, point) <= NEAR_EDGE_M:
        return Standing.NEAR_EDGE
    return Standing.INSIDE if contains(polygon, point) else Standing.OUTSIDE


def bounding_box(point: Wgs84Point, radius_m: float) -> BoundingBox:
    """Give the box that surely holds every point within the radius."""
    if not (math.isfinite(radius_m) and radius_m >= 0):
        message = "radius_m must be a finite number of metres, zero or more"
        raise ValueError(message)
    angle = radius_m / _EARTH_RADIUS_M * _BOX_SLACK
    reach = math.degrees(angle)
    south, north = point.lat - reach, point.lat + reach
    whole_world = BoundingBox(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    if north >= 90 or south <= -90:  # noqa: PLR2004 - the poles, where meridians meet
        return whole_world
    # The widest parallel of the circle lies poleward of its centre, hence the arcsine.
    half_width = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(point.lat))))
    west, east = point.lon - half_width, point.lon + half_width
    if west < -180 or east > 180:  # noqa: PLR2004 - across the date line
        return whole_world
    return BoundingBox(south, west, north, east)


def cell(point: Wgs84Point, decimals: int = 2) -> Cell:
    """Name the coarse square a point is counted in: about a kilometre at two decimals."""
    # Adding zero turns -0.0 into 0.0, else one square would have two names.
    return Cell(round(point.lat, decimals) + 0.0, round(point.lon, decimals) + 0.0, decimals)


def rounded(point: Wgs84Point, metres: float) -> Wgs84Point:
    """Give the middle of a fixed square of that size, to tell where without telling the spot.

    The squares do not depend on the point, so asking for many points of one square, or
    for one point many times, brings nobody nearer to the truth.
    """
    if not (math.isfinite(metres) and metres > 0):
        message = "metres must be a finite number above zero"
        raise ValueError(message)
    lat_step = min(metres / _DEGREE_M, 90.0)
    lat = _middle(point.lat, lat_step, limit=90.0)
    narrowing = max(math.cos(math.radians(lat)), 1e-6)
    lon_step = min(metres / (_DEGREE_M * narrowing), 180.0)
    lon = _middle(point.lon, lon_step, limit=180.0)
    return Wgs84Point(round(lat, _DISCLOSED_DECIMALS), round(lon, _DISCLOSED_DECIMALS))


def _middle(value: float, step: float, *, limit: float) -> float:
    middle = (math.floor(value / step) + 0.5) * step
    return max(-limit, min(limit, middle))


def _edges(ring: Ring) -> Iterator[tuple[Wgs84Point, Wgs84Point]]:
    return zip(ring, ring[1:] + ring[:1], strict=True)


def _crossings(ring: Ring, point: Wgs84Point) -> int:
    """How many edges a ray to the east crosses; an end belongs to the upper edge only."""
    count = 0
    for start, end in _edges(ring):
        if (start.lat > point.lat) == (end.lat > point.lat):
            continue
        share = (point.lat - start.lat) / (end.lat - start.lat)
        if point.lon < start.lon + share * (end.lon - start.lon):
            count += 1
    return count


def _segment_distance_m(point: Wgs84Point, start: Wgs84Point, end: Wgs84Point) -> float:
    east_m = _DEGREE_M * math.cos(math.radians(point.lat))
    start_x, start_y = (
        (start.lon - point.lon) * east_m,
        (start.lat - point.lat) * _DEGREE_M,
    )
    way_x, way_y = (end.lon - start.lon) * east_m, (end.lat - start.lat) * _DEGREE_M
    length2 = way_x * way_x + way_y * way_y
    share = -(start_x * way_x + start_y * way_y) / length2 if length2 else 0.0
    share = max(0.0, min(1.0, share))
    return math.hypot(start_x + share * way_x, start_y + share * way_y)
