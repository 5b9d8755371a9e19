"""Distances against known ones; geocoders against recorded answers, never a network."""

import json
import logging

import pytest
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderTimedOut

from app.geo.geocoding import (
    BaiduGeocoder,
    GeocoderSettingInvalid,
    NominatimGeocoder,
    NullGeocoder,
    distance_m,
    distance_shown_m,
    geocoder_from,
)
from app.geo.rules import to_bd09
from app.geo.terms import Wgs84Point

HERE = Wgs84Point(45.8123, 126.5312)
BAIDU_HERE = to_bd09(HERE)


class Recorded(BaseSyncAdapter):  # type: ignore[misc]  # geopy has no types
    """Answers every address with what was recorded, and remembers what was asked."""

    answer: object = None

    def __init__(self, *, proxies, ssl_context):
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self.asked = []
        Recorded.last = self

    def get_json(self, url, *, timeout, headers):
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def get_text(self, url, *, timeout, headers):
        return json.dumps(self.get_json(url, timeout=timeout, headers=headers))


def recorded(answer):
    return type("RecordedAnswer", (Recorded,), {"answer": answer})


def test_a_degree_of_latitude_on_the_sphere():
    assert distance_m(Wgs84Point(45, 126), Wgs84Point(46, 126)) == pytest.approx(111_195, abs=1)


def test_the_shown_distance_is_on_the_ellipsoid():
    # The meridian arc from 45 to 46 degrees on WGS-84.
    assert distance_shown_m(Wgs84Point(45, 126), Wgs84Point(46, 126)) == pytest.approx(111_141.5, abs=1)


@pytest.mark.parametrize("measure", [distance_m, distance_shown_m])
def test_a_distance_is_the_same_both_ways_and_nothing_to_oneself(measure):
    there = Wgs84Point(45.9, 126.6)
    assert measure(HERE, there) == pytest.approx(measure(there, HERE))
    assert measure(HERE, HERE) == 0


@pytest.mark.parametrize("setting", ["", "  "])
def test_without_a_setting_nobody_is_asked(setting):
    geocoder = geocoder_from(setting)
    assert isinstance(geocoder, NullGeocoder)
    assert geocoder.find("太阳岛") is None
    assert geocoder.describe(HERE) is None


def test_a_setting_names_the_service():
    assert isinstance(geocoder_from("nominatim:https://geo.example.org/nominatim"), NominatimGeocoder)
    assert isinstance(geocoder_from("baidu:key"), BaiduGeocoder)


@pytest.mark.parametrize("setting", ["nominatim", "nominatim:geo.example.org", "baidu:", "amap:s3cret", ":x"])
def test_a_setting_that_names_none_is_refused_without_repeating_it(setting):
    with pytest.raises(GeocoderSettingInvalid) as refused:
        geocoder_from(setting)
    assert "s3cret" not in str(refused.value)


def test_nominatim_finds_and_describes():
    place = {"lat": "45.8123", "lon": "126.5312", "display_name": "太阳岛, 松北区"}
    geocoder = NominatimGeocoder("https://geo.example.org/nominatim/", adapter_factory=recorded([place]))
    found = geocoder.find("太阳岛")
    assert found is not None
    assert (found.point, found.label) == (HERE, "太阳岛, 松北区")
    assert Recorded.last.asked[0].startswith("https://geo.example.org/nominatim/search?")
    geocoder = NominatimGeocoder("https://geo.example.org", adapter_factory=recorded(place))
    assert geocoder.describe(HERE) == "太阳岛, 松北区"


def test_baidu_answers_are_converted_both_ways():
    location = {"lat": BAIDU_HERE.lat, "lng": BAIDU_HERE.lon}
    answer = {"status": 0, "result": {"location": location, "level": "旅游景点"}}
    found = BaiduGeocoder("key", adapter_factory=recorded(answer)).find("太阳岛")
    assert found is not None
    assert found.label == "太阳岛"
    assert distance_m(found.point, HERE) < 0.001

    answer = {"status": 0, "result": {"location": location, "formatted_address": "黑龙江省哈尔滨市松北区"}}
    geocoder = BaiduGeocoder("key", adapter_factory=recorded(answer))
    assert geocoder.describe(HERE) == "黑龙江省哈尔滨市松北区"
    assert f"{BAIDU_HERE.lat:.4f}" in Recorded.last.asked[0]


@pytest.mark.parametrize(
    "answer",
    [[], GeocoderTimedOut("no answer for 太阳岛"), {"status": 240}, {"result": {"location": {}}}, "nonsense"],
)
@pytest.mark.parametrize("kind", [NominatimGeocoder, BaiduGeocoder])
def test_a_service_that_fails_costs_a_suggestion_and_tells_the_log_nothing(kind, answer, caplog):
    geocoder = kind("https://geo.example.org", adapter_factory=recorded(answer))
    with caplog.at_level(logging.DEBUG):
        assert geocoder.find("太阳岛") is None
        assert geocoder.describe(HERE) is None
    assert "太阳岛" not in caplog.text
    assert "45.8" not in caplog.text


def test_an_impossible_position_is_no_answer():
    place = {"lat": "0", "lon": "0", "display_name": "Null Island"}
    assert NominatimGeocoder("https://geo.example.org", adapter_factory=recorded([place])).find("x") is None
