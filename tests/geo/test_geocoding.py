"""Distances against known ones; geocoders against recorded answers, never a network."""

import json
import logging
import subprocess
import sys

import pytest
from geopy.adapters import BaseSyncAdapter
from geopy.distance import great_circle
from geopy.exc import GeocoderTimedOut
from hypothesis import given
from hypothesis import strategies as st

from app.geo.distances import distance_m
from app.geo.geocoders import BaiduGeocoder, NominatimGeocoder
from app.geo.geocoding import GeocoderSettingInvalid, NullGeocoder, geocoder_from
from app.geo.rules import to_bd09
from app.geo.terms import Wgs84Point

HERE = Wgs84Point(45.8123, 126.5312)
IN_CHINA = st.builds(Wgs84Point, st.floats(18, 54), st.floats(73, 135))
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


@given(IN_CHINA, IN_CHINA)
def test_a_distance_is_that_of_a_library_both_ways_and_nothing_to_oneself(here, there):
    expected = great_circle((here.lat, here.lon), (there.lat, there.lon)).meters
    assert distance_m(here, there) == pytest.approx(expected, rel=1e-6, abs=0.05)
    assert distance_m(here, there) == pytest.approx(distance_m(there, here))
    assert distance_m(here, here) == 0


def test_who_names_no_service_does_not_wait_for_one_at_each_start():
    start = "import sys, app.main; from app.geo.geocoding import geocoder_of; geocoder_of(''); print('geopy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.strip() == "False"


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
