"""The foreign services an operator may name; geopy stands here only, and is brought in only when one is named.

Bringing geopy in costs a start half a second: it loads every client of HTTP that happens to be installed.
"""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from http import client
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderServiceError, GeocoderTimedOut, GeopyError
from geopy.geocoders import BaiduV3, Nominatim

from app.geo.datums import to_bd09, to_wgs84
from app.geo.terms import Bd09Point, FoundPlace, PointRefused, Wgs84Point
from app.platform import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)
# geopy writes whole request addresses, with the key and the place asked for, at debug.
logging.getLogger("geopy").setLevel(logging.INFO)

_MOST_BYTES: Final = 256 * 1024


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


class NominatimGeocoder:
    """A Nominatim the operator runs or may use; speaks WGS-84."""

    def __init__(
        self, address: str, *, patience_s: float = 3, adapter_factory: Callable[..., Any] | None = None
    ) -> None:
        """Point it at an address such as https://geo.example.org/nominatim."""
        parts = urlsplit(address)
        self._service = Nominatim(
            domain=f"{parts.netloc}{parts.path}".rstrip("/"),
            scheme=parts.scheme,
            user_agent="yixian",
            timeout=patience_s,
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

    def __init__(
        self, api_key: str, *, patience_s: float = 3, adapter_factory: Callable[..., Any] | None = None
    ) -> None:
        """Take the installation's key; the service is foreign, asking is the operator's choice."""
        self._service = BaiduV3(api_key, timeout=patience_s, adapter_factory=adapter_factory or PlainAdapter)

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
