"""What a photo says about itself: a small, bounded EXIF reader that never raises.

Pure: bytes (or already parsed tags) in, frozen PhotoFacts out. Everything read here is a claim of the
device, never a fact about the place; the pages show it with its source. References are to CIPA DC-008
(Exif 2.32): section 4.6.6 for GPS, 4.6.5 for times.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from numbers import Rational
from typing import Final

Tags = Mapping[str, Mapping[int, object]]
"""Parsed tags by directory: "0th", "exif", "gps"."""

# China keeps one legal time; a camera's clock without a zone is read as that, and marked as not known.
ASSUMED_OFFSET: Final = timedelta(hours=8)

_ORIENTATION, _MAKE, _MODEL, _SOFTWARE, _EXIF_IFD, _GPS_IFD = 0x0112, 0x010F, 0x0110, 0x0131, 0x8769, 0x8825
_TAKEN, _OFFSET, _OFFSET_TAKEN = 0x9003, 0x9010, 0x9011
_COMMENT = 0x9286
_LAT_REF, _LAT, _LON_REF, _LON, _GPS_TIME = 1, 2, 3, 4, 7
_DIRECTION_REF, _DIRECTION, _DATUM, _GPS_DATE, _ERROR = 16, 17, 18, 29, 31

_MAX_ENTRIES: Final = 512
_MAX_VALUE_BYTES: Final = 4096
_MAX_TEXT: Final = 64
_NULL_ISLAND_DEG: Final = 0.001
_TYPE_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_TYPE_CODES: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_TIME: Final = re.compile(r"(\d{4})[:\-/](\d{2})[:\-/](\d{2})[ T](\d{2}):(\d{2}):(\d{2})", re.ASCII)
_GPS_DAY: Final = re.compile(r"(\d{4})[:\-/](\d{2})[:\-/](\d{2})\Z", re.ASCII)
_ZONE: Final = re.compile(r"([+-])(\d{2}):?(\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the device wrote into the photo, cleaned; None where it wrote nothing usable."""

    taken_at_text: str | None = None
    taken_at: datetime | None = None
    taken_offset_known: bool = False
    lat: float | None = None
    lon: float | None = None
    error_m: float | None = None
    datum_text: str | None = None
    direction_deg: float | None = None
    direction_is_magnetic: bool = False
    gps_at: datetime | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    is_screenshot: bool = False

    def as_json(self) -> dict[str, str | float | bool | None]:
        """Return plain values; the instants as ISO 8601 with their offset."""
        plain: dict[str, str | float | bool | None] = asdict(self)
        plain["taken_at"] = self.taken_at.isoformat() if self.taken_at else None
        plain["gps_at"] = self.gps_at.isoformat() if self.gps_at else None
        return plain

    @classmethod
    def from_json(cls, plain: object) -> PhotoFacts:
        """Build the facts again, as distrustful as at the first reading: what does not fit becomes None."""
        if not isinstance(plain, Mapping):
            return NOTHING
        lat, lon = _position(_number(plain.get("lat")), _number(plain.get("lon")))
        taken_at = _instant(plain.get("taken_at"))
        return cls(
            taken_at_text=_text(plain.get("taken_at_text")),
            taken_at=taken_at,
            taken_offset_known=plain.get("taken_offset_known") is True and taken_at is not None,
            lat=lat,
            lon=lon,
            error_m=_within(_number(plain.get("error_m")), 0, 1e7) if lat is not None else None,
            datum_text=_text(plain.get("datum_text")),
            direction_deg=_direction(_number(plain.get("direction_deg"))),
            direction_is_magnetic=plain.get("direction_is_magnetic") is True,
            gps_at=_instant(plain.get("gps_at")),
            make=_text(plain.get("make")),
            model=_text(plain.get("model")),
            software=_text(plain.get("software")),
            is_screenshot=plain.get("is_screenshot") is True,
        )


NOTHING: Final = PhotoFacts()


