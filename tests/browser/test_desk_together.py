"""Two prosecutors at one clue: each is told of the other, both decide, the second is shown the fresh clue, nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from app.platform import clock
from app.platform.db import Database
from tests import cast
from tests.browser.conftest import Site, Watch, running
from tests.desk import makers
from tests.triage import walks

WIDE = {"width": 1440, "height": 900}
WORDS = "请补一张沟口的照片，看得见路牌"


def a_clue(site: Site) -> str:
    """One registered clue."""
    database = Database(f"sqlite:///{site.data / 'yixian.db'}")
    with database.write_session() as session:
        chen = cast.actor(session, "prosecutor_chen")
        clue_id = walks.register(session, chen, makers.clue(session, now=clock.now())).id
    database.close()
    return clue_id


def person(chromium: Browser, site: Site, watch: Watch, name: str) -> Page:
    """Somebody of the cast at a desk of their own."""
    context = chromium.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(30_000)
    watch.over(context)
    page = context.new_page()
    page.goto(site("identity:sign_in"))
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state("load")
    return page


def test_both_decide_and_nothing_is_lost(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path, LOAD_CAST="true") as site:
        clue_id, watch = a_clue(site), Watch(site.origin)
        watch.expect("409")
        chen, lin = (person(chromium, site, watch, name) for name in ("陈明远", "林静"))
        for page in (chen, lin):
            page.goto(site("desk:clue", clue_id=clue_id))
        # Each page says by itself that it is in sight; the other is told when it says so next.
        chen.keyboard.press("c")
        chen.locator("textarea[name=note]:focus").fill(WORDS)
        lin.reload()
        expect(lin.locator("#presence")).to_contain_text("陈明远正在办理这条线索")
        # It stops nobody: the head decides.
        lin.keyboard.press("s")
        lin.locator("#screen_out-reason_key").select_option(index=1)
        with lin.expect_navigation():
            lin.locator("#screen_out-reason_key").press("Control+Enter")
        expect(lin.locator(".clue__standing")).to_contain_text("不予受理")
        # Whoever comes second, from the page as it was, is shown the fresh one with every word kept.
        chen.locator("summary", has_text="改标题").click()
        title = chen.locator("#set_title-title")
        title.fill(WORDS)
        with chen.expect_navigation():
            title.press("Control+Enter")
        expect(chen.locator("main")).to_contain_text("已经有人处理过")
        expect(chen.locator(".clue__standing")).to_contain_text("不予受理")
        assert WORDS in chen.content()
        books = sqlite3.connect(site.data / "yixian.db")
        verbs = [row[0] for row in books.execute("SELECT verb FROM journal WHERE clue_id = ?", (clue_id,))]
        books.close()
        assert verbs.count("clue.screen_out") == 1
        assert "clue.retitled" not in verbs, "one conflict, and the stale page wrote nothing"
        assert watch.unexpected() == []
        for page in (chen, lin):
            page.context.close()
