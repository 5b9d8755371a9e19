"""Every form in which people in China paste a position, and much that is none."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.geo.rules import parse_position, point_in, to_wgs84
from app.geo.terms import Datum, ParsedPosition

WGS84, GCJ02, BD09 = Datum.WGS84, Datum.GCJ02, Datum.BD09
HERE = (45.8123, 126.5312)
DMS = (45 + 48 / 60 + 44 / 3600, 126 + 31 / 60 + 52 / 3600)


def read(text, datum=WGS84):
    found = parse_position(text, datum)
    assert found is not None, text
    return found


def pair(found):
    return (found.point.lat, found.point.lon)


PLAIN = [
    "45.8123,126.5312",
    "126.5312, 45.8123",
    "126.5312 45.8123",
    "126.5312\n45.8123",
    "(126.5312，45.8123)",
    "45.8123、126.5312",
    "１２６．５３１２，４５．８１２３",
    "45。8123，126。5312",
    "\u200e45.8123, 126.5312\ufeff",
    "坐标：45.8123；126.5312",
    "经纬度：126.5312,45.8123",
    "经度,纬度:126.5312,45.8123",
    "我在这里126.5312,45.8123，速来",
    "太阳岛-45.8123,126.5312",
    "纬度:45.8123 经度:126.5312",
    "经度：126.5312°，纬度：45.8123°",
    "北纬45.8123度,东经126.5312度",
    "东经126.5312，北纬45.8123",
    "纬度(N)：45.8123，经度(E)：126.5312",
    "N45.8123 E126.5312",
    "E126.5312,N45.8123",
    "45.8123N, 126.5312E",
    "45.8123°N126.5312°E",
    "45.8123° 126.5312°",
    '{"lat":45.8123,"lng":126.5312}',
    "latitude=45.8123&longitude=126.5312",
    "Lat: 45.8123, Lon: 126.5312",
    "lat/lon: 45.8123, 126.5312",
    "纬度126.5312 经度45.8123",  # labels the wrong way round: only one reading lies in China
]


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("datum", list(Datum))
def test_plain_forms_take_the_datum_the_caller_passes(text, datum):
    found = read(text, datum)
    assert pair(found) == pytest.approx(pair_in(datum), abs=1e-9, rel=0)
    assert found.datum is datum
    assert not found.datum_came_from_text


def pair_in(datum):
    point = to_wgs84(point_in(datum, *HERE))
    return (point.lat, point.lon)


@pytest.mark.parametrize(
    "text",
    [
        "北纬45°48′44″ 东经126°31′52″",
        "北纬４５°４８′４４″，东经１２６°３１′５２″",
        "东经126度31分52秒，北纬45度48分44秒",
        "45°48'44\"N 126°31'52\"E",
        "45°48′44″N，126°31′52″E",
        "N 45° 48' 44\" E 126° 31' 52\"",
        "45º48’44”，126º31’52”",
        "126˚31'52'', 45˚48'44''",
    ],
)
def test_degrees_minutes_and_seconds(text):
    assert pair(read(text)) == pytest.approx(DMS, abs=1e-12, rel=0)


def test_minutes_with_decimals():
    assert pair(read("45°48.738'N 126°31.872'E")) == pytest.approx(HERE, abs=1e-12, rel=0)


def test_southern_and_western_labels_turn_the_sign():
    assert pair(read("南纬33.86 西经70.5")) == (-33.86, -70.5)
    assert pair(read("S33°30'0\" W70°30'0\"")) == (-33.5, -70.5)
    assert pair(read("lat -33.86 lon 151.2")) == (-33.86, 151.2)


LINKS = [
    (GCJ02, "https://uri.amap.com/marker?position=126.5312,45.8123&name=松北&coordinate=gaode"),
    (GCJ02, "uri.amap.com/marker?position=126.5312%2C45.8123"),
    (GCJ02, "https://uri.amap.com/marker?position=126.5312,45.8123&position=126.9,45.9"),
    (GCJ02, "https://uri.amap.com/navigation?from=126.9,45.9,起&to=126.5312,45.8123,终&mode=car"),
    (GCJ02, "https://www.amap.com/?center=126.5312,45.8123&zoom=15"),
    (WGS84, "https://uri.amap.com/marker?position=126.5312,45.8123&coordinate=wgs84&callnative=0"),
    (GCJ02, "【高德地图】太阳岛，https://wb.amap.com/?p=B01BB0UC3L,45.8123,126.5312,太阳岛,警备路"),
    (GCJ02, "https://ditu.amap.com/regeo?lng=126.5312&lat=45.8123&src=uriapi"),
    (GCJ02, "androidamap://viewMap?poiname=a&lat=45.8123&lon=126.5312&dev=0"),
    (WGS84, "androidamap://viewMap?poiname=a&lat=45.8123&lon=126.5312&dev=1"),
    (GCJ02, "https://apis.map.qq.com/uri/v1/marker?marker=coord:45.8123,126.5312;title:x;addr:y&referer=z"),
    (GCJ02, "http://apis.map.qq.com/uri/v1/geocoder?coord=45.8123,126.5312&coord_type=5"),
    (WGS84, "http://apis.map.qq.com/uri/v1/geocoder?coord=45.8123,126.5312&coord_type=1"),
    (GCJ02, "https://map.qq.com/?type=marker&pointx=126.5312&pointy=45.8123&name=a"),
    (GCJ02, "qqmap://map/marker?marker=coord:45.8123,126.5312;title:x"),
    (BD09, "http://api.map.baidu.com/marker?location=45.8123,126.5312&title=a&output=html"),
    (BD09, "baidumap://map/direction?destination=latlng:45.8123,126.5312|name:x&mode=driving"),
    (BD09, "https://map.baidu.com/?latlng=45.8123,126.5312&title=a&autoOpen=true"),
    (GCJ02, "http://api.map.baidu.com/marker?location=45.8123,126.5312&coord_type=gcj02&src=a"),
    (WGS84, "http://api.map.baidu.com/geocoder?location=45.8123,126.5312&coord_type=wgs84"),
    (WGS84, "https://www.openstreetmap.org/?mlat=45.8123&mlon=126.5312#map=15/45.9/126.9"),
    (WGS84, "https://www.openstreetmap.org/#map=15/45.8123/126.5312"),
    (GCJ02, '<location x="45.8123" y="126.5312" scale="16" label="松北" poiname="x"/>'),
    (GCJ02, "[位置] 哈尔滨市松北区 http://apis.map.qq.com/uri/v1/marker?marker=coord:45.8123,126.5312"),
    (WGS84, "WGS84坐标：45.8123,126.5312"),
    (GCJ02, "GCJ-02 126.5312,45.8123"),
    (BD09, "百度坐标 126.5312 45.8123"),
    (WGS84, "geo:45.8123,126.5312;crs=wgs84"),
    (WGS84, "geo:45.8123,126.5312,120?z=17"),
    (WGS84, "geo:0,0?q=45.8123,126.5312(垃圾堆)"),
]


@pytest.mark.parametrize(("datum", "text"), LINKS)
@pytest.mark.parametrize("passed", [WGS84, BD09])
def test_a_datum_in_the_text_outweighs_the_callers(datum, text, passed):
    found = read(text, passed)
    assert found.datum is datum
    assert found.datum_came_from_text
    assert pair(found) == pytest.approx(pair_in(datum), abs=1e-9, rel=0)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.google.com/maps/@45.8123,126.5312,15z",
        "https://google.com/maps/place/45%C2%B048'44%22N/@45.9,126.9,17z/data=!4m4!8m2!3d45.8123!4d126.5312",
        "https://www.google.com/maps/search/?api=1&query=45.8123%2C126.5312",
        "https://maps.google.com/?q=45.8123,126.5312&ll=45.9,126.9",
        "https://maps.apple.com/?ll=45.8123,126.5312&q=Pin",
        "https://maps.apple.com/place?coordinate=45.8123,126.5312&name=x",
        "https://example.org/here?lat=45.8123&lng=126.5312",
    ],
)
@pytest.mark.parametrize("datum", [WGS84, GCJ02])
def test_links_that_do_not_tell_their_datum_leave_it_to_the_caller(text, datum):
    found = read(text, datum)
    assert pair(found) == pytest.approx(pair_in(datum), abs=1e-9, rel=0)
    assert (found.datum, found.datum_came_from_text) == (datum, False)


def test_the_metres_of_a_baidu_page_are_read():
    found = read("https://map.baidu.com/poi/松北/@14086952.85,5720601.45,16z?querytype=s")
    assert pair(found) == pytest.approx(HERE, abs=2e-6, rel=0)
    assert found.datum is BD09


def test_the_uncertainty_of_a_geo_address_is_kept():
    assert read("geo:45.8123,126.5312;u=20").accuracy_m == 20
    assert read("geo:45.8123,126.5312;u=much").accuracy_m is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "松北大道3号，电话0451-12345678，2026-11-23 10:30",
        "【高德地图】我在太阳岛附近，点击查看 https://surl.amap.com/abc123",
        "https://j.map.baidu.com/91/xyz",
        "N3楼 E5出口",
        "0,0",
        "geo:0,0",
        "geo:45.8123,126.5312;crs=moon",
        "纬度:0 经度:0",
        "1.5, 2.5",
        "40.7128,-74.0060",
        "-45.8123,126.5312",
        "-45.8123,126.5312 附近",
        "在 -45.8123,126.5312 附近",
        "45 126",
        "价格 45.8 元，126.5 元",
        "45°61′0″ 126°31′52″",
        "45.8123",
        "北纬45.8123",
        "145.8123.126.5312",
        "http://[::1",
        "https://example.org/news/20/100/1.html",
        "https://example.org/?q=20,100",
        "https://uri.amap.com/marker?position=%ZZ,%E4",
    ],
)
def test_what_is_no_position_in_china_is_none(text):
    assert parse_position(text, WGS84) is None


def test_only_the_first_two_thousand_characters_are_read():
    assert parse_position("。" * 1900 + " 45.8123,126.5312", WGS84) is not None
    assert parse_position("。" * 2000 + " 45.8123,126.5312", WGS84) is None
    assert parse_position("。" * 2000 + " https://uri.amap.com/?q=45.8123,126.5312", WGS84) is None


FRAGMENTS = st.sampled_from(
    [
        *PLAIN,
        *(text for _, text in LINKS),
        "45°",
        "126°31′",
        "geo:",
        "https://",
        "amap.com/",
        "%",
        "N",
        "=",
        ",",
        "ﷺ",
        "٤٥.٨",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(FRAGMENTS | st.text(max_size=5)).map("".join)))
@example("http://[" + "9" * 400)
@example("\ud800 45.8123,126.5312")
def test_no_text_makes_it_fail(text):
    found = parse_position(text, GCJ02)
    assert found is None or isinstance(found, ParsedPosition)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1.",
        "45.8 ",
        "45°",
        "a.",
        "a-",
        "geo:1,1;a=",
        "N",
        "https://a.com/?q=1,",
        "<location x",
        "纬度",
        "ﷺ",
        " ",
    ],
)
def test_the_longest_text_is_read_at_once(piece):
    began = time.perf_counter()
    parse_position(piece * 2000, WGS84)
    # Measured at a few milliseconds; a pattern that backtracks would need seconds.
    assert time.perf_counter() - began < 0.5
