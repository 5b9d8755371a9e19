"""What holds on every public page of a phone: no script or picture from elsewhere, targets a thumb can hit."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.test_report import expect_restored, write_draft

PAGES: list[tuple[str, dict[str, Any]]] = [
    ("intake:home", {}),
    ("intake:self_check", {}),
    ("intake:pick", {}),
    ("intake:form", {"category_key": "aed_missing"}),
    ("intake:form", {"category_key": "mil_facility_env"}),
    ("intake:outbox", {}),
    ("intake:track", {}),
    ("intake:privacy", {}),
    ("intake:masking", {}),
    ("identity:sign_in", {}),
]
# 工信部's figure and WCAG's are the same. A link in a sentence is as high as its line (WCAG 2.5.8, "inline").
SMALL_TARGETS = """(least) => {
  const boxes = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(boxes)].filter((box) => {
    const { width, height } = box.getBoundingClientRect();
    const isSeen = width > 0 && height > 0 && !box.closest(".only-read, .skip-link, [aria-hidden=true]");
    const isInline = box.tagName === "A" && getComputedStyle(box).display === "inline" && box.closest("p, li, dd");
    return isSeen && !isInline && (height < least || width < least);
  }).map((box) => `${box.outerHTML.slice(0, 120)} ${JSON.stringify(box.getBoundingClientRect())}`);
}"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("name", "values"), PAGES)
def test_targets_are_large_enough_and_nothing_sticks_out(
    site: Site, phone: Page, name: str, values: dict[str, Any]
):
    phone.goto(site(name, **values))
    assert phone.evaluate(SMALL_TARGETS, 44) == []
    assert phone.evaluate(WIDER) <= 0


def test_senior_mode_gives_larger_targets(site: Site, phone: Page):
    phone.goto(site("intake:form", category_key="aed_missing"))
    phone.get_by_role("button", name="长辈模式").tap()
    phone.wait_for_function("() => document.documentElement.dataset.size === 'senior'")
    assert phone.locator(".step-bar button").bounding_box()["height"] >= 60  # type: ignore[index]
    assert phone.evaluate(WIDER) <= 0


def test_the_watch_sees_what_it_is_there_for(site: Site, phone: Page, watch: Watch):
    phone.goto(site("intake:home"))
    phone.evaluate("""() => {
      document.body.append(Object.assign(document.createElement("script"), { textContent: "1" }));
      document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/elsewhere.png" }));
      console.error("a planted error");
    }""")
    phone.wait_for_timeout(300)
    found = "\n".join(watch.faults)
    watch.expect("")
    assert all(part in found for part in ("CSP: script-src", "CSP: img-src", "a planted error"))
    assert phone.evaluate(SMALL_TARGETS, 400)


def test_a_page_works_when_the_script_does_not_come(site: Site, phones: Phones, watch: Watch):
    watch.expect("ERR_FAILED")
    context = phones()
    context.route("**/static/dist/*.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(site("intake:form", category_key="aed_missing"))
    boxes = page.locator(".photo-picker__box")
    assert [box.is_visible() for box in boxes.all()] == [True, True]
    assert page.locator("[data-place-locate]").is_hidden()
    assert page.locator("[data-draft-notice]").is_hidden()


def test_a_filled_form_is_clean_for_a_screen_reader(site: Site, phone: Page):
    from axe_playwright_python.sync_playwright import Axe

    write_draft(phone, site, "读屏也能用")
    phone.reload()
    expect_restored(phone, "读屏也能用")
    phone.locator("[name=q_danger_now][value=yes]").check(force=True)
    found = Axe().run(phone).response
    # The arrow of a select is painted beside its text; axe cannot tell that it does not lie beneath.
    painted = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    unsure = [node["html"] for rule in painted for node in rule["nodes"] if "<select" not in node["html"]]
    assert [rule["id"] for rule in found["violations"]] == []
    assert unsure == []
