"""axe and the rules of HTML find nothing on the pages most people meet, by day and by night; `make sheets` asks it of every page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Phones, Site, Watch
from tests.looks import judge, walk

PUBLIC = ["intake:home", "intake:self_check", "intake:pick", "intake:outbox", "intake:track", "intake:privacy", "intake:masking", "identity:sign_in"]  # fmt: skip
STAFF = {"陈明远": ["desk:queue", "desk:today", "desk:overview", "desk:counter", "transfer:index", "identity:sessions"], "郑敏": ["partner:inbox", "partner:figures"]}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_are_clean(site: Site, phones: Phones, scheme: str):
    page = phones(color_scheme=scheme).new_page()
    for name in PUBLIC:
        page.goto(site(name))
        page.evaluate(
            "() => { for (const folded of document.querySelectorAll('details')) folded.open = true; }"
        )
        assert judge.unheard(page) == [], name
    page.goto(site("intake:form", category_key="aed_missing"))
    page.get_by_role("button", name="提交").tap()
    page.locator("[aria-invalid=true], .error-summary").first.wait_for()
    assert judge.unheard(page) == [], "a form with faults"


@pytest.mark.parametrize("name", STAFF)
def test_pages_of_staff_are_clean(site: Site, phones: Phones, name: str):
    page = phones(viewport={"width": 1440, "height": 900}, is_mobile=False, has_touch=False).new_page()
    walk.enter(site, page, name)
    for route in STAFF[name]:
        page.goto(site(route))
        assert judge.unheard(page, "desktop") == [], route
    for place in walk.opened(site, name):
        assert place.stage
        place.stage(page)
        assert judge.unheard(page, "desktop") == [], place.name


def test_a_planted_fault_is_found(site: Site, phones: Phones, watch: Watch):
    watch.expect("404")
    page = phones().new_page()
    page.goto(site("intake:home"))
    page.evaluate("""() => document.querySelector("main").insertAdjacentHTML("beforeend",
      '<input name="x"><p id="faint">没有对比</p><img src="/static/dist/none.png"><p id="faint">两次</p>'
      + '<svg role="img" aria-label="x"><text y="20" fill="#ddd">0</text></svg><select aria-label="y"><option>浅</option></select>')""")
    page.evaluate(
        "() => { for (const one of document.querySelectorAll('#faint, main > select')) one.style.color = '#ddd'; }"
    )
    said = "\n".join(judge.unheard(page))
    told = ("label:", "color-contrast: <p", "image-alt", "stands 2 times", "<text", "<select")
    assert [part for part in told if part not in said] == [], said
