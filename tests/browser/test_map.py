"""The map under a crosshair: opened, dragged, confirmed, sent; what is kept is what lay under the crosshair.

And the desk's map: a clue lies on its landmark as the tiles draw it.
"""

from __future__ import annotations

import io
import json
import math
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.demo.tiles import DrawnMap, Mark
from app.geo.distances import distance_m
from app.geo.terms import Wgs84Point
from app.platform import clock
from app.platform.db import Database
from tests.browser.conftest import Phones, Site, Watch, running
from tests.browser.outbox import expect_received
from tests.browser.test_report import answer_all
from tests.desk import makers
from tests.geo.drawn_tiles import Provider, provider

HERE = Wgs84Point(45.81, 126.53)  # the phone's own position, as conftest gives it
WORLD_TILE = """(frame) => {
  const box = frame.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (const tile of frame.querySelectorAll(".leaflet-tile-loaded")) {
    const at = tile.getBoundingClientRect();
    if (at.left <= x && x < at.right && at.top <= y && y < at.bottom) {
      return [tile.getAttribute("src"), (x - at.left) / at.width, (y - at.top) / at.height];
    }
  }
  return null;
}"""


@pytest.fixture(scope="module")
def tiles() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, tiles: Provider) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("mapped"), TILES_URL=tiles.template) as started:
        yield started


def under_crosshair(page: Page) -> Wgs84Point:
    """Read the drawn tiles themselves, by the arithmetic of tile numbers: the map's own word is not taken."""
    page.wait_for_function(f"() => ({WORLD_TILE})(document.querySelector('.pin-map__frame')) !== null")
    page.wait_for_timeout(400)
    src, right, down = page.locator(".pin-map__frame").evaluate(WORLD_TILE)
    z, x, y = map(int, re.findall(r"\d+", src)[-3:])
    lon = (x + right) / 2**z * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + down) / 2**z))))
    return Wgs84Point(lat, lon)


def open_map(page: Page, site: Site) -> None:
    page.goto(site("intake:form", category_key="aed_missing"))
    expect(page.locator("#report-form.is-live")).to_be_visible()
    tap_open(page)


def tap_open(page: Page) -> None:
    page.get_by_role("button", name="在地图上选").tap()
    expect(page.locator(".pin-map__map.leaflet-container")).to_be_focused()


def drag(page: Page, right: int, down: int) -> None:
    box = page.locator(".pin-map__frame").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)
    page.wait_for_timeout(300)  # a finger that rests before it lets go gives no swing
    page.mouse.up()


def send(page: Page, site: Site) -> dict[str, Any]:
    answer_all(page)
    page.locator("#words").fill("大厅里没有找到，问了服务台也不知道")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/outbox")
    expect_received(page)
    base = sqlite3.connect(f"file:{site.data / 'yixian.db'}?mode=ro", uri=True)
    try:
        kept = base.execute("SELECT place FROM report ORDER BY rowno DESC LIMIT 1").fetchone()[0]
    finally:
        base.close()
    found: dict[str, Any] = json.loads(kept)
    return found


def test_a_pin_is_kept_where_the_crosshair_stood(site: Site, phone: Page, tiles: Provider):
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(site("intake:form", category_key="aed_missing"))
    expect(phone.locator("#report-form.is-live")).to_be_visible()
    assert not [url for url in asked if "crosshair" in url or "/tiles/" in url]
    tap_open(phone)
    before = under_crosshair(phone)
    phone.get_by_role("button", name="放大").tap()
    under_crosshair(phone)  # a map that is still growing is not to be dragged
    drag(phone, -90, 60)
    there = under_crosshair(phone)
    assert distance_m(before, there) > 500
    for step in phone.locator(".pin-map button:visible").all():
        size = step.bounding_box()
        assert size
        assert size["height"] >= 44
    phone.get_by_role("button", name="就是这里").tap()
    expect(phone.locator("[data-place-found]")).to_contain_text("已记下您在地图上选的地方")
    expect(phone.get_by_role("button", name="在地图上选")).to_be_focused()
    place = send(phone, site)
    assert distance_m(Wgs84Point(place["lat"], place["lon"]), there) < 50
    assert place["source"] == "pin"
    assert place["raw"]["datum"] == "wgs84"
    assert 5 <= place["accuracy_m"] <= 200
    assert tiles.asked


def test_on_a_shifted_map_the_way_there_and_back_ends_where_the_phone_stands(site: Site, phone: Page):
    phone.goto(site("intake:form", category_key="aed_missing"))
    phone.locator(".pin-map").evaluate("(holder) => { holder.dataset.datum = 'gcj02'; }")
    phone.locator("[data-place-locate]").tap()
    expect(phone.locator("[data-place-found]")).to_contain_text("±12 米")
    tap_open(phone)
    assert 300 < distance_m(under_crosshair(phone), HERE) < 900
    phone.get_by_role("button", name="就是这里").tap()
    tap_open(phone)  # a second look opens on the pin, and does not shift it once more
    phone.get_by_role("button", name="就是这里").tap()
    place = send(phone, site)
    assert distance_m(Wgs84Point(place["lat"], place["lon"]), HERE) < 1
    assert place["raw"]["datum"] == "gcj02"
    assert place["raw"]["lat"] != str(place["lat"])


