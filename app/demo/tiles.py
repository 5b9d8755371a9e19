"""A drawn map for rehearsals: tiles of the district with streets, a river and marks that stand where they say.

Made up but for the outline and the towns, and every tile says so: nobody takes it for a map. It is for trying the map
settings (`YIXIAN_TILES_URL`, `YIXIAN_TILES_DATUM`) before a real map is bought, and for the tests.
"""

from __future__ import annotations

import io
import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from app.geo.districts import district
from app.geo.rules import to_gcj02
from app.geo.terms import Wgs84Point

SIDE: Final = 256
ZOOMS: Final = range(8, 16)
_LAND, _INSIDE, _RIVER, _PARK = "#ece8df", "#f7f4ec", "#a9cbe3", "#cfe3c4"
_CASING, _STREET, _ROAD, _RIM, _INK, _PALE = "#cfc8ba", "#ffffff", "#fbe2a6", "#b9b2a4", "#3a3f45", "#8a8577"
_NOTHING: Final = (0, 0, 0, 0)
_MARK: Final = "#d100c8"
_ARM: Final = 60
_FONTS: Final = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "wqy-microhei.ttc",
    "SourceHanSansCN-Regular.otf",
)
_NAMES_FROM, _STREETS_FROM, _LANES_FROM = 11, 12, 15
# Streets stand on round degrees, so that a person can check any of them by its number.
_ROAD_EVERY, _STREET_EVERY, _LANE_EVERY = 5, 1, 0.2
_HUNDREDTH: Final = 100
# A bend of a river through the district's south, invented; (lat, lon).
_BANK: Final = (
    (45.7400, 126.2000), (45.7560, 126.3000), (45.7480, 126.4000), (45.7720, 126.4700), (45.7750, 126.5400),
    (45.7880, 126.5900), (45.8020, 126.6500), (45.8300, 126.7300),
)  # fmt: skip
_ISLAND: Final = ((45.786, 126.56), (45.797, 126.57), (45.801, 126.60), (45.797, 126.615), (45.791, 126.59))
_RIVER_WIDE_M: Final = 420.0
_METRES_A_PIXEL: Final = 156543.03392
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point that is drawn as a cross with its name, to be looked for on the screen."""

    lat: float
    lon: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """What is drawn, and on which datum; the marks stand in WGS-84."""

    datum: Literal["wgs84", "gcj02"] = "wgs84"
    marks: Sequence[Mark] = field(default_factory=tuple)
    layer: Literal["whole", "ground", "names"] = "whole"

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Draw one tile as a PNG."""
        image = Image.new(
            "RGBA" if self.layer == "names" else "RGB",
            (SIDE, SIDE),
            _NOTHING if self.layer == "names" else _LAND,
        )
        _Sheet(ImageDraw.Draw(image), self, z, x, y).fill()
        made = io.BytesIO()
        image.save(made, "PNG")
        return made.getvalue()


@cache
def drawn_at(datum: str, lat: float, lon: float) -> Place:
    """Return where a map of that datum draws a WGS-84 point, in its own degrees."""
    if datum != "gcj02":
        return lat, lon
    moved = to_gcj02(Wgs84Point(lat, lon))
    return moved.lat, moved.lon


def world_pixel(lat: float, lon: float, zoom: int) -> Place:
    """Return where a point stands on the whole world's drawing at a zoom.

    The pages have their own arithmetic: this one is written by another formula, so that one checks the other.
    """
    across = SIDE * 2.0**zoom
    slant = math.radians(lat)
    north = math.log(math.tan(slant) + 1 / math.cos(slant))
    return (lon + 180) / 360 * across, (1 - north / math.pi) / 2 * across


def write(folder: Path, drawing: DrawnMap, zooms: Sequence[int]) -> int:
    """Draw the district's tiles into a folder as `z/x/y.png`; return how many there are."""
    count = 0
    for z, x, y in _addresses(zooms):
        place = folder / str(z) / str(x) / f"{y}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(drawing.tile(z, x, y))
        count += 1
    return count


@cache
def _towns() -> tuple[Mark, ...]:
    """Return the district's towns at their rough middles, as the reference data ships them."""
    source = resources.files("app.reference") / "data" / "towns.toml"
    found = tomllib.loads(source.read_text("utf-8"))["town"]
    return tuple(Mark(one["lat"], one["lon"], one["name"]) for one in found if "lat" in one)


