"""A report from a browser that lacks what newer ones have: kept on the phone, sent when the line is back, once and whole.

In-app browsers (WeChat, QQ) have no service worker; Safari 15.0 has neither Web Locks nor Background Sync; nobody has to grant
storage for good. Each is taken away alone, and then all of them together.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import cut_off, expect_once, expect_received, fill_in, open_form, photo, waiting

WITHOUT = {
    "background sync": "delete globalThis.ServiceWorkerRegistration?.prototype.sync; delete globalThis.SyncManager;",
    "service worker": "delete Navigator.prototype.serviceWorker;",
    "web locks": "delete Navigator.prototype.locks;",
    "storage for good": "delete globalThis.StorageManager?.prototype.persist; delete globalThis.StorageManager?.prototype.persisted;",
}
LACKS = WITHOUT | {"any of them": "".join(WITHOUT.values()) + "delete Navigator.prototype.storage;"}
GONE = """() => ({
  "background sync": !("sync" in ServiceWorkerRegistration.prototype), "service worker": !("serviceWorker" in navigator),
  "web locks": !("locks" in navigator), "storage for good": !("persist" in StorageManager.prototype),
})"""


@pytest.mark.parametrize("lack", LACKS)
def test_a_report_arrives_from_a_browser_without(site: Site, phones: Phones, watch: Watch, lack: str):
    cut_off(watch)
    words, first = f"旧浏览器，没有 {lack}", photo(60 + list(LACKS).index(lack))
    context = phones()
    context.add_init_script(LACKS[lack])
    page = context.new_page()
    open_form(page, site)
    gone = page.evaluate(GONE)
    assert [name for name, is_gone in gone.items() if is_gone] == (
        list(WITHOUT) if lack not in WITHOUT else [lack]
    )
    fill_in(page, words, first)
    page.wait_for_load_state("networkidle")  # what sealing needs is loaded at the first touch
    context.set_offline(True)
    page.get_by_role("button", name="提交").tap()
    expect(page.locator("[data-sealed-kept]:visible, .outbox-item")).to_have_count(1)
    assert len(waiting(page)) == 1
    goes_by_itself = page.locator("[data-sealed-kept]").is_visible()
    context.set_offline(False)
    if goes_by_itself:
        page.wait_for_url(site("intake:outbox"))
    else:
        page.goto(site("intake:outbox"))
    expect_received(page)
    expect_once(site, words, first)
    assert waiting(page) == []