def test_keys_move_the_map_and_escape_leaves_everything_as_it_was(site: Site, phone: Page):
    open_map(phone, site)
    first = under_crosshair(phone)
    phone.keyboard.press("ArrowRight")
    moved = under_crosshair(phone)
    assert moved.lon > first.lon
    phone.keyboard.press("+")
    phone.wait_for_timeout(400)
    phone.wait_for_function("() => document.querySelector('.leaflet-tile-loaded[src*=\"/14/\"]') !== null")
    phone.keyboard.press("Escape")
    expect(phone.locator("[data-pin-panel]")).to_be_hidden()
    expect(phone.get_by_role("button", name="在地图上选")).to_be_focused()
    expect(phone.locator("[name=place_lat]")).to_have_value("")


def test_a_crosshair_on_nothing_marks_no_place(site: Site, phones: Phones, watch: Watch, tiles: Provider):
    """A place nobody has seen under the crosshair is no place (decisions.md 19)."""
    watch.expect("404 (Not Found)")
    page = phones(geolocation={"latitude": 45.99, "longitude": 126.31, "accuracy": 12}).new_page()
    page.goto(site("intake:form", category_key="aed_missing"))
    page.locator("[data-place-locate]").tap()
    expect(page.locator("[data-place-found]")).to_contain_text("±12 米")
    tiles.status = 404
    try:
        tap_open(page)
        expect(page.locator("[data-pin-blank]")).to_be_visible()
        confirm = page.get_by_role("button", name="就是这里")
        expect(confirm).to_be_disabled()
        confirm.tap(force=True)
        expect(page.locator("[data-pin-panel]")).to_be_visible()
    finally:
        tiles.status = 200
    page.get_by_role("button", name="取消").tap()
    tap_open(page)  # what did not come is asked for anew
    expect(page.locator("[data-pin-blank]")).to_be_hidden()
    expect(confirm).to_be_enabled()


@pytest.fixture
def marked(site: Site, tiles: Provider) -> Iterator[None]:
    """A clue, and a map on which its place is drawn as a cross."""
    mark = Mark(46.0123, 126.3344)
    database = Database(f"sqlite:///{site.data / 'yixian.db'}")
    with database.write_session() as session:
        makers.clue(session, place=replace(makers.HERE, lat=mark.lat, lon=mark.lon), now=clock.now())
    database.close()
    tiles.drawing = DrawnMap(marks=(mark,)).tile
    yield
    tiles.drawing = None


@pytest.mark.usefixtures("marked")
def test_on_the_desks_map_a_clue_lies_on_its_landmark(site: Site, phones: Phones):
    """Without script: the map is the server's drawing."""
    page = phones(java_script_enabled=False, device_scale_factor=1).new_page()
    page.goto(site("identity:sign_in"))
    page.get_by_role("button", name="陈明远").first.click()
    page.wait_for_load_state()
    for width, height in ((360, 740), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site("desk:map", list="all", box="46.00800,126.32800,46.01600,126.34000"))
        page.wait_for_load_state("networkidle")
        drawing = page.locator(".clue-map__drawing")
        frame, circle = drawing.bounding_box(), page.locator(".clue-map__circle").bounding_box()
        assert frame
        assert circle
        stands = (
            circle["x"] + circle["width"] / 2 - frame["x"], circle["y"] + circle["height"] / 2 - frame["y"],
        )  # fmt: skip
        away = math.dist(stands, landmark(drawing.screenshot()))
        assert away < 2, f"{away:.1f} pixels beside its landmark on a screen {width} wide"


def landmark(screenshot: bytes) -> tuple[float, float]:
    """Find the drawn cross by its colour, in pixels of the picture; the circle lies on its middle."""
    with Image.open(io.BytesIO(screenshot)) as picture:
        wide, high = picture.size
        red, green, blue = (picture.convert("RGB").getchannel(name).tobytes() for name in "RGB")
    seen = [(at % wide, at // wide) for at in range(wide * high) if min(red[at], blue[at]) - green[at] > 90]
    assert len(seen) > 60, "the landmark is not on the map"
    return sum(x for x, _ in seen) / len(seen) + 0.5, sum(y for _, y in seen) / len(seen) + 0.5


def test_a_phone_that_gives_no_position_can_still_set_a_pin(site: Site, phones: Phones):
    page = phones(permissions=[]).new_page()
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'geolocation', { value: undefined });")
    open_map(page, site)
    expect(page.locator("[data-place-locate]")).to_be_hidden()
    under_crosshair(page)
    page.get_by_role("button", name="就是这里").tap()
    expect(page.locator("[data-place-found]")).to_be_visible()
    page.get_by_role("button", name="改位置").tap()
    expect(page.locator("[name=place_lat]")).to_have_value("")
