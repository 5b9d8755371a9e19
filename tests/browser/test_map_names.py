"""A map whose names are a layer of their own (天地图): on the phone's map and on the desk's they lie over the ground."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Phones, Site, Watch, running
from tests.geo.drawn_tiles import Provider, provider

_NAME = (209, 0, 200, 255)
_SIDE = 256


def _names() -> bytes:
    """A piece with nothing on it but a square where a name would stand."""
    image = Image.new("RGBA", (_SIDE, _SIDE), (0, 0, 0, 0))
    image.paste(_NAME, (100, 100, 150, 150))
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


@pytest.fixture(scope="module")
def ground() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def names() -> Iterator[Provider]:
    with provider() as made:
        made.body = _names()
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, ground: Provider, names: Provider) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("named")
    with running(folder, TILES_URL=ground.template, TILES_NAMES_URL=names.template) as started:
        yield started


def _seen(screenshot: bytes) -> tuple[int, int]:
    """How many pixels are a name, and how many the pale ground of `drawn_tiles.drawn`."""
    with Image.open(io.BytesIO(screenshot)) as picture:
        colours = picture.convert("RGB").getcolors(maxcolors=1 << 24) or []
    counts = {colour: count for count, colour in colours}
    return counts.get(_NAME[:3], 0), counts.get((225, 225, 225), 0)


def _open(page: Page, site: Site) -> None:
    page.goto(site("intake:form", category_key="aed_missing"))
    expect(page.locator("#report-form.is-live")).to_be_visible()
    page.get_by_role("button", name="在地图上选").tap()
    expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()


def test_a_reporter_sees_the_names_over_the_map(site: Site, phones: Phones):
    page = phones(device_scale_factor=1).new_page()
    _open(page, site)
    expect(page.locator('.leaflet-tile-loaded[src*="/tiles/names/"]').first).to_be_visible()
    page.wait_for_load_state("networkidle")
    named, pale = _seen(page.locator(".pin-map__frame").screenshot())
    assert named > 500
    assert pale > 5_000


def test_a_map_whose_names_do_not_come_is_still_a_map(
    site: Site, phones: Phones, watch: Watch, names: Provider
):
    watch.expect("404 (Not Found)")
    page = phones(
        device_scale_factor=1, geolocation={"latitude": 45.99, "longitude": 126.31, "accuracy": 12}
    ).new_page()
    page.goto(site("intake:form", category_key="aed_missing"))
    page.locator("[data-place-locate]").tap()
    expect(page.locator("[data-place-found]")).to_contain_text("±12 米")
    names.status = 404
    try:
        page.get_by_role("button", name="在地图上选").tap()
        expect(page.locator('.leaflet-tile-loaded[src*="/tiles/names/"]').first).to_be_attached()
        page.wait_for_load_state("networkidle")
    finally:
        names.status = 200
    assert _seen(page.locator(".pin-map__frame").screenshot())[0] == 0
    expect(page.locator("[data-pin-blank]")).to_be_hidden()
    page.get_by_role("button", name="就是这里").tap()
    expect(page.locator("[data-place-found]")).to_contain_text("已记下您在地图上选的地方")


def test_the_desk_sees_them_too_and_under_the_circles(site: Site, phones: Phones):
    """Without script: the map is the server's drawing."""
    page = phones(java_script_enabled=False, device_scale_factor=1).new_page()
    page.goto(site("identity:sign_in"))
    page.get_by_role("button", name="陈明远").first.click()
    page.goto(site("desk:map", list="all"))
    page.wait_for_load_state("networkidle")
    named, pale = _seen(page.locator(".clue-map__drawing").screenshot())
    assert named > 500
    assert pale > 5_000
    order = page.locator(".clue-map__drawing").evaluate(
        "(svg) => [...svg.querySelectorAll('image, .clue-map__outline--over')].map((one) => one.getAttribute('href') || 'edge')"
    )
    first = next(at for at, href in enumerate(order) if "/tiles/names/" in href)
    assert 0 < first < len(order) - 1
    assert not any("/tiles/names/" in href for href in order[:first])
    assert all("/tiles/names/" in href for href in order[first:-1])
    assert order[-1] == "edge"
