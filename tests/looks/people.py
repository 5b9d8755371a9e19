"""People at their screens: each in a browser of their own, filling in the forms a page offers as a hand would."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import PHONE, Site, Watch
from tests.looks.walk import enter

DESK: Final[dict[str, Any]] = {
    "viewport": {"width": 1440, "height": 900},
    "is_mobile": False,
    "has_touch": False,
    "device_scale_factor": 1,
}
_TALLEST: Final = 2600
# On a picture of a whole page the bar at its foot stands at the foot.
_STILL: Final = """() => {
  for (const bar of document.querySelectorAll(".step-bar")) bar.style.position = "static";
}"""
_PATIENCE_MS: Final = 60_000
Value = str | list[str]
File = dict[str, Any]


class Person:
    """One person with one browser: a phone for who reports or answers, a wide screen for who works at the desk."""

    def __init__(
        self, browser: Browser, site: Site, watch: Watch, name: str = "", *, is_desk: bool = False
    ) -> None:
        """Take up the browser; somebody of the development cast signs in by a tap."""
        self._site = site
        context = browser.new_context(**PHONE | (DESK if is_desk else {"device_scale_factor": 1}))
        context.set_default_timeout(_PATIENCE_MS)
        watch.over(context)
        self.page: Page = context.new_page()
        if name:
            enter(site, self.page, name)

    def go(self, address: str) -> Person:
        """Open a page by its address or path."""
        self.page.goto(address if "://" in address else self._site.origin + address)
        return self

    @property
    def path(self) -> str:
        """Where the person is, without host and query."""
        return self.page.evaluate("() => location.pathname")

    @property
    def words(self) -> str:
        """What the page says, folded parts included."""
        return self.page.locator("body").text_content() or ""

    def offers(self, ending: str) -> bool:
        """Say whether the page has a form that goes there."""
        return self._form(ending).count() > 0

    def send(self, ending: str, *, files: dict[str, list[File]] | None = None, **values: Value) -> Person:
        """Fill in the form that goes there, press its button, and wait for the page it leads to."""
        form = self._form(ending).first
        _unfold(form)
        for name, value in values.items():
            _fill(form, name, value)
        for name, chosen in (files or {}).items():
            form.locator(f"input[type=file][name='{name}']").set_input_files(chosen)  # type: ignore[arg-type]
        with self.page.expect_response(
            lambda answer: answer.request.method == "POST" and ending in answer.url
        ):
            self._button(form).click()
        self.page.wait_for_load_state("load")
        self.page.wait_for_timeout(250)
        wrong = self.page.locator(".error-summary, .notice--stop")
        if wrong.count():
            raise RuntimeError(f"{ending} was refused: {wrong.first.inner_text()}")
        return self

    def shoot(self, target: Path, *, part: str = "") -> None:
        """Keep a picture of the whole page, or of a part of it."""
        # Pictures that load when they come into sight.
        self.page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
        self.page.wait_for_timeout(200)
        self.page.evaluate("() => scrollTo(0, 0)")
        self.page.evaluate(_STILL)
        if part:
            self.page.locator(part).first.screenshot(path=target)
            return
        tall = self.page.evaluate("() => document.documentElement.scrollHeight")
        size = self.page.viewport_size or {"width": 360, "height": 740}
        height = min(max(tall, size["height"]), _TALLEST)
        box = {"x": 0, "y": 0, "width": size["width"], "height": height}
        self.page.screenshot(path=target, clip=box, full_page=True)  # type: ignore[arg-type]

    def _form(self, ending: str) -> Locator:
        return self.page.locator(f"form[action$='{ending}'], form[action*='{ending}?']")

    def _button(self, form: Locator) -> Locator:
        """The form's own button; of long forms it stands in the bar at the foot of the page."""
        own = form.locator("button:not([type=button])")
        return (
            own.last if own.count() else self.page.locator(f"button[form='{form.get_attribute('id')}']").last
        )


def _unfold(place: Locator) -> None:
    """Tap open whatever is folded around a place, from the outside in."""
    folded = place.locator("xpath=ancestor::details[not(@open)]")
    while folded.count():
        folded.first.locator("> summary").click()


def tick(box: Locator) -> None:
    """Tap the words beside a box or a button of a choice, as people do; the box itself may lie under its face."""
    _unfold(box)
    if not box.is_checked():
        box.locator("xpath=ancestor::label[1]").click()
    if not box.is_checked():
        raise RuntimeError(f"{box.get_attribute('name')} could not be chosen")


def _fill(form: Locator, name: str, value: Value) -> None:
    """Give one field its value."""
    field = form.locator(f"[name='{name}']")
    if not field.count():
        raise RuntimeError(f"the form {form.get_attribute('action')} has no field {name}")
    _unfold(field.first)
    kind = field.first.get_attribute("type")
    if kind in {"radio", "checkbox"}:
        for wanted in [value] if isinstance(value, str) else value:
            tick(form.locator(f"[name='{name}'][value='{wanted}']").first)
    elif field.first.evaluate("one => one.tagName") == "SELECT":
        field.first.select_option(value)
    else:
        field.first.fill(str(value))
