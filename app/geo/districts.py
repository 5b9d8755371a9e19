"""The district's outline as packaged data, and its drawing without a map.

The outline carries no map-review number: it sorts and sketches, it is never published
as an official map.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.geo.terms import BoundingBox, Polygon, Wgs84Point

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable
    from pathlib import Path

_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MARGIN: Final = 0.04


class UnknownDistrict(LookupError):
    """No outline is packaged under this key, or the given file does not exist."""


class DistrictFileInvalid(ValueError):
    """A GeoJSON file that does not hold one outline with a name."""


@dataclass(frozen=True, slots=True)
class District:
    """A district's name, outline and where the outline came from."""

    key: str
    name: str
    polygon: Polygon
    bbox: BoundingBox
    origin: str


class Schematic(NamedTuple):
    """A drawing of an outline: the path to draw, and where on it a point stands.

    Rings are closed subpaths, so holes need `fill-rule="evenodd"`.
    """

    path: str
    project: Callable[[Wgs84Point], tuple[float, float]]


@cache
def district(key: str = "songbei", path: Path | None = None) -> District:
    """Load a district's outline: packaged, or from the installation's own file."""
    if path is None and not _KEY.fullmatch(key):
        raise UnknownDistrict(key)
    packaged = resources.files("app.geo") / "data" / f"{key}.geojson"
    source: Traversable | Path = packaged if path is None else path
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UnknownDistrict(key) from error
    try:
        feature = _only_feature(json.loads(text))
        polygon = _polygon(feature["geometry"])
        properties = feature["properties"]
        name, origin = str(properties["name"]), str(properties.get("origin", ""))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        message = f"{source}: not a GeoJSON feature with one named outline"
        raise DistrictFileInvalid(message) from error
    return District(key, name, polygon, polygon.bounding_box, origin)


def schematic_path(polygon: Polygon, width: float, height: float) -> Schematic:
    """Draw the outline into a box of that size, undistorted, centred, with a margin.

    Plate carrée with degrees of longitude narrowed by the middle latitude: over one
    district no eye sees the difference from a true projection.
    """
    if not (width > 0 and height > 0):
        message = "a drawing needs a width and a height"
        raise ValueError(message)
    box = polygon.bounding_box
    middle_lat, middle_lon = (box.south + box.north) / 2, (box.west + box.east) / 2
    narrowing = math.cos(math.radians(middle_lat))
    across = (box.east - box.west) * narrowing
    # Some width is needed to divide by, even for an outline squeezed into a line.
    scale = (1 - 2 * _MARGIN) * min(width / max(across, 1e-9), height / max(box.north - box.south, 1e-9))

    def project(point: Wgs84Point) -> tuple[float, float]:
        """Where a point stands on the drawing; outside the box it lies outside."""
        x = width / 2 + (point.lon - middle_lon) * narrowing * scale
        y = height / 2 - (point.lat - middle_lat) * scale
        return round(x, 1), round(y, 1)

    subpaths = (
        "M" + " L".join("{} {}".format(*project(corner)) for corner in ring) + " Z" for ring in polygon.rings
    )
    return Schematic(" ".join(subpaths), project)


def _only_feature(document: dict[str, Any]) -> dict[str, Any]:
    if document["type"] == "FeatureCollection":
        (document,) = document["features"]
    return document


def _polygon(geometry: dict[str, Any]) -> Polygon:
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        parts = [parts]
    elif geometry["type"] != "MultiPolygon":
        raise KeyError(geometry["type"])
    return Polygon(tuple(tuple(_ring(ring) for ring in part) for part in parts))


def _ring(corners: list[list[float]]) -> tuple[Wgs84Point, ...]:
    points = tuple(Wgs84Point(lat=lat, lon=lon) for lon, lat, *_ in corners)
    # GeoJSON repeats the first corner at the end; our rings close themselves.
    return points[:-1] if points[0] == points[-1] else points