def facts(source: bytes | Tags) -> PhotoFacts:
    """Return what the photo says about itself; for anything unreadable, PhotoFacts without a word."""
    tags = parse(source) if isinstance(source, bytes) else source
    main, exif, gps = (_directory(tags, name) for name in ("0th", "exif", "gps"))
    taken_text = _text(exif.get(_TAKEN))
    taken_at, offset_known = _taken(taken_text, _text(exif.get(_OFFSET_TAKEN)) or _text(exif.get(_OFFSET)))
    lat, lon = _position(
        _degrees(gps.get(_LAT), gps.get(_LAT_REF), "NS"), _degrees(gps.get(_LON), gps.get(_LON_REF), "EW")
    )
    return PhotoFacts(
        taken_at_text=taken_text,
        taken_at=taken_at,
        taken_offset_known=offset_known,
        lat=lat,
        lon=lon,
        error_m=_within(_number(gps.get(_ERROR)), 0, 1e7) if lat is not None else None,
        datum_text=_text(gps.get(_DATUM)),
        direction_deg=_direction(_number(gps.get(_DIRECTION))),
        direction_is_magnetic=_text(gps.get(_DIRECTION_REF)) == "M",
        gps_at=_gps_instant(_text(gps.get(_GPS_DATE)), gps.get(_GPS_TIME)),
        make=_text(main.get(_MAKE)),
        model=_text(main.get(_MODEL)),
        software=_text(main.get(_SOFTWARE)),
        is_screenshot=_is_screenshot(exif.get(_COMMENT)),
    )


def orientation(source: bytes | Tags) -> int:
    """Return the EXIF orientation, 1 to 8; 1 for anything else that stands there."""
    tags = parse(source) if isinstance(source, bytes) else source
    value = _number(_directory(tags, "0th").get(_ORIENTATION))
    return int(value) if value in {1, 2, 3, 4, 5, 6, 7, 8} else 1


