"""Before and after, one over the other: moved by keys and on the picture, and side by side where no script comes."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Phones, Site

CUT = "box => box.querySelectorAll('[data-compare-stage] img')[1].style.clipPath"


def test_before_and_after_are_laid_over_each_other(site: Site, phones: Phones):
    page = phones().new_page()
    page.goto(site("web:patterns"))
    box = page.locator(".compare").first
    line = box.get_by_label("左右拖动，看前后变化")
    expect(line).to_be_visible()
    line.focus()
    page.keyboard.press("End")
    assert line.get_attribute("aria-valuetext") == "左边 100% 是“移送时”，其余是“现在”"
    assert "100%" in box.evaluate(CUT)
    page.keyboard.press("Home")
    assert box.evaluate(CUT).endswith(" 0%)")
    stage = box.locator("[data-compare-stage]")
    size = stage.bounding_box()
    assert size is not None
    stage.click(position={"x": size["width"] * 0.25, "y": 40})
    assert "25%" in box.evaluate(CUT)
    picture = stage.locator("img").first
    before = picture.get_attribute("src")
    box.get_by_role("button", name="“移送时”换一张").click()
    expect(picture).not_to_have_attribute("src", before or "")
    alone = page.locator(".compare").nth(1)
    expect(alone.locator("[data-compare-over]")).to_be_hidden()


def test_without_script_they_stand_side_by_side(site: Site, phones: Phones):
    page = phones(java_script_enabled=False).new_page()
    page.goto(site("web:patterns"))
    box = page.locator(".compare").first
    expect(box.locator("[data-compare-over]")).to_be_hidden()
    sides = [side.bounding_box() for side in box.locator("[data-compare-side]").all()]
    assert sides[0]
    assert sides[1]
    assert sides[0]["y"] == sides[1]["y"]
    assert sides[0]["x"] + sides[0]["width"] < sides[1]["x"]
