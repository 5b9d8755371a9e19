"""A passkey in a real browser with a virtual token: made once, then one press lets its holder in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Watch, free_port, running

TOKEN = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
# What sticks out of its card, or is squeezed into a column narrower than three letters.
CRAMPED = """() => [...document.querySelectorAll("main .card, main .card *")].filter((one) => {
  const box = one.getBoundingClientRect(), letter = parseFloat(getComputedStyle(one).fontSize);
  if (!one.getClientRects().length || one.closest(".only-read, svg")) return false;
  const card = one.closest(".card").getBoundingClientRect();
  return box.right > card.right + 1 || (one.matches("dd, p, li") && box.width < 3 * letter);
}).map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`)"""


def test_made_once_and_then_one_press_lets_in(chromium: Browser, tmp_path: Path) -> None:
    port = free_port()
    here = f"http://localhost:{port}"  # a passkey wants a name, not a number
    with running(tmp_path, PORT=str(port), PUBLIC_URL=here, PASSKEYS="true", LOAD_CAST="true") as site:
        watch = Watch(here)
        context = chromium.new_context(**PHONE)
        context.set_default_timeout(30_000)
        watch.over(context)
        page = context.new_page()
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        token = device.send("WebAuthn.addVirtualAuthenticator", {"options": TOKEN})["authenticatorId"]
        sign_in, account = here + site.urls("identity:sign_in"), here + site.urls("identity:sessions")

        page.goto(sign_in)
        page.get_by_role("button", name="陈明远").first.click()
        page.goto(account)
        page.get_by_role("link", name="建立通行密钥").click()
        page.get_by_label("给它起个名字").fill("我的手机")
        page.get_by_role("button", name="建立").click()
        expect(page.get_by_text("通行密钥建好了")).to_be_visible()
        expect(page.get_by_text("我的手机")).to_be_visible()

        page.get_by_role("button", name="退出登录").last.click()
        page.goto(sign_in)
        device.send("WebAuthn.setUserVerified", {"authenticatorId": token, "isUserVerified": False})
        _press(page)
        expect(page.get_by_text("没有完成。可以再试一次")).to_be_visible()
        device.send("WebAuthn.setUserVerified", {"authenticatorId": token, "isUserVerified": True})
        _press(page)
        page.wait_for_url(lambda address: "/sign-in" not in address)
        page.goto(account)
        expect(page.get_by_text("最近使用").first).to_be_visible()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(CRAMPED) == [], (
            "with letters twice as large nothing is cut off or one letter wide"
        )
        assert not watch.unexpected()
        context.close()


def _press(page: Page) -> None:
    page.get_by_role("button", name="用通行密钥登录").click()
