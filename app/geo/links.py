"""Coordinates inside map links: whose link it is, and which two numbers are the place.

Nothing is fetched: a short link without coordinates stays a link. What the providers
write where changes with every release of theirs, so we look for numbers under the names
they use and let the ranges of China settle which is the latitude.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from app.geo.datums import bd09_from_mercator
from app.geo.terms import Datum

# Wide enough for 抚远 in the east; latitudes and longitudes of China do not overlap.
_LATS: Final = (18.0, 54.0)
_LONS: Final = (73.0, 136.0)

_DATUM_OF_HOST: Final = {
    "amap.com": Datum.GCJ02,
    "gaode.com": Datum.GCJ02,
    "qq.com": Datum.GCJ02,
    "google.cn": Datum.GCJ02,
    "baidu.com": Datum.BD09,
    "tianditu.gov.cn": Datum.WGS84,
    "openstreetmap.org": Datum.WGS84,
}
_DATUM_OF_SCHEME: Final = {
    "androidamap": Datum.GCJ02,
    "amapuri": Datum.GCJ02,
    "iosamap": Datum.GCJ02,
    "qqmap": Datum.GCJ02,
    "baidumap": Datum.BD09,
    "bdapp": Datum.BD09,
}
# Their own word inside the link outweighs whose link it is.
_DATUM_WORDS: Final = {
    "wgs84": Datum.WGS84,
    "wgs84ll": Datum.WGS84,
    "gps": Datum.WGS84,
    "gaode": Datum.GCJ02,
    "gcj02": Datum.GCJ02,
    "gcj02ll": Datum.GCJ02,
    "baidu": Datum.BD09,
    "bd09": Datum.BD09,
    "bd09ll": Datum.BD09,
}
_DATUM_KEYS: Final = ("coordinate", "coord_type", "coordtype", "crs")
# A digit that means "these came from a satellite receiver": 腾讯's and 高德's own way.
_GPS_FLAGS: Final = {"coord_type": "1", "dev": "1"}

# What marks a place; the middle of the screen, under other names, is read only without these.
_PLACE_KEYS: Final = (
    "position", "marker", "markers", "coord", "location", "latlng", "lnglat", "coordinate",
    "query", "q", "ll", "p", "to", "tocoord", "dest", "destination", "daddr",
)  # fmt: skip
_LAT_KEYS: Final = ("lat", "latitude", "mlat", "dlat", "pointy")
_LON_KEYS: Final = ("lng", "lon", "longitude", "mlon", "dlon", "dlng", "pointx")

_LINK: Final = re.compile(
    r"(?:(?<![a-z])[a-z][a-z0-9+.\-]{1,30}://"
    r"|(?<![a-z0-9.\-])(?:[a-z0-9\-]{1,30}\.){1,4}(?:com|cn|org)/)"
    r"[^\s<>\"，。；！？、（）【】《》「」]{1,2000}",
    re.IGNORECASE,
)
_PARAM: Final = re.compile(r"(?:^|[?&#;])([a-z_]{1,20})=([^&#]{0,500})", re.IGNORECASE)
_NUMBER: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_DECIMAL: Final = r"-?[0-9]{1,3}\.[0-9]{1,20}"
# Inside a lookahead, so that the pair after a wrong pair is not swallowed with it; decimals
# are demanded, or the folders of any address (/20/100/) would be a place.
_PAIR: Final = re.compile(
    rf"(?=(?<![0-9a-z.])({_DECIMAL})\s?[,;|/\s]\s?({_DECIMAL})(?![0-9.]))", re.IGNORECASE
)
_GOOGLE_PIN: Final = re.compile(rf"!3d({_NUMBER})[^!]{{0,5}}!4d({_NUMBER})")
_METRES: Final = re.compile(r"([0-9]{6,8}(?:\.[0-9]{1,12})?),([0-9]{6,8}(?:\.[0-9]{1,12})?)")


class LinkReading(NamedTuple):
    """Two numbers in the order latitude, longitude; no datum where the link is silent."""

    lat: float
    lon: float
    datum: Datum | None


def cut_links(text: str) -> tuple[list[str], str]:
    """Part text into its links and the rest, so that a link's numbers are read once."""
    return _LINK.findall(text), _LINK.sub(" ", text)


def chinese_order(first: float, second: float) -> tuple[float, float] | None:
    """Latitude and longitude of two numbers, if one order puts them into China."""
    for lat, lon in ((first, second), (second, first)):
        if _LATS[0] <= lat <= _LATS[1] and _LONS[0] <= lon <= _LONS[1]:
            return lat, lon
    return None


def read_link(link: str) -> LinkReading | None:
    """Read the place a map link marks, or None where it names none."""
    # Twice, because links wrapped into links are encoded twice.
    plain = unquote(unquote(link)).replace("+", " ")
    params = {name.lower(): value for name, value in reversed(_PARAM.findall(plain))}
    owner = _owner(plain)
    if owner is Datum.BD09 and (reading := _in_metres(plain)):
        return reading
    position = _named_pair(params) or _lat_and_lon(params) or _anywhere(plain)
    if position is None:
        return None
    return LinkReading(*position, _declared(params, owner) or owner)


def _owner(link: str) -> Datum | None:
    scheme, separator, rest = link.partition("://")
    if not separator:
        scheme, rest = "", link
    if datum := _DATUM_OF_SCHEME.get(scheme.lower()):
        return datum
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].lower()
    return next(
        (datum for known, datum in _DATUM_OF_HOST.items() if host == known or host.endswith(f".{known}")),
        None,
    )


def _declared(params: dict[str, str], owner: Datum | None) -> Datum | None:
    words = (params.get(key, "").strip().lower() for key in _DATUM_KEYS)
    if datum := next((_DATUM_WORDS[word] for word in words if word in _DATUM_WORDS), None):
        return datum
    if owner is Datum.GCJ02 and any(params.get(key) == flag for key, flag in _GPS_FLAGS.items()):
        return Datum.WGS84
    return None


def _named_pair(params: dict[str, str]) -> tuple[float, float] | None:
    pairs = (_first_pair(params.get(key, "")) for key in _PLACE_KEYS)
    return next((position for position in pairs if position), None)


def _first_pair(text: str) -> tuple[float, float] | None:
    orders = (chinese_order(float(a), float(b)) for a, b in _PAIR.findall(text))
    return next((position for position in orders if position), None)


def _lat_and_lon(params: dict[str, str]) -> tuple[float, float] | None:
    lat, lon = (next((params[key] for key in keys if key in params), "") for keys in (_LAT_KEYS, _LON_KEYS))
    if not (re.fullmatch(_NUMBER, lat) and re.fullmatch(_NUMBER, lon)):
        return None
    return chinese_order(float(lat), float(lon))


def _anywhere(link: str) -> tuple[float, float] | None:
    if pin := _GOOGLE_PIN.search(link):
        return chinese_order(float(pin[1]), float(pin[2]))
    return _first_pair(re.sub(r"[@:]", " ", link))


def _in_metres(link: str) -> LinkReading | None:
    """百度's web pages write their own metre grid where others write degrees."""
    if (found := _METRES.search(link)) is None:
        return None
    point = bd09_from_mercator(float(found[1]), float(found[2]))
    return LinkReading(point.lat, point.lon, Datum.BD09) if point else None
