"""The reporter's door in a real browser: what a phone does, and what a phone without script still can."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import expect_received
from tests.photos import small_photo

AED = "aed_missing"
RIVER = "water_pollution"
SEEN_MS = 1500  # how long the browser needs to see that a page, and the worker in its process, are dead
LOCK_PATIENCE_MS = 1200  # how long a tab may wait for another that works on the same draft


def photo(seed: int = 1) -> dict[str, Any]:
    """A photo as a file chooser hands it over."""
    return {"name": f"IMG_{seed:04}.jpg", "mimeType": "image/jpeg", "buffer": small_photo(seed=seed)}


def digest(chosen: dict[str, Any]) -> str:
    return hashlib.sha256(chosen["buffer"]).hexdigest()


def rows(site: Site, sql: str) -> list[tuple[Any, ...]]:
    """What stands in the running product's database."""
    base = sqlite3.connect(f"file:{site.data / 'yixian.db'}?mode=ro", uri=True)
    try:
        return base.execute(sql).fetchall()
    finally:
        base.close()


def reports(site: Site) -> list[tuple[Any, ...]]:
    return rows(site, "SELECT id, words, answers, place FROM report ORDER BY rowno")


def answer_all(page: Page) -> None:
    """Say 不清楚 wherever the form demands an answer."""
    boxes = "[type=radio][required][value=unknown]:visible, [type=checkbox][name$=_unknown]:visible"
    for box in page.locator(boxes).all():
        box.check(force=True)


def send(page: Page) -> None:
    """Hand in, and wait until the outbox shows the receipt."""
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/outbox")
    expect_received(page)


def post(page: Page) -> None:
    """Hand in where nothing can be sealed: the form is posted as it stands."""
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/receipt")


def plain_phone(phones: Phones) -> Page:
    """A phone whose browser cannot seal, as over http or in an old in-app browser."""
    context = phones()
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    return context.new_page()


def open_form(page: Page, site: Site, category: str) -> None:
    page.goto(site("intake:form", category_key=category))
    expect(page.locator("#report-form.is-live")).to_be_visible()


def test_a_missing_aed_with_two_photos_and_one_tap_for_the_place(site: Site, phone: Page):
    first, second, before = photo(1), photo(2), len(reports(site))
    open_form(phone, site, AED)
    phone.locator("#photos_camera").set_input_files(first)
    phone.locator("#photos").set_input_files(second)
    expect(phone.locator(".photo-slot")).to_have_count(2)
    phone.locator("[data-place-locate]").tap()
    expect(phone.locator("[data-place-found]")).to_contain_text("±12 米 · 刚刚")
    answer_all(phone)
    send(phone)
    expect(phone.locator("[data-receipt-code]")).to_be_visible()
    expect(phone.locator(".photo")).to_have_count(2)
    found = reports(site)
    place = json.loads(found[-1][3])
    assert len(found) == before + 1
    assert (place["lat"], place["lon"], place["accuracy_m"], place["source"]) == (
        45.81,
        126.53,
        12,
        "browser",
    )
    held = rows(site, "SELECT digest FROM evidence_item ORDER BY rowno")[-2:]
    assert [row[0] for row in held] == [digest(first), digest(second)]


def test_river_pollution_without_script(site: Site, phones: Phones):
    page, before = phones(java_script_enabled=False).new_page(), len(reports(site))
    page.goto(site("intake:form", category_key=RIVER))
    page.locator("#photos_camera").set_input_files(photo(3))
    page.locator("#photos").set_input_files(photo(4))
    page.locator("#place_words").fill("太阳岛大桥西侧")
    page.locator("#words").fill("河水发黑")
    answer_all(page)
    post(page)
    expect(page.locator(".photo")).to_have_count(2)
    assert len(reports(site)) == before + 1


TWO_TAPS = """async () => {
  const button = document.querySelector(".step-bar button");
  for (let tap = 0; tap < 2; tap += 1) {
    button.click();
    await new Promise((go) => { setTimeout(go, 300); });
  }
  button.form.requestSubmit(); // what Enter in a box does
  return [button.disabled, button.textContent.trim()];
}"""


def test_two_taps_on_a_plain_form_are_one_report(site: Site, phones: Phones):
    phone, before = plain_phone(phones), len(reports(site))
    posts: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(route)
        else:
            route.continue_()

    open_form(phone, site, AED)
    phone.route(phone.url, hold)
    phone.locator("#photos").set_input_files(photo(5))
    phone.locator("#place_words").fill("万达广场")
    answer_all(phone)
    assert phone.evaluate(TWO_TAPS) == [True, "正在提交…"]
    assert len(posts) == 1
    posts[0].continue_()
    phone.wait_for_url("**/receipt")
    assert len(reports(site)) == before + 1


def test_two_taps_on_submit_are_one_report(site: Site, phone: Page):
    before = len(reports(site))
    open_form(phone, site, AED)
    phone.locator("#photos").set_input_files(photo(5))
    phone.locator("#place_words").fill("万达广场")
    answer_all(phone)
    phone.evaluate("""() => {
      const button = document.querySelector(".step-bar button");
      for (let tap = 0; tap < 2; tap += 1) { button.click(); button.form.requestSubmit(); }
    }""")
    phone.wait_for_url("**/outbox")
    expect_received(phone)
    assert len(reports(site)) == before + 1


def write_draft(page: Page, site: Site, words: str) -> None:
    open_form(page, site, AED)
    page.locator("#photos").set_input_files([photo(6), photo(7)])
    expect(page.locator(".photo-slot")).to_have_count(2)
    page.locator("[data-place-locate]").tap()
    expect(page.locator("[data-place-found]")).to_be_visible()
    answer_all(page)
    page.locator("#words").fill(words)
    kept_on_phone(page, words)


