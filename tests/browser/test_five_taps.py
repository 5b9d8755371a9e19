"""A missing AED takes at most five taps after its photo and less than a minute (goals P1); the other tasks: `make tasks`."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.outbox import open_form
from tests.looks import tasks
from tests.looks.hand import GROWN, OLD, Hand, Pace


@pytest.mark.parametrize("pace", [GROWN, OLD], ids=["grown", "old"])
def test_a_missing_aed_takes_five_taps_after_its_photo(site: Site, phone: Page, pace: Pace):
    phone.goto(site("intake:home"))
    if pace is OLD:
        phone.get_by_role("button", name="长辈模式").tap()
        expect(
            phone.get_by_role("button", name="标准模式")
        ).to_be_visible()  # a page on its way would be cut off
    open_form(phone, site)
    hand = Hand(phone, site)
    taps, seconds = tasks.after_the_photo(hand, 72 if pace is OLD else 73)
    assert taps >= 2, "where and 提交 at least: else nothing was counted"
    assert not tasks.is_over(taps, pace.seconds(hand.done) + seconds)


def test_a_sixth_tap_and_a_minute_are_too_much():
    assert tasks.is_over(6, 10)
    assert tasks.is_over(5, 60)
    assert not tasks.is_over(5, 59.9)


def test_a_hand_costs_what_the_model_says():
    done = Counter(taps=4, swipes=2, keys=10, homes=2)
    assert GROWN.seconds(done) == pytest.approx(6 * 2.65 + 2.8 + 0.8)
    assert OLD.seconds(done) == pytest.approx(6 * 3.05 + 12 + 0.8)


def test_what_is_out_of_reach_costs_a_swipe(site: Site, phone: Page):
    phone.goto(site("intake:privacy"))
    phone.evaluate(
        "() => { document.querySelector('main').insertAdjacentHTML('beforeend', '<button id=far>远</button>'); }"
    )
    hand = Hand(phone, site)
    hand.tap(phone.locator("#far"))
    assert hand.done["taps"] == 1
    assert hand.done["swipes"] >= 1
