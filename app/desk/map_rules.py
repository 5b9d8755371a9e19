"""The map's arithmetic: what part of the district is looked at, where a point stands on it, which points stand together.

Web Mercator, so that a provider's tiles fit under it where there are some; over one district it is the outline's
own shape. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.geo.terms import BoundingBox

WIDTH: Final = 480
HEIGHT: Final = 400
_TILE: Final = 256
# A desk shows the drawing half as wide again as it is measured: tiles a quarter of a step finer stay sharp there.
_FINER: Final = 0.25
# Closer than this two circles would lie on one another.
_APART: Final = 46.0
_MARGIN: Final = 1.12
# Never closer than about a street corner: what lies nearer together is read in the list.
_NARROWEST: Final = 2e-6
_WIDEST: Final = 0.02
_STEP: Final = 0.5
_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Spot:
    """One clue with its position, as it is drawn (the datum of the map)."""

    id: str
    lat: float
    lon: float
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Clues that stand together on the drawing: each counted once, however many reports it has."""

    x: float
    y: float
    spots: tuple[Spot, ...]

    @property
    def count(self) -> int:
        """Return how many clues it stands for."""
        return len({spot.id for spot in self.spots})

    @property
    def urgent(self) -> int:
        """Return how many of them are urgent."""
        return len({spot.id for spot in self.spots if spot.is_urgent})


def _x(lon: float) -> float:
    return (lon + 180) / 360


def _y(lat: float) -> float:
    return (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2


def _lon(x: float) -> float:
    return x * 360 - 180


def _lat(y: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: the middle and the width, as parts of the world's width."""

    x: float
    y: float
    span: float

    @property
    def _scale(self) -> float:
        return WIDTH / self.span

    def project(self, lat: float, lon: float) -> tuple[float, float]:
        """Return where a point stands on the drawing."""
        return (
            round(WIDTH / 2 + (_x(lon) - self.x) * self._scale, 1),
            round(HEIGHT / 2 + (_y(lat) - self.y) * self._scale, 1),
        )

    def holds(self, lat: float, lon: float) -> bool:
        """Say whether a point lies on the drawing."""
        x, y = self.project(lat, lon)
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT

    @property
    def box(self) -> BoundingBox:
        """Return the part of the world it shows."""
        high = self.span * HEIGHT / WIDTH / 2
        return BoundingBox(
            _lat(self.y + high),
            _lon(self.x - self.span / 2),
            _lat(self.y - high),
            _lon(self.x + self.span / 2),
        )

    def zoomed(self, factor: float) -> View:
        """Return it closer (below one) or from farther away."""
        return View(self.x, self.y, min(max(self.span * factor, _NARROWEST), _WIDEST))

    def moved(self, right: int, down: int) -> View:
        """Return it moved by half its width or height."""
        high = self.span * HEIGHT / WIDTH
        return View(self.x + right * self.span * _STEP, self.y + down * high * _STEP, self.span)

    def tiles(self, deepest: int) -> list[tuple[int, int, int, float, float, float]]:
        """Return the tiles that cover it: zoom, column, row, and where on the drawing, how large.

        Closer than the map is drawn, its deepest tiles are stretched.
        """
        zoom = min(max(round(math.log2(WIDTH / self.span / _TILE) + _FINER), 0), deepest)
        size = self._scale / 2**zoom
        left, top = self.x - self.span / 2, self.y - self.span * HEIGHT / WIDTH / 2
        columns = range(math.floor(left * 2**zoom), math.floor((left + self.span) * 2**zoom) + 1)
        rows = range(math.floor(top * 2**zoom), math.floor((top + self.span * HEIGHT / WIDTH) * 2**zoom) + 1)
        return [
            (
                zoom, column, row, round((column / 2**zoom - left) * self._scale, 1),
                round((row / 2**zoom - top) * self._scale, 1), round(size + 0.2, 1),
            )
            for column in columns
            for row in rows
        ]  # fmt: skip


def view_of(box: BoundingBox) -> View:
    """Return the view that surely shows a box, with a margin, undistorted."""
    wide = _x(box.east) - _x(box.west)
    high = _y(box.south) - _y(box.north)
    span = max(wide, high * WIDTH / HEIGHT) * _MARGIN
    middle = View((_x(box.east) + _x(box.west)) / 2, (_y(box.south) + _y(box.north)) / 2, 1.0)
    return View(middle.x, middle.y, min(max(span, _NARROWEST), _WIDEST))


def write_box(box: BoundingBox) -> str:
    """Write a box for an address."""
    return ",".join(f"{side:.{_PLACES}f}" for side in (box.south, box.west, box.north, box.east))


def read_box(text: str) -> BoundingBox | None:
    """Read a box back; None for anything that is none."""
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        return None
    sides = (south, west, north, east)
    is_box = (
        all(map(math.isfinite, sides)) and -85 < south < north < 85 and -180 <= west < east <= 180  # noqa: PLR2004
    )
    return BoundingBox(*sides) if is_box else None


def around(spots: Iterable[Spot]) -> BoundingBox:
    """Return the smallest box around some points, never without width."""
    found = list(spots)
    lats, lons = [spot.lat for spot in found], [spot.lon for spot in found]
    edge = 10**-_PLACES
    return BoundingBox(min(lats) - edge, min(lons) - edge, max(lats) + edge, max(lons) + edge)


def clusters(view: View, spots: Sequence[Spot]) -> list[Cluster]:
    """Return the points of a view as circles that do not lie on one another, the largest first.

    First by squares of the drawing, then what still touches is put together; a few hundred squares at most, so
    that a thousand points cost what ten do.
    """
    squares: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        if view.holds(spot.lat, spot.lon):
            x, y = view.project(spot.lat, spot.lon)
            squares.setdefault((int(x // _APART), int(y // _APART)), []).append(spot)
    heaps = sorted(squares.values(), key=len, reverse=True)
    found: list[Cluster] = []
    for heap in heaps:
        made = _cluster(view, heap)
        near = next(
            (at for at, one in enumerate(found) if math.hypot(one.x - made.x, one.y - made.y) < _APART), None
        )
        if near is None:
            found.append(made)
        else:
            # The larger circle keeps its place, so that joining never pushes it onto a third.
            one = found[near]
            found[near] = Cluster(one.x, one.y, one.spots + made.spots)
    return sorted(found, key=lambda one: -one.count)


def _cluster(view: View, spots: Sequence[Spot]) -> Cluster:
    places = [view.project(spot.lat, spot.lon) for spot in spots]
    x, y = (sum(side) / len(places) for side in zip(*places, strict=True))
    return Cluster(round(x, 1), round(y, 1), tuple(spots))
