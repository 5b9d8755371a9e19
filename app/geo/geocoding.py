"""Distances, and addresses where an installation has a geocoder: geopy stands here only.

The default geocoder knows nothing, so that nothing about a reporter leaves the house
unless the operator names a service.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from geopy.distance import geodesic, great_circle
from geopy.exc import GeopyError
from geopy.geocoders import BaiduV3, Nominatim

from app.geo.datums import to_bd09, to_wgs84
from app.geo.terms import Bd09Point, PointRefused, Wgs84Point

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
# geopy writes whole request addresses, with the key and the place asked for, at debug.
logging.getLogger("geopy").setLevel(logging.INFO)

# A form waits for the answer; after this long a person is quicker than the service.
_PATIENCE_S: Final = 3


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
            adapter_factory=adapter_factory,
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
        self._service = BaiduV3(api_key, timeout=_PATIENCE_S, adapter_factory=adapter_factory)

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
    except (GeopyError, KeyError, TypeError, ValueError, AttributeError) as error:
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