DRAFTS = """() => new Promise((answer) => {
  indexedDB.open("yixian").onsuccess = ({ target: { result: base } }) => {
    const asked = base.transaction("drafts").objectStore("drafts").getAll();
    asked.onsuccess = () => { base.close(); answer(asked.result); };
  };
})"""


def drafts(page: Page) -> list[dict[str, Any]]:
    """What the phone's own store holds."""
    found: list[dict[str, Any]] = page.evaluate(DRAFTS)
    return found


def kept_on_phone(page: Page, words: str) -> None:
    """Wait until the phone's own store holds these words and both photos."""
    for _ in range(50):
        if any(["words", words] in draft["values"] and len(draft["photos"]) == 2 for draft in drafts(page)):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not kept on the phone: {drafts(page)}")


def expect_restored(page: Page, words: str) -> None:
    expect(page.locator("[data-draft-notice]")).to_be_visible()
    expect(page.locator(".photo-slot")).to_have_count(2)
    expect(page.locator("#words")).to_have_value(words)
    expect(page.locator("[data-place-found]")).to_contain_text("±12 米")


def test_a_draft_survives_a_reload_and_goes_with_the_receipt(site: Site, phone: Page):
    words, before = "大厅里没有 <b>AED</b>", len(reports(site))
    write_draft(phone, site, words)
    phone.reload()
    expect_restored(phone, words)
    send(phone)
    found = reports(site)
    assert (len(found), found[-1][1]) == (before + 1, words)
    assert [row[0] for row in rows(site, "SELECT digest FROM evidence_item ORDER BY rowno")[-2:]] == [
        digest(photo(6)),
        digest(photo(7)),
    ]
    open_form(phone, site, AED)
    phone.wait_for_timeout(LOCK_PATIENCE_MS)
    assert drafts(phone) == []
    expect(phone.locator("[data-draft-notice]")).to_be_hidden()
    expect(phone.locator("#words")).to_have_value("")


def test_a_draft_survives_a_killed_tab(site: Site, phone: Page, watch: Watch):
    write_draft(phone, site, "还没写完")
    watch.expect("chrome://crash")
    with pytest.raises(Error):
        phone.goto("chrome://crash")
    again = phone.context.new_page()
    again.wait_for_timeout(SEEN_MS)
    open_form(again, site, AED)
    expect_restored(again, "还没写完")


def test_two_tabs_write_two_drafts(site: Site, phone: Page):
    write_draft(phone, site, "第一处")
    other = phone.context.new_page()
    open_form(other, site, AED)
    other.wait_for_timeout(LOCK_PATIENCE_MS)
    expect(other.locator("#words")).to_have_value("")
    other.locator("#words").fill("第二处")
    phone.reload()
    expect_restored(phone, "第一处")


def test_a_draft_can_be_cleared_and_asks_twice(site: Site, phone: Page):
    write_draft(phone, site, "不要了")
    phone.reload()
    expect_restored(phone, "不要了")
    phone.get_by_role("button", name="清空").tap()
    phone.get_by_role("button", name="再点一次就清空").tap()
    expect(phone.locator(".photo-slot")).to_have_count(0)
    expect(phone.locator("#words")).to_have_value("")
    expect(phone.locator("[name=place_lat]")).to_have_value("")
    phone.reload()
    phone.wait_for_timeout(LOCK_PATIENCE_MS)
    expect(phone.locator("[data-draft-notice]")).to_be_hidden()


def test_a_form_given_back_keeps_photos_and_words(site: Site, phones: Phones, watch: Watch):
    watch.expect("422")
    phone, before = plain_phone(phones), len(reports(site))
    open_form(phone, site, AED)
    phone.locator("#photos").set_input_files([photo(8), photo(9)])
    phone.locator("#words").fill("找了一圈")
    phone.evaluate("document.getElementById('report-form').noValidate = true")
    phone.get_by_role("button", name="提交").tap()
    expect(phone.locator(".error-summary")).to_be_focused()
    phone.locator(".error-summary a").first.tap()
    assert phone.evaluate("document.activeElement.closest('.field, .question') !== null")
    phone.reload()
    phone.wait_for_timeout(LOCK_PATIENCE_MS)
    answer_all(phone)
    phone.locator("#place_words").fill("客运站")
    post(phone)
    expect(phone.locator(".photo")).to_have_count(2)
    assert reports(site)[-1][1] == "找了一圈"
    assert len(reports(site)) == before + 1


WATCH_WRITES = """
window.asked = [];
const open = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  if (mode === "readwrite") asked.push(options?.durability ?? "default");
  return open.call(this, stores, mode, options);
};
"""
PHOTO_RECORDS = """() => new Promise((answer) => {
  indexedDB.open("yixian").onsuccess = ({ target: { result: base } }) => {
    const asked = base.transaction("photos").objectStore("photos").getAll();
    asked.onsuccess = () => {
      base.close();
      answer(asked.result.map(({ bytes }) => [bytes.constructor.name, bytes.byteLength]));
    };
  };
})"""


def test_the_phone_writes_photos_as_bytes_and_asks_for_strict_durability(site: Site, phone: Page):
    phone.add_init_script(WATCH_WRITES)
    write_draft(phone, site, "断电也在")
    asked = phone.evaluate("asked")
    assert set(asked) == {"strict"}
    assert phone.evaluate("() => Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    sizes = sorted(len(photo(at)["buffer"]) for at in (6, 7))
    found = phone.evaluate(PHOTO_RECORDS)
    assert sorted(size for _, size in found) == sizes
    assert {kind for kind, _ in found} == {"ArrayBuffer"}
