"""Reading a position out of whatever a person pasted; pure, total, linear in the text.

The answer is a reading for a person to confirm on the page, never a fact on its own.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from app.geo.datums import point_in, to_wgs84
from app.geo.links import chinese_order, cut_links, read_link
from app.geo.terms import MAX_LAT, Datum, ParsedPosition, PointRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    Position = tuple[float, float]

LONGEST_TEXT: Final = 2000
_SIXTY: Final = 60.0

# Signs people's keyboards and phones put for degrees, minutes, seconds and minus; the
# compatibility form would turn some of them into letters or into two other signs.
_SIGNS: Final = str.maketrans(
    {
        **dict.fromkeys("º˚∘⁰", "°"),
        **dict.fromkeys("′’‘´`ʹ", "'"),
        **dict.fromkeys("″”“〃ʺ", '"'),
        **dict.fromkeys("−–—", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"),
    }
)
_IDEOGRAPHIC_POINT: Final = re.compile(r"(?<=[0-9])。(?=[0-9])")

_DEGREES: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_SIXTIETHS: Final = r"[0-9]{1,2}(?:\.[0-9]{1,12})?"


def _angle(tag: str, *, sign_needed: bool = False) -> str:
    """Write an angle as a pattern: degrees, then minutes and seconds only under their signs."""
    return (
        rf"(?P<d{tag}>{_DEGREES})(?:\s?(?P<mark{tag}>°|度)"
        rf"(?:\s?(?P<m{tag}>{_SIXTIETHS})\s?(?:'(?!')|分)"
        rf"(?:\s?(?P<s{tag}>{_SIXTIETHS})\s?(?:\"|''|秒)?)?)?)" + ("" if sign_needed else "?")
    )


# A label before its angle, or a letter behind it. A lone letter with a bare whole number is a
# gate or a bus stop: see `_is_vague`.
_LABELLED: Final = re.compile(
    r"(?:(?P<before>纬度|北纬|南纬|经度|东经|西经"
    r"|(?<![a-z])(?:latitude|lat|longitude|long|lng|lon)(?![a-z])"
    r"|(?<![a-z])[nsew](?=[\s:=]{0,3}[0-9]))"
    r"[\"'\s:=,(\[]{0,6}(?:[nsew][)\s:=]{0,3})?" + _angle("a") + ")"
    r"|(?<![0-9.])" + _angle("b") + r"\s?(?P<after>[nsew])(?![a-z])",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(r"(?<![0-9.])" + _angle("a", sign_needed=True))
_NUMBER: Final = r"[0-9]{1,3}\.[0-9]{1,20}"
_BETWEEN: Final = r"(?:\s{0,3}[,;、/|]\s{0,3}|\s{1,4})"
# In running text only numbers with decimals count, or every price and date would; a dash
# before the first is a minus at the start or after a space, and a hyphen elsewhere.
_PLAIN_PAIR: Final = re.compile(rf"(?=(?<![0-9.])(?<!\A-)(?<!\s-)({_NUMBER}){_BETWEEN}({_NUMBER})(?![0-9.]))")
_WHOLE_PAIR: Final = re.compile(rf"[\s(\[]{{0,5}}({_DEGREES}){_BETWEEN}({_DEGREES})[\s)\].;]{{0,5}}")
_GEO_URI: Final = re.compile(
    rf"(?<![a-z])geo:({_DEGREES}),({_DEGREES})(?:,-?[0-9.]{{1,12}})?"
    r"((?:;[a-z0-9\-]{1,20}(?:=[^;?\s]{0,40})?){0,8})(?:\?q=([^\s&]{0,100}))?",
    re.IGNORECASE,
)
_GEO_PARAM: Final = re.compile(r";(crs|u)=([^;]{0,40})", re.IGNORECASE)
_WECHAT_XML: Final = re.compile(
    rf"<location\b[^>]{{0,40}}?\bx=\"({_DEGREES})\"\s{{1,3}}y=\"({_DEGREES})\"", re.IGNORECASE
)
_NAMED_DATUM: Final = {
    Datum.WGS84: re.compile(r"wgs[-_ ]?84|cgcs[-_ ]?2000|gps坐标", re.IGNORECASE),
    Datum.GCJ02: re.compile(r"gcj[-_ ]?02|火星坐标|高德坐标|腾讯坐标", re.IGNORECASE),
    Datum.BD09: re.compile(r"bd[-_ ]?09|百度坐标", re.IGNORECASE),
}


class _Reading(NamedTuple):
    """Two numbers in the order latitude, longitude, and what the text says about them."""

    lat: float
    lon: float
    datum: Datum | None = None
    accuracy_m: float | None = None


def parse_position(text: str, datum: Datum) -> ParsedPosition | None:
    """Read the first position a person's text holds; `datum` counts where the text is silent."""
    links, rest = cut_links(text[:LONGEST_TEXT].translate(_SIGNS))
    rest = unicodedata.normalize("NFKC", rest)[:LONGEST_TEXT]
    rest = _IDEOGRAPHIC_POINT.sub(".", rest)
    settled = (_settled(reading, datum) for reading in _readings(links, rest))
    return next((position for position in settled if position), None)


