"""`python -m tests.looks.tasks`: five tasks of each kind of user, walked in a browser, with steps and seconds counted (goals P1).

Steps are what a hand does; its seconds are reckoned by the model in `hand.py`, the machine's are measured, the tool's own
waiting with them. Starts an office of its own, filled with a small season, unless `--origin` names one that runs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Error, expect, sync_playwright

from app.platform import clock
from app.platform.db import Database
from app.platform.web.render import Urls
from app.transfer.terms import TransferState
from tests.browser.conftest import CALM, PHONE, Site, running
from tests.browser.outbox import photo
from tests.conftest import make_settings
from tests.desk import makers
from tests.looks import walk
from tests.looks.hand import GROWN, OLD, Hand, Pace
from tests.transfer import desk, scenes

MOST_TAPS, MOST_S = 5, 60  # goals P1, after the photo
OVER: Final = f"OVER the goal of {MOST_TAPS} taps and {MOST_S} s"
_LONG_MS: Final = 30_000
_DESK: Final[dict[str, Any]] = {
    "viewport": {"width": 1440, "height": 900},
    "is_mobile": False,
    "has_touch": False,
}


def is_over(taps: int, seconds: float) -> bool:
    """Whether a report takes more than goals P1 allows."""
    return taps > MOST_TAPS or seconds >= MOST_S


def after_the_photo(hand: Hand, seed: int = 70) -> tuple[int, float]:
    """On the form of a missing AED with its photo chosen: say where and what, hand it in; taps and machine's seconds."""
    hand.photo("#photos", photo(seed))
    expect(hand.page.locator(".photo-slot")).to_have_count(1)
    before, began = hand.so_far(), time.monotonic()
    hand.tap("用我的位置")
    expect(hand.page.locator("[data-place-found]")).to_contain_text("米")
    hand.tap("商场、超市")
    hand.tap(hand.page.locator(".question:has([name$=_unknown]) label:has-text('不清楚')"))
    hand.tap("提交")
    expect(hand.page.locator(".outbox-received")).to_have_count(1, timeout=_LONG_MS)
    return (hand.so_far() - before)["taps"], time.monotonic() - began


def _report(hand: Hand, pace: Pace) -> None:
    hand.page.goto(hand.site("intake:home"))
    if pace is OLD:
        hand.tap("长辈模式")
    hand.tap("我要反映问题")
    hand.tap("公共场所没有配置AED")
    expect(hand.page.locator("#report-form.is-live")).to_be_visible()
    before = hand.so_far()
    taps, machine = after_the_photo(hand, 71 if pace is OLD else 70)
    since = hand.so_far() - before
    since["taps"] = taps
    whole = pace.seconds(since) + machine
    hand.notes.append(f"after the photo {taps} taps, {since['swipes']} swipes, {whole:.0f} s in all")
    if is_over(taps, whole):
        hand.notes.append(OVER)


def _follow(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("intake:home"))
    hand.tap("用查询码看办理情况")
    hand.tap("看这台手机上反映过的")
    hand.tap("看办理情况")
    expect(hand.page.locator(".standing")).to_be_visible()


def _add(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("intake:track"))
    hand.write("main textarea", "一楼也没有", "yiloueyemeiyou")
    hand.tap("发送")
    hand.sees("一楼也没有")


def _whom(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("intake:home"))
    hand.tap("不知道归不归这里管？")
    hand.tap("是不是只欠您一个人的工资？")
    expect(hand.page.locator("main a[href^='tel:']").locator("visible=true").first).to_be_visible()


def _kept(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("intake:home"))
    hand.tap("个人信息怎样保护")
    expect(hand.page.locator("h1")).to_have_text("个人信息怎样保护")


def _today(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("desk:queue"))
    hand.tap("今天的事")
    expect(hand.page.locator("h1")).to_contain_text("今天")


def _register(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("desk:queue"))
    hand.tap(hand.page.locator("#rows a.clue-row"))
    hand.tap(hand.page.locator("#pane [data-key=r]"))
    expect(hand.page.locator(".clue__number").first).to_be_visible()


def _find(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("desk:queue"))
    hand.write("[name=q]", "AED")
    hand.tap("查找")
    hand.tap(hand.page.locator("a.clue-row"))
    expect(hand.page.locator(".clue__title").first).to_be_visible()


def _counter(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("desk:queue"))
    hand.tap("窗口登记")
    hand.choose("[name=channel]", "walk_in")
    hand.choose("[name=category]", "aed_missing")
    hand.write("[name=words]", "车站没有除颤器", "chezhanmeiyouchuchanqi")
    hand.write("[name=place_words]", "客运站", "keyunzhan")
    hand.tap("收下，打印回执")
    hand.sees("收到反映的回执")


def _overview(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("desk:queue"))
    hand.tap("本院情况")
    hand.sees("按领域")


_WAITING: Final = "main a[href*='/partner/transfers/']"


def _waiting(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("partner:inbox"))
    hand.tap(hand.page.locator(_WAITING))
    hand.tap("移送的全部内容")


def _accept(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("partner:inbox"))
    hand.tap(hand.page.locator(_WAITING))
    hand.tap("由我单位办理，先告诉检察院已经收到")
    hand.tap(hand.page.get_by_role("button", name="接收", exact=True))
    expect(hand.page.get_by_text("由我单位办理，先告诉检察院已经收到")).to_have_count(0)


def _answer(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("partner:inbox"))
    hand.tap(hand.page.locator(_WAITING))
    hand.tap("已处理并回复")
    hand.write("[name=reply_words]", "已装好除颤器，请核对", "yizhuanghaochuchanqi,qinghedui")
    hand.tap("提交回复")
    hand.sees("您单位已经回复")


