"""A report from a browser that lacks what newer ones have: kept on the phone, sent when the line is back, once and whole.

In-app browsers (WeChat, QQ) have no service worker; Safari 15.0 has neither Web Locks nor Background Sync; nobody has to grant
storage for good. Each is taken away alone, and then all of them together.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import cut_off, expect_once, expect_received, fill_in, open_form, photo, waiting

WITHOUT = {
    "background sync": "delete globalThis.ServiceWorkerRegistration?.prototype.sync; delete globalThis.SyncManager;",
    "service worker": "delete Navigator.prototype.serviceWorker;",
    "web locks": "delete Navigator.prototype.locks;",
    "storage for good": "delete globalThis.StorageManager?.prototype.persist; delete globalThis.StorageManager?.prototype.persisted;",
}
LACKS = WITHOUT | {"any of them": "".join(WITHOUT.values()) + "delete Navigator.prototype.storage;"}
PATIENCE_MS = 4000  # several times what a whole report takes to arrive
GONE = """() => ({
  "background sync": !("sync" in ServiceWorkerRegistration.prototype), "service worker": !("serviceWorker" in navigator),
  "web locks": !("locks" in navigator), "storage for good": !("persist" in StorageManager.prototype),
})"""


def handed_in(context: BrowserContext, site: Site, lack: str, words: str, seed: int) -> tuple[Page, bool]:
    """Hand a report in without a signal; the page, and whether it goes out by itself when the line is back."""
    context.add_init_script(LACKS[lack])
    page = context.new_page()
    open_form(page, site)
    gone = page.evaluate(GONE)
    assert [name for name, is_gone in gone.items() if is_gone] == (
        list(WITHOUT) if lack not in WITHOUT else [lack]
    )
    fill_in(page, words, photo(seed))
    page.wait_for_load_state("networkidle")  # what sealing needs is loaded at the first touch
    context.set_offline(True)
    page.get_by_role("button", name="提交").tap()
    expect(page.locator("[data-sealed-kept]:visible, .outbox-item")).to_have_count(1)
    assert len(waiting(page)) == 1
    goes_by_itself = page.locator("[data-sealed-kept]").is_visible()
    context.set_offline(False)
    return page, goes_by_itself


def at_the_outbox(page: Page, site: Site, *, goes_by_itself: bool) -> None:
    """Be on the outbox's page; a page that sets out for it itself is not overtaken."""
    if goes_by_itself:
        page.wait_for_url(site("intake:outbox"))
    else:
        page.goto(site("intake:outbox"))


@pytest.mark.parametrize("lack", LACKS)
def test_a_report_arrives_from_a_browser_without(site: Site, phones: Phones, watch: Watch, lack: str):
    cut_off(watch)
    words, seed = f"旧浏览器，没有 {lack}", 60 + list(LACKS).index(lack)
    page, goes_by_itself = handed_in(phones(), site, lack, words, seed)
    at_the_outbox(page, site, goes_by_itself=goes_by_itself)
    expect_received(page)
    expect_once(site, words, photo(seed))
    assert waiting(page) == []


def test_a_script_that_asks_for_what_is_not_there_is_found(site: Site, phones: Phones, watch: Watch):
    """The sender's look for Web Locks is taken out of the built scripts: nothing arrives until it is back."""
    cut_off(watch)
    watch.expect("Cannot read properties of undefined (reading 'request')")
    asked: list[str] = []

    def without_the_look(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        planted = text.replace("navigator.locks?navigator.locks.request(", "!0?navigator.locks.request(")
        asked.extend([route.request.url] * (planted != text))
        # Kept by no cache: the sound script is to be asked for again.
        route.fulfill(body=planted, content_type="text/javascript", headers={"Cache-Control": "no-store"})

    context, words = phones(), "旧浏览器，脚本没有先看"
    context.route("**/*.js", without_the_look)
    page, goes_by_itself = handed_in(context, site, "any of them", words, 66)
    at_the_outbox(page, site, goes_by_itself=goes_by_itself)
    expect(page.locator(".outbox-item")).to_have_count(1)
    page.wait_for_timeout(PATIENCE_MS)
    assert asked, "the fault was not planted: the built script reads otherwise now"
    assert page.locator(".outbox-received").count() == 0
    assert len(waiting(page)) == 1
    context.unroute("**/*.js")
    page.reload()
    expect_received(page)
    expect_once(site, words, photo(66))
