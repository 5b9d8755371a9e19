"""Drawn photographs for the demonstration: a scene per kind of matter, never the same twice, with what a phone adds.

Development only: nothing here is ever shown as a real photograph, and `demo.fill` refuses to run in production.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from datetime import datetime
from functools import cache
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.platform import clock

_SIZE: Final = (1200, 900)
_ORIENTATION: Final = 0x0112
_TAKEN_AT: Final = 0x9003
_EXIF_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825
_TURNED: Final = 6
Colour = tuple[int, int, int]
Point = tuple[float, float]


def picture(
    scene: str, rng: Random, *, taken_at: datetime, position: Point | None, is_turned: bool = False
) -> bytes:
    """Draw a scene and return it as the JPEG a phone would send; `is_turned` is a phone held upright."""
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    _SCENES.get(scene, _street)(draw, rng)
    image = _weathered(image, rng)
    exif = Image.Exif()
    if is_turned:
        # The picture lies on its side in the file, as a phone held upright writes it.
        image, exif[_ORIENTATION] = image.transpose(Image.Transpose.ROTATE_90), _TURNED
    local = taken_at.astimezone(clock.OFFICE_ZONE)
    exif.get_ifd(_EXIF_IFD)[_TAKEN_AT] = f"{local:%Y:%m:%d %H:%M:%S}"
    if position is not None:
        exif.get_ifd(_GPS_IFD).update(_gps(position))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=72, exif=exif)
    return made.getvalue()


def _gps(position: Point) -> dict[int, object]:
    lat, lon = position
    return {1: "N", 2: _degrees(lat), 3: "E", 4: _degrees(lon)}


def _degrees(value: float) -> tuple[float, float, float]:
    minutes = (value % 1) * 60
    return (math.floor(value), math.floor(minutes), round((minutes % 1) * 60, 2))


def _weathered(image: Image.Image, rng: Random) -> Image.Image:
    """Soften edges and add grain, so that scaling and compressing have something to do."""
    grain = ImageChops.offset(_grain(), rng.randrange(_SIZE[0]), rng.randrange(_SIZE[1]))
    return Image.blend(image.filter(ImageFilter.BoxBlur(1)), grain, rng.uniform(0.06, 0.14))


@cache
def _grain() -> Image.Image:
    return Image.effect_noise(_SIZE, 22).convert("RGB")


def _near(rng: Random, colour: Colour, spread: int = 18) -> Colour:
    light = rng.randint(-spread, spread)
    red, green, blue = (max(0, min(255, part + light + rng.randint(-6, 6))) for part in colour)
    return red, green, blue


def _fade(draw: ImageDraw.ImageDraw, top: int, bottom: int, start: Colour, end: Colour) -> None:
    for row in range(top, bottom):
        share = (row - top) / max(1, bottom - top)
        mixed = tuple(round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
        draw.line([(0, row), (_SIZE[0], row)], fill=mixed)


def _ground(draw: ImageDraw.ImageDraw, rng: Random, colour: Colour) -> int:
    """Draw sky and ground; return where the horizon lies."""
    horizon = rng.randint(300, 420)
    _fade(draw, 0, horizon, _near(rng, (170, 196, 220)), _near(rng, (222, 228, 230)))
    _fade(draw, horizon, _SIZE[1], _near(rng, colour), _near(rng, tuple(part // 2 for part in colour)))  # type: ignore[arg-type]
    for _tree in range(rng.randint(6, 22)):
        at, height = rng.randint(0, _SIZE[0]), rng.randint(40, 150)
        draw.ellipse([at - 30, horizon - height, at + 30, horizon + 6], fill=_near(rng, (64, 84, 56), 24))
    return horizon


def _water(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = _ground(draw, rng, (110, 104, 84))
    shore = horizon + rng.randint(60, 140)
    _fade(draw, shore, _SIZE[1], _near(rng, (62, 78, 76)), (26, 30, 30))
    for _wave in range(60):
        x, y = rng.randint(0, _SIZE[0]), rng.randint(shore, _SIZE[1])
        draw.line([(x, y), (x + rng.randint(30, 160), y)], fill=_near(rng, (96, 112, 110)), width=2)
    pipe = rng.randint(200, 900)
    draw.ellipse([pipe, shore - 70, pipe + 120, shore + 50], fill=(150, 150, 146))
    draw.ellipse([pipe + 22, shore - 46, pipe + 98, shore + 28], fill=(24, 24, 24))
    draw.polygon(
        [(pipe + 40, shore), (pipe + 84, shore), (pipe + 190, _SIZE[1]), (pipe - 90, _SIZE[1])],
        fill=_near(rng, (36, 32, 26)),
    )


def _heap(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = _ground(draw, rng, (128, 120, 92))
    for _thing in range(rng.randint(90, 220)):
        x = rng.gauss(600, 220)
        y = horizon + 120 + abs(rng.gauss(0, 140))
        wide, high = rng.randint(14, 80), rng.randint(10, 60)
        corners = [(x + rng.randint(-wide, wide), y + rng.randint(-high, high)) for _ in range(4)]
        draw.polygon(
            corners,
            fill=rng.choice([(196, 190, 180), (70, 84, 120), (160, 60, 48), (90, 88, 84), (210, 206, 190)]),
        )


def _soil(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = _ground(draw, rng, (74, 62, 48))
    for furrow in range(18):
        y = horizon + 20 + furrow * 34
        draw.line([(0, y), (_SIZE[0], y + rng.randint(-12, 12))], fill=_near(rng, (52, 42, 32)), width=6)
    left, right = rng.randint(180, 420), rng.randint(720, 1050)
    draw.polygon(
        [(left, horizon + 160), (right, horizon + 150), (right - 80, 820), (left + 70, 840)],
        fill=_near(rng, (34, 28, 22)),
    )
    draw.polygon(
        [(left, horizon + 160), (right, horizon + 150), (right, horizon + 200)],
        fill=_near(rng, (140, 108, 66)),
    )


def _snow(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = _ground(draw, rng, (226, 230, 236))
    for _post in range(rng.randint(5, 12)):
        x = rng.randint(40, 1160)
        draw.line([(x, horizon + 40), (x, horizon + 150)], fill=(180, 70, 40), width=8)
    draw.line([(0, horizon + 80), (1200, horizon + rng.randint(60, 130))], fill=(220, 120, 40), width=4)
    draw.polygon(
        [(420, horizon + 60), (780, horizon + 60), (980, 900), (220, 900)],
        fill=_near(rng, (206, 220, 236), 8),
    )


def _indoor(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    _fade(draw, 0, 640, _near(rng, (226, 222, 212), 10), _near(rng, (206, 202, 194), 10))
    _fade(draw, 640, 900, _near(rng, (150, 142, 130)), _near(rng, (110, 104, 96)))
    left, top = rng.randint(260, 620), rng.randint(140, 240)
    draw.rectangle([left, top, left + 300, top + 380], fill=(246, 246, 246), outline=(120, 120, 120), width=6)
    draw.rectangle([left + 30, top + 30, left + 270, top + 130], fill=_near(rng, (30, 122, 70)))
    draw.ellipse([left + 110, top + 180, left + 190, top + 260], fill=_near(rng, (196, 40, 40)))
    for tile in range(0, 1200, 150):
        draw.line([(tile, 640), (tile - 120, 900)], fill=(132, 126, 116), width=3)


def _shelf(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    _fade(draw, 0, 900, _near(rng, (214, 206, 190)), _near(rng, (180, 170, 152)))
    for board in range(4):
        bottom = 220 + board * 210
        x = 30
        while x < 1140:  # noqa: PLR2004 - the shelf's right end
            wide, high = rng.randint(40, 110), rng.randint(80, 170)
            draw.rectangle(
                [x, bottom - high, x + wide, bottom], fill=rng.choice(_PACKS), outline=(80, 70, 60)
            )
            x += wide + rng.randint(4, 24)
        draw.rectangle([0, bottom, 1200, bottom + 18], fill=(120, 92, 60))


def _street(draw: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = _ground(draw, rng, (126, 126, 126))
    for x in range(0, 1200, rng.randint(140, 220)):
        high = rng.randint(120, 300)
        draw.rectangle([x, horizon - high, x + 130, horizon], fill=_near(rng, (168, 158, 148), 26))
        for window in range(horizon - high + 20, horizon - 20, 46):
            draw.rectangle([x + 20, window, x + 50, window + 24], fill=_near(rng, (90, 110, 130)))
    draw.polygon([(480, horizon), (720, horizon), (1100, 900), (100, 900)], fill=_near(rng, (96, 96, 98), 8))
    hole = rng.randint(420, 700)
    draw.ellipse([hole, 640, hole + 220, 730], fill=(20, 20, 20), outline=(150, 140, 60), width=8)


_PACKS: Final = (
    (176, 92, 70),
    (96, 128, 96),
    (206, 176, 96),
    (92, 110, 150),
    (190, 186, 176),
    (140, 80, 110),
)
_SCENES: Final[dict[str, Callable[[ImageDraw.ImageDraw, Random], None]]] = {
    "water": _water, "heap": _heap, "soil": _soil, "snow": _snow, "indoor": _indoor, "shelf": _shelf, "street": _street,
}  # fmt: skip
_OF_GROUP: Final = {
    "water": "water", "air_waste": "heap", "land": "soil", "wild_scenic": "heap", "rescue_safety": "indoor",
    "food_drug": "shelf", "military_heroes": "indoor", "barrier_free": "street",
}  # fmt: skip
_OF_CATEGORY: Final = {
    "ice_venue": "snow", "ice_environment": "snow", "public_safety": "street", "river_litter": "water", "wetland": "water",
}  # fmt: skip


def scene_of(category_key: str, group_key: str) -> str:
    """Return which scene suits a category."""
    return _OF_CATEGORY.get(category_key) or _OF_GROUP.get(group_key, "street")
