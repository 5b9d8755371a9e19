"""What is covered on the phone is gone: not in what the office holds, not in what the phone keeps, whichever way it was held."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from app.platform.storage_local import LocalStore
from tests.browser.conftest import Phones, Site, Watch
from tests.browser.outbox import (
    answer_all,
    cut_off,
    expect_received,
    fill_in,
    hand_in,
    open_form,
    ready,
    reports,
    rows,
)
from tests.photos import CORNERS, is_like, phone_photo, saved, scene

LEAK = "pi_public_leak"
BLACK = (0, 0, 0)
TELLING = (b"Exif", b"HUAWEI", b"P60", b"GPS", b"left by the camera", b"ICC_PROFILE\x00nothing")
HELD = """() => new Promise((answer) => {
  indexedDB.open("yixian").onsuccess = ({ target: { result: base } }) => {
    base.transaction("photos").objectStore("photos").getAll().onsuccess = async ({ target }) => {
      const text = (bytes) => new Promise((done) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result.split(",")[1] ?? "");
        reader.readAsDataURL(new Blob([bytes]));
      });
      const found = [];
      for (const { bytes } of target.result) found.push(await text(bytes));
      base.close();
      answer(found);
    };
  };
})"""


def chosen(orientation: int = 6, *, size: tuple[int, int] = (1280, 960)) -> dict[str, Any]:
    name = f"张三身份证{orientation}.jpg"
    bytes_ = phone_photo(size=size, orientation=orientation, seed=40 + orientation)
    return {"name": name, "mimeType": "image/jpeg", "buffer": bytes_}


def choose(page: Page, *photos: dict[str, Any]) -> None:
    page.locator("#photos").set_input_files(list(photos))
    expect(page.locator(".photo-slot")).to_have_count(len(photos))


def open_pane(page: Page, number: int = 0) -> Locator:
    page.locator("[data-photo-mask]").nth(number).click()
    pane = page.locator(".mask")
    expect(pane).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-mask-image]').naturalWidth > 0")
    page.wait_for_function("() => document.querySelector('[data-mask-picture]').clientHeight > 50")
    return pane


def drag(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Draw from one corner to the other, in parts of the picture."""
    box = page.locator("[data-mask-picture]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * left, box["y"] + box["height"] * top)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * right, box["y"] + box["height"] * bottom, steps=4)
    page.mouse.up()


def act(page: Page, name: str) -> None:
    page.locator(f"[data-mask-act={name}]").click()


def cover(page: Page, number: int, *box: float) -> None:
    open_pane(page, number)
    drag(page, *box)
    act(page, "done")
    expect(page.locator(".mask")).to_have_count(0)


def kept_on_phone(page: Page, count: int) -> list[bytes]:
    """The bytes of every photo in the phone's store, once it holds so many."""
    for _ in range(100):
        found: list[str] = page.evaluate(HELD)
        if len(found) == count:
            return [base64.b64decode(one) for one in found]
        page.wait_for_timeout(100)
    pytest.fail(f"the phone holds {len(found)} photos instead of {count}")


def at(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    found = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(found, tuple)
    return found


def expect_covered(bytes_: bytes) -> Image.Image:
    """Red corner black to its last point, the three others as they were, upright, and nothing said besides."""
    image = Image.open(io.BytesIO(bytes_))
    assert not image.getexif()
    assert [part for part in TELLING if part in bytes_] == []
    corner = image.convert("RGB").crop((0, 0, int(image.width * 0.16), int(image.height * 0.16)))
    assert max(high for _, high in corner.getextrema()) < 40  # type: ignore[misc]
    for name, place in (("green", (0.97, 0.03)), ("blue", (0.03, 0.97)), ("yellow", (0.97, 0.97))):
        assert is_like(at(image, *place), CORNERS[name]), name
    return image


RED = (0.008, 0.008, 0.19, 0.19)


def test_the_covered_part_is_gone_everywhere(site: Site, phone: Page):
    words, photo = "遮住以后才发出来的照片", chosen(size=(2016, 1512))
    open_form(phone, site)
    fill_in(phone, words, photo)
    kept_on_phone(phone, 1)
    cover(phone, 0, *RED)
    expect(phone.locator("[data-photo-covered]")).to_have_text("已遮 1 处")
    original = hashlib.sha256(photo["buffer"]).hexdigest()
    for _ in range(50):
        (mine,) = kept_on_phone(phone, 1)
        if mine != photo["buffer"]:
            break
        phone.wait_for_timeout(100)
    expect_covered(mine)
    hand_in(phone)
    expect_received(phone)

    [(report, _)] = reports(site, words)
    held = rows(
        site,
        "SELECT digest, fidelity, masking, masked_parts, original_name FROM evidence_item WHERE origin_id = ?",
        report,
    )
    store = LocalStore(site.data / "blobs")
    assert {row[1] for row in held} == {"masked_on_phone", "phone_preview"}
    assert {row[2:4] for row in held} == {("masked", 1)}
    assert "张三" not in "".join(row[4] for row in held)
    for digest, fidelity, *_ in held:
        assert digest != original
        image = expect_covered(store.read_verified(digest))
        assert image.height > image.width
        if fidelity == "masked_on_phone":
            assert store.read_verified(digest) == mine
            assert image.size == (1512, 2016)
    assert not store.exists(original)
    everywhere = [path.read_bytes() for path in site.data.rglob("*") if path.is_file()]
    assert [
        1 for bytes_ in everywhere if original.encode() in bytes_ or photo["buffer"][200:1200] in bytes_
    ] == []
    assert kept_on_phone(phone, 0) == []


def test_all_eight_ways_of_holding_a_phone_are_upright_on_the_canvas(site: Site, phone: Page):
    photos = [chosen(orientation, size=(640, 480)) for orientation in range(1, 9)]
    open_form(phone, site)
    choose(phone, *photos)
    for number in range(8):
        cover(phone, number, *RED)
    expect(phone.locator("[data-photo-covered]:visible")).to_have_count(8)
    phone.wait_for_timeout(500)
    found = kept_on_phone(phone, 8)
    assert set(found) & {photo["buffer"] for photo in photos} == set()
    sizes = sorted(expect_covered(bytes_).size for bytes_ in found)
    assert sizes == [(480, 640)] * 4 + [(640, 480)] * 4


def test_a_screenshot_stays_sharp_and_loses_what_it_carried(site: Site, phone: Page):
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Software", "张三的手机")
    shot = saved(scene((360, 640), grain=0), "PNG", pnginfo=said)
    open_form(phone, site)
    choose(phone, {"name": "Screenshot.png", "mimeType": "image/png", "buffer": shot})
    cover(phone, 0, *RED)
    phone.wait_for_timeout(500)
    (mine,) = kept_on_phone(phone, 1)
    image = expect_covered(mine)
    assert (image.format, image.info.get("Software")) == ("PNG", None)
    assert "张三".encode() not in mine


def test_undo_redo_keys_and_nothing_is_changed_before_it_is_said(site: Site, phone: Page):
    photo = chosen(1)
    open_form(phone, site)
    choose(phone, photo)
    open_pane(phone)
    count = phone.locator("[data-mask-count]")
    parts = phone.locator(".mask .part")
    phone.locator("[data-mask-act=add]").focus()
    phone.keyboard.press("Enter")
    expect(parts.first).to_be_focused()
    expect(parts.first).to_have_attribute("aria-label", re.compile("^第 1 块，离左边百分之"))
    before = parts.first.evaluate("(one) => ({ ...one.shape })")
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("Shift+ArrowDown")
    after = parts.first.evaluate("(one) => ({ ...one.shape })")
    assert after["left"] == pytest.approx(before["left"] + 1)
    assert after["bottom"] == pytest.approx(before["bottom"] + 1)
    phone.keyboard.press("Control+z")
    phone.keyboard.press("Control+z")
    assert parts.first.evaluate("(one) => one.shape.left") == pytest.approx(before["left"])
    act(phone, "back")
    expect(count).to_have_text("还没有画")
    expect(phone.locator("[data-mask-act=done]")).to_have_attribute("aria-disabled", "true")
    for _ in range(3):
        act(phone, "forth")
    expect(count).to_have_text("已画 1 块")
    assert parts.first.evaluate("(one) => one.shape.left") == pytest.approx(after["left"])
    drag(phone, 0.1, 0.1, 0.3, 0.3)
    expect(count).to_have_text("已画 2 块")
    phone.keyboard.press("Delete")
    expect(count).to_have_text("已画 1 块")
    act(phone, "nearer")
    act(phone, "move")
    assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    act(phone, "cancel")
    expect(phone.locator("[data-photo-mask]")).to_be_focused()
    assert kept_on_phone(phone, 1) == [photo["buffer"]]


def test_a_half_covered_photo_leaves_nowhere(site: Site, phone: Page):
    words = "画了一半就提交"
    open_form(phone, site)
    fill_in(phone, words, chosen(1))
    open_pane(phone)
    drag(phone, *RED)
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator(".error-summary")).to_contain_text("有一张照片还没遮好")
    act(phone, "done")
    expect(phone.locator(".mask")).to_have_count(0)  # to burn it in takes a busy phone a while
    hand_in(phone)
    expect_received(phone)
    [(report, _)] = reports(site, words)
    held = rows(site, "SELECT DISTINCT masking FROM evidence_item WHERE origin_id = ?", report)
    assert held == [("masked",)]


def test_where_photos_show_personal_data_each_needs_a_word(site: Site, phone: Page):
    words = "公示栏里贴着身份证号"
    broken = {"name": "b.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" * 9}
    open_form(phone, site, LEAK)
    choose(phone, chosen(1), chosen(2), broken)
    phone.locator("#place_words").fill("办事大厅")
    phone.locator("#words").fill(words)
    answer_all(phone)
    phone.locator("[name=q_medium][value=board]").check(force=True)
    phone.locator("[name=q_publisher]").fill("某某街道")
    phone.locator("[name=q_items][value=id_card]").check(force=True)
    phone.get_by_role("button", name="提交").click()
    expect(phone.locator(".error-summary")).to_contain_text("还有 3 张照片")
    assert reports(site, words) == []
    cover(phone, 0, *RED)
    slots = phone.locator(".photo-slot")
    expect(slots.nth(0).get_by_role("checkbox")).to_be_hidden()
    slots.nth(1).get_by_role("checkbox", name="这张没有别人的个人信息").check(force=True)
    expect(slots.nth(2).locator("[data-photo-mask]")).to_be_hidden()
    slots.nth(2).get_by_role("checkbox", name=re.compile("^这台手机画不出")).check(force=True)
    # All of it survives a reload: a covered photo is covered, a word stays said.
    phone.wait_for_timeout(800)
    phone.reload()
    expect(phone.locator(".photo-slot")).to_have_count(3)
    expect(phone.locator("[data-photo-covered]:visible")).to_have_text("已遮 1 处")
    expect(phone.locator("[data-photo-clear]:checked")).to_have_count(2)
    hand_in(phone)
    expect_received(phone)
    [(report, _)] = reports(site, words)
    held = rows(
        site,
        "SELECT masking, masked_parts FROM promised_photo WHERE report_id = ? AND preview_of IS NULL ORDER BY rowno",
        report,
    )
    assert held == [("masked", 1), ("clear", None), ("as_is", None)]


def test_a_plain_post_with_a_script_asks_before_anything_leaves(site: Site, phones: Phones, watch: Watch):
    """No outbox in this browser: the form itself is posted, and the same is owed."""
    watch.expect("422")
    page = phones().new_page()
    page.add_init_script(
        "delete window.indexedDB; Object.defineProperty(window, 'indexedDB', { value: undefined });"
    )
    open_form(page, site, LEAK)
    choose(page, chosen(1))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#report-form").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("[data-photo-told]")).to_contain_text("还有 1 张照片")
    assert sent == []
    cover(page, 0, *RED)
    assert page.locator("[name=photos_marks]").input_value() == "masked:1"
    page.get_by_role("button", name="提交").click()
    page.wait_for_load_state()
    assert len(sent) == 1


def test_the_place_of_covering_is_clean_for_a_screen_reader(site: Site, phone: Page):
    from axe_playwright_python.sync_playwright import Axe

    open_form(phone, site, LEAK)
    choose(phone, chosen(1))
    open_pane(phone)
    act(phone, "add")
    found = Axe().run(phone).response
    painted = [rule for rule in found["incomplete"] if rule["id"] == "color-contrast"]
    unsure = [node["html"] for rule in painted for node in rule["nodes"] if "<select" not in node["html"]]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert unsure == []
    small = phone.locator(".mask button:not(.part)").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height).filter((high) => high < 44)"
    )
    assert small == []


def test_without_a_signal_a_photo_can_be_covered_all_the_same(site: Site, phones: Phones, watch: Watch):
    cut_off(watch)
    context, page = ready(phones, site)
    context.set_offline(True)
    open_form(page, site)
    choose(page, chosen(1))
    cover(page, 0, *RED)
    expect(page.locator("[data-photo-covered]")).to_have_text("已遮 1 处")
