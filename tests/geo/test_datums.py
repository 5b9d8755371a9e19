"""Conversions against values other programs and 百度's own service published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo.datums import bd09_from_mercator
from app.geo.rules import point_in, to_bd09, to_gcj02, to_wgs84
from app.geo.terms import Bd09Point, Datum, Gcj02Point, Wgs84Point

IN_CHINA = st.builds(Wgs84Point, st.floats(18, 54), st.floats(73, 135))
ABROAD = st.builds(Wgs84Point, st.floats(-80, -1), st.floats(-179, 179))

# (WGS-84, GCJ-02), latitude first: the first three are the pairs every port of the open
# transform is tested with, the others come from an independent library for the browser.
KNOWN_GCJ02 = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ((45.8123, 126.5312), (45.81428864773371, 126.53725595834766)),
    ((43.8, 87.6), (43.80121203029208, 87.60283897227161)),
]
KNOWN_BD09 = [
    ((45.8123, 126.5312), (45.81990630953897, 126.54387365121094)),
    ((45.7302, 126.16265), (45.73808803317706, 126.1757525075193)),
    ((20.0, 110.3), (20.004017212072977, 110.3107696391227)),
]


def pair(point):
    return (point.lat, point.lon)


@pytest.mark.parametrize(("wgs84", "gcj02"), KNOWN_GCJ02)
def test_gcj02_agrees_with_published_pairs(wgs84, gcj02):
    assert pair(to_gcj02(Wgs84Point(*wgs84))) == pytest.approx(gcj02, abs=1e-11, rel=0)
    assert pair(to_wgs84(Gcj02Point(*gcj02))) == pytest.approx(wgs84, abs=1e-11, rel=0)


@pytest.mark.parametrize(("wgs84", "bd09"), KNOWN_BD09)
def test_bd09_agrees_with_an_independent_library(wgs84, bd09):
    assert pair(to_bd09(Wgs84Point(*wgs84))) == pytest.approx(bd09, abs=1e-11, rel=0)
    assert pair(to_wgs84(Bd09Point(*bd09))) == pytest.approx(wgs84, abs=1e-11, rel=0)


def test_bd09_agrees_with_the_providers_own_service_to_a_metre():
    ours = to_bd09(Wgs84Point(29.575429778924, 114.21892734521))
    assert pair(ours) == pytest.approx((29.579086404502, 114.23074789746), abs=1e-5, rel=0)


def test_the_providers_metre_grid_is_read():
    for metres, degrees in (
        ((14084200.34, 5719980.2), (45.81600283196621, 126.51914766103698)),
        ((12959218.5, 4825334.2), (39.91092157255303, 116.41337381576248)),
        # There and back through the provider's two approximations: a decimetre remains.
        ((14086952.854584329, 5720601.453479062), (45.81990630953897, 126.54387365121094)),
        ((12279872.320406573, 2258759.1585600344), (20.004017212072977, 110.3107696391227)),
    ):
        point = bd09_from_mercator(*metres)
        assert point is not None
        assert pair(point) == pytest.approx(degrees, abs=2e-6, rel=0)


@pytest.mark.parametrize(("x", "y"), [(14086952.0, 0.0), (14086952.0, 9e6), (1.0, 5720601.0)])
def test_the_metre_grid_abroad_is_not_read(x, y):
    assert bd09_from_mercator(x, y) is None


@given(IN_CHINA)
def test_every_way_there_and_back_ends_where_it_began(point):
    gcj02, bd09 = to_gcj02(point), to_bd09(point)
    assert pair(to_wgs84(gcj02)) == pytest.approx(pair(point), abs=1e-9, rel=0)
    assert pair(to_wgs84(bd09)) == pytest.approx(pair(point), abs=1e-9, rel=0)
    assert pair(to_gcj02(bd09)) == pytest.approx(pair(gcj02), abs=1e-9, rel=0)
    assert pair(to_bd09(gcj02)) == pytest.approx(pair(bd09), abs=1e-9, rel=0)


@given(IN_CHINA)
def test_inside_china_the_shift_is_real(point):
    gcj02 = to_gcj02(point)
    assert abs(gcj02.lat - point.lat) + abs(gcj02.lon - point.lon) > 1e-4


@given(ABROAD)
def test_abroad_nothing_is_shifted(point):
    assert pair(to_gcj02(point)) == pair(point) == pair(to_bd09(point))
    assert pair(to_wgs84(Gcj02Point(point.lat, point.lon))) == pair(point)
    assert pair(to_wgs84(Bd09Point(point.lat, point.lon))) == pair(point)


def test_a_point_already_in_the_datum_stays_itself():
    for point, convert in (
        (Wgs84Point(45.8, 126.5), to_wgs84),
        (Gcj02Point(45.8, 126.5), to_gcj02),
        (Bd09Point(45.8, 126.5), to_bd09),
    ):
        assert convert(point) is point


@pytest.mark.parametrize("datum", list(Datum))
def test_each_datum_has_its_own_type(datum):
    assert point_in(datum, 45.8, 126.5).datum is datum
