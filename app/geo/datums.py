"""Between WGS-84, GCJ-02 and BD-09: pure, and exact both ways inside China.

Forward formulas are the ones every Chinese map toolkit carries; backward we iterate the
forward formula, because the usual one-step inverse is off by half a metre to two metres.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from app.geo.terms import POINT_TYPES, Bd09Point, Datum, Gcj02Point, Wgs84Point

if TYPE_CHECKING:
    from collections.abc import Callable

    Pair = tuple[float, float]
    AnyPoint = Wgs84Point | Gcj02Point | Bd09Point

# Krasovsky 1940, the ellipsoid the shift was defined on.
_AXIS: Final = 6378245.0
_ECCENTRICITY2: Final = 0.00669342162296594323
_BD_ANGLE: Final = math.pi * 3000.0 / 180.0
_BD_LAT: Final = 0.006
_BD_LON: Final = 0.0065
# Each step shrinks the error several hundredfold, so a handful reaches the last bit.
_STEPS: Final = 8

_SOUTH, _NORTH = 0.8293, 55.8271
_WEST, _EAST = 72.004, 137.8347

# 百度's own metre grid, (lower bound of |y|, ten coefficients), bands 15 to 60 degrees north.
_MERCATOR_TOP: Final = 8362377.87
_MERCATOR: Final[tuple[tuple[float, tuple[float, ...]], ...]] = (
    (
        5591021.0,
        (-3.030883460898826e-8, 8.98305509983578e-6, 0.30071316287616,
         59.74293618442277, 7.357984074871, -25.38371002664745,
         13.45380521110908, -3.29883767235584, 0.32710905363475, 6856817.37),
    ),
    (
        3481989.83,
        (-1.981981304930552e-8, 8.983055099779535e-6, 0.03278182852591,
         40.31678527705744, 0.65659298677277, -4.44255534477492,
         0.85341911805263, 0.12923347998204, -0.04625736007561, 4482777.06),
    ),
    (
        1678043.12,
        (3.09191371068437e-9, 8.983055096812155e-6, 0.00006995724062,
         23.10934304144901, -0.00023663490511, -0.6321817810242,
         -0.00663494467273, 0.03430082397953, -0.00466043876332, 2555164.4),
    ),
)  # fmt: skip


def is_shifted(lat: float, lon: float) -> bool:
    """Whether maps are shifted here: the box the providers use, wider than China."""
    return _SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST


def point_in(datum: Datum, lat: float, lon: float) -> AnyPoint:
    """Give two numbers the type of the datum they were stated in."""
    return POINT_TYPES[datum](lat, lon)


def to_wgs84(point: AnyPoint) -> Wgs84Point:
    """Convert to what a satellite receiver would say."""
    if isinstance(point, Wgs84Point):
        return point
    lat, lon = point.lat, point.lon
    if is_shifted(lat, lon):
        if isinstance(point, Bd09Point):
            lat, lon = _undone(_gcj_to_bd, (lat, lon))
        lat, lon = _undone(_wgs_to_gcj, (lat, lon))
    return Wgs84Point(lat, lon)


def to_gcj02(point: AnyPoint) -> Gcj02Point:
    """Convert to what 高德 and 腾讯 draw; unchanged outside China."""
    if isinstance(point, Gcj02Point):
        return point
    lat, lon = point.lat, point.lon
    if is_shifted(lat, lon):
        if isinstance(point, Bd09Point):
            lat, lon = _undone(_gcj_to_bd, (lat, lon))
        else:
            lat, lon = _wgs_to_gcj((lat, lon))
    return Gcj02Point(lat, lon)


def to_bd09(point: AnyPoint) -> Bd09Point:
    """Convert to what 百度 draws; unchanged outside China."""
    if isinstance(point, Bd09Point):
        return point
    lat, lon = point.lat, point.lon
    if is_shifted(lat, lon):
        if isinstance(point, Wgs84Point):
            lat, lon = _wgs_to_gcj((lat, lon))
        lat, lon = _gcj_to_bd((lat, lon))
    return Bd09Point(lat, lon)


def bd09_from_mercator(x: float, y: float) -> Bd09Point | None:
    """Read the metres in a 百度 web address; None outside the latitudes of China."""
    if not y < _MERCATOR_TOP:
        return None
    row = next((row for floor, row in _MERCATOR if y >= floor), None)
    if row is None:
        return None
    share = y / row[9]
    lat = sum(factor * share**power for power, factor in enumerate(row[2:9]))
    lon = row[0] + row[1] * x
    return Bd09Point(lat, lon) if is_shifted(lat, lon) else None


def _undone(forward: Callable[[Pair], Pair], target: Pair) -> Pair:
    """Find what the forward shift turns into the target."""
    lat, lon = target
    for _ in range(_STEPS):
        reached_lat, reached_lon = forward((lat, lon))
        lat += target[0] - reached_lat
        lon += target[1] - reached_lon
    return lat, lon


def _wgs_to_gcj(position: Pair) -> Pair:
    lat, lon = position
    north_m, east_m = _shift_m(lat - 35.0, lon - 105.0)
    radians = math.radians(lat)
    bend = 1 - _ECCENTRICITY2 * math.sin(radians) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY2) / (bend * math.sqrt(bend))
    parallel = _AXIS / math.sqrt(bend) * math.cos(radians)
    return lat + math.degrees(north_m / meridian), lon + math.degrees(east_m / parallel)


def _shift_m(y: float, x: float) -> Pair:
    """Metres north and east, from degrees north of 35 and east of 105."""
    ripple = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y
    north += 0.2 * math.sqrt(abs(x)) + ripple * 2.0 / 3.0
    north += _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y
    east += 0.1 * math.sqrt(abs(x)) + ripple * 2.0 / 3.0
    east += _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))
    return north, east


def _waves(along: float, *waves: Pair) -> float:
    heights = (height * math.sin(along * math.pi / part) for height, part in waves)
    return sum(heights) * 2.0 / 3.0


def _gcj_to_bd(position: Pair) -> Pair:
    lat, lon = position
    reach = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_ANGLE)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_ANGLE)
    return reach * math.sin(angle) + _BD_LAT, reach * math.cos(angle) + _BD_LON
