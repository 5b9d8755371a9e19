"""What a look at a photo gives reason to ask: flags, never refusals, each with the figures its sentence needs.

Pure: statements in, flags out. The limits are those of domain.md 6.4; a flag is a question to a prosecutor, and no
verdict on a reporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.evidence.exif import PhotoFacts

FAR_M: Final = 500
COARSE_M: Final = 200
OLD: Final = timedelta(days=30)
# A clock is called wrong only beyond what slow uploads and rounding explain.
AHEAD: Final = timedelta(minutes=5)
SKEWED: Final = timedelta(minutes=10)
# Two pictures whose hashes differ in so few of 64 bits are the same picture, saved or sent once more.
SAME_BITS: Final = 6
_FLAT_BITS: Final = 8

_SCREENS: Final = frozenset(
    {
        640,
        720,
        750,
        828,
        1080,
        1116,
        1125,
        1156,
        1170,
        1179,
        1206,
        1216,
        1220,
        1224,
        1228,
        1240,
        1242,
        1260,
        1264,
    }
    | {1272, 1280, 1284, 1290, 1320, 1440}
)
_SCREEN_NAMES: Final = ("screenshot", "screen_shot", "截屏", "截图", "屏幕截图", "snapshot")
_EDITORS: Final = (
    "photoshop", "lightroom", "snapseed", "picsart", "gimp", "canva", "meitu", "美图", "醒图", "vsco", "pixelmator",
    "affinity", "facetune", "photodirector", "faceapp", "beautycam", "美颜", "轻颜", "paint.net", "remini", "b612",
)  # fmt: skip


class Flag(StrEnum):
    """One reason to ask."""

    FAR_FROM_PLACE = "far_from_place"
    FAR_FROM_PHONE = "far_from_phone"
    OLD = "old"
    COARSE = "coarse"
    AHEAD_OF_US = "ahead_of_us"
    CLOCK_SKEW = "clock_skew"
    OUTSIDE = "outside"
    SAME_BYTES = "same_bytes"
    SAME_PICTURE = "same_picture"
    SCREENSHOT = "screenshot"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag with the figures of its sentence."""

    flag: Flag
    figures: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one photo: its own facts, how far they lie from other statements, where else it lies."""

    facts: PhotoFacts
    received_at: datetime
    media_type: str = ""
    name: str = ""
    size: tuple[int, int] = (0, 0)
    to_place_m: float | None = None
    to_phone_m: float | None = None
    phone_accuracy_m: float | None = None
    is_outside: bool = False
    same_bytes: int = 0
    same_picture: int = 0


def flags(said: Said) -> tuple[Raised, ...]:
    """Return what to ask about a photo, the weightiest first."""
    return (
        *_elsewhere(said),
        *_place(said),
        *_time(said),
        *_making(said),
    )


def _elsewhere(said: Said) -> list[Raised]:
    found = []
    if said.same_bytes:
        found.append(Raised(Flag.SAME_BYTES, {"n": said.same_bytes}))
    if said.same_picture:
        found.append(Raised(Flag.SAME_PICTURE, {"n": said.same_picture}))
    return found


def _place(said: Said) -> list[Raised]:
    found = []
    if said.to_place_m is not None and said.to_place_m > FAR_M:
        found.append(Raised(Flag.FAR_FROM_PLACE, {"n": round(said.to_place_m)}))
    if said.to_phone_m is not None and said.to_phone_m > FAR_M:
        found.append(Raised(Flag.FAR_FROM_PHONE, {"n": round(said.to_phone_m)}))
    if said.is_outside:
        found.append(Raised(Flag.OUTSIDE))
    worst = max(
        (error for error in (said.facts.error_m, said.phone_accuracy_m) if error is not None), default=0.0
    )
    if worst > COARSE_M:
        found.append(Raised(Flag.COARSE, {"n": round(worst)}))
    return found


def _time(said: Said) -> list[Raised]:
    taken, found = said.facts.taken_at, []
    if taken is None:
        return []
    if said.received_at - taken > OLD:
        found.append(Raised(Flag.OLD, {"n": (said.received_at - taken).days}))
    if taken - said.received_at > AHEAD:
        found.append(Raised(Flag.AHEAD_OF_US, {"n": _minutes(taken - said.received_at)}))
    skew = clock_skew(said.facts)
    if skew > SKEWED:
        found.append(Raised(Flag.CLOCK_SKEW, {"n": _minutes(skew)}))
    return found


def clock_skew(facts: PhotoFacts) -> timedelta:
    """Return by how much the camera's clock and the satellites differ; nothing where one of them is silent.

    Without a zone in the photo a difference of whole hours (or the half hours of some zones) says nothing of the
    clock, only of where it was set.
    """
    if facts.taken_at is None or facts.gps_at is None:
        return timedelta(0)
    apart = abs(facts.taken_at - facts.gps_at)
    if facts.taken_offset_known:
        return apart
    rest = apart % timedelta(minutes=30)
    return min(rest, timedelta(minutes=30) - rest)


def _making(said: Said) -> list[Raised]:
    found = []
    if is_screenshot(said):
        found.append(Raised(Flag.SCREENSHOT))
    editor = edited_with(said.facts)
    if editor:
        found.append(Raised(Flag.EDITED, {"name": editor}))
    return found


def is_screenshot(said: Said) -> bool:
    """Say whether the picture looks like one of a screen: by its own word, its name, or its kind and size."""
    if said.facts.is_screenshot or any(word in said.name.lower() for word in _SCREEN_NAMES):
        return True
    short, long = sorted(said.size)
    is_tall = short in _SCREENS and long >= short * 16 // 10
    return said.media_type == "image/png" and not said.facts.make and is_tall


def edited_with(facts: PhotoFacts) -> str:
    """Return the name of an editing program that wrote itself into the photo; cameras' own firmware is none."""
    software = facts.software or ""
    return software if any(name in software.lower() for name in _EDITORS) else ""


def bands(picture_hash: int) -> tuple[int, ...]:
    """Return the four quarters of a hash as keys; none for a flat picture, which resembles every other flat one."""
    bits = picture_hash & ((1 << 64) - 1)
    if not _FLAT_BITS <= bits.bit_count() <= 64 - _FLAT_BITS:
        return ()
    return tuple(quarter << 16 | (bits >> (16 * quarter)) & 0xFFFF for quarter in range(4))


def differing_bits(one: int, other: int) -> int:
    """Return in how many of 64 bits two hashes differ."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
