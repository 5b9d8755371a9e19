"""The prosecutor's photo view in a real browser, on a desk and on a phone: nearer, turned, beside another, redacted."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.conftest import PHONE, Phones, Site

DESK: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "is_mobile": False,
    "has_touch": False,
    "device_scale_factor": 1,
}
LINES = "document.querySelector('[name=parts]').value"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def clue_path(site: Site, chromium: Any) -> str:
    """A clue with two photos; the path of its page."""
    fields = {
        "words": "河里有一根管子在排黑水，气味很大。",
        "q_water_body": "ditch",
        "place_words": "大耿家桥下",
    }
    two = [
        ("photos", ("IMG_1.jpg", photos.small_photo(orientation=1), "image/jpeg")),
        ("photos", ("IMG_2.jpg", photos.small_photo(orientation=6, seed=2), "image/jpeg")),
    ]
    sent = httpx2.post(
        site("intake:submit", category_key="water_pollution"), data=fields, files=two, timeout=60
    )
    assert sent.status_code == 303, sent.text
    context = chromium.new_context(**PHONE)
    page = context.new_page()
    sign_in(page, site)
    page.goto(site("desk:queue"))
    path = page.locator("a.clue-row").first.get_attribute("href") or ""
    context.close()
    return path.partition("?")[0]


def sign_in(page: Page, site: Site) -> None:
    page.goto(site("identity:sign_in"))
    page.get_by_role("button").filter(has_text="陈").first.click()
    page.wait_for_load_state()


def open_photo(page: Page, site: Site, clue_path: str) -> None:
    sign_in(page, site)
    page.goto(site.origin + clue_path)
    link = page.locator("a.photo__frame").first
    for _ in range(40):
        if link.locator("img").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    link.click()
    page.locator("[data-picture] img").first.wait_for()
    page.wait_for_function(
        "() => document.querySelector('[data-behaviour=photo-view]').classList.contains('is-live')"
    )
    page.wait_for_timeout(300)


def turned(page: Page) -> str:
    return str(page.locator("[data-picture]").first.evaluate("(one) => one.style.transform"))


@pytest.mark.parametrize("wishes", [DESK, {}], ids=["desk", "phone"])
def test_a_prosecutor_looks_turns_and_redacts(
    site: Site, phones: Phones, clue_path: str, wishes: dict[str, Any]
) -> None:
    page = phones(**wishes).new_page()
    open_photo(page, site, clue_path)
    assert page.evaluate(WIDER) <= 0
    page.locator("[data-act=in]").click()
    assert "scale(1.4)" in turned(page)
    page.locator("[data-act=right]").click()
    assert "rotate(90deg)" in turned(page)
    page.locator("[data-window]").first.focus()
    page.keyboard.press("0")
    assert "rotate(0deg) scale(1)" in turned(page)

    page.locator("[data-act=redact]").click()
    page.locator("[data-window]").first.scroll_into_view_if_needed()
    box = page.locator("[data-picture]").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()
    left, top, right, bottom, how, _ = page.evaluate(LINES).split(",")
    assert [float(one) for one in (left, top, right, bottom)] == pytest.approx([20, 30, 40, 60], abs=1.5)
    assert how == "solid"
    # By keyboard alone: a second part, moved, stretched, named; a third one taken back.
    page.locator("[data-add]").focus()
    page.keyboard.press("Enter")
    before = page.evaluate(LINES).splitlines()[1].split(",")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    after = page.evaluate(LINES).splitlines()[1].split(",")
    assert [round(float(b) - float(a), 2) for a, b in zip(before[:4], after[:4], strict=True)] == [1, 0, 1, 1]
    page.locator("[data-how=mosaic]").click()
    page.locator("#part-label").fill("车牌")
    assert page.evaluate(LINES).splitlines()[1].endswith(",mosaic,车牌")
    page.locator("[data-add]").click()
    page.keyboard.press("Delete")
    assert len(page.evaluate(LINES).splitlines()) == 2
    page.get_by_role("button", name="保存遮盖后的图").click()
    expect(page.locator("#copies")).to_contain_text("转出时用这张", timeout=20_000)
    expect(page.locator("#copies")).to_contain_text("2. 车牌")
    assert page.evaluate(WIDER) <= 0


def test_two_pictures_beside_each_other_move_together(site: Site, phones: Phones, clue_path: str) -> None:
    page = phones(**DESK).new_page()
    open_photo(page, site, clue_path)
    page.get_by_role("link", name=re.compile("^对比")).first.click()
    page.locator("[data-window]").nth(1).wait_for()
    page.wait_for_timeout(300)
    page.locator("[data-act=in]").click()
    transforms = page.locator("[data-picture]").evaluate_all("(all) => all.map((one) => one.style.transform)")
    assert len(transforms) == 2
    assert all("scale(1.4)" in one for one in transforms)
    page.get_by_role("link", name="结束对比").click()
    expect(page.locator("[data-window]")).to_have_count(1)


def test_without_scripts_parts_are_typed(site: Site, phones: Phones, clue_path: str) -> None:
    page = phones(**DESK, java_script_enabled=False).new_page()
    page.goto(site("identity:sign_in"))
    page.get_by_role("button").filter(has_text="陈").first.click()
    page.goto(site.origin + clue_path)
    page.locator("a.photo__frame").first.click()
    page.locator("[name=parts]").fill("1,1,9,9,solid,电话")
    page.get_by_role("button", name="保存遮盖后的图").click()
    for _ in range(40):
        if "1. 电话" in page.locator("#copies").inner_text():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator("#copies")).to_contain_text("1. 电话")
