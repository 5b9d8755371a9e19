"""What the journeys of a submitted report have in common: filling in, handing in, and counting what the office holds."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from functools import lru_cache
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.platform.storage_local import LocalStore
from tests.browser.conftest import Phones, Site, Watch
from tests.photos import phone_photo

AED = "aed_missing"
LONG_MS = 60_000
CUT = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_CONNECTION", "ERR_EMPTY", "ERR_NETWORK", "ERR_SOCKET")


@lru_cache(maxsize=32)
def _jpeg(seed: int) -> bytes:
    return phone_photo(size=(1280, 960), seed=seed)


def photo(seed: int) -> dict[str, Any]:
    """A photo of about 300 KB, as a file chooser hands it over."""
    return {"name": f"IMG_{seed:04}.jpg", "mimeType": "image/jpeg", "buffer": _jpeg(seed)}


def digest(chosen: dict[str, Any]) -> str:
    """The name under which the office keeps it."""
    return hashlib.sha256(chosen["buffer"]).hexdigest()


def rows(site: Site, sql: str, *values: str) -> list[tuple[Any, ...]]:
    """What stands in the running product's database."""
    base = sqlite3.connect(f"file:{site.data / 'yixian.db'}?mode=ro", uri=True)
    try:
        return base.execute(sql, values).fetchall()
    finally:
        base.close()


def reports(site: Site, words: str) -> list[tuple[str, str]]:
    """The reports with these words, each with its clue: one when all is well."""
    found = rows(site, "SELECT id, clue_id, words FROM report ORDER BY rowno")
    return [(row[0], row[1]) for row in found if row[2] == words]


def expect_once(site: Site, words: str, *photos: dict[str, Any]) -> None:
    """Exactly one report and one clue, complete, every original held bit for bit, once."""
    found = reports(site, words)
    assert len(found) == 1, f"{len(found)} reports instead of one"
    report, clue = found[0]
    [(is_complete,)] = rows(site, "SELECT is_complete FROM clue WHERE id = ?", clue)
    assert is_complete
    held = rows(
        site,
        "SELECT digest FROM evidence_item WHERE fidelity = 'original' AND origin_kind = 'report' AND origin_id = ?",
        report,
    )
    assert sorted(row[0] for row in held) == sorted(map(digest, photos))
    store = LocalStore(site.data / "blobs")
    for chosen in photos:
        with store.open(digest(chosen)) as kept:
            assert kept.read() == chosen["buffer"]


def answer_all(page: Page) -> None:
    """Say 不清楚 wherever the form demands an answer."""
    boxes = "[type=radio][required][value=unknown]:visible, [type=checkbox][name$=_unknown]:visible"
    for box in page.locator(boxes).all():
        box.check(force=True)


def open_form(page: Page, site: Site, category: str = AED, *, origin: str = "") -> None:
    """Open a category's form and wait until its script is there."""
    page.goto((origin or site.origin) + site.urls("intake:form", category_key=category))
    expect(page.locator("#report-form.is-live")).to_be_visible()


def fill_in(page: Page, words: str, *photos: dict[str, Any]) -> None:
    """Photos, a place in words, every demanded answer, and words by which the report is found again."""
    if photos:
        page.locator("#photos").set_input_files(list(photos))
        expect(page.locator(".photo-slot")).to_have_count(len(photos))
    page.locator("#place_words").fill("客运站大厅")
    page.locator("#words").fill(words)
    answer_all(page)


def hand_in(page: Page) -> None:
    """Tap 提交 and wait for the outbox's page."""
    page.get_by_role("button", name="提交").tap()
    page.wait_for_url("**/outbox")


def expect_received(page: Page, count: int = 1) -> None:
    """Wait until the outbox shows receipts, and nothing else waits."""
    expect(page.locator(".outbox-received")).to_have_count(count, timeout=LONG_MS)
    expect(page.locator(".outbox-item")).to_have_count(0)


def under_worker(page: Page, site: Site) -> None:
    """Let the service worker of ours take over, with the outbox and the general form kept."""
    page.goto(site("intake:pick"))
    page.evaluate("""async () => {
      await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) await new Promise((go) => { navigator.serviceWorker.oncontrollerchange = go; });
    }""")


def keep_form(page: Page, site: Site) -> None:
    """Visit the form once and wait until the worker keeps it."""
    open_form(page, site)
    path = site.urls("intake:form", category_key=AED)
    for _ in range(100):
        if page.evaluate("async (path) => Boolean(await caches.match(path, { ignoreVary: true }))", path):
            return
        page.wait_for_timeout(100)
    pytest.fail("the worker did not keep the form")


STORED = """() => new Promise((answer) => {
  indexedDB.open("yixian").onsuccess = ({ target: { result: base } }) => {
    const step = base.transaction(["outbox", "photos", "drafts"]);
    const found = {};
    for (const name of ["outbox", "photos", "drafts"]) {
      step.objectStore(name).getAll().onsuccess = ({ target }) => {
        found[name] = JSON.stringify(target.result, (_key, value) => (value instanceof ArrayBuffer ? { bytes: value.byteLength } : value));
      };
    }
    step.oncomplete = () => { base.close(); answer(found); };
  };
})"""


def stored(page: Page) -> dict[str, list[dict[str, Any]]]:
    """What the phone's own store holds."""
    found: dict[str, str] = page.evaluate(STORED)
    return {name: json.loads(text) for name, text in found.items()}


def waiting(page: Page) -> list[dict[str, Any]]:
    """What still waits on the phone."""
    return [item for item in stored(page)["outbox"] if item.get("state") == "waiting"]


def stop_workers(context: BrowserContext, page: Page) -> None:
    """Kill every running service worker, as the system does when it needs the memory."""
    session = context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    session.detach()


def cut_off(watch: Watch) -> None:
    """Say that this test cuts the line, so that the browser's own complaints are none."""
    for part in CUT:
        watch.expect(part)


def ready(phones: Phones, site: Site) -> tuple[BrowserContext, Page]:
    """A phone whose worker keeps the form, on that form."""
    context = phones()
    page = context.new_page()
    under_worker(page, site)
    keep_form(page, site)
    return context, page


def handed_in_offline(
    context: BrowserContext, page: Page, site: Site, words: str, *photos: dict[str, Any]
) -> None:
    """Write and hand in a report with no signal from the start."""
    context.set_offline(True)
    open_form(page, site)
    fill_in(page, words, *photos)
    hand_in(page)
    expect(page.locator(".outbox-item")).to_have_count(1)
