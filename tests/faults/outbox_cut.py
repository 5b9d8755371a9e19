"""The power of a phone is cut after 提交, while what was submitted waits in its outbox without a signal.

As soon as the outbox's page says 存在本机 the power may go. A fresh Chromium opens the copied profile: every item must
be shown there, the newest can be carried out as a file that the office's key opens to the very photos, and when the
line is back all of it is sent. The office then holds each report exactly once, every photo bit-identical. The phone of
before, which never lost its power, sends the same items later, and nothing doubles.
"""

from __future__ import annotations

import base64
import contextlib
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Error, Page, Playwright, TimeoutError, expect  # noqa: A004

from app.platform import sealing
from app.platform.crypto import KeyRing
from tests.browser.conftest import Site
from tests.browser.outbox import (
    digest,
    expect_once,
    fill_in,
    hand_in,
    keep_form,
    open_form,
    photo,
    reports,
    under_worker,
)
from tests.faults.disk import made, mounted
from tests.faults.phone import MIB, PATIENCE_MS, browser_of, end_browser_of, phone

_ITEMS_PER_DISK: Final = 6
_HEAD: Final = 8
_KEPT: Final = re.compile("^存在本机$")
_LINE: Final = "**/api/v1/**"
SHOWN_MS: Final = 20_000
_LOOK_S: Final = 120
_LOAD_MS: Final = 30_000
# What the page hands over as a file is caught as it is: the browser's own downloading is not what is looked at here.
_CATCH: Final = """
URL.createObjectURL = (file) => {
  const reader = new FileReader();
  reader.onload = () => { window.carried = reader.result.split(",")[1]; };
  reader.readAsDataURL(file);
  return "blob:nothing";
};
/* Else the browser would set out for that address, and now and then never come back from it. */
HTMLAnchorElement.prototype.click = () => {};
"""
# A page that is slow to show what is there is another fault than a store that has lost it.
_HELD: Final = """() => new Promise((resolve) => {
  const asked = indexedDB.open("yixian");
  asked.onerror = () => resolve(`nothing: ${asked.error}`);
  asked.onsuccess = () => {
    if (!asked.result.objectStoreNames.contains("outbox")) { resolve("nothing: no such table"); return; }
    const counted = asked.result.transaction("outbox").objectStore("outbox").count();
    counted.onsuccess = () => resolve(String(counted.result));
    counted.onerror = () => resolve(`nothing: ${counted.error}`);
  };
})"""


@dataclass(frozen=True, slots=True)
class Item:
    """What somebody submitted."""

    words: str
    photos: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Cut:
    """One cut: how many items the page had called kept, what is wrong, whether one was carried out, whether the browser stood still."""

    kept: int
    findings: list[str] = field(default_factory=list)
    carried: int = 0
    stood_still: int = 0
    before: str = "no look before"


def cuts(
    playwright: Playwright, site: Site, keys: KeyRing, number: int, seed: int, *, is_mutant: bool
) -> Iterator[Cut]:
    """Cut so often, a few times for each phone."""
    chance = random.Random(seed)
    for begun in range(0, number, _ITEMS_PER_DISK):
        many = min(_ITEMS_PER_DISK, number - begun)
        with (
            made(MIB) as disk,
            phone(playwright.chromium, disk.folder / "profile", is_mutant=is_mutant) as context,
        ):
            page, items = context.new_page(), list[Item]()
            under_worker(page, site)
            keep_form(page, site)
            context.set_offline(True)
            for at in range(many):
                items.append(
                    _submitted(page, site, f"没电之前提交的 {seed}-{begun + at}", begun + at, len(items))
                )
                time.sleep(chance.choice((0.0, chance.uniform(0, 0.4))))
                copy = disk.image.with_name("cut.img")
                with disk.cut(browser_of(disk.folder / "profile"), copy):
                    pass
                yield looked_at(playwright, copy, site, keys, items)
                copy.unlink()
            if not is_mutant:
                yield Cut(0, _sent_late(context, page, site, items))


def _submitted(page: Page, site: Site, words: str, at: int, before: int) -> Item:
    """Write a report with two photos, hand it in, and wait until the outbox says that it is kept."""
    item = Item(words, (photo(2 * at + 900), photo(2 * at + 901)))
    open_form(page, site)
    fill_in(page, words, *item.photos)
    hand_in(page)
    expect(page.locator("[data-item-state]").filter(has_text=_KEPT)).to_have_count(
        before + 1, timeout=PATIENCE_MS
    )
    return item


def looked_at(playwright: Playwright, image: Path, site: Site, keys: KeyRing, items: list[Item]) -> Cut:
    """Open the copied profile as after the power came back: look, carry out, send, count at the office, and start once more.

    A browser that stands still is closed and opened again on the same profile, once, as its owner would do: after a
    power cut its cache of service workers may be broken, which it mends by itself at a start, not amid a look.
    """
    with mounted(image) as disk:
        profile, cut = disk.folder / "profile", Cut(len(items))
        try:
            _looked_at(playwright, profile, site, keys, items, cut)
        except Error as problem:
            cut.stood_still, cut.before = 1, f"a look before ended with: {str(problem).splitlines()[0]}"
            try:
                _looked_at(playwright, profile, site, keys, items, cut)
            except Error as problem:
                cut.findings.append(f"LOST: the browser does not come back: {problem}"[:600])
        if not cut.findings:
            cut.findings += _started_again(playwright, profile, site, items)
        return cut


