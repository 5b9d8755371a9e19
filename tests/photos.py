"""Photos drawn by code: what a phone sends, and what an enemy sends.

The EXIF block is assembled by hand here, byte by byte, so that the reader in the house is not tested against
the writer it shares a library with, and so that blocks can be broken in known ways.
"""

from __future__ import annotations

import functools
import io
import math
import random
import struct
import zlib
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

Rational = tuple[int, int]
Entry = tuple[int, int, int, bytes]
"""Tag, type, count, value."""


# What a phone sends.


def scene(
    size: tuple[int, int] = (4032, 3024), *, seed: int = 1, text: str = "AED", grain: int = 14
) -> Image.Image:
    """Draw a street in daylight with the grain of a sensor; four corner marks tell the orientation.

    Corners as drawn (upright): red top left, green top right, blue bottom left, yellow bottom right.
    """
    width, height = size
    chance = random.Random(seed)
    sky = Image.linear_gradient("L").resize(size)
    image = Image.merge(
        "RGB",
        (
            sky.point(lambda v: 120 + v // 4),
            sky.point(lambda v: 150 + v // 5),
            sky.point(lambda v: 210 - v // 6),
        ),
    )
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        left = chance.randrange(width)
        top = chance.randrange(height // 4, height * 3 // 4)
        tone = chance.randrange(60, 200)
        pen.rectangle((left, top, left + width // 7, height * 5 // 6), fill=(tone, tone - 10, tone - 25))
        for row in range(top + height // 40, height * 5 // 6, max(8, height // 24)):
            for column in range(left + width // 70, left + width // 7, max(8, width // 40)):
                pen.rectangle(
                    (column, row, column + width // 90, row + height // 50),
                    fill=(tone // 2, tone // 2, tone // 2 + 30),
                )
    pen.rectangle((0, height * 5 // 6, width, height), fill=(96, 98, 102))
    pen.text(
        (width // 3, height // 2), text, fill=(200, 20, 30), font_size=max(10, height // 8), stroke_width=2
    )
    mark = max(2, min(size) // 8)
    for corner, colour in (
        ((0, 0), (230, 20, 20)),
        ((width - mark, 0), (20, 200, 20)),
        ((0, height - mark), (20, 20, 230)),
        ((width - mark, height - mark), (240, 220, 20)),
    ):
        pen.rectangle((*corner, corner[0] + mark, corner[1] + mark), fill=colour)
    return _grained(image, grain, chance) if grain else image


def _grained(image: Image.Image, grain: int, chance: random.Random) -> Image.Image:
    tile = Image.frombytes("L", (256, 256), chance.randbytes(65536)).point(
        lambda v: 128 + (v - 128) * grain // 128
    )
    noise = Image.new("L", image.size)
    for top in range(0, image.height, 256):
        for left in range(0, image.width, 256):
            noise.paste(tile.rotate(90 * chance.randrange(4)), (left, top))
    return Image.blend(image, Image.merge("RGB", (noise, noise, noise)), 0.35)


CORNERS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230), "yellow": (240, 220, 20)}

# The turn that undoes each orientation's display, i.e. how the sensor would have stored an upright scene.
_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def phone_photo(
    *,
    size: tuple[int, int] = (4032, 3024),
    orientation: int = 6,
    gps: tuple[float, float] | None = (45.81, 126.53),
    taken: str | None = "2026:11:20 09:30:00",
    offset: str | None = "+08:00",
    make: str | None = "HUAWEI",
    model: str | None = "P60",
    software: str | None = None,
    thumbnail: bool = True,
    seed: int = 1,
    text: str = "AED",
    quality: int = 90,
) -> bytes:
    """Return a JPEG as a phone writes it; `size` is that of the stored pixels, as on the sensor."""
    shown = (size[1], size[0]) if orientation >= 5 else size
    upright = scene(shown, seed=seed, text=text)
    turn = _STORED[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    small = b""
    if thumbnail:
        buffer = io.BytesIO()
        stored.resize((160, 120)).save(buffer, "JPEG", quality=70)
        small = buffer.getvalue()
    block = exif_block(
        main=[
            *([ascii_entry(0x010F, make)] if make else []),
            *([ascii_entry(0x0110, model)] if model else []),
            short_entry(0x0112, orientation),
            *([ascii_entry(0x0131, software)] if software else []),
        ],
        exif=[
            *([ascii_entry(0x9003, taken)] if taken else []),
            *([ascii_entry(0x9011, offset)] if taken and offset else []),
        ],
        gps=gps_entries(*gps) if gps else [],
        thumbnail=small,
    )
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", quality=quality, exif=block, comment=b"left by the camera")
    return buffer.getvalue()


def small_photo(**changes: object) -> bytes:
    """Return the same in a size that costs a test next to nothing."""
    return phone_photo(**{"size": (640, 480), **changes})  # type: ignore[arg-type]


# EXIF by hand (little-endian TIFF).


def ascii_entry(tag: int, text: str) -> Entry:
    """Return a text tag; UTF-8 whatever the standard says, as phones do."""
    raw = text.encode("utf-8", "surrogateescape") + b"\0"
    return tag, 2, len(raw), raw


def short_entry(tag: int, value: int) -> Entry:
    """Return a 16-bit tag."""
    return tag, 3, 1, struct.pack("<H", value)


def rational_entry(tag: int, *values: Rational) -> Entry:
    """Return a tag of unsigned fractions, zero denominators included."""
    return tag, 5, len(values), b"".join(struct.pack("<II", *value) for value in values)


def gps_entries(lat: float, lon: float, *, error: Rational = (8, 1), datum: str = "WGS-84") -> list[Entry]:
    """Return the tags of a position in degrees, minutes, seconds."""
    return [
        ascii_entry(1, "N" if lat >= 0 else "S"),
        rational_entry(2, *_sexagesimal(abs(lat))),
        ascii_entry(3, "E" if lon >= 0 else "W"),
        rational_entry(4, *_sexagesimal(abs(lon))),
        rational_entry(17, (27050, 100)),
        ascii_entry(18, datum),
        rational_entry(31, error),
    ]


def _sexagesimal(degrees: float) -> tuple[Rational, Rational, Rational]:
    seconds = round(degrees * 3600 * 10000)
    return (seconds // 36_000_000, 1), (seconds // 600_000 % 60, 1), (seconds % 600_000, 10000)


def exif_block(
    *,
    main: Sequence[Entry] = (),
    exif: Sequence[Entry] = (),
    gps: Sequence[Entry] = (),
    thumbnail: bytes = b"",
) -> bytes:
    """Assemble an EXIF block: main directory, its two children, and a thumbnail in a second directory."""
    long = lambda tag, value: (tag, 4, 1, struct.pack("<I", value))  # noqa: E731
    pointers = ([0x8769] if exif else []) + ([0x8825] if gps else [])
    main_size = _directory_size([*main, *(long(tag, 0) for tag in pointers)])
    exif_at = 8 + main_size
    gps_at = exif_at + (_directory_size(exif) if exif else 0)
    next_at = gps_at + (_directory_size(gps) if gps else 0)
    starts = {0x8769: exif_at, 0x8825: gps_at}
    body = _directory([*main, *(long(tag, starts[tag]) for tag in pointers)], 8, next_at if thumbnail else 0)
    body += _directory(exif, exif_at) if exif else b""
    body += _directory(gps, gps_at) if gps else b""
    if thumbnail:
        entries = [short_entry(0x0103, 6), long(0x0201, 0), long(0x0202, len(thumbnail))]
        at = next_at + _directory_size(entries)
        entries[1] = long(0x0201, at)
        body += _directory(entries, next_at) + thumbnail
    return b"Exif\0\0II*\0\x08\0\0\0" + body


def _directory_size(entries: Sequence[Entry]) -> int:
    return 6 + 12 * len(entries) + sum(len(raw) + len(raw) % 2 for _, _, _, raw in entries if len(raw) > 4)


def _directory(entries: Sequence[Entry], start: int, following: int = 0) -> bytes:
    head, tail = struct.pack("<H", len(entries)), b""
    behind = start + 6 + 12 * len(entries)
    for tag, kind, count, raw in sorted(entries):
        head += struct.pack("<HHI", tag, kind, count)
        if len(raw) <= 4:
            head += raw.ljust(4, b"\0")
        else:
            head += struct.pack("<I", behind + len(tail))
            tail += raw + b"\0" * (len(raw) % 2)
    return head + struct.pack("<I", following) + tail


# What an enemy sends.


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes); names that begin with `ok-` are odd, but pictures that should be shown."""
    photo = small_photo()
    small = scene((320, 240), grain=0)
    yield "bomb-60000x60000.png", png_bomb(60_000, 60_000)
    yield "bomb-7700x7700-rgba.png", png_bomb(7_700, 7_700, colour_type=6)
    yield "bomb-4500x4500-16bit.png", png_bomb(4_500, 4_500, colour_type=6, depth=16)
    yield "bomb-text-chunk.png", png_text_bomb()
    yield "bomb-65500x65500.jpg", with_jpeg_size(photo, 65_500, 65_500)
    yield "bomb-65500x900.jpg", with_jpeg_size(photo, 65_500, 900)
    yield "bomb-65535x16.jpg", with_jpeg_size(photo, 65_535, 16)
    yield "bomb-progressive-scans.jpg", progressive_bomb(20_000)
    yield "truncated.jpg", photo[: len(photo) // 2]
    yield "truncated-header.jpg", photo[:30]
    yield "truncated.png", saved(small, "PNG")[:3000]
    yield "zero-length.jpg", b""
    yield "one-byte.jpg", b"\xff"
    yield "ok-polyglot-html.jpg", photo + b"<html><script>alert(1)</script></html>"
    yield "polyglot.gif", b"GIF89a/*" + saved(small.convert("P"), "GIF")[8:] + b"*/=1;alert(1)//"
    yield "ok-wrong-extension.png", photo
    yield "animated.gif", saved(small, "GIF", save_all=True, append_images=[small.rotate(90)], duration=50)
    yield (
        "ok-animated.webp",
        saved(small, "WEBP", save_all=True, append_images=[small.rotate(9)] * 3, duration=50),
    )
    yield "ok-cmyk.jpg", saved(small.convert("CMYK"), "JPEG")
    yield "ok-grey16.png", saved(Image.new("I;16", (64, 64), 40_000), "PNG")
    yield "ok-palette-alpha.png", saved(small.convert("RGBA").quantize(64), "PNG")
    yield "ok-broken-exif.jpg", saved(small, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 64)
    yield (
        "ok-exif-loop.jpg",
        saved(small, "JPEG", exif=exif_block(main=[(0x8769, 4, 1, struct.pack("<I", 8))])),
    )
    yield (
        "ok-exif-script.jpg",
        small_photo(make="<script>alert(1)</script>", model="'\"><svg onload=alert(1)>"),
    )
    yield "ok-exif-orientation-9.jpg", saved(small, "JPEG", exif=exif_block(main=[short_entry(0x0112, 9)]))
    yield "ok-broken-icc.jpg", saved(small, "JPEG", icc_profile=b"\0" * 16 + b"RGB " + b"\xff" * 200)
    yield (
        "postscript.jpg",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\nshowpage\n",
    )
    yield "picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "corrupt.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + random.Random(7).randbytes(4000)
    yield "corrupt.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + random.Random(8).randbytes(4000)
    yield "noise.jpg", b"\xff\xd8\xff\xe0" + random.Random(9).randbytes(50_000)
    yield "text.jpg", "这不是照片。".encode() * 100


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    """Return the picture in a format."""
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


@functools.cache
def png_bomb(width: int, height: int, *, colour_type: int = 2, depth: int = 8) -> bytes:
    """Return a PNG of empty rows: a few thousand bytes that want gigabytes."""
    row = b"\0" * (1 + width * {2: 3, 6: 4}[colour_type] * depth // 8)
    pack = zlib.compressobj(1)
    # Enough rows to be whole for the sizes under the pixel limit; above it nobody gets this far.
    rows = height if width * height <= 60_000_000 else 64
    packed = b"".join(pack.compress(row) for _ in range(rows)) + pack.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", packed)
        + png_chunk(b"IEND", b"")
    )


def png_text_bomb() -> bytes:
    """Return a PNG whose comments unpack to a gigabyte."""
    comment = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 20_000_000, 9))
    base = saved(Image.new("RGB", (8, 8)), "PNG")
    return base[:33] + comment * 50 + base[33:]


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG with its check."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def with_jpeg_size(photo: bytes, width: int, height: int) -> bytes:
    """Return the JPEG with another size written into its frame header."""
    at = next(at for at in _segments(photo) if photo[at + 1] in {0xC0, 0xC2})
    return photo[: at + 5] + struct.pack(">HH", height, width) + photo[at + 9 :]


def progressive_bomb(scans: int) -> bytes:
    """Return a progressive JPEG of 58 megapixels whose last scan is repeated: small, and endless to decode."""
    whole = saved(Image.new("RGB", (16, 16), "grey"), "JPEG", progressive=True)
    starts = [at for at in _segments(whole, in_scans=True) if whole[at + 1] == 0xDA]
    return with_jpeg_size(whole[:-2] + whole[starts[-1] : -2] * scans + b"\xff\xd9", 7_600, 7_600)


def _segments(photo: bytes, *, in_scans: bool = False) -> Iterator[int]:
    at = 2
    while at < len(photo) - 4 and photo[at] == 0xFF:
        yield at
        is_scan = photo[at + 1] == 0xDA
        at += 2 + int.from_bytes(photo[at + 2 : at + 4])
        if is_scan:
            if not in_scans:
                return
            while not (photo[at] == 0xFF and photo[at + 1] not in {0, *range(0xD0, 0xD8)}):
                at += 1


def is_like(pixel: Sequence[float], colour: Sequence[float], *, within: float = 90.0) -> bool:
    """Say whether a pixel still has about this colour after grain and JPEG."""
    return math.dist(pixel, colour) <= within
