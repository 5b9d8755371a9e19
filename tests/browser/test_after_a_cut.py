"""What waits on a phone outlives every start after a power cut, also what was written since.

A cut can leave zeros behind the log of Chromium's store: the file had grown, its last bytes were not on the disk yet.
Chromium goes on writing behind them, and at the next start throws away what came after, or everything. The page gives it
no occasion (static/offline/queue.js).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.outbox import fill_in, hand_in, open_form, photo
from tests.browser.test_outbox_older import WITHOUT
from tests.faults.phone import end_browser_of, phone

_TAIL = b"\0" * 500
_STARTS = 3


@contextlib.contextmanager
def _without_a_line(chromium: Browser, profile: Path) -> Iterator[Page]:
    """A phone that reaches the pages but hands nothing in, and whose browser ends without a farewell."""
    with phone(chromium.browser_type, profile) as context:
        context.add_init_script(WITHOUT["service worker"])  # it is reached by no route of ours
        context.route("**/api/v1/**", lambda route: route.abort("internetdisconnected"))
        yield context.new_page()
        context.unroute_all(behavior="ignoreErrors")
        end_browser_of(profile)


def _submit(page: Page, site: Site, words: str, seed: int, there: int) -> None:
    open_form(page, site)
    fill_in(page, words, photo(seed))
    hand_in(page)
    expect(page.locator(".outbox-item")).to_have_count(there)


def test_what_is_handed_in_after_a_power_cut_is_there_at_every_later_start(
    chromium: Browser, site: Site, tmp_path: Path
):
    profile = tmp_path / "profile"
    with _without_a_line(chromium, profile) as page:
        _submit(page, site, "停电之前", 70, 1)
    newest = max((profile / "Default" / "IndexedDB").glob("*.leveldb/*.log"))
    with newest.open("ab") as file:
        file.write(_TAIL)
    with _without_a_line(chromium, profile) as page:
        _submit(page, site, "停电之后", 71, 2)
    for _ in range(_STARTS):
        with _without_a_line(chromium, profile) as page:
            page.goto(site("intake:outbox"))
            expect(page.locator(".outbox-item")).to_have_count(2)
