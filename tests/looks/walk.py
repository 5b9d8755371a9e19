"""Which pages there are to look at: a walk along the links of everybody, each shape of an address once.

Pages that no link leads to (a form with faults, a receipt, a refusal) are staged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, Site

# Whoever may open most of a room comes first, since a shape is photographed with the first who reaches it.
PEOPLE = {
    "": "citizen",
    "陈明远": "handler",
    "林静": "head",
    "高岩": "deputy",
    "郑敏": "agency",
    "赵刚": "liaison",
    "许可": "sysadmin",
    "安宁": "secadmin",
    "严谨": "auditor",
}
_FILES = (".docx", "/docx", ".pdf", "/pdf", "/zip", "original", ".svg", ".csv", ".xlsx", "/file")
_LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href'), document.baseURI).href)"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-HJKMNP-TV-Z]{18}|\d+")
_PER_PERSON = 60
# What an address may say more without the page looking otherwise.
_SAME_LOOK = {"at", "box", "list", "order", "before", "which", "whose", "back", "assignee"}


@dataclass(frozen=True)
class Place:
    """One page as one person sees it; `stage` brings it about where an address alone does not."""

    who: str
    name: str
    address: str
    stage: Callable[[Page], None] | None = None


def shape(address: str) -> str:
    """An address without what differs from record to record."""
    parts = urlsplit(address)
    path = "/".join("*" if _ID.fullmatch(part) else part for part in parts.path.split("/"))
    if path.startswith("/report/") and path not in {"/report/privacy", "/report/masking", "/report/check"}:
        path = "/report/*"
    if path.startswith("/reference/") and path.count("/") == 3 and not path.endswith("/new"):
        path = "/".join([*path.split("/")[:3], "*"])
    if re.fullmatch("/jurisdiction/[a-z_]+", path):
        path = "/jurisdiction/*"
    names = {name for name, _ in parse_qsl(parts.query)} - _SAME_LOOK
    return path + ("?" + "&".join(sorted(names)) if names else "")


def enter(site: Site, page: Page, name: str) -> None:
    """Become one of the development cast by a tap."""
    page.goto(site("identity:sign_in"))
    page.locator(".cast__person", has_text=name).first.click()
    page.wait_for_load_state()


def as_person(browser: Browser, site: Site, name: str) -> tuple[BrowserContext, list[dict[str, object]]]:
    """A phone on which somebody is signed in, and the cookies that say so."""
    context = browser.new_context(**PHONE)
    context.set_default_timeout(30_000)
    if name:
        page = context.new_page()
        enter(site, page, name)
        page.close()
    return context, [dict(cookie) for cookie in context.cookies()]


def places(site: Site, page: Page, name: str, seen: set[str]) -> Iterator[Place]:
    """Every page one person can open by links, save what somebody before already showed."""
    page.goto(site("intake:home") if not name else site("identity:sessions"))
    waiting, asked, shown = [page.url], set[str](), 0
    if name:
        waiting = [site.origin + "/", page.url]
    while waiting and shown < _PER_PERSON:
        address = waiting.pop(0).split("#")[0]
        form = shape(address)
        if form in asked or not address.startswith(site.origin) or address.split("?")[0].endswith(_FILES):
            continue
        asked.add(form)
        answer = page.goto(address)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        waiting += page.evaluate(_LINKS)
        landed = shape(page.url)
        if landed in seen:
            continue
        seen.add(landed)
        shown += 1
        yield Place(PEOPLE[name], landed, page.url)


def staged(site: Site) -> list[Place]:
    """What a citizen meets that no link leads to."""

    def posted(page: Page) -> None:
        # Past the script, as a browser without one posts it; not before the call itself has come back.
        with page.expect_navigation():
            page.evaluate("() => { setTimeout(() => document.querySelector('#report-form').submit(), 0); }")

    def empty(page: Page) -> None:
        page.goto(site("intake:form", category_key="aed_missing"))
        posted(page)
        page.wait_for_selector(".error-summary")

    def receipt(page: Page) -> None:
        page.goto(site("intake:form", category_key="water_pollution"))
        page.fill("[name=words]", "岸边排口往外流黑水，味道很大，已经三天了")
        page.fill("[name=place_words]", "风景区正门东侧约 200 米")
        expect(page.locator("#report-form.is-live")).to_be_visible()
        for group in page.locator("fieldset:has(input[type=radio][required])").all():
            if group.locator("label").last.is_visible():
                group.locator("label").last.click()
        posted(page)
        page.wait_for_url("**/receipt")

    def track(page: Page) -> None:
        receipt(page)
        page.goto(site("intake:track"))

    return [
        Place("citizen", "report with faults", "", empty),
        Place("citizen", "receipt", "", receipt),
        Place("citizen", "track after receipt", "", track),
        Place("citizen", "404", site.origin + "/nothing-here"),
    ]


def opened(site: Site, name: str) -> list[Place]:
    """What hangs over a page of the desk when it is asked for."""

    def opens(selector: str) -> Callable[[Page], None]:
        def stage(page: Page) -> None:
            page.goto(site("desk:queue"))
            page.locator(f"{selector} > summary").click()

        return stage

    if PEOPLE[name] != "handler":
        return []
    menus = {"help opened": ".page-help--header", "account opened": ".account"}
    return [Place(PEOPLE[name], what, "", opens(selector)) for what, selector in menus.items()]
