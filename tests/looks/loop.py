"""`python -m tests.looks.loop`: a clue through each kind of transfer in a real browser, and what everybody saw on the way.

Refused and aimed anew, promised, reminded, answered by one-time link with photos, not solved on the ground, solved,
relapsed, closed. Each step is a picture: a phone for who reports and who answers, a wide screen for the desk; sheets of
them stand beside. Ends with 1 when a page reported an error or the reporter read what is not theirs to read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from app.platform import clock
from tests.browser.conftest import CALM, Site, running
from tests.looks import sheet
from tests.looks.loop_office import Loop, Way, photo
from tests.looks.people import Person, tick


def agency(loop: Loop) -> None:
    """An agency: the wrong one refuses, the right one promises, is reminded, replies, fails, replies, relapses, is done."""

    def fill(phone: Person) -> None:
        phone.page.locator("#photos").set_input_files([photo(1, "NO AED"), photo(2, "DOOR")])  # type: ignore[list-item]
        form = phone.page.locator("#report-form")
        tick(form.locator("[name=q_venue_type][value=mall]"))
        form.locator("[name=q_venue_name]").fill("万象汇")
        form.locator("[name=place_words]").fill("正门左侧")

    way = loop.begin("agency", "aed_missing", fill, "水务")
    reporter, code = way.reporter, way.code
    path = _refused_and_promised(loop, way)
    _replies(loop, path, "已在服务台旁安装一台。", 3)
    loop.track(reporter, code, "replied", says="已经答复", hides=("已在服务台旁安装一台",))
    _failed_and_relapsed(loop, path, reporter, code)
    _compared(loop, path)


def _refused_and_promised(loop: Loop, way: Way) -> str:
    reporter, code, first = way.reporter, way.code, way.path
    loop.track(reporter, code, "sent", says="已转交")
    receiver = loop.by_link(first, "何川", loop.desk)
    receiver.send("/refusal", refusal_reason="not_ours", refusal_words="商场里的急救设备由卫生健康部门管。")
    loop.shoot(receiver, "receiver-refused")
    loop.track(reporter, code, "refused", says="您反映的问题", hides=("由卫生健康部门管", "不属于"))
    loop.desk.go(first)
    loop.shoot(loop.desk, "desk-refused")
    other = loop.desk.page.locator("#reaim option", has_text="卫生健康").first.get_attribute("value") or ""
    loop.desk.send("/successors", new_receiver=other)
    path = loop.desk.path
    loop.send_off(path, loop.desk)
    loop.track(reporter, code, "aimed-anew", says="已转交")
    receiver = loop.by_link(path, "郑敏", loop.desk)
    day = clock.office_date(clock.now()) + timedelta(days=2)
    receiver.send("/promise", promised_on=day.isoformat(), promise_words="要等采购。")
    loop.shoot(receiver, "receiver-promised")
    loop.track(reporter, code, "promised", says="接收单位正在办理", hides=("要等采购",))
    loop.remind()
    inbox = Person(loop.browser, loop.site, loop.watch, "郑敏").go(loop.site("partner:inbox"))
    loop.shoot(inbox, "receiver-inbox-reminded")
    loop.desk.go(loop.site("transfer:reminders"))
    loop.shoot(loop.desk, "desk-reminders")
    return path


def _failed_and_relapsed(loop: Loop, path: str, reporter: Person, code: str) -> None:
    loop.visit(path, "failed", "failed", after=photo(4, "EMPTY"), to_receiver="柜子是空的，请装上机器。")
    receiver = loop.by_link(path, "郑敏", loop.desk)
    if "柜子是空的" not in receiver.words:
        loop.wrong.append("agency: the receiver is not told what is missing")
    loop.track(reporter, code, "failed", says="接收单位正在办理", hides=("柜子是空的",))
    _replies(loop, path, "机器已经装上。", 5)
    loop.visit(
        path, "verified", "verified", after=photo(6, "AED OK"), visit_answer="商场已经装好了急救设备。"
    )
    loop.track(reporter, code, "verified", says="商场已经装好了急救设备")
    loop.visit(path, "relapsed", "relapsed", to_receiver="又不见了，请再装。")
    loop.track(reporter, code, "relapsed", says="重新审查", hides=("又不见了",))
    _replies(loop, path, "又装了一台，加了锁。", 7)
    loop.visit(path, "verified", "closed", after=photo(8, "LOCKED"), visit_answer="又装好了，还加了锁。")
    loop.track(reporter, code, "closed", says="又装好了，还加了锁")


def _replies(loop: Loop, path: str, words: str, seed: int) -> None:
    receiver = loop.by_link(path, "郑敏", loop.desk)
    receiver.send("/reply", files={"photos": [photo(seed, f"AFTER {seed}")]}, reply_words=words)
    loop.shoot(receiver, "receiver-replied")


def _compared(loop: Loop, path: str) -> None:
    """The line between before and after, moved by keys."""
    loop.desk.go(path)
    line = loop.desk.page.locator(".compare__range").first
    line.scroll_into_view_if_needed()
    line.focus()
    for _ in range(20):
        loop.desk.page.keyboard.press("ArrowLeft")
    loop.shoot(loop.desk, "desk-compare", part=".compare")
    phone = Person(loop.browser, loop.site, loop.watch, "陈明远").go(path)
    phone.page.locator(".compare__range").first.scroll_into_view_if_needed()
    loop.shoot(phone, "desk-on-the-phone-compare", part=".compare")


def _river(phone: Person) -> None:
    phone.page.locator("#photos").set_input_files([photo(20, "RIVER")])  # type: ignore[list-item]
    phone.page.locator("[name=words]").fill("河水发黑，桥下有一根管子一直在排水，味道很大。")
    phone.page.locator("[name=place_words]").fill("大耿家桥下")


def procuratorate(loop: Loop) -> None:
    """A sister procuratorate: it cannot send back; it says that it disagrees, is told more, and answers."""
    way = loop.begin(
        "procuratorate",
        "water_pollution",
        _river,
        "道外区人民检察院",
        requests="排口在你院辖区，请依法办理。",
    )
    reporter, code, path = way.reporter, way.code, way.path
    receiver = loop.by_link(path, "道外院值班室", loop.desk)
    if receiver.offers("/refusal"):
        loop.wrong.append("procuratorate: a sister procuratorate is offered to send back (办案规则 26)")
    receiver.send("/dispute", dispute_words="排口在松北一侧，我院已报哈尔滨市人民检察院。")
    loop.shoot(receiver, "receiver-disputed")
    loop.track(reporter, code, "disputed", says="已转交", hides=("松北一侧",))
    loop.desk.go(path)
    loop.shoot(loop.desk, "desk-disputed")
    loop.desk.send("/messages", tell_words="市院答复：由你院办理。")
    _answered(loop, path, "道外院值班室", "已立案审查。", reporter, code)


def upward(loop: Loop) -> None:
    """The procuratorate above: it asks, is answered, replies, is asked again."""
    way = loop.begin(
        "upward", "water_pollution", _river, "哈尔滨市人民检察院", requests="涉及两个区，请上级院办理。"
    )
    reporter, code, path = way.reporter, way.code, way.path
    receiver = loop.by_link(path, "市院第八检察部", loop.desk)
    receiver.send("/question", question_words="两岸各有几个排口？")
    loop.desk.go(path)
    loop.shoot(loop.desk, "desk-asked")
    loop.desk.send("/messages", tell_words="松北一侧一个，道外一侧两个。")
    receiver = loop.by_link(path, "市院第八检察部", loop.desk)
    receiver.send("/reply", reply_words="我院已提办。")
    loop.desk.go(path).send("/further-questions", question_words="请告知提办的文号。")
    _answered(loop, path, "市院第八检察部", "哈检提办〔2026〕1号。", reporter, code)


def military(loop: Loop) -> None:
    """The military procuratorate, for a matter near a facility: words only, every item ticked, a closed circle."""

    def fill(phone: Person) -> None:
        form = phone.page.locator("#report-form")
        form.locator("[name=place_town]").select_option("songpu")
        tick(form.locator("[name=q_nature][value=pollution]"))
        form.locator("[name=words]").fill("附近有人倾倒垃圾，气味很大，影响周边。")

    way = loop.begin(
        "military", "mil_facility_env", fill, "军事检察院", by=loop.head, reads="专门渠道", summary="有人反映附近有人倾倒垃圾，请核实。",
        requests="请依法办理。",
    )  # fmt: skip
    reporter, code, path = way.reporter, way.code, way.path
    loop.track(reporter, code, "sent", says="专门渠道", hides=("军事检察院",))
    loop.watch.expect("404")
    loop.desk.page.goto(loop.site.origin + path)
    if loop.desk.words.count("军事检察院"):
        loop.wrong.append("military: somebody outside the circle reads the transfer")
    loop.desk = Person(loop.browser, loop.site, loop.watch, "陈明远", is_desk=True)
    receiver = loop.by_link(path, "军事检察院联络员", loop.head)
    receiver.send("/acknowledgement", signer="王参谋")
    loop.shoot(receiver, "receiver-acknowledged")
    receiver = loop.by_link(path, "军事检察院联络员", loop.head)
    receiver.send("/reply", reply_words="已经清理。")
    loop.chief.go(path).send("/closure")
    loop.shoot(loop.chief, "desk-closed")
    if "反映人凭查询码能看到" in loop.chief.words:
        loop.wrong.append("military: the desk is told that the reporter reads an answer, which they do not")
    loop.track(reporter, code, "closed", says="专门渠道", hides=("已办结", "已经清理"))


def department(loop: Loop) -> None:
    """Another department of the office, which answers on paper."""
    way = loop.begin("department", "water_pollution", _river, "刑事检察部门", requests="涉嫌犯罪，请审查。")
    reporter, code, path = way.reporter, way.code, way.path
    today = clock.office_date(clock.now()).isoformat()
    loop.desk.go(path).send(
        "/paper-answers", files={"scan": [photo(30, "SCAN")]}, paper_kind="replied", paper_words="已经移送公安机关立案侦查。",
        paper_received_on=today, paper_signer="赵检察官",
    )  # fmt: skip
    loop.shoot(loop.desk, "desk-paper")
    loop.desk.send("/closure", public_answer="您反映的问题，公安机关已经立案侦查。")
    loop.track(reporter, code, "closed", says="公安机关已经立案侦查")


def police(loop: Loop) -> None:
    """The police give it back; it goes to the supervision authority, which solves it."""
    way = loop.begin("police", "water_pollution", _river, "松北区公安机关", requests="请依法查处。")
    reporter, code, path = way.reporter, way.code, way.path
    receiver = loop.by_link(path, "治安大队", loop.desk)
    receiver.send(
        "/refusal", refusal_reason="duplicate", refusal_words="已另案受理，有公职人员参与，建议送监察机关。"
    )
    loop.desk.go(path)
    other = loop.desk.page.locator("#reaim option", has_text="监察机关").first.get_attribute("value") or ""
    loop.desk.send("/successors", new_receiver=other)
    path = loop.desk.path
    loop.send_off(path, loop.desk)
    loop.track(reporter, code, "aimed-anew", says="已转交", hides=("公职人员",))
    receiver = loop.by_link(path, "信访室", loop.desk)
    receiver.send("/reply", files={"photos": [photo(40, "CLEAN")]}, reply_words="已经处理，排口封堵。")
    loop.visit(path, "verified", "verified", visit_answer="排口已经封堵，河水不再发黑。")
    loop.track(reporter, code, "closed", says="河水不再发黑")


def _answered(loop: Loop, path: str, contact: str, words: str, reporter: Person, code: str) -> None:
    receiver = loop.by_link(path, contact, loop.desk)
    receiver.send("/reply", reply_words=words)
    loop.shoot(receiver, "receiver-replied")
    loop.track(reporter, code, "replied", says="已经答复", hides=(words,))
    loop.desk.go(path).send("/closure", public_answer="有权处理的检察院已经接着办理。")
    loop.shoot(loop.desk, "desk-closed")
    loop.track(reporter, code, "closed", says="有权处理的检察院已经接着办理")


WAYS: Final = {one.__name__: one for one in (agency, procuratorate, upward, military, department, police)}


@contextmanager
def _office() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site:
        yield site


def main() -> int:
    """Walk every way, or the ones named."""
    parser = argparse.ArgumentParser(prog="python -m tests.looks.loop", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("sheets/loop"))
    parser.add_argument("--only", nargs="*", choices=list(WAYS), default=list(WAYS))
    options = parser.parse_args()
    shutil.rmtree(options.out / "pages", ignore_errors=True)
    (options.out / "pages").mkdir(parents=True)
    with _office() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CALM)
        loop = Loop(browser, site, options.out)
        for name in options.only:
            WAYS[name](loop)
        for kind, across in (("phone", 6), ("desk", 3)):
            sheet.sheets(loop.pictures[kind], options.out, kind, across=across)
        browser.close()
    wrong = loop.wrong + loop.watch.unexpected()
    sys.stdout.write("\n".join([f"{sum(map(len, loop.pictures.values()))} pictures", *wrong]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