def _addresses(zooms: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    box = district().bbox
    for zoom in zooms:
        left, top = (int(side // SIDE) for side in world_pixel(box.north, box.west, zoom))
        right, bottom = (int(side // SIDE) for side in world_pixel(box.south, box.east, zoom))
        for x in range(left - 1, right + 2):
            for y in range(top - 1, bottom + 2):
                yield zoom, x, y


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


@cache
def _writes_chinese() -> bool:
    font = _font(12)
    return isinstance(font, ImageFont.FreeTypeFont) and font.getname()[0] != "Aileron"


class _Sheet:
    """One tile while it is drawn: everything is given in WGS-84 and lands where the map's datum puts it."""

    def __init__(self, draw: ImageDraw.ImageDraw, drawing: DrawnMap, z: int, x: int, y: int) -> None:
        self._draw = draw
        self._map = drawing
        self._zoom = z
        self._corner = (x * SIDE, y * SIDE)
        self._name = f"{z}/{x}/{y}"

    def fill(self) -> None:
        """Draw what there is, from the ground up."""
        if self._map.layer != "names":
            self._ground()
        if self._map.layer != "ground" and self._zoom >= _NAMES_FROM:
            for town in _towns():
                self._dot(town)
        if self._map.layer != "names":
            self._said()
            for mark in self._map.marks:
                self._cross(mark)

    def _ground(self) -> None:
        for ring in district().polygon.rings:
            self._draw.polygon([self._at(one.lat, one.lon) for one in ring], fill=_INSIDE)
            self._draw.line([self._at(one.lat, one.lon) for one in ring], fill=_PALE, width=2)
        self._draw.line(
            [self._at(*one) for one in _BANK], fill=_RIVER, width=self._wide(_RIVER_WIDE_M), joint="curve"
        )
        self._draw.polygon([self._at(*one) for one in _ISLAND], fill=_PARK)
        if self._zoom >= _STREETS_FROM:
            self._streets()
        self._draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=_RIM)

    def _at(self, lat: float, lon: float) -> Place:
        x, y = world_pixel(*drawn_at(self._map.datum, lat, lon), self._zoom)
        return x - self._corner[0], y - self._corner[1]

    def _wide(self, metres: float) -> int:
        return max(2, round(metres * 2.0**self._zoom / _METRES_A_PIXEL / math.cos(math.radians(45.8))))

    def _streets(self) -> None:
        """Draw north-south and east-west streets on round hundredths of a degree, the fifth ones as roads."""
        every = _LANE_EVERY if self._zoom >= _LANES_FROM else _STREET_EVERY
        lines = [
            (round(number * every, 3), is_along)
            for is_along, (low, high) in ((True, (4560, 4620)), (False, (12605, 12685)))
            for number in range(round(low / every), round(high / every) + 1)
        ]
        here = [
            (one, is_along) for one, is_along in lines if self._is_near(one / _HUNDREDTH, is_along=is_along)
        ]
        # The wider ones last, so that a crossing shows which goes on.
        for hundredth, is_along in sorted(here, key=lambda one: (one[0] % _ROAD_EVERY == 0, one[0] % 1 == 0)):
            self._street(hundredth, is_along=is_along)

    def _is_near(self, degree: float, *, is_along: bool) -> bool:
        """Leave out what surely misses this tile; the datums are never further apart than the slack."""
        slack = self._wide(1000)
        side = self._at(degree, 126.45)[1] if is_along else self._at(45.9, degree)[0]
        return -slack < side < SIDE + slack

    def _street(self, hundredth: float, *, is_along: bool) -> None:
        degree = hundredth / _HUNDREDTH
        ends = ((degree, 126.0), (degree, 126.9)) if is_along else ((45.6, degree), (46.2, degree))
        # In pieces, because the shift between the datums bends a straight street.
        steps = 24
        points = [
            self._at(*(start + (end - start) * step / steps for start, end in zip(*ends, strict=True)))
            for step in range(steps + 1)
        ]
        is_road = hundredth % _ROAD_EVERY == 0
        width = 6 if is_road else 4 if hundredth % 1 == 0 else 2
        self._draw.line(points, fill=_CASING, width=width + 2)
        self._draw.line(points, fill=_ROAD if is_road else _STREET, width=width)
        if hundredth % 1 == 0:
            x, y = points[0] if is_along else points[-1]
            spot = (4.0, y + 4) if is_along else (x + 5, 18.0)
            self._draw.text(spot, f"{degree:.2f}°", fill=_PALE, font=_font(10))

    def _dot(self, mark: Mark) -> None:
        x, y = self._at(mark.lat, mark.lon)
        self._draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=_INK)
        if _writes_chinese():
            self._draw.text((x, y + 5), mark.name, fill=_INK, font=_font(12), anchor="ma")

    def _cross(self, mark: Mark) -> None:
        """Draw the arms longer than a circle of the desk's map is wide, so that both are seen."""
        # Whole pixels, so that the arms on either side of a tile's edge meet.
        x, y = (math.floor(side) for side in self._at(mark.lat, mark.lon))
        self._draw.rectangle((x - _ARM, y - 2, x + _ARM, y + 2), fill=_MARK)
        self._draw.rectangle((x - 2, y - _ARM, x + 2, y + _ARM), fill=_MARK)
        if mark.name and _writes_chinese():
            self._draw.text((x + 30, y - 20), mark.name, fill=_MARK, font=_font(13))

    def _said(self) -> None:
        words = f"演练图 {self._name}" if _writes_chinese() else f"rehearsal {self._name}"
        self._draw.text((SIDE - 5, SIDE - 4), words, fill=_PALE, font=_font(10), anchor="rs")
