"""Asking a geocoder on this machine: what it learns, and that it can neither lead us elsewhere nor hold us up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.geo import geocoding
from app.geo.distances import distance_m
from app.geo.geocoding import PacedGeocoder, geocoder_from, geocoder_of
from app.geo.terms import Wgs84Point
from tests.conftest import make_settings
from tests.geo.local_geocoder import ADDRESS, LocalGeocoder, local_geocoder

HERE = Wgs84Point(45.8021234, 126.5432198)


@pytest.fixture
def service() -> Iterator[LocalGeocoder]:
    with local_geocoder() as made:
        yield made


def paced(service: LocalGeocoder) -> PacedGeocoder:
    return PacedGeocoder(geocoder_from(service.setting))


def test_a_service_learns_a_square_and_nothing_of_who_asks(service: LocalGeocoder):
    assert paced(service).describe(HERE) == ADDRESS
    ((path, asked),) = service.asked
    assert path == "/nominatim/reverse"
    told = Wgs84Point(float(asked["lat"]), float(asked["lon"]))
    assert 0 < distance_m(told, HERE) < geocoding.TOLD_SQUARE_M
    near = Wgs84Point(HERE.lat + 0.00002, HERE.lon + 0.00002)
    paced(service).describe(near)
    assert service.asked[1] == service.asked[0], "two spots of one square look alike"
    assert set(asked) == {"lat", "lon", "format", "accept-language", "addressdetails"}
    assert {"Cookie", "Referer", "X-Forwarded-For", "Origin"}.isdisjoint(service.told[0])


def test_words_become_a_place(service: LocalGeocoder):
    found = paced(service).find("太阳岛")
    assert found is not None
    assert (found.label, round(found.point.lat, 3)) == (ADDRESS, 45.801)


def test_a_service_cannot_send_us_elsewhere(service: LocalGeocoder):
    with local_geocoder() as other:
        service.status, service.headers = 302, {"Location": f"{other.origin}/nominatim/reverse"}
        assert paced(service).describe(HERE) is None
        assert other.asked == []


def test_a_proxy_of_the_environment_is_not_asked(service: LocalGeocoder, monkeypatch: pytest.MonkeyPatch):
    with local_geocoder() as proxy:
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        assert paced(service).describe(HERE) == ADDRESS
        assert proxy.asked == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"' + b"x" * 2_000_000 + b'"', b"17"]
)
def test_what_is_no_answer_is_none(service: LocalGeocoder, body: bytes):
    service.body = body
    assert paced(service).describe(HERE) is None
    assert paced(service).find("太阳岛") is None


def test_a_service_that_hangs_is_left_alone_for_a_while(
    service: LocalGeocoder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(geocoding, "_PATIENCE_S", 0.2)
    service.wait_s = 1.0
    asking = paced(service)
    began = time.monotonic()
    assert asking.describe(HERE) is None
    assert time.monotonic() - began < 0.9
    assert asking.describe(HERE) is None
    assert len(service.asked) == 1


def test_none_is_named_and_nobody_is_asked():
    assert geocoder_of("") is None
    assert geocoder_of(" ") is None


@pytest.mark.parametrize(
    "setting", ["google:SECRET", "nominatim:", "nominatim:file:///SECRET", "baidu:", "SECRET"]
)
def test_a_setting_that_names_nothing_stops_the_start(setting: str, tmp_path: Path):
    with pytest.raises(ValidationError) as refused:
        make_settings("sqlite://", tmp_path, geocoder=setting)
    assert "SECRET" not in str(refused.value)
