"""A prosecutor's morning by keyboard alone: thirty new clues registered, then merged, redirected, assigned or transferred.

Every key press is counted, a chord as one; goals.md P5 allows six a clue. The number is printed (`-s`) and held.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.platform import clock
from app.platform.db import Database, WriteSession
from tests import cast
from tests.browser.conftest import Site, Watch, running
from tests.desk import makers
from tests.triage import walks

MORNING = [("合并", 8), ("引导", 7), ("分派", 8), ("移送", 7)]
GOAL = 6
WIDE = {"width": 1600, "height": 950}


def fill(session: WriteSession) -> None:
    """Thirty new clues; the eight to be merged lie beside eight that are in hand already."""
    chen, now = cast.actor(session, "prosecutor_chen"), clock.now()
    at = 0
    for kind, count in MORNING:
        for number in range(count):
            at += 1
            place = replace(makers.HERE, lat=45.75 + 0.01 * at, words=f"{kind}路{number}号")
            words = f"{kind}路{number}号的沟里一直往外排黑水，味道很大"
            if kind == "合并":
                walks.register(
                    session,
                    chen,
                    makers.clue(session, title=f"在办{number}", words=words, place=place, now=now),
                )
            makers.clue(
                session, title=f"{kind}第{number}件", words=f"{words}，没人管", place=place, now=now - timedelta(minutes=at)
            )  # fmt: skip


class Hands:
    """Two hands on a keyboard that count what they press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed: Counter[str] = Counter()

    def press(self, key: str) -> None:
        """Press one key, or one chord."""
        self.pressed[key] += 1
        self.page.keyboard.press(key)

    def press_and_arrive(self, key: str) -> None:
        """Press a key that leads to a page, and wait until that page is another one and listens.

        Not by the browser's word of a navigation: an address that a script has just changed is one too, and heard late.
        """
        self.page.evaluate("window.isBefore = true")
        self.press(key)
        self.page.wait_for_function("() => !window.isBefore && document.readyState === 'complete'")

    def until(self, selector: str) -> None:
        """Wait, as eyes do, until something is there."""
        expect(self.page.locator(selector).first).to_be_visible(timeout=30_000)


def merge(hands: Hands) -> None:
    hands.until("#likely button")
    hands.press("m")
    hands.press_and_arrive("Enter")


def redirect(hands: Hands) -> None:
    hands.press("g")
    hands.until("select[name=hotline_key]:focus")
    hands.press("1")
    hands.press("1")
    hands.press_and_arrive("Enter")


def assign(hands: Hands) -> None:
    hands.press("h")
    hands.until("select[name=account_id]:focus")
    hands.press("2")
    hands.press_and_arrive("Enter")


def transfer(hands: Hands) -> None:
    hands.press_and_arrive("t")
    # The agency that fits category and place is chosen already; a digit would take the choice back.
    hands.until("input[name=receivers]:checked")
    hands.press_and_arrive("Control+Enter")


DEEDS: dict[str, Callable[[Hands], None]] = {
    "合并": merge,
    "引导": redirect,
    "分派": assign,
    "移送": transfer,
}


def test_a_morning_by_keyboard_alone(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path, LOAD_CAST="true") as site:
        database = Database(f"sqlite:///{site.data / 'yixian.db'}")
        with database.write_session() as session:
            fill(session)
        database.close()
        watch = Watch(site.origin)
        context = chromium.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(20_000)
        watch.over(context)
        page = context.new_page()
        page.goto(site("identity:sign_in"))
        page.get_by_role("button", name="陈明远").first.click()
        page.goto(site("desk:queue"))
        hands = Hands(page)
        clear(hands)
        told = sum(hands.pressed.values())
        print(f"\nP5: 30 clues, {told} key presses, {told / 30:.2f} a clue: {dict(hands.pressed)}")  # noqa: T201
        assert told / 30 <= GOAL
        assert watch.unexpected() == []
        context.close()
        check(site)


def clear(hands: Hands) -> None:
    """Work through the list until it is empty."""
    for _ in range(30):
        is_queue = hands.page.locator("#rows a.clue-row").count() > 0
        if is_queue:
            here = hands.page.url
            hands.press("n")
            # The address follows last; what is pressed before would be taken for the next page's.
            hands.page.wait_for_function("here => location.href !== here", arg=here)
        else:
            hands.press_and_arrive("n")
        hands.until("#pane [data-key=r]")
        kind = hands.page.locator("#pane .clue__title").inner_text()[:2]
        hands.press_and_arrive("r")
        hands.until("#pane .clue__number")
        DEEDS[kind](hands)


def check(site: Site) -> None:
    """What the keys did is in the books: nothing new is left, each went its way."""
    connection = sqlite3.connect(site.data / "yixian.db")
    states = dict(connection.execute("SELECT substr(title, 1, 2) || state, count(*) FROM clue GROUP BY 1"))
    assert states == {
        "在办registered": 8, "合并merged_duplicate": 8, "引导redirected": 7, "分派registered": 8, "移送evaluating": 7,
    }  # fmt: skip
    drafts = connection.execute(
        "SELECT count(DISTINCT clue_id) FROM transfer WHERE state = 'draft'"
    ).fetchone()[0]
    assert drafts == 7
    hands = connection.execute(
        "SELECT count(DISTINCT assignee_id) FROM clue WHERE title LIKE '分派%'"
    ).fetchone()[0]
    assert hands == 1
    connection.close()


@pytest.mark.parametrize("where", ["textarea", "search"])
def test_keys_never_act_while_somebody_writes(chromium: Browser, tmp_path: Path, where: str) -> None:
    with running(tmp_path, LOAD_CAST="true") as site:
        database = Database(f"sqlite:///{site.data / 'yixian.db'}")
        with database.write_session() as session:
            makers.clue(session, now=clock.now())
        database.close()
        page = chromium.new_context(viewport=WIDE, locale="zh-CN").new_page()
        page.goto(site("identity:sign_in"))
        page.get_by_role("button", name="陈明远").first.click()
        page.goto(site("desk:queue", clue="first"))
        if where == "search":
            page.keyboard.press("/")
        else:
            page.keyboard.press("c")
            expect(page.locator("textarea[name=note]").last).to_be_focused()
        page.keyboard.type("rastgnj?1")
        focused = page.evaluate("document.activeElement.value")
        assert focused == "rastgnj?1"
        assert page.locator("[data-key=r]").first.is_visible()
        page.context.close()