def _readings(links: list[str], rest: str) -> Iterator[_Reading]:
    """Every way of reading, the surest first."""
    for link in links:
        if found := read_link(link):
            yield _Reading(*found)
    yield from _geo_uris(rest)
    # Numbers in an address whose datum we do not know must not be read as plain numbers.
    rest = _GEO_URI.sub(" ", rest)
    for x, y in _WECHAT_XML.findall(rest):
        if position := chinese_order(float(x), float(y)):
            yield _Reading(*position, Datum.GCJ02)
    named = _named_datum(rest)
    if position := _labelled(rest) or _signed(rest) or _plain(rest):
        yield _Reading(*position, named)


def _settled(reading: _Reading, datum: Datum) -> ParsedPosition | None:
    stated_in = reading.datum or datum
    try:
        point = to_wgs84(point_in(stated_in, reading.lat, reading.lon))
    except PointRefused:
        return None
    return ParsedPosition(point, stated_in, reading.datum is not None, reading.accuracy_m)


def _geo_uris(text: str) -> Iterator[_Reading]:
    """RFC 5870, whose default is WGS-84, with the query Android adds for a pin."""
    for lat, lon, params, query in _GEO_URI.findall(text):
        said = {name.lower(): value for name, value in _GEO_PARAM.findall(params)}
        crs = _named_datum(said.get("crs", "wgs84"))
        if crs is None:
            continue
        unsure = said.get("u", "")
        accuracy_m = float(unsure) if re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]{1,6})?", unsure) else None
        pin = _plain(query)
        yield _Reading(*(pin or (float(lat), float(lon))), crs, accuracy_m)


def _named_datum(text: str) -> Datum | None:
    """Find the one datum a text names; two names are as good as none."""
    named = [datum for datum, words in _NAMED_DATUM.items() if words.search(text)]
    return named[0] if len(named) == 1 else None


def _labelled(text: str) -> Position | None:
    lats: list[float] = []
    lons: list[float] = []
    for match in _LABELLED.finditer(text):
        tag, label = ("a", match["before"]) if match["before"] else ("b", match["after"])
        angle = _degrees(match, tag)
        if angle is None or _is_vague(match, tag, label):
            continue
        is_lat = label[0].lower() in "ns" or "纬" in label or label.lower().startswith("lat")
        is_turned = label.lower() in {"s", "w", "南纬", "西经"}
        (lats if is_lat else lons).append(-abs(angle) if is_turned else angle)
    if not (lats and lons):
        return None
    lat, lon = lats[0], lons[0]
    # Labels put the wrong way round are a common slip; the ranges tell.
    return (lat, lon) if abs(lat) <= MAX_LAT else chinese_order(lat, lon)


def _is_vague(match: re.Match[str], tag: str, label: str) -> bool:
    return len(label) == 1 and label.isascii() and not match[f"mark{tag}"] and "." not in match[f"d{tag}"]


def _signed(text: str) -> Position | None:
    angles = [_degrees(match, "a") for match in _SIGNED.finditer(text)]
    for first, second in pairwise(angles):
        if first is not None and second is not None and (position := chinese_order(first, second)):
            return position
    return None


def _plain(text: str) -> Position | None:
    if (whole := _WHOLE_PAIR.fullmatch(text)) and "." in whole[1] + whole[2]:
        return chinese_order(float(whole[1]), float(whole[2]))
    orders = (chinese_order(float(a), float(b)) for a, b in _PLAIN_PAIR.findall(text))
    return next((position for position in orders if position), None)


def _degrees(match: re.Match[str], tag: str) -> float | None:
    """Degrees with their minutes and seconds; None where sixtieths do not fit."""
    whole, minutes, seconds = match[f"d{tag}"], match[f"m{tag}"], match[f"s{tag}"]
    if minutes is None:
        return float(whole)
    parts = float(minutes), float(seconds or 0)
    if "." in whole or max(parts) >= _SIXTY or (seconds and "." in minutes):
        return None
    degrees = abs(float(whole)) + parts[0] / _SIXTY + parts[1] / _SIXTY**2
    return -degrees if whole.startswith("-") else degrees
