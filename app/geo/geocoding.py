"""Addresses, where an installation has a geocoder (see `geocoders` for the services there are).

The default geocoder knows nothing, so that nothing about a reporter leaves the house
unless the operator names a service.
"""

from __future__ import annotations

import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from app.geo import rules
from app.geo.terms import FoundPlace, Wgs84Point

if TYPE_CHECKING:
    from collections.abc import Callable

# A form waits for the answer; after this long a person is quicker than the service.
_PATIENCE_S: Final = 3
# A service that does not answer is left alone for a while, and never keeps more of our few threads than this.
_REST_S: Final = 30.0
_AT_ONCE: Final = 4
# What a service learns of a position is the middle of a fixed square of this size, never the spot itself.
TOLD_SQUARE_M: Final = 100.0
Answer = TypeVar("Answer")


class GeocoderSettingInvalid(ValueError):
    """A setting that names no geocoder we know."""


class Geocoder(Protocol):
    """Words to a position and back; None means not found, not allowed, or no answer."""

    def find(self, words: str) -> FoundPlace | None:
        """Suggest a position for words."""

    def describe(self, point: Wgs84Point) -> str | None:
        """Suggest words for a position."""


class NullGeocoder:
    """Knows no address and asks nobody."""

    def find(self, words: str) -> FoundPlace | None:
        """Find nothing."""
        return None

    def describe(self, point: Wgs84Point) -> str | None:
        """Say nothing."""
        return None


class PacedGeocoder:
    """An installation's geocoder as pages ask it: a rounded position, few at once, none while it does not answer."""

    def __init__(self, inner: Geocoder) -> None:
        """Stand before a service."""
        self._inner = inner
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._rests_until = 0.0

    def find(self, words: str) -> FoundPlace | None:
        """Suggest a position for words that somebody of the office typed."""
        return self._paced(lambda: self._inner.find(words))

    def describe(self, point: Wgs84Point) -> str | None:
        """Suggest words for a position; the service learns a square of a hundred metres."""
        return self._paced(lambda: self._inner.describe(rules.rounded(point, TOLD_SQUARE_M)))

    def _paced(self, question: Callable[[], Answer | None]) -> Answer | None:
        if time.monotonic() < self._rests_until or not self._turns.acquire(blocking=False):
            return None
        began = time.monotonic()
        try:
            found = question()
        finally:
            self._turns.release()
        if found is None and time.monotonic() - began >= _PATIENCE_S:
            self._rests_until = time.monotonic() + _REST_S
        return found


@cache
def geocoder_of(setting: str) -> PacedGeocoder | None:
    """Return an installation's one geocoder; None where none is named, and then nothing is offered."""
    return PacedGeocoder(geocoder_from(setting)) if setting.strip() else None


def geocoder_from(setting: str) -> Geocoder:
    """Build what the setting names: empty, `nominatim:<address>` or `baidu:<key>`."""
    kind, _, rest = setting.strip().partition(":")
    if not kind and not rest:
        return NullGeocoder()
    if rest:
        from app.geo import geocoders  # noqa: PLC0415 - who names no service does not wait for it at each start
    if kind == "nominatim" and rest.startswith(("http://", "https://")):
        return geocoders.NominatimGeocoder(rest, patience_s=_PATIENCE_S)
    if kind == "baidu" and rest:
        return geocoders.BaiduGeocoder(rest, patience_s=_PATIENCE_S)
    # The setting may hold a key, so it is not repeated here.
    message = "geocoder setting must be empty, nominatim:<address> or baidu:<key>"
    raise GeocoderSettingInvalid(message)
