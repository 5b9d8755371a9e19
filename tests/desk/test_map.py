"""The queue as a map: circles that count each clue once, the list in step, and nothing of what may not be seen."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from app.clues.models import Clue
from app.clues.terms import ClueState, Standing
from app.demo import tiles as demo_tiles
from app.desk import map_rules, mapping, rules
from app.desk.clue_page import Desk
from app.desk.map_rules import Spot
from app.desk.terms import Filters, WorkList
from app.geo.districts import district
from app.identity.terms import CompartmentKind
from tests import cast
from tests.desk import makers

NOW = makers.NOW
WHOLE = map_rules.view_of(district().bbox)
ALL = Filters(WorkList.ALL)


def at(lat, lon, standing=Standing.INSIDE):
    return replace(makers.HERE, lat=lat, lon=lon, standing=standing)


def urls(name, **given):
    return f"{name}?" + "&".join(f"{key}={value}" for key, value in given.items())


def drawn(session, who="prosecutor_chen", filters=ALL, **wishes):
    usual = {"box": None, "cursor": None, "ground": mapping.Ground()}
    return mapping.compose(Desk(session, cast.actor(session, who), urls, NOW, 15), filters, **usual | wishes)


def box_of(view):
    return map_rules.read_box(re.search(r"box=([^&]+)", view.circles[0].href).group(1))


@given(st.lists(st.tuples(st.floats(45.74, 46.08), st.floats(126.17, 126.7)), max_size=80))
def test_every_clue_is_in_exactly_one_circle_and_none_lies_on_another(places):
    spots = [Spot(str(at), lat, lon, is_urgent=at % 3 == 0) for at, (lat, lon) in enumerate(places)]
    found = map_rules.clusters(WHOLE, spots)
    assert sorted(spot.id for one in found for spot in one.spots) == sorted(spot.id for spot in spots)
    assert sum(one.count for one in found) == len(spots)
    for first, second in itertools.combinations(found, 2):
        assert math.hypot(first.x - second.x, first.y - second.y) >= 46


def test_a_view_shows_all_of_what_it_is_made_of_and_its_box_comes_back():
    box = district().bbox
    view = map_rules.view_of(box)
    assert all(view.holds(lat, lon) for lat in (box.south, box.north) for lon in (box.west, box.east))
    again = map_rules.view_of(map_rules.read_box(map_rules.write_box(view.box)))
    assert again.x == pytest.approx(view.x, abs=1e-6)
    for text in ("", "1,2,3", "a,b,c,d", "2,1,1,2", "nan,1,2,3", "1,1,inf,2", "-90,0,90,1"):
        assert map_rules.read_box(text) is None, text


def test_tiles_cover_the_view_without_a_gap():
    found = WHOLE.tiles(18)
    assert 4 <= len(found) <= 30
    assert min(x for *_at, x, _y, _size in found) <= 0
    assert max(x + size for *_at, x, _y, size in found) >= map_rules.WIDTH


def test_closer_than_the_map_is_drawn_its_deepest_tiles_are_stretched():
    near = map_rules.view_of(map_rules.read_box("45.80000,126.54000,45.80010,126.54010"))
    zoom, _x, _y, left, top, size = near.tiles(15)[0]
    assert zoom == 15
    assert left <= 0 <= left + size
    assert top <= 0 <= top + size
    assert near.tiles(18)[0][0] == 18
    assert WHOLE.tiles(15) == WHOLE.tiles(18)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
@pytest.mark.parametrize("box", [None, "45.79,126.53,45.82,126.57"])
def test_a_clue_stands_on_its_pixel_of_the_tiles(session, datum, box):
    makers.clue(session)
    ground = mapping.Ground(has_tiles=True, is_shifted=datum == "gcj02")
    view = drawn(session, ground=ground, box=map_rules.read_box(box or ""))
    point = demo_tiles.drawn_at(datum, makers.HERE.lat, makers.HERE.lon)
    zoom = int(re.search(r"z=(\d+)", view.tiles[0].href).group(1))
    column, row = (side / 256 for side in demo_tiles.world_pixel(*point, zoom))
    under = next(
        tile for tile in view.tiles if f"x={math.floor(column)}&" in tile.href and tile.href.endswith(f"y={math.floor(row)}")
    )  # fmt: skip
    assert view.circles[0].x == pytest.approx(under.x + column % 1 * under.size, abs=0.4)
    assert view.circles[0].y == pytest.approx(under.y + row % 1 * under.size, abs=0.4)


def test_a_provider_that_does_not_answer_is_said_and_the_sketch_lies_under_the_tiles(session):
    view = drawn(
        session, ground=mapping.Ground(has_tiles=True, is_answering=False, credit="某图 GS（2026）1 号")
    )
    assert view.said[0].startswith("地图服务现在没有应答")
    assert view.towns
    assert view.credit == "某图 GS（2026）1 号"
    assert drawn(session, ground=mapping.Ground(has_tiles=True)).said == []


def test_no_name_of_a_town_lies_under_or_over_a_circle(session):
    """A clue lies where each name would stand first: it stands elsewhere, or not at all."""
    free = drawn(session).towns
    assert len(free) > 3
    scale = map_rules.view_of(district().bbox)
    for town in free:
        makers.clue(session, place=at(*_point(scale, town.x, town.y + town.dy - 6)))
    view = drawn(session)
    assert len(view.circles) > 3
    assert {(town.name, town.dy) for town in view.towns} != {(town.name, town.dy) for town in free}
    assert view.towns
    for town in view.towns:
        letters = (town.x - 30, town.x + 30, town.y + town.dy - 12, town.y + town.dy)
        for circle in view.circles:
            beside = max(letters[0] - circle.x, circle.x - letters[1], 0.0)
            above = max(letters[2] - circle.y, circle.y - letters[3], 0.0)
            assert math.hypot(beside, above) >= circle.r, f"{town.name} and a circle of {circle.count}"


def _point(view: map_rules.View, x: float, y: float) -> tuple[float, float]:
    """Where on the earth a point of the drawing is, found by halving: `project` has no inverse of its own."""
    south, north, west, east = 45.0, 47.0, 125.5, 127.5
    for _ in range(50):
        lat, lon = (south + north) / 2, (west + east) / 2
        right, down = view.project(lat, lon)
        south, north = (lat, north) if down > y else (south, lat)
        west, east = (lon, east) if right < x else (west, lon)
    return lat, lon


def test_a_circle_counts_clues_and_opens_closer_with_the_list_in_step(session):
    near = [makers.clue(session), makers.clue(session, place=at(45.8022, 126.5433), is_urgent=True)]
    far = makers.clue(session, place=at(46.0, 126.3))
    over = makers.clue(session, place=at(45.9, 126.3), is_urgent=True)
    session.execute(update(Clue).where(col(Clue.id) == over.id).values(state=ClueState.CLOSED.value))
    view = drawn(session)
    assert sorted((circle.count, circle.is_urgent) for circle in view.circles) == [
        (1, False), (1, False), (2, True),
    ]  # fmt: skip
    both = next(circle for circle in view.circles if circle.count == 2)
    assert both.label == "2 条线索，1 条紧急"
    assert len(view.rows) == 4
    closer = drawn(session, box=map_rules.read_box(re.search(r"box=([^&]+)", both.href).group(1)))
    assert {row.href.rpartition("=")[2] for row in closer.rows} == {one.id for one in near}
    assert far.id not in str(closer.rows)


def test_what_lies_outside_or_nowhere_is_said(session):
    makers.clue(session, place=at(46.5, 127.5, Standing.OUTSIDE))
    makers.clue(session, place=replace(makers.HERE, lat=None, lon=None))
    view = drawn(session)
    assert view.circles == []
    assert len(view.rows) == 1, "the list hides nothing by where it lies"
    assert view.said == ["1 条在图外，列表里有。", "另有 1 条没有位置，不在图上，也不在这个列表里。"]


def test_a_closed_circles_clue_is_neither_drawn_nor_counted_nor_missed(session):
    makers.clue(session)
    makers.clue(session, kind=CompartmentKind.MILITARY)
    makers.clue(session, kind=CompartmentKind.MILITARY, place=replace(makers.HERE, lat=None, lon=None))
    chen, head, wu = (drawn(session, who) for who in ("prosecutor_chen", "head_lin", "prosecutor_wu"))
    assert [[one.count for one in view.circles] for view in (chen, head, wu)] == [[1], [2], []]
    assert [len(view.said) for view in (chen, head, wu)] == [0, 1, 0]


def test_the_queues_filters_hold_on_the_map(session):
    makers.clue(session)
    dug = makers.clue(session, category_key="black_soil_dig", title="挖黑土", place=at(46.0, 126.3))
    for filters in (replace(ALL, category="black_soil_dig"), replace(ALL, q="挖黑土")):
        view = drawn(session, filters=filters)
        assert [one.count for one in view.circles] == [1]
        assert dug.id in view.rows[0].href
        assert box_of(view) is not None


def test_the_list_is_paged_by_key_and_stays_when_something_arrives(session, monkeypatch):
    monkeypatch.setattr("app.desk.mapping.PAGE_ROWS", 2)
    for minutes in range(5):
        makers.clue(session, now=NOW - timedelta(minutes=minutes), title=f"第{minutes}条")
    seen, cursor = [], None
    while True:
        view = drawn(session, cursor=cursor)
        seen += [row.title for row in view.rows]
        makers.clue(session, now=NOW + timedelta(minutes=1), title="后来的")
        if view.next_href is None:
            break
        cursor = rules.read_cursor(re.search(r"at=([^&]+)", view.next_href).group(1))
    assert seen == [f"第{minutes}条" for minutes in range(5)]


@pytest.mark.app
def test_it_is_a_picture_with_links_and_hostile_words_stay_words(client, database):
    with database.write_session() as session:
        makers.clue(session, title="<script>alert(1)</script>")
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("desk:map", list="all", box="45.7,126.1,46.1,126.8"))
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "<script>alert" not in page.text
    assert 'aria-label="1 条线索"' in page.text
    assert client.get(client.to("desk:map", box="junk", at="junk")).status_code == 200
    assert client.to("desk:map", list="new") in client.get(client.to("desk:queue")).text
