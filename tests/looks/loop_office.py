"""One office, its people at their screens, and the pictures of what each of them saw: what a walk of the loop is made of."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect

from app.platform import clock
from app.platform.db import Database
from app.transfer.reminders import service as reminders
from tests.browser.conftest import Site, Watch
from tests.browser.outbox import answer_all, expect_received
from tests.conftest import make_settings
from tests.looks.people import File, Person
from tests.photos import phone_photo

_CODE: Final = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}\s+){4}[0-9A-Z]{2}\b")
_EVALUATED: Final = {
    "truth": "3", "check_object": "3", "check_fact": "3", "check_conditions": "2", "harm": "2", "duty_failure": "2",
    "is_ours": "yes", "is_public": "yes",
}  # fmt: skip


def photo(seed: int, text: str) -> File:
    """A photo as a file chooser hands it over."""
    content = phone_photo(size=(1600, 1200), seed=seed, text=text)
    return {"name": f"IMG_{seed:04}.jpg", "mimeType": "image/jpeg", "buffer": content}


@dataclass(frozen=True, slots=True)
class Way:
    """A clue that has just left the house: who reported it, under which code, and where its transfer is."""

    reporter: Person
    code: str
    path: str


class Loop:
    """One office, its people, and the pictures of what each of them saw."""

    def __init__(self, browser: Browser, site: Site, into: Path) -> None:
        """Let the people of the desk sit down."""
        self.browser, self.site, self.into = browser, site, into
        self.watch = Watch(site.origin)
        self.desk = self._person("陈明远", is_desk=True)
        self.head = self._person("林静", is_desk=True)
        self.chief = self._person("周正", is_desk=True)
        self.pictures: dict[str, list[tuple[str, Path]]] = {"phone": [], "desk": []}
        self.wrong: list[str] = []
        self._name = ""

    def _person(self, name: str = "", *, is_desk: bool = False) -> Person:
        return Person(self.browser, self.site, self.watch, name, is_desk=is_desk)

    def begin(
        self,
        name: str,
        category: str,
        fill: Callable[[Person], None],
        receiver: str,
        *,
        by: Person | None = None,
        reads: str = "收到",
        **words: str,
    ) -> Way:
        """Walk what all ways begin with: reported, taken up, drafted, signed and sent; the pictures carry this name.

        `reads` is what the reporter reads once it is received.
        """
        self._name = name
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        who = by or self.desk
        reporter, code = self.report(category, fill)
        self.track(reporter, code, "received", says=reads)
        path = self.draft(who, self.take_up(who), receiver, **words)
        self.send_off(path, who)
        return Way(reporter, code, path)

    def shoot(self, hand: Person, what: str, *, part: str = "") -> None:
        """Keep what somebody sees now."""
        size = hand.page.viewport_size or {"width": 0}
        kind = "desk" if size["width"] > 1000 else "phone"
        target = (
            self.into / "pages" / f"{len(list((self.into / 'pages').iterdir())):03}-{self._name}-{what}.png"
        )
        hand.shoot(target, part=part)
        self.pictures[kind].append((f"{self._name} {what}", target))

    # The reporter.

    def report(self, category: str, fill: Callable[[Person], None]) -> tuple[Person, str]:
        """Report something from a phone; return the reporter and the code on the receipt."""
        reporter = self._person()
        reporter.go(self.site("intake:form", category_key=category))
        expect(reporter.page.locator("#report-form.is-live")).to_be_visible()
        answer_all(reporter.page)
        fill(reporter)
        reporter.page.get_by_role("button", name="提交").click()
        reporter.page.wait_for_url("**/outbox")
        expect_received(reporter.page)
        self.shoot(reporter, "reporter-receipt")
        found = _CODE.search(reporter.page.locator("main").inner_text())
        if found is None:
            raise RuntimeError("no code on the receipt")
        return reporter, re.sub(r"\s", "", found.group(0))

    def track(
        self, reporter: Person, code: str, what: str, *, says: str, hides: tuple[str, ...] = ()
    ) -> None:
        """Look at the matter by its code: it must say this and none of that."""
        reporter.page.context.clear_cookies()
        reporter.go(self.site("intake:track")).send("/track", code=code)
        self.shoot(reporter, f"reporter-{what}")
        words = reporter.words
        if says not in words:
            self.wrong.append(f"{self._name} {what}: the reporter does not read “{says}”")
        self.wrong += [f"{self._name} {what}: the reporter reads “{one}”" for one in hides if one in words]

    # The desk.

    def take_up(self, who: Person) -> str:
        """Open the newest clue, register and evaluate it; return its address."""
        who.go(self.site("desk:queue", list="new"))
        first = who.page.locator("a[href*='/desk/clues/']").first.get_attribute("href") or ""
        path = re.search(r"/desk/clues/[0-9a-f-]{36}", first)
        if path is None:
            raise RuntimeError("the queue is empty")
        who.go(path.group(0)).send("/registration")
        who.go(path.group(0)).send("/evaluation", **_EVALUATED)
        who.go(path.group(0))
        self.shoot(who, "desk-evaluated")
        return path.group(0)

    def draft(self, who: Person, clue: str, receiver: str, **words: str) -> str:
        """Draft a transfer to one receiver; return its path."""
        who.go(f"{clue}/transfers")
        for box in who.page.locator("[name=receivers]:checked").all():
            box.evaluate("one => { one.checked = false; }")
        label = who.page.locator("label.choice", has_text=receiver).first
        value = label.locator("input").get_attribute("value") or ""
        self.shoot(who, "desk-draft")
        who.send("/transfers", receivers=value, **words)
        return who.path

    def send_off(self, path: str, who: Person) -> None:
        """Checked, reviewed, signed, sent: the whole chain."""
        who.go(path)
        self._checked(who, "/submission")
        self.head.go(path).send("/review")
        self.chief.go(path).send("/signature")
        who.go(path)
        self._checked(who, "/dispatch")
        self.shoot(who, "desk-sent")

    def _checked(self, who: Person, ending: str) -> None:
        boxes = who.page.locator(f"form[action$='{ending}'] [name=checks]")
        every = [box.get_attribute("value") or "" for box in boxes.all()]
        if every:
            who.send(ending, checks=every)
        elif who.page.locator(f"form[action$='{ending}'] [name=is_checked]").count():
            who.send(ending, is_checked="yes")
        else:
            who.send(ending)

    def by_link(self, path: str, contact: str, who: Person) -> Person:
        """Give somebody outside a one-time link and tell them its code; return them at the open page."""
        who.go(path).send("/links", link_contact=contact)
        slip = who.words
        link = re.search(r"/t/[A-Za-z0-9_-]{20,}", slip)
        pin = re.search(r"(\d{4})\s+(\d{4})", who.page.locator("#code").inner_text())
        if link is None or pin is None:
            raise RuntimeError("the slip has no link or no code")
        self.shoot(who, "desk-slip")
        receiver = self._person()
        receiver.go(link.group(0))
        self.shoot(receiver, "receiver-door")
        receiver.send(link.group(0), code=pin.group(1) + pin.group(2))
        self.shoot(receiver, "receiver-page")
        return receiver

    def visit(self, path: str, outcome: str, what: str, *, after: File | None = None, **words: str) -> None:
        """Two people look on the ground and write down what they saw."""
        self.chief.go(path).send(
            "/visits", files={"photos": [after]} if after else None, outcome=outcome, staff_one="陈明远", staff_two="王悦",
            visit_words="到现场看过，正门左侧。", **words,
        )  # fmt: skip
        self.shoot(self.chief, f"desk-{what}")

    def remind(self) -> None:
        """Let the morning's run of reminders happen now."""
        database = Database(make_settings("", self.site.data).database)
        with database.write_session() as session:
            reminders.run_day(session, ways=(), now=clock.now())
        database.close()
