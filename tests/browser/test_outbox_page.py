"""What the outbox shows and offers: refusals said, files to carry, clearing, sparing data, and five taps."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import (
    AED,
    LONG_MS,
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
    rows,
    stored,
    waiting,
)


def test_a_refusal_is_said_and_nothing_is_dropped(site: Site, phone: Page, watch: Watch):
    for status in ("409", "422", "413", "401"):
        watch.expect(status)
    words, first = "检察院没有收下", photo(39)
    answers = iter([(409, "report_differs", "同一编号的另一份"), (422, "unopenable", "打不开这一份"),
                    (413, "too_large", "这一份太大"), (418, "odd", "没有收下这一份")])  # fmt: skip
    told: list[str] = []

    def refuse(route: Route) -> None:
        found = next(answers, None) if route.request.method == "PUT" else None
        if found is None:
            route.continue_()
            return
        told.append(found[2])
        route.fulfill(status=found[0], json={"code": found[1]}, content_type="application/problem+json")

    watch.expect("418")
    phone.route("**/api/v1/reports/*", refuse)
    open_form(phone, site)
    fill_in(phone, words, first)
    hand_in(phone)
    for number in range(1, 5):
        expect(phone.locator("[data-item-trouble]")).to_contain_text(
            ["同一编号的另一份", "打不开这一份", "这一份太大", "没有收下这一份"][number - 1]
        )
        assert len(waiting(phone)) == 1
        phone.get_by_role("button", name="现在再试").tap()
    expect_received(phone)
    expect_once(site, words, first)


def test_a_report_is_carried_as_a_file_to_another_phone(
    site: Site, phones: Phones, watch: Watch, tmp_path: Path
):
    cut_off(watch)
    words, first, second = "用文件带出来的", photo(40), photo(41)
    context, page = ready(phones, site)
    handed_in_offline(context, page, site, words, first, second)
    with page.expect_download() as kept:
        page.get_by_role("button", name="导出成文件").tap()
    file = tmp_path / "carried.yixian"
    kept.value.save_as(file)
    assert words.encode() not in file.read_bytes()
    assert first["buffer"][1000:2000] not in file.read_bytes()
    other = phones().new_page()
    other.goto(site("intake:outbox"))
    other.get_by_text("用文件带来带走").tap()
    short = tmp_path / "short.yixian"
    short.write_bytes(file.read_bytes()[:-1])
    other.locator("[data-outbox-import]").set_input_files(short)
    expect(other.locator("[data-outbox-told]")).to_contain_text("不完整")
    other.locator("[data-outbox-import]").set_input_files(file)
    expect_received(other)
    expect_once(site, words, first, second)
    # The first phone comes back to a signal and finds it done: nothing doubles.
    context.set_offline(False)
    expect_received(page)
    expect_once(site, words, first, second)


def test_clearing_asks_twice_and_leaves_nothing(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    words = "不发了，清除"
    context, page = ready(phones, site)
    handed_in_offline(context, page, site, words, photo(42))
    page.get_by_role("button", name="从本机清除").tap()
    page.get_by_role("button", name="还没有发出去，清除就没有了").tap()
    expect(page.locator(".outbox-item")).to_have_count(0)
    kept = stored(page)
    assert (kept["outbox"], kept["photos"], kept["drafts"]) == ([], [], [])
    assert reports(site, words) == []


def test_sparing_data_sends_only_the_small_picture_and_says_so(site: Site, phone: Page):
    words, first = "流量不够，只传小图", photo(43)
    open_form(phone, site)
    fill_in(phone, words, first)
    phone.locator("#data_saving").check(force=True)
    hand_in(phone)
    expect_received(phone)
    [(report, _clue)] = reports(site, words)
    [(is_saving,)] = rows(site, "SELECT is_data_saving FROM report WHERE id = ?", report)
    held = rows(site, "SELECT fidelity, size_bytes FROM evidence_item WHERE origin_id = ?", report)
    assert is_saving
    assert [fidelity for fidelity, _ in held] == ["phone_preview"]
    assert held[0][1] <= 150 * 1024


def test_a_form_opened_offline_where_no_page_can_come_says_that_it_is_kept(
    site: Site, phones: Phones, watch: Watch
):
    cut_off(watch)
    words, first = "浏览器没有后台", photo(44)
    context = phones(service_workers="block")
    page = context.new_page()
    open_form(page, site)
    fill_in(page, words, first)
    page.wait_for_timeout(500)
    context.set_offline(True)
    page.get_by_role("button", name="提交").tap()
    expect(page.locator("[data-sealed-kept]")).to_be_visible(timeout=LONG_MS)
    assert len(waiting(page)) == 1
    context.set_offline(False)
    page.wait_for_url("**/outbox")
    expect_received(page)
    expect_once(site, words, first)


def test_five_taps_after_the_photo(site: Site, phone: Page):
    """P1: a missing AED, from the photo to the receipt."""
    before, began, taps = len(rows(site, "SELECT id FROM report")), time.monotonic(), 0
    open_form(phone, site)
    phone.locator("#photos_camera").set_input_files(photo(45))
    expect(phone.locator(".photo-slot")).to_have_count(1)

    def tap(target: Any) -> None:
        nonlocal taps
        target.tap()
        taps += 1

    tap(phone.locator("[data-place-locate]"))
    tap(phone.locator(".choice", has_text="客运站").first)
    tap(phone.locator("[name=q_venue_name_unknown]"))
    tap(phone.get_by_role("button", name="提交"))
    phone.wait_for_url("**/outbox")
    expect_received(phone)
    assert taps <= 5
    assert time.monotonic() - began < 60
    assert len(rows(site, "SELECT id FROM report")) == before + 1
    assert AED in rows(site, "SELECT category_key FROM report ORDER BY rowno DESC LIMIT 1")[0]
