"""Each behaviour by itself, on the pages where people meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from tests.browser.conftest import Phones, Site, Watch
from tests.browser.test_report import AED, RIVER, open_form, photo

MB = 1024 * 1024
HOLLOW = {"name": "IMG_0000.jpg", "mimeType": "image/jpeg", "buffer": b""}
CHOSEN = "[...document.querySelector('#photos').files].map((file) => file.name)"


def names(page: Page) -> list[str]:
    """What would be posted, in order."""
    found: list[str] = page.evaluate(CHOSEN)
    return found


def test_picks_add_up_in_order_and_can_be_taken_out(site: Site, phone: Page):
    open_form(phone, site, AED)
    phone.locator("#photos").set_input_files([photo(1), photo(2)])
    phone.locator("#photos_camera").set_input_files(photo(3))
    expect(phone.locator("[data-photo-count]")).to_have_text("已选 3 张，最多 9 张")
    phone.get_by_role("button", name="去掉第 2 张照片").focus()
    phone.keyboard.press("Enter")
    assert names(phone) == ["IMG_0001.jpg", "IMG_0003.jpg"]
    assert phone.evaluate("document.querySelector('#photos_camera').files.length") == 0
    expect(phone.get_by_role("button", name="去掉第 2 张照片")).to_be_focused()
    box = phone.locator(".photo-slot__remove").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44


def test_what_is_too_much_is_said_and_left_out(site: Site, phone: Page, tmp_path: Path):
    open_form(phone, site, AED)
    told = phone.locator("[data-photo-told]")
    phone.locator("#photos").set_input_files([photo(at) for at in range(11)])
    expect(told).to_have_text("最多 9 张，多选的 2 张没有放进来。")
    assert len(names(phone)) == 9
    phone.get_by_role("button", name="去掉第 9 张照片").tap()
    expect(told).to_be_hidden()
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(25 * MB + 1)
    phone.locator("#photos").set_input_files(huge)
    expect(told).to_contain_text("“huge.jpg”超过 25 MB")
    phone.locator("#photos").set_input_files(HOLLOW)
    expect(told).to_contain_text("没有读到“IMG_0000.jpg”，请再选一次。")
    assert len(names(phone)) == 8


def test_a_picture_this_browser_cannot_draw_is_kept_all_the_same(site: Site, phone: Page):
    open_form(phone, site, AED)
    heic = {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic"}
    phone.locator("#photos").set_input_files(heic)
    expect(phone.locator("[data-photo-state]")).to_be_visible()
    assert names(phone) == ["a.heic"]


HEIGHTS = """() => {
  window.heights = [];
  const button = document.querySelector("[data-place-locate]");
  const look = () => {
    const height = button.getBoundingClientRect().top + scrollY;
    if (document.querySelector(".photo-slot") && heights.at(-1) !== height) heights.push(height);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_nothing_below_moves_under_the_finger_once_a_photo_lies_there(site: Site, phone: Page):
    open_form(phone, site, AED)
    phone.evaluate(HEIGHTS)
    phone.locator("#photos").set_input_files([photo(1), photo(2)])
    expect(phone.get_by_role("button", name="遮住第 2 张照片里的内容")).to_be_visible()
    phone.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert len(phone.evaluate("heights")) == 1


def test_a_denied_position_says_what_to_do_instead(site: Site, phones: Phones):
    page = phones(permissions=[]).new_page()
    open_form(page, site, AED)
    page.locator("[data-place-locate]").tap()
    expect(page.locator("[data-place-found]")).to_contain_text("手机没有允许使用位置")
    expect(page.get_by_role("button", name="用我的位置")).to_be_enabled()
    expect(page.locator("#place_words")).to_be_editable()


def test_a_better_fix_replaces_a_rough_one_and_can_be_given_up(site: Site, phones: Phones):
    context = phones(geolocation={"latitude": 45.8, "longitude": 126.5, "accuracy": 900})
    page = context.new_page()
    open_form(page, site, AED)
    page.locator("[data-place-locate]").tap()
    expect(page.locator("[data-place-found]")).to_contain_text("位置不太准，±900 米")
    page.wait_for_timeout(700)
    context.set_geolocation({"latitude": 45.81, "longitude": 126.53, "accuracy": 15})
    expect(page.locator("[data-place-found]")).to_have_text("已记下您的位置，±15 米 · 刚刚")
    page.locator("#place_town").select_option(index=1)
    expect(page.locator("[data-place-found]")).to_contain_text("附近，±15 米")
    page.get_by_role("button", name="改位置").tap()
    parts = ("lat", "lon", "accuracy_m", "fixed_at", "source")
    assert [page.locator(f"[name=place_{part}]").input_value() for part in parts] == [""] * 5
    expect(page.locator("[data-place-found]")).to_be_hidden()


def test_a_question_waits_for_the_answer_it_depends_on(site: Site, phone: Page):
    open_form(phone, site, RIVER)
    asked, waiting = (
        phone.locator("[name=q_outfall][value=yes]"),
        phone.locator("[data-shown-when=q_outfall]"),
    )
    expect(waiting.first).to_be_hidden()
    asked.check(force=True)
    expect(waiting.first).to_be_visible()
    phone.locator("[name=q_outfall][value=no]").check(force=True)
    expect(waiting.first).to_be_hidden()


def test_danger_shows_the_emergency_numbers_before_anything_is_sent(site: Site, phone: Page):
    open_form(phone, site, AED)
    expect(phone.locator("[data-alarm-notice]")).to_be_hidden()
    phone.locator("[name=q_danger_now][value=yes]").check(force=True)
    expect(phone.locator("[data-alarm-notice]")).to_contain_text("110、119 或 120")
    phone.locator("[name=q_danger_now][value=no]").check(force=True)
    expect(phone.locator("[data-alarm-notice]")).to_be_hidden()


def reported(page: Page, site: Site) -> None:
    from tests.browser.test_report import answer_all, post

    open_form(page, site, AED)
    page.locator("#photos").set_input_files(photo(1))
    page.locator("#place_words").fill("会展中心")
    answer_all(page)
    post(page)


def test_the_receipt_can_be_copied_saved_and_found_again(site: Site, phones: Phones):
    context = phones(permissions=["geolocation", "clipboard-read", "clipboard-write"])
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    page = context.new_page()
    reported(page, site)
    code = " ".join(page.locator("#query-code").inner_text().split())
    page.get_by_role("button", name="复制").tap()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    with page.expect_download() as kept:
        page.get_by_text("保存图片").tap()
    assert kept.value.suggested_filename == "查询码.png"
    assert kept.value.path().read_bytes().startswith(b"\x89PNG")
    context.clear_cookies()
    page.goto(f"{site('intake:track')}#{code.replace(' ', '-')}")
    expect(page.locator(".standing")).to_be_visible()
    assert page.url == site("intake:track")


def test_a_code_behind_the_hash_leaves_the_address_before_it_is_sent(site: Site, phone: Page, watch: Watch):
    watch.expect("422")
    posts: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(route)
        else:
            route.continue_()

    phone.goto(site("intake:track"))
    phone.route(site("intake:track"), hold)
    told = phone.evaluate("""async () => {
      location.hash = "#0000-0000-0000-0000-01";
      await new Promise((go) => { setTimeout(go, 300); });
      return [location.hash, document.querySelector("#code").value];
    }""")
    assert told == ["", "0000-0000-0000-0000-01"]
    assert len(posts) == 1
    posts[0].continue_()
    expect(phone.locator(".field__error")).to_be_visible()


def under_worker(context: BrowserContext, site: Site) -> Page:
    """A tab whose pages a service worker of ours already watches."""
    page = context.new_page()
    page.goto(site("intake:pick"))
    page.evaluate("""async () => {
      await navigator.serviceWorker.register("/sw.js");
      if (!navigator.serviceWorker.controller) await new Promise((go) => { navigator.serviceWorker.oncontrollerchange = go; });
    }""")
    return page


def kept_pages(page: Page) -> list[str]:
    found: list[str] = page.evaluate("""async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith("pages-"));
      const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return lists.flat().map((request) => new URL(request.url).pathname);
    }""")
    return sorted(found)


def test_visited_forms_open_without_a_signal_and_nothing_else_is_kept(
    site: Site, phones: Phones, watch: Watch
):
    watch.expect("ERR_INTERNET_DISCONNECTED")
    context = phones()
    page = under_worker(context, site)
    for name, values in (
        ("intake:form", {"category_key": AED}),
        ("intake:track", {}),
        ("intake:privacy", {}),
    ):
        page.goto(site(name, **values))
    page.goto(site("intake:pick", group="water"))
    form = site.urls("intake:form", category_key=AED)
    for _ in range(50):
        if form in kept_pages(page):
            break
        page.wait_for_timeout(100)
    kept = kept_pages(page)
    first = [
        site.urls("intake:pick"),
        site.urls("intake:form", category_key="other"),
        site.urls("intake:outbox"),
        site.urls("intake:masking"),
    ]
    assert {*first, form} <= set(kept)
    assert [path for path in kept if not path.startswith("/report") and path not in first] == []
    context.set_offline(True)
    open_form(page, site, AED)
    page.locator("#words").fill("没有信号也能写")
    page.wait_for_timeout(600)
    page.goto(site("intake:form", category_key="river_litter"))
    expect(page).to_have_title("您要反映什么事 · 哈尔滨市松北区人民检察院")
    open_form(page, site, AED)
    expect(page.locator("#words")).to_have_value("没有信号也能写")
    with pytest.raises(Error):
        page.goto(site("intake:track"))


def test_a_new_worker_takes_over_without_touching_drafts(site: Site, phone: Page, watch: Watch):
    watch.expect("404")  # a bare page makes the browser ask for /favicon.ico
    # What an older version kept, planted from a page that registers no worker; the form registers the newest.
    phone.goto(site("web:health"))
    phone.evaluate("async () => (await caches.open('pages-0000000000')).put('/report', new Response('old'))")
    open_form(phone, site, AED)
    phone.locator("#words").fill("旧版本时写的")
    phone.wait_for_timeout(600)
    for _ in range(100):
        if not phone.evaluate("caches.has('pages-0000000000')"):
            break
        phone.wait_for_timeout(100)
    assert not phone.evaluate("caches.has('pages-0000000000')")
    phone.reload()
    expect(phone.locator("#words")).to_have_value("旧版本时写的")


def test_the_menu_closes_on_escape_and_beside_it(site: Site, phones: Phones):
    page = phones().new_page()
    page.goto(site("identity:sign_in"))
    page.locator(".cast__person").first.tap()
    menu = page.locator("details.account")
    menu.locator("summary").tap()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").tap()
    page.locator("h1").tap()
    expect(menu).not_to_have_attribute("open", "")
