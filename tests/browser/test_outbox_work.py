"""A server under pressure asks the phone for work; its outbox does it by itself, and the report arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, Response

from tests.browser.conftest import PHONE, Site, Watch, running
from tests.browser.outbox import expect_once, expect_received, fill_in, hand_in, open_form, photo


@pytest.fixture
def pressed(tmp_path: Path) -> Iterator[Site]:
    """The product where the second report of a minute is one too many."""
    with running(tmp_path, PRESSURE_REPORTS_PER_MINUTE="1", WORK_BITS="12") as site:
        yield site


def test_under_pressure_the_phone_shows_its_work_and_is_received(pressed: Site, chromium: Browser):
    watch, asked, worked = Watch(pressed.origin), list[Response](), list[Request]()
    watch.expect("429")
    context = chromium.new_context(**PHONE, service_workers="block")
    watch.over(context)
    context.on("response", lambda answer: asked.append(answer) if answer.status == 429 else None)
    context.on("request", lambda sent: worked.append(sent) if "x-work" in sent.headers else None)
    page = context.new_page()
    # The first two of one minute are enough; on a slow machine they may fall into two.
    for count in range(1, 7):
        words, picture = f"正忙的时候，第 {count} 份", photo(60 + count)
        open_form(page, pressed)
        fill_in(page, words, picture)
        hand_in(page)
        expect_received(page, count)
        expect_once(pressed, words, picture)
        if asked:
            break
    assert asked
    assert {sent.method for sent in worked} == {"PUT"}
    assert len(worked) == len(asked), "each challenge was answered once, and at once"
    context.close()
    assert watch.unexpected() == []
