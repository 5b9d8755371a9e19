"""Distances, and addresses where an installation has a geocoder: geopy stands here only.

The default geocoder knows nothing, so that nothing about a reporter leaves the house
unless the operator names a service.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from http import client
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.distance import geodesic, great_circle
from geopy.exc import GeocoderServiceError, GeocoderTimedOut, GeopyError
from geopy.geocoders import BaiduV3, Nominatim

from app.geo import rules
from app.geo.datums import to_bd09, to_wgs84
from app.geo.terms import Bd09Point, PointRefused, Wgs84Point
from app.platform import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)
# geopy writes whole request addresses, with the key and the place asked for, at debug.
logging.getLogger("geopy").setLevel(logging.INFO)

# A form waits for the answer; after this long a person is quicker than the service.
_PATIENCE_S: Final = 3
# A service that does not answer is left alone for a while, and never keeps more of our few threads than this.
_REST_S: Final = 30.0
_AT_ONCE: Final = 4
_MOST_BYTES: Final = 256 * 1024
# What a service learns of a position is the middle of a fixed square of this size, never the spot itself.
TOLD_SQUARE_M: Final = 100.0
Answer = TypeVar("Answer")


class GeocoderSettingInvalid(ValueError):
    """A setting that names no geocoder we know."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What a geocoder suggests for some words; a person still has to agree."""

    point: Wgs84Point
    label: str


class Geocoder(Protocol):
    """Words to a position and back; None means not found, not allowed, or no answer."""

    def find(self, words: str) -> FoundPlace | None:
        """Suggest a position for words."""

    def describe(self, point: Wgs84Point) -> str | None:
        """Suggest words for a position."""


class PlainAdapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy has no types
    """Asks the one service named: no redirect, no proxy, no endless answer, whatever else is installed."""

    def __init__(self, *, proxies: Any, ssl_context: Any) -> None:
        """Take what geopy hands over; proxies are the operator's network, not ours to guess."""
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = outside.opener()

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """Ask for JSON."""
        return json.loads(self.get_text(url, timeout=timeout, headers=headers))

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """Ask, within the time and the size a suggestion is worth."""
        ends_at = time.monotonic() + timeout
        try:
            # The address comes from the settings, which take http and https only.
            asked = urllib.request.Request(url, headers=dict(headers))  # noqa: S310
            with self._opener.open(asked, timeout=timeout) as answer:
                content = b"".join(outside.pieces(answer, most_bytes=_MOST_BYTES, ends_at=ends_at))
        except outside.TooMuch:
            raise GeocoderServiceError("too large") from None
        except TimeoutError:
            raise GeocoderTimedOut from None
        except urllib.error.HTTPError as error:
            error.close()
            raise GeocoderServiceError(str(error.code)) from None
        except (OSError, client.HTTPException) as error:
            raise GeocoderServiceError(type(error).__name__) from None
        return content.decode()


class NullGeocoder:
    """Knows no address and asks nobody."""

    def find(self, words: str) -> FoundPlace | None:
        """Find nothing."""
        return None

    def describe(self, point: Wgs84Point) -> str | None:
        """Say nothing."""
        return None


class NominatimGeocoder:
    """A Nominatim the operator runs or may use; speaks WGS-84."""

    def __init__(self, address: str, *, adapter_factory: Callable[..., Any] | None = None) -> None:
        """Point it at an address such as https://geo.example.org/nominatim."""
        parts = urlsplit(address)
        self._service = Nominatim(
            domain=f"{parts.netloc}{parts.path}".rstrip("/"),
            scheme=parts.scheme,
            user_agent="yixian",
            timeout=_PATIENCE_S,
            adapter_factory=adapter_factory or PlainAdapter,
        )

    def find(self, words: str) -> FoundPlace | None:
        """Suggest a position for words, in China only."""
        found = _asked(lambda: self._service.geocode(words, country_codes="cn", language="zh"))
        point = _point_of(found, Wgs84Point)
        return FoundPlace(to_wgs84(point), str(found.address)) if point else None

    def describe(self, point: Wgs84Point) -> str | None:
        """Suggest words for a position."""
        found = _asked(lambda: self._service.reverse((point.lat, point.lon), language="zh"))
        return str(found.address) if found else None


class BaiduGeocoder:
    """百度's service, version 3; speaks BD-09, so positions are converted both ways."""

    def __init__(self, api_key: str, *, adapter_factory: Callable[..., Any] | None = None) -> None:
        """Take the installation's key; the service is foreign, asking is the operator's choice."""
        self._service = BaiduV3(api_key, timeout=_PATIENCE_S, adapter_factory=adapter_factory or PlainAdapter)

    def find(self, words: str) -> FoundPlace | None:
        """Suggest a position for words."""
        found = _asked(lambda: self._service.geocode(words))
        point = _point_of(found, Bd09Point)
        # The service answers with the kind of its match, not with an address.
        return FoundPlace(to_wgs84(point), words) if point else None

    def describe(self, point: Wgs84Point) -> str | None:
        """Suggest words for a position."""
        asked = to_bd09(point)
        found = _asked(lambda: self._service.reverse((asked.lat, asked.lon)))
        if not found:
            return None
        address = found.address
        # geopy hands this one service's address over as bytes.
        return address.decode() if isinstance(address, bytes) else str(address)


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
    if kind == "nominatim" and rest.startswith(("http://", "https://")):
        return NominatimGeocoder(rest)
    if kind == "baidu" and rest:
        return BaiduGeocoder(rest)
    # The setting may hold a key, so it is not repeated here.
    message = "geocoder setting must be empty, nominatim:<address> or baidu:<key>"
    raise GeocoderSettingInvalid(message)


def distance_m(a: Wgs84Point, b: Wgs84Point) -> float:
    """Metres between two points, for filters: on a sphere, twenty times quicker."""
    return float(great_circle((a.lat, a.lon), (b.lat, b.lon)).meters)


def distance_shown_m(a: Wgs84Point, b: Wgs84Point) -> float:
    """Metres between two points as shown to people and written into documents."""
    return float(geodesic((a.lat, a.lon), (b.lat, b.lon)).meters)


def _asked(question: Callable[[], Any]) -> Any:
    """Ask; a service that fails costs a suggestion, never a report."""
    try:
        return question()
    except (GeopyError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # Only the kind of failure: its text may hold the key and the place asked for.
        _log.warning("geocoder gave no answer: %s", type(error).__name__)
        return None


def _point_of(
    found: Any,
    kind: type[Wgs84Point | Bd09Point],
) -> Wgs84Point | Bd09Point | None:
    """Read the position out of an answer; an impossible one counts as none."""
    if not found:
        return None
    try:
        return kind(float(found.latitude), float(found.longitude))
    except PointRefused:
        return None
