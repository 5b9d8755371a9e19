"""What cannot be a position is refused when it is made."""

import math
from datetime import UTC, datetime

import pytest

from app.geo.terms import (
    Bd09Point,
    Datum,
    Gcj02Point,
    PlaceSource,
    PointAtZero,
    PointNotFinite,
    PointOutOfRange,
    PointRefused,
    Polygon,
    StatedPosition,
    Wgs84Point,
)

HERE = Wgs84Point(45.8123, 126.5312)


@pytest.mark.parametrize("kind", [Wgs84Point, Gcj02Point, Bd09Point])
@pytest.mark.parametrize(
    ("lat", "lon", "refusal"),
    [
        (0, 0, PointAtZero),
        (-0.0, 0.0, PointAtZero),
        (math.nan, 126.5, PointNotFinite),
        (45.8, math.inf, PointNotFinite),
        (90.0001, 126.5, PointOutOfRange),
        (45.8, -180.0001, PointOutOfRange),
    ],
)
def test_impossible_positions_are_refused(kind, lat, lon, refusal):
    with pytest.raises(refusal):
        kind(lat, lon)
    assert issubclass(refusal, ValueError)


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (0, 126.5), (45.8, 0)])
def test_the_rim_of_the_world_and_either_zero_alone_are_positions(lat, lon):
    assert Wgs84Point(lat, lon).lat == lat


def test_every_refusal_of_a_point_has_its_own_code():
    codes = {PointRefused.code, *(refusal.code for refusal in PointRefused.__subclasses__())}
    assert codes == {
        "geo.point_refused",
        "geo.point_not_finite",
        "geo.point_out_of_range",
        "geo.point_at_zero",
    }


def test_points_of_two_datums_are_never_equal():
    points: set[object] = {Wgs84Point(45.8, 126.5), Gcj02Point(45.8, 126.5), Bd09Point(45.8, 126.5)}
    assert len(points) == 3


def test_a_stated_position_needs_an_instant_with_its_zone():
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    stated = StatedPosition(HERE, PlaceSource.BROWSER, Datum.WGS84, "", 12.5, at)
    assert stated.fixed_at == at
    with pytest.raises(ValueError, match="time zone"):
        StatedPosition(HERE, PlaceSource.BROWSER, Datum.WGS84, "", 12.5, at.replace(tzinfo=None))


@pytest.mark.parametrize("accuracy_m", [-1.0, math.nan, math.inf])
def test_an_accuracy_that_is_none_is_refused(accuracy_m):
    with pytest.raises(ValueError, match="accuracy_m"):
        StatedPosition(HERE, PlaceSource.EXIF, Datum.WGS84, "", accuracy_m)


@pytest.mark.parametrize("parts", [(), ((),), (((HERE, HERE),),)])
def test_an_outline_that_encloses_nothing_is_refused(parts):
    with pytest.raises(ValueError, match="ring"):
        Polygon(parts)
