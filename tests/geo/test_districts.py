"""The packaged outline, an installation's own, and the drawing of either."""

import json
import re

import pytest

from app.geo.districts import DistrictFileInvalid, UnknownDistrict, district, schematic_path
from app.geo.rules import contains, standing
from app.geo.terms import Standing, Wgs84Point

# Roughly where well-known places lie; each is hundreds of metres or more from the edge.
SONGBEI_GOVERNMENT = Wgs84Point(45.8008, 126.5608)
SUN_ISLAND_PARK = Wgs84Point(45.7938, 126.5878)
HARBIN_CENTRAL_STREET = Wgs84Point(45.7738, 126.6190)
HARBIN_AIRPORT = Wgs84Point(45.6234, 126.2503)
BEIJING = Wgs84Point(39.9087, 116.3975)

SQUARE = [[126.0, 45.0], [127.0, 45.0], [127.0, 46.0], [126.0, 46.0], [126.0, 45.0]]


def feature(geometry, **properties):
    return {"type": "Feature", "properties": {"name": "测试区", **properties}, "geometry": geometry}


def test_the_packaged_district_is_songbei():
    songbei = district()
    assert (songbei.key, songbei.name) == ("songbei", "松北区")
    assert "MIT" in songbei.origin
    assert len(songbei.polygon.rings) == 1
    assert len(songbei.polygon.rings[0]) == 126
    box = songbei.bbox
    assert (box.west, box.south, box.east, box.north) == (126.16265, 45.7302, 126.7098, 46.09376)


def test_it_is_loaded_once():
    assert district("songbei") is district("songbei")


@pytest.mark.parametrize("place", [SONGBEI_GOVERNMENT, SUN_ISLAND_PARK])
def test_places_of_the_district_lie_in_it(place):
    assert contains(district().polygon, place)


@pytest.mark.parametrize("place", [HARBIN_CENTRAL_STREET, HARBIN_AIRPORT, BEIJING])
def test_places_of_other_districts_do_not(place):
    assert standing(district().polygon, place) is Standing.OUTSIDE


def test_a_corner_of_the_outline_is_near_the_edge():
    for corner in district().polygon.rings[0]:
        assert standing(district().polygon, corner) is Standing.NEAR_EDGE


@pytest.mark.parametrize("key", ["nowhere", "../data/songbei", "SONGBEI", "", "a/b", "a" * 65])
def test_an_unknown_key_is_refused(key):
    with pytest.raises(UnknownDistrict):
        district(key)


@pytest.mark.parametrize(
    "document",
    [
        feature({"type": "Polygon", "coordinates": [SQUARE]}, origin="own"),
        feature({"type": "MultiPolygon", "coordinates": [[SQUARE]]}),
        {
            "type": "FeatureCollection",
            "features": [
                feature({"type": "Polygon", "coordinates": [[[*corner, 120.0] for corner in SQUARE]]})
            ],
        },
    ],
)
def test_an_installation_may_bring_its_own_outline(tmp_path, document):
    path = tmp_path / "own.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    own = district("own", path)
    assert own.name == "测试区"
    assert len(own.polygon.rings[0]) == 4
    assert contains(own.polygon, Wgs84Point(45.5, 126.5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps(feature({"type": "Point", "coordinates": [126.0, 45.0]})),
        json.dumps(feature({"type": "Polygon", "coordinates": [[]]})),
        json.dumps(feature({"type": "Polygon", "coordinates": [[[126.0, 95.0], *SQUARE]]})),
        json.dumps({"type": "FeatureCollection", "features": []}),
        json.dumps(
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}
        ),
    ],
)
def test_a_file_that_is_no_outline_is_refused(tmp_path, text):
    path = tmp_path / "bad.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DistrictFileInvalid):
        district("own", path)


def test_a_missing_file_is_an_unknown_district(tmp_path):
    with pytest.raises(UnknownDistrict):
        district("own", tmp_path / "missing.geojson")


@pytest.mark.parametrize(("width", "height"), [(400, 300), (100, 600), (1, 1)])
def test_the_drawing_fits_its_box_and_fills_it_one_way(width, height):
    path, project = schematic_path(district().polygon, width, height)
    corners = [project(corner) for corner in district().polygon.rings[0]]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    assert min(xs) >= 0
    assert max(xs) <= width
    assert min(ys) >= 0
    assert max(ys) <= height
    filled = max((max(xs) - min(xs)) / width, (max(ys) - min(ys)) / height)
    assert filled == pytest.approx(0.92, abs=0.11 if width == 1 else 0.01)
    assert re.fullmatch(r"M-?[\d.]+ -?[\d.]+( L-?[\d.]+ -?[\d.]+)+ Z", path)


def test_north_is_up_and_east_is_right_at_one_scale():
    _, project = schematic_path(district().polygon, 10_000, 10_000)
    x, y = project(SONGBEI_GOVERNMENT)
    # A thousand metres north and a thousand metres east.
    _, north_y = project(Wgs84Point(SONGBEI_GOVERNMENT.lat + 0.008993, SONGBEI_GOVERNMENT.lon))
    east_x, _ = project(Wgs84Point(SONGBEI_GOVERNMENT.lat, SONGBEI_GOVERNMENT.lon + 0.012899))
    assert y - north_y > 0
    assert east_x - x == pytest.approx(y - north_y, rel=0.01)


def test_a_drawing_without_size_is_refused():
    with pytest.raises(ValueError, match="width and a height"):
        schematic_path(district().polygon, 0, 300)
