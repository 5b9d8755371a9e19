"""When something about the stream of clues is out of range; pure figures in, a verdict out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# So many of the clues before must have had a photo, in hundredths, for none among the latest to mean anything.
_USUAL_PHOTOS = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One clue as it came in."""

    received_at: datetime
    category_key: str
    has_photo: bool


@dataclass(frozen=True, slots=True)
class Doubled:
    """A category whose share grew: in hundredths, before and now."""

    category_key: str
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What is out of range; a nought switches a probe off."""

    silence_hours: int
    photo_window: int
    unread_days: int
    share_factor: float
    share_least: int


def is_silent(newest: datetime | None, now: datetime, hours: int) -> bool:
    """Say whether nothing came in for so long; an office to which nothing ever came is new, not silent."""
    return bool(hours) and newest is not None and now - newest >= timedelta(hours=hours)


def photos_fell(arrivals: Sequence[Arrival], window: int) -> bool:
    """Say whether none of the latest clues has a photo though those before them had; `arrivals` newest first."""
    recent, before = arrivals[:window], arrivals[window : window * 5]
    if not window or len(recent) < window or len(before) < window or any(one.has_photo for one in recent):
        return False
    return 100 * sum(one.has_photo for one in before) >= _USUAL_PHOTOS * len(before)


def doubled(arrivals: Sequence[Arrival], now: datetime, limits: Limits) -> list[Doubled]:
    """Return the categories whose share of the last seven days is so many times that of the weeks before.

    Shares, not numbers: a busy week makes everything more. A few clues say nothing, so there is a least number.
    """
    edge = now - timedelta(days=7)
    recent = Counter(one.category_key for one in arrivals if one.received_at >= edge)
    before = Counter(one.category_key for one in arrivals if one.received_at < edge)
    if not limits.share_factor or before.total() < limits.share_least or not recent:
        return []
    found = [
        Doubled(key, round(100 * before[key] / before.total()), round(100 * count / recent.total()))
        for key, count in recent.items()
        if count >= limits.share_least
        and count * before.total() >= limits.share_factor * before[key] * recent.total()
    ]
    return sorted(found, key=lambda one: -one.now)