def parse(block: bytes) -> dict[str, dict[int, object]]:
    """Read the three directories of an EXIF block (with or without its Exif header).

    Follows exactly two pointers and no chain, so no loop is possible; the thumbnail's directory is not read.
    """
    if block[:6] == b"Exif\0\0":
        block = block[6:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:  # noqa: PLR2004 - the length of a TIFF header
        return {}
    main = _read_directory(block, order, struct.unpack_from(order + "I", block, 4)[0])
    found = {"0th": main}
    for name, pointer in (("exif", _EXIF_IFD), ("gps", _GPS_IFD)):
        start = main.get(pointer)
        if isinstance(start, int):
            found[name] = _read_directory(block, order, start)
    return found


def _read_directory(block: bytes, order: str, start: int) -> dict[int, object]:
    if not 0 < start <= len(block) - 2:
        return {}
    count = struct.unpack_from(order + "H", block, start)[0]
    entries: dict[int, object] = {}
    for at in range(start + 2, start + 2 + 12 * min(count, _MAX_ENTRIES), 12):
        if at + 12 > len(block):
            break
        tag, kind, number = struct.unpack_from(order + "HHI", block, at)
        size = _TYPE_SIZES.get(kind, 0) * number
        if not 0 < size <= _MAX_VALUE_BYTES:
            continue
        where = at + 8 if size <= 4 else struct.unpack_from(order + "I", block, at + 8)[0]  # noqa: PLR2004
        if where + size <= len(block):
            entries.setdefault(tag, _value(block[where : where + size], order, kind, number))
    return entries


def _value(raw: bytes, order: str, kind: int, number: int) -> object:
    if kind in {2, 7}:
        return raw
    if kind in {5, 10}:
        halves = struct.unpack(f"{order}{number * 2}{'I' if kind == 5 else 'i'}", raw)  # noqa: PLR2004
        pairs = tuple(zip(halves[::2], halves[1::2], strict=True))
        return pairs if number > 1 else pairs[0]
    values = struct.unpack(f"{order}{number}{_TYPE_CODES[kind]}", raw)
    return values if number > 1 else values[0]


def _directory(tags: object, name: str) -> Mapping[int, object]:
    found = tags.get(name) if isinstance(tags, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(value: object) -> float | None:
    """Return a finite number; a rational may come as a pair, and a pair may be divided by nothing."""
    try:
        if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004 - numerator and denominator
            above, below = value
            if not all(isinstance(half, int | float) for half in value) or not below:
                return None
            result = above / below
        elif isinstance(value, float | Rational) and not isinstance(value, bool):
            result = float(value)
        else:
            return None
    except (OverflowError, ZeroDivisionError):
        return None
    return result if math.isfinite(result) else None


def _text(value: object) -> str | None:
    """Return the printable part of a text in the encodings phones really write, or None."""
    if isinstance(value, bytes):
        raw = value.split(b"\0", 1)[0]
        for encoding in ("utf-8", "gb18030", "latin-1"):
            try:
                value = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    if not isinstance(value, str):
        return None
    clean = "".join(each for each in value[: _MAX_TEXT * 4] if each.isprintable()).strip()
    return clean[:_MAX_TEXT].strip() or None


def _taken(text: str | None, zone: str | None) -> tuple[datetime | None, bool]:
    found = _TIME.match(text or "")
    if found is None:
        return None, False
    offset = _offset(zone)
    try:
        local = datetime(*(int(part) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
        taken = local.replace(tzinfo=timezone(ASSUMED_OFFSET if offset is None else offset))
        taken.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, False
    # Before digital cameras or after every plausible clock: "1970" and "0000" mean that no clock was set.
    if not 1990 <= taken.year <= 2100:  # noqa: PLR2004
        return None, False
    return taken, offset is not None


def _gps_instant(day: str | None, clock: object) -> datetime | None:
    """Return the satellites' own time, which is UTC; a device without a fix writes zeros or nonsense."""
    found = _GPS_DAY.match(day or "")
    if found is None or not isinstance(clock, tuple | list) or len(clock) != 3:  # noqa: PLR2004
        return None
    parts = [_number(part) for part in clock]
    if any(part is None or not 0 <= part < 61 for part in parts):  # noqa: PLR2004 - a leap second is no nonsense
        return None
    hours, minutes, seconds = (part or 0.0 for part in parts)
    try:
        midnight = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None
    if hours >= 24 or not 1990 <= midnight.year <= 2100:  # noqa: PLR2004
        return None
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _is_screenshot(comment: object) -> bool:
    """Say whether the comment is the word by which phones mark a picture of their own screen."""
    return (
        isinstance(comment, bytes)
        and comment[:8] == b"ASCII\0\0\0"
        and comment[8:].strip(b"\0 ") == b"Screenshot"
    )


def _offset(zone: str | None) -> timedelta | None:
    found = _ZONE.match(zone or "")
    if found is None:
        return timedelta(0) if zone == "Z" else None
    amount = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if amount > timedelta(hours=14):
        return None
    return -amount if found[1] == "-" else amount


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo is not None else None


def _degrees(value: object, reference: object, hemispheres: str) -> float | None:
    """Return signed degrees; without a hemisphere there is no position."""
    side = (_text(reference) or "").upper()[:1]
    if not side or side not in hemispheres:
        return None
    if isinstance(value, tuple) and value and all(isinstance(half, int | float) for half in value):
        # One pair is degrees alone as a rational; three plain numbers are degrees, minutes, seconds.
        value = (value,) if len(value) == 2 else value  # noqa: PLR2004
    if not isinstance(value, tuple | list) or not 1 <= len(value) <= 3:  # noqa: PLR2004
        return None
    # Devices without seconds write 0/0 there; for the degrees themselves 0/0 means unknown.
    parts = [_number(part) for part in value]
    if parts[0] is None:
        return None
    first, minutes, seconds = (*(part or 0.0 for part in parts), 0.0, 0.0)[:3]
    if first < 0 or not 0 <= minutes <= 60 or not 0 <= seconds <= 60:  # noqa: PLR2004
        return None
    return (first + minutes / 60 + seconds / 3600) * (-1 if side in "SW" else 1)


def _position(lat: float | None, lon: float | None) -> tuple[float | None, float | None]:
    """Return both or neither; (0, 0) is what a device without a fix writes, never a place of ours."""
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004
        return None, None
    if abs(lat) < _NULL_ISLAND_DEG and abs(lon) < _NULL_ISLAND_DEG:
        return None, None
    return lat, lon


def _within(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _direction(value: float | None) -> float | None:
    value = _within(value, 0, 360)
    return 0.0 if value == 360 else value  # noqa: PLR2004 - a full turn is north