def _looked_at(
    playwright: Playwright, profile: Path, site: Site, keys: KeyRing, items: list[Item], cut: Cut
) -> None:
    with phone(playwright.chromium, profile) as context, _bounded(profile):
        page = context.new_page()
        page.set_default_timeout(_LOAD_MS)
        page.add_init_script(_CATCH)
        context.route(_LINE, lambda route: route.abort("internetdisconnected"))
        page.goto(site("intake:outbox"))
        try:
            expect(page.locator(".outbox-item, .outbox-received")).to_have_count(len(items), timeout=SHOWN_MS)
        except AssertionError:
            shown = page.locator(".outbox-item, .outbox-received").count()
            held = page.evaluate(_HELD)
            there = sum(bool(reports(site, item.words)) for item in items)
            cut.findings.append(
                f"LOST: {len(items)} were called kept, the outbox shows {shown}, the store holds {held}, the office {there}; "
                f"{cut.before}; carried out then: {cut.carried}; the store's own log: {_log_of(profile)}"
            )
            return
        if not cut.carried:
            _carry_out(page, cut, keys, items[-1])
        if cut.findings:
            return
        context.unroute(_LINE)
        page.reload()
        cut.findings += _received(page, site, items)


def _started_again(playwright: Playwright, profile: Path, site: Site, items: list[Item]) -> list[str]:
    """The start after the first one: what the first had written behind the cut's end of the store's log must be there."""
    with phone(playwright.chromium, profile) as context, _bounded(profile):
        page = context.new_page()
        page.set_default_timeout(_LOAD_MS)
        try:
            page.goto(site("intake:outbox"))
            expect(page.locator(".outbox-received")).to_have_count(len(items), timeout=SHOWN_MS)
        except AssertionError:
            return [
                f"LOST at the next start: {len(items)} receipts were shown, now the store holds {page.evaluate(_HELD)}; the store's own log: {_log_of(profile)}"
            ]
        except Error as problem:
            return [f"the browser does not start again: {problem}"[:600]]
    return []


def _log_of(profile: Path) -> str:
    """What Chromium's store says of its opening, this time and the time before."""
    logs = sorted((profile / "Default" / "IndexedDB").glob("*.leveldb/LOG*"))
    return " | ".join(f"{log.name}: {log.read_text(errors='replace')[-600:]}" for log in logs) or "none"


@contextlib.contextmanager
def _bounded(profile: Path) -> Iterator[None]:
    """Kill the browser when the look is over, or when it takes too long: nobody waits for its farewell."""
    timer = threading.Timer(_LOOK_S, end_browser_of, [profile])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        end_browser_of(profile)


def _carry_out(page: Page, cut: Cut, keys: KeyRing, item: Item) -> None:
    """Export the newest item, unless the browser's worker, which no route of ours holds, has sent it already."""
    waiting = page.locator(".outbox-item").count()
    try:
        page.get_by_role("button", name="导出成文件").last.tap(timeout=SHOWN_MS)
        page.wait_for_function("() => Boolean(window.carried)", timeout=SHOWN_MS)
    except TimeoutError:
        if waiting and page.locator(".outbox-item").count() == waiting:
            cut.findings.append("LOST: an item that is shown cannot be carried out")
        return
    file = base64.b64decode(page.evaluate("window.carried"))
    if page.locator(".outbox-item").count() == waiting:  # else it left for the office while it was read
        cut.findings += _carried(file, keys, item)
        cut.carried = 1


def _received(page: Page, site: Site, items: list[Item]) -> list[str]:
    try:
        expect(page.locator(".outbox-received")).to_have_count(len(items), timeout=PATIENCE_MS)
        for item in items:
            expect_once(site, item.words, *item.photos)
    except AssertionError as problem:
        return [f"LOST or DOUBLED: {problem}"[:600]]
    return []


def _carried(file: bytes, keys: KeyRing, item: Item) -> list[str]:
    """Open an exported file with the office's key (static/offline/carry.js says how it is built)."""
    length = int.from_bytes(file[4:_HEAD])
    told = json.loads(file[_HEAD : _HEAD + length])
    at, opened = _HEAD + length, {}
    for what, size in [
        (sealing.REPORT, told["sealed"]),
        *((part["digest"], part["length"]) for part in told["parts"]),
    ]:
        opened[what] = b"".join(sealing.opened(keys, [file[at : at + size]], report_id=told["id"], what=what))
        at += size
    if file[:4] != b"YXF1" or at != len(file) or json.loads(opened[sealing.REPORT])["words"] != item.words:
        return ["the exported file is not the item"]
    wrong = [one["name"] for one in item.photos if opened.get(digest(one)) != one["buffer"]]
    return [f"LOST: {name} is not in the exported file as it was" for name in wrong]


def _sent_late(context: BrowserContext, page: Page, site: Site, items: list[Item]) -> list[str]:
    """The phone of before comes back to a signal, and everything is there already."""
    context.set_offline(False)
    page.goto(site("intake:outbox"))
    return _received(page, site, items)