def _note(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("partner:inbox"))
    hand.tap(hand.page.locator(_WAITING))
    hand.write("[name=note_words]", "已派人去看", "yipairenqukan")
    hand.tap("保存备注")
    hand.sees("已派人去看")


def _figures(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("partner:inbox"))
    hand.tap("本单位办理情况")
    hand.sees("按期答复")


def _missing(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("reference:index"))
    hand.tap("运行")
    hand.tap("开通准备")
    expect(hand.page.locator("h1")).to_contain_text("开通准备")


def _runs(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("reference:index"))
    hand.tap("运行")
    hand.sees("备份和空间")


def _agency(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("reference:index"))
    hand.tap(hand.page.locator("nav a").filter(has_text="单位"))
    hand.tap(hand.page.locator("main a.reference-row"))
    hand.write("[name=phone]", "0451-84000000")
    hand.tap("保存")
    hand.sees("0451-84000000")


def _category(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("reference:index"))
    hand.tap(hand.page.locator("main a[href$='/categories']"))
    hand.tap(hand.page.locator("main a.reference-row").filter(has_text="公共场所没有配置AED"))
    expect(hand.page.locator("h1")).to_contain_text("公共场所没有配置AED")


def _proof(hand: Hand, _pace: Pace) -> None:
    hand.page.goto(hand.site("reference:index"))
    hand.tap("存证")
    hand.sees("存证状态")


Task = Callable[[Hand, Pace], None]
_CITIZEN: Final[dict[str, Task]] = {
    "report a missing AED with one photo": _report,
    "see how it is going": _follow,
    "add something to it": _add,
    "find out who is faster": _whom,
    "read what is kept of me": _kept,
}


@dataclass(frozen=True, slots=True)
class Person:
    """One kind of user: the cast's name, the browser, the pace, five tasks."""

    name: str
    wishes: dict[str, Any]
    pace: Pace
    tasks: dict[str, Task]


WALKS: Final = {
    "citizen": Person("", {}, GROWN, _CITIZEN),
    "elderly citizen": Person("", {}, OLD, _CITIZEN),
    "prosecutor": Person("陈明远", _DESK, GROWN, {
        "see what is due today": _today,
        "register the first new clue": _register,
        "find a clue by a word": _find,
        "take down who comes to the counter": _counter,
        "see how the office does": _overview,
    }),
    "agency clerk": Person("郑敏", {}, GROWN, {
        "read what waits": _waiting,
        "accept it": _accept,
        "note something for colleagues": _note,
        "answer what was done": _answer,
        "see how we do": _figures,
    }),
    "administrator": Person("许可", _DESK, GROWN, {
        "see what is missing before opening": _missing,
        "see whether all runs": _runs,
        "put an agency's telephone right": _agency,
        "look at a category's questions": _category,
        "see whether evidence is whole": _proof,
    }),
}  # fmt: skip


def prepared(data: Path) -> None:
    """Give the agency something that waits, and the office a clue nobody has registered."""
    database = Database(f"sqlite:///{data / 'yixian.db'}")
    with database.write_session() as session:
        waits = scenes.clue(session)
        makers.clue(session, now=clock.now())
    desk.transfer_in(database, waits, TransferState.SENT)
    database.close()


def walked(browser: Browser, site: Site, person: Person, shots: Path | None) -> Iterator[tuple[str, str]]:
    """Walk one person's tasks in one browser; each with what was counted, or why it was not done."""
    context = browser.new_context(**PHONE | person.wishes)
    context.set_default_timeout(_LONG_MS)
    page = context.new_page()
    if person.name:
        walk.enter(site, page, person.name)
    for number, (task, way) in enumerate(person.tasks.items()):
        hand = Hand(page, site, is_desk=bool(person.wishes))
        try:
            way(hand, person.pace)
        except (Error, AssertionError) as error:
            said = f"NOT DONE at {page.url}: {' '.join(str(error).split())[:200]}"
        else:
            machine, done = time.monotonic() - hand.began, hand.done
            counted = [f"{done[what]:3}" for what in ("taps", "swipes", "keys")]
            times = [f"{person.pace.seconds(done):6.1f}", f"{machine:7.1f}"]
            said = " | ".join([*counted, *times, "; ".join(hand.notes)])
        if shots:
            page.screenshot(path=shots / f"{person.name}{person.pace.aim}-{number}.png")
        yield task, said
    context.close()


def main() -> int:
    """Walk, print a table; 1 when a task could not be done or a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.looks.tasks", description=__doc__)
    parser.add_argument("--origin", default="", help="a development office that runs and is filled")
    parser.add_argument("--data", type=Path, default=Path("data"), help="its folder")
    parser.add_argument("--who", nargs="*", default=list(WALKS))
    parser.add_argument("--shots", type=Path, help="a folder for a picture of where each task ended")
    options = parser.parse_args()
    from tests.looks.__main__ import filled

    expect.set_options(timeout=_LONG_MS)
    is_well = True
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        if options.origin:
            from app.main import create_app

            urls = Urls(create_app(make_settings("", Path(folder))))
            prepared(options.data)
            opened: Any = nullcontext(Site(options.origin, Path(folder), urls))
        else:
            filled(Path(folder) / "data", clues=40)
            prepared(Path(folder) / "data")
            opened = running(Path(folder))
        with opened as site:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CALM)
            sys.stdout.write(
                "| who | task | taps | swipes | keys | hand, s | machine, s | |\n" + "|---" * 8 + "|\n"
            )
            for who in options.who:
                for task, said in walked(browser, site, WALKS[who], options.shots):
                    is_well = is_well and "NOT DONE" not in said and OVER not in said
                    sys.stdout.write(f"| {who} | {task} | {said} |\n")
                    sys.stdout.flush()
            browser.close()
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
