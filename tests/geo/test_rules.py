"""Inside and outside, edges, boxes, and how coarsely a place is told."""

import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from app.geo import rules
from app.geo.distances import distance_m
from app.geo.terms import Polygon, Standing, Wgs84Point


def ring(*corners):
    return tuple(Wgs84Point(lat, lon) for lat, lon in corners)


SQUARE = ring((45.0, 126.0), (45.0, 127.0), (46.0, 127.0), (46.0, 126.0))
HOLE = ring((45.4, 126.4), (45.4, 126.6), (45.6, 126.6), (45.6, 126.4))
ISLAND = ring((47.0, 126.0), (47.0, 127.0), (47.5, 126.5))
LAND = Polygon(((SQUARE, HOLE), (ISLAND,)))

IN_CHINA = st.builds(Wgs84Point, st.floats(18, 54), st.floats(73, 135))
ANYWHERE = st.builds(Wgs84Point, st.floats(0.5, 89), st.floats(-180, 180))
RADII = st.floats(1, 200_000)


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (45.2, 126.2, True),
        (45.5, 126.5, False),  # in the hole
        (47.2, 126.5, True),  # on the island
        (46.5, 126.5, False),  # between the two
        (45.2, 125.9, False),
        (45.2, 127.1, False),
        # A ray through a corner must not count it twice, nor not at all.
        (47.0, 125.0, False),
        (45.4, 126.1, True),
        (45.6, 126.1, True),
        (46.0, 125.9, False),
        (45.0, 125.9, False),
    ],
)
def test_contains(lat, lon, inside):
    assert rules.contains(LAND, Wgs84Point(lat, lon)) is inside


@given(st.floats(44.5, 46.5), st.floats(125.5, 127.5))
def test_a_square_contains_what_lies_between_its_sides(lat, lon):
    expected = 45.0 < lat < 46.0 and 126.0 < lon < 127.0
    if {lat, lon} & {45.0, 46.0, 126.0, 127.0}:
        return  # on the edge itself either answer is right
    assert rules.contains(Polygon(((SQUARE,),)), Wgs84Point(lat, lon)) is expected


def test_edge_distance_is_that_of_the_nearest_spot_on_the_nearest_edge():
    west_edge = Wgs84Point(45.7, 126.0)
    inside, outside = Wgs84Point(45.7, 126.003), Wgs84Point(45.7, 125.997)
    for point in (inside, outside):
        assert rules.edge_distance_m(LAND, point) == pytest.approx(distance_m(point, west_edge), abs=0.5)
    beyond_corner = Wgs84Point(44.997, 125.997)
    expected = distance_m(beyond_corner, Wgs84Point(45.0, 126.0))
    assert rules.edge_distance_m(LAND, beyond_corner) == pytest.approx(expected, abs=0.5)


def test_a_hole_has_an_edge_too():
    assert rules.edge_distance_m(LAND, Wgs84Point(45.5, 126.401)) < 100


@pytest.mark.parametrize(
    ("lon", "expected"),
    [
        (126.0039, Standing.INSIDE),
        (126.0038, Standing.NEAR_EDGE),
        (126.0, Standing.NEAR_EDGE),
        (125.9962, Standing.NEAR_EDGE),
        (125.9961, Standing.OUTSIDE),
    ],
)
def test_within_three_hundred_metres_of_the_edge_a_person_decides(lon, expected):
    # At 45.7 degrees north 300 m are 0.00386 degrees of longitude.
    assert rules.standing(LAND, Wgs84Point(45.7, lon)) is expected


@given(ANYWHERE, RADII, st.floats(0, 360))
def test_the_box_holds_the_whole_circle(point, radius_m, bearing):
    rim = great_circle(meters=radius_m * 0.999999).destination((point.lat, point.lon), bearing)
    box = rules.bounding_box(point, radius_m)
    assert box.south <= rim.latitude <= box.north
    assert box.west <= rim.longitude <= box.east


def test_the_box_holds_the_circles_widest_spot_which_lies_poleward_of_its_middle():
    middle, radius_m = Wgs84Point(80, 126.5), 200_000.0
    box = rules.bounding_box(middle, radius_m)
    rim = [great_circle(meters=radius_m).destination((80, 126.5), bearing / 10) for bearing in range(3600)]
    widest = max(spot.longitude for spot in rim)
    assert 0 <= box.east - widest < 1e-3


@given(IN_CHINA, st.floats(1, 5000))
def test_the_box_is_not_much_larger_than_the_circle(point, radius_m):
    box = rules.bounding_box(point, radius_m)
    assert distance_m(point, Wgs84Point(box.north, point.lon)) == pytest.approx(radius_m, rel=1e-3)
    assert distance_m(point, Wgs84Point(point.lat, box.east)) == pytest.approx(radius_m, rel=1e-3)


@pytest.mark.parametrize("radius_m", [-1.0, float("nan"), float("inf")])
def test_a_radius_that_is_none_is_refused(radius_m):
    with pytest.raises(ValueError, match="radius_m"):
        rules.bounding_box(Wgs84Point(45.8, 126.5), radius_m)


def test_a_box_holds_its_rim_and_nothing_beyond():
    box = Polygon(((SQUARE,),)).bounding_box
    assert box.holds(Wgs84Point(45.0, 126.0))
    assert not box.holds(Wgs84Point(44.9999, 126.0))
    assert not box.holds(Wgs84Point(45.0, 127.0001))


def test_a_cell_has_one_name():
    assert rules.cell(Wgs84Point(45.8123, 126.5351)).key == "45.81,126.54"
    assert rules.cell(Wgs84Point(45.8123, 126.5351), decimals=1).key == "45.8,126.5"
    assert rules.cell(Wgs84Point(-0.001, 126.5)).key == rules.cell(Wgs84Point(0.001, 126.5)).key


@given(IN_CHINA, st.sampled_from([100.0, 500.0, 1000.0, 5000.0]))
def test_a_rounded_point_is_near_and_always_the_same(point, metres):
    told = rules.rounded(point, metres)
    # Half the diagonal of the square, and a little for its bend.
    assert distance_m(point, told) <= metres * 0.72
    assert rules.rounded(told, metres) == told


@given(IN_CHINA, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_all_points_of_one_square_are_told_alike(point, north, east):
    told = rules.rounded(point, 1000)
    neighbour = Wgs84Point(told.lat + north * 0.0089, told.lon + east * 0.0089)
    assert rules.rounded(neighbour, 1000) == told


@pytest.mark.parametrize("point", [Wgs84Point(90, 180), Wgs84Point(-90, -180), Wgs84Point(1e-9, 0)])
def test_rounding_at_the_ends_of_the_world_gives_a_point(point):
    for metres in (1.0, 1000.0, 1e9):
        assert isinstance(rules.rounded(point, metres), Wgs84Point)


@pytest.mark.parametrize("metres", [0.0, -5.0, float("nan")])
def test_rounding_to_nothing_is_refused(metres):
    with pytest.raises(ValueError, match="metres"):
        rules.rounded(Wgs84Point(45.8, 126.5), metres)
