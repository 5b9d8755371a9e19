"""What is submitted reaches the office once and whole, whatever befalls the phone, its browser or its line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import (
    cut_off,
    expect_once,
    expect_received,
    fill_in,
    hand_in,
    handed_in_offline,
    open_form,
    photo,
    ready,
    reports,
    stop_workers,
    stored,
    waiting,
)
from tests.faults.line import Line, cuts, line

SEEN_MS = 1500  # how long the browser needs to see that a page is dead
OVERHEAD = 30_000  # what the requests themselves weigh: pages, headers, questions how far it came


def test_online_it_is_received_with_its_receipt_and_nothing_stays_but_the_code(site: Site, phone: Page):
    words, first, second = "大厅一层没有看到除颤器", photo(21), photo(22)
    open_form(phone, site)
    fill_in(phone, words, first, second)
    hand_in(phone)
    expect_received(phone)
    expect_once(site, words, first, second)
    expect(phone.locator("[data-receipt-photos] .photo__held:visible")).to_have_count(2)
    code = phone.locator("[data-receipt-code]").inner_text().split()
    kept = stored(phone)
    assert (kept["drafts"], kept["photos"]) == ([], [])
    assert "sealed" not in kept["outbox"][0]
    assert words not in str(kept)
    with phone.expect_download() as saved:
        phone.get_by_text("保存图片").tap()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    phone.get_by_role("button", name="看办理情况").tap()
    expect(phone.locator(".standing")).to_be_visible()
    assert [len(group) for group in code] == [4, 4, 4, 4, 2]


def test_offline_from_the_start(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first, second = "从头到尾没有信号", photo(23), photo(24)
    context, page = ready(phones, site)
    handed_in_offline(context, page, site, words, first, second)
    expect(page.locator("[data-item-state]")).to_have_text("存在本机")
    assert words not in str(stored(page)), "what was written lies readable on the phone"
    assert reports(site, words) == []
    context.set_offline(False)
    expect_received(page)
    expect_once(site, words, first, second)


def test_offline_in_the_middle_of_a_photo(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first, second = "传到一半没信号了", photo(25), photo(26)
    context, page = ready(phones, site)
    patches: list[str] = []

    def then_cut(route: Route) -> None:
        patches.append(route.request.url)
        if len(patches) == 3:
            context.set_offline(True)
            route.abort("internetdisconnected")
        else:
            route.continue_()

    context.route(
        "**/api/v1/uploads/*",
        lambda route: then_cut(route) if route.request.method == "PATCH" else route.continue_(),
    )
    fill_in(page, words, first, second)
    hand_in(page)
    for _ in range(100):
        if len(patches) >= 3:
            break
        page.wait_for_timeout(100)
    expect(page.locator("[data-item-state]")).to_have_text("存在本机")
    assert len(waiting(page)) == 1
    context.unroute_all()
    context.set_offline(False)
    expect_received(page)
    expect_once(site, words, first, second)


def test_answers_that_are_lost_double_nothing(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first = "回答都丢了", photo(27)
    lost: set[str] = set()

    def lose_the_first(route: Route) -> None:
        """The office has it; its answer never comes."""
        asked = route.request
        what = f"{asked.method} {asked.url.rsplit('/', 1)[0]}"
        if what in lost:
            route.continue_()
            return
        lost.add(what)
        route.fetch()
        route.abort("connectionreset")

    page = phones().new_page()
    open_form(page, site)
    fill_in(page, words, first)
    page.route("**/api/v1/**", lose_the_first)
    hand_in(page)
    expect_received(page)
    assert {what.split(" ")[0] for what in lost} >= {"PUT", "POST", "HEAD", "PATCH", "GET"}
    expect_once(site, words, first)


@contextmanager
def over_a_line(site: Site, watch: Watch, bytes_per_s: float = 8_000_000) -> Iterator[tuple[Site, Line]]:
    """The same office, reached over a line that can be cut for pages and workers alike."""
    port = int(site.origin.rsplit(":", 1)[1])
    with line(port, bytes_per_s) as cable:
        watch.expect(f"request to another origin: {cable.origin}")
        yield replace(site, origin=cable.origin), cable


def test_the_worker_is_killed_with_a_report_waiting(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first = "后台被系统关掉", photo(28)
    with over_a_line(site, watch) as (far, cable):
        context, page = ready(phones, far)
        cable.take_down()
        open_form(page, far)
        fill_in(page, words, first)
        hand_in(page)
        expect(page.locator(".outbox-item")).to_have_count(1)
        stop_workers(context, page)
        page.close()
        cable.put_up()
        again = context.new_page()
        again.goto(far("intake:home"))
        for _ in range(300):
            if reports(site, words) and not waiting(again):
                break
            again.wait_for_timeout(100)
        again.goto(far("intake:outbox"))
        expect_received(again)
    expect_once(site, words, first)


def test_a_narrow_line_with_cuts_costs_hardly_a_byte_twice(site: Site, phones: Phones, watch: Watch):
    """The small case of `python -m tests.faults line`."""
    cut_off(watch)
    # The browser itself sends a piece again, which the office has: refused by its head, and then the offset is asked.
    watch.expect("409")
    words, first, second = "信号又窄又断", photo(46), photo(47)
    with over_a_line(site, watch, 400_000) as (far, cable):
        page = phones(service_workers="block").new_page()
        open_form(page, far)
        fill_in(page, words, first, second)
        total = len(first["buffer"]) + len(second["buffer"])
        cable.begin(cuts(total, 4, seed=3))
        hand_in(page)
        expect_received(page)
        sealed = sum(part["length"] for part in stored(page)["outbox"][0]["parts"])
        assert cable.cut_count == 4
        assert cable.sent < sealed * 1.05 + OVERHEAD
    expect_once(site, words, first, second)


def test_the_tab_is_killed_while_it_sends(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    watch.expect("chrome://crash")
    words, first, second = "传的时候页面死了", photo(29), photo(30)
    context = phones()
    page = context.new_page()
    sent: list[Route] = []
    open_form(page, site)
    fill_in(page, words, first, second)
    page.route(
        "**/api/v1/uploads/*",
        lambda route: sent.append(route) if route.request.method == "PATCH" else route.continue_(),
    )
    hand_in(page)
    for _ in range(200):
        if sent:
            break
        page.wait_for_timeout(50)
    assert sent
    with pytest.raises(Error):
        page.goto("chrome://crash")
    again = context.new_page()
    again.wait_for_timeout(SEEN_MS)
    again.goto(site("intake:outbox"))
    expect_received(again)
    expect_once(site, words, first, second)


def test_two_tabs_send_one_report_once(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first, second = "两个页面一起发", photo(31), photo(32)
    context, page = ready(phones, site)
    handed_in_offline(context, page, site, words, first, second)
    other = context.new_page()
    other.goto(site("intake:outbox"))
    expect(other.locator(".outbox-item")).to_have_count(1)
    context.set_offline(False)
    expect_received(page)
    expect_received(other)
    expect_once(site, words, first, second)


WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"


def test_two_tabs_without_locks_send_one_report_once(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first = "没有锁的旧浏览器", photo(33)
    context = phones()
    context.add_init_script(WITHOUT_LOCKS)
    page = context.new_page()
    open_form(page, site)
    fill_in(page, words, first)
    other = context.new_page()
    other.goto(site("intake:outbox"))
    hand_in(page)
    other.reload()
    expect_received(page)
    expect_received(other)
    expect_once(site, words, first)


def test_no_room_for_the_outbox_posts_the_form_as_it_stands(site: Site, phones: Phones, watch: Watch):
    watch.expect("QuotaExceeded")
    words, first, second = "手机满了", photo(34), photo(35)
    context = phones()
    page = context.new_page()
    open_form(page, site)
    session = context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin, "quotaSize": 150_000})
    fill_in(page, words, first, second)
    page.get_by_role("button", name="提交").tap()
    page.wait_for_url("**/receipt")
    expect(page.locator(".photo")).to_have_count(2)
    expect_once(site, words, first, second)
    assert waiting(page) == []


def test_no_room_and_no_signal_loses_nothing_and_says_so(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    watch.expect("QuotaExceeded")
    words, first = "手机满了也没有信号", photo(36)
    context, page = ready(phones, site)
    session = context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin, "quotaSize": 150_000})
    fill_in(page, words, first)
    context.set_offline(True)
    page.get_by_role("button", name="提交").tap()
    expect(page.locator("[data-sealed-trouble]")).to_be_visible()
    expect(page.locator("#words")).to_have_value(words)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin})
    context.set_offline(False)
    hand_in(page)
    expect_received(page)
    expect_once(site, words, first)


def whole(item: dict[str, Any]) -> list[Any]:
    """What of an item must never change while it waits."""
    return [item[name] for name in ("id", "secret", "sealed", "parts", "at")]


def test_a_new_version_takes_over_with_a_report_waiting(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words, first = "升级之前存下的", photo(37)
    context, page = ready(phones, site)
    handed_in_offline(context, page, site, words, first)
    before = stored(page)
    context.set_offline(False)
    context.route("**/api/v1/**", lambda route: route.abort("connectionrefused"))
    # What an older version kept, and a worker under another address: to the browser a newer version.
    page.evaluate("""async () => {
      for (const name of ["files-0000000000", "pages-0000000000"]) await (await caches.open(name)).put("/report", new Response("old"));
      const took = new Promise((go) => { navigator.serviceWorker.oncontrollerchange = go; });
      await navigator.serviceWorker.register("/sw.js?newer", { updateViaCache: "none" });
      await took;
    }""")
    for _ in range(200):
        names = page.evaluate("caches.keys()")
        if not any("0000000000" in name for name in names):
            break
        page.wait_for_timeout(100)
    assert len(names) == 2, f"an older version's cache is still there: {names}"
    assert [whole(item) for item in waiting(page)] == [whole(item) for item in before["outbox"]]
    assert stored(page)["photos"] == before["photos"]
    context.unroute_all()
    page.reload()
    expect_received(page)
    expect_once(site, words, first)


@pytest.mark.parametrize("days", [-366, 366])
def test_a_clock_that_is_a_year_off(site: Site, phones: Phones, days: int):
    words, first = f"时钟差了 {days} 天的手机", photo(38)
    page = phones().new_page()
    page.clock.install(time=time.time() + days * 86_400)
    page.clock.resume()
    open_form(page, site)
    fill_in(page, words, first)
    hand_in(page)
    expect_received(page)
    expect_once(site, words, first)


def test_a_clock_put_right_in_the_middle_of_a_wait(site: Site, phone: Page, watch: Watch):
    watch.expect("503")
    words = "等的时候时钟被拨回来了"
    busy: list[str] = []

    def once_busy(route: Route) -> None:
        if route.request.method == "PUT" and not busy:
            busy.append(route.request.url)
            route.fulfill(
                status=503, headers={"Retry-After": "600"}, body="{}", content_type="application/problem+json"
            )
        else:
            route.continue_()

    phone.route("**/api/v1/reports/*", once_busy)
    open_form(phone, site)
    fill_in(phone, words)
    hand_in(phone)
    expect(phone.locator("[data-item-sentence]")).to_contain_text("10 分钟后")
    phone.clock.install(time=time.time() - 366 * 86_400)
    phone.reload()
    expect_received(phone)
    expect_once(site, words)
