"""A crawl through everything people of each side can open: nothing from elsewhere, no breach of the policy, no error.

The watch of conftest.py fails the test on a request to another origin, a console error or a breach of the policy; a page
that answers with 5xx, or a cookie without its flags, fails it here (goals S6).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Phones, Site, Watch

PEOPLE = {"": "", "陈明远": "prosecutor_chen", "林静": "head_lin", "郑敏": "agency_health", "许可": "sysadmin",
          "安宁": "secadmin", "严谨": "auditor"}  # fmt: skip
PAGES = 30
# By the attribute: a link in a drawing (the map) has no `href` that is a text.
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href'), document.baseURI).href)"


def crawl(site: Site, page: Page, start: str) -> list[str]:
    """Open every page that links lead to, up to a bound; the addresses that were opened."""
    waiting, seen = [start], set()
    opened: list[str] = []
    while waiting and len(opened) < PAGES:
        address = waiting.pop(0).split("#")[0]
        shape = "/".join(part if len(part) < 30 else "*" for part in urlsplit(address).path.split("/"))
        if (
            shape in seen
            or not address.startswith(site.origin)
            or address.endswith((".docx", "/docx", ".pdf", "/zip", "original"))
        ):
            continue
        seen.add(shape)
        answer = page.goto(address)
        assert answer is None or answer.status < 500, f"{answer.status if answer else ''} {address}"
        opened.append(address)
        waiting += page.evaluate(LINKS)
    return opened


def enter(site: Site, page: Page, name: str) -> None:
    """Become one of the cast by a tap."""
    page.goto(site("identity:sign_in"))
    page.locator(".cast__person", has_text=name).first.click()
    page.wait_for_load_state()


def bare_cookies(context: BrowserContext) -> list[str]:
    """Cookies a script could read, or another site could send."""
    return [
        str(cookie.get("name"))
        for cookie in context.cookies()
        if not cookie.get("httpOnly") or cookie.get("sameSite") != "Lax" or cookie.get("path") != "/"
    ]


@pytest.mark.parametrize("name", PEOPLE)
def test_everything_that_can_be_opened_keeps_to_itself(site: Site, phones: Phones, watch: Watch, name: str):
    watch.expect("status of 404")
    context = phones(viewport={"width": 1280, "height": 800}, is_mobile=False)
    page = context.new_page()
    if name:
        enter(site, page, name)
    opened = crawl(site, page, page.url if name else site("intake:home"))
    assert len(opened) >= (4 if name else 8), opened
    assert bare_cookies(context) == []
