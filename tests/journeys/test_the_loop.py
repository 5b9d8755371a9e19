"""The whole loop, form by form as people live it, and what the reporter reads after each step: returned, aimed anew,
promised, answered with photos, not solved on the ground, solved, relapsed, solved again."""

from __future__ import annotations

import re
from datetime import timedelta

from app.platform import clock
from tests import cast, photos
from tests.journeys.test_whole_way import (
    JPEG,
    code_on,
    darkroom,  # noqa: F401
    open_clue,
    read_by_code,
    register_and_evaluate,
    transfer_and_send,
    walker,  # noqa: F401
)
from tests.journeys.walker import Walker


def by_link(on: Walker, path: str) -> None:
    """The desk gives a link and its code; the receiver opens it, signed in nowhere."""
    cast.sign_in(on.client, "prosecutor_chen")
    on.go(path).send("/links", link_contact="郑敏")
    link = re.search(r"/t/[A-Za-z0-9_-]{20,}", on.text)
    pin = re.search(r"(\d{4})\s+(\d{4})", on.text)
    assert link
    assert pin
    cast.sign_out(on.client)
    on.client.cookies.clear()
    on.go(link.group(0)).send(link.group(0), code=pin.group(1) + pin.group(2))


def replies(on: Walker, path: str, words: str, seed: int) -> None:
    """The receiver replies by link, with a photo."""
    by_link(on, path)
    picture = ("after.jpg", photos.small_photo(seed=seed), JPEG)
    on.send("/reply", files=[("photos", picture)], reply_words=words)
    on.work()


def visits(on: Walker, path: str, outcome: str, **told: str) -> None:
    """Two people look on the ground."""
    cast.sign_in(on.client, "chief_zhou")
    on.go(path).send(
        "/visits", outcome=outcome, staff_one="陈明远", staff_two="王悦", visit_words="到现场看过。", **told
    )


def test_returned_aimed_anew_promised_not_solved_relapsed_and_solved(walker: Walker) -> None:  # noqa: F811
    on = walker
    on.go("/report/aed_missing").send(
        "/report/aed_missing", files=[("photos", ("a.jpg", photos.small_photo(), JPEG))],
        q_venue_type="mall", q_venue_name="万象汇", place_words="正门左侧",
    )  # fmt: skip
    code = code_on(on)
    on.work()
    clue_id = open_clue(on)
    register_and_evaluate(on)
    first = transfer_and_send(on, clue_id)
    assert "已转交" in read_by_code(on, code).text

    by_link(on, first)
    on.send("/refusal", refusal_reason="not_ours", refusal_words="商场由别的部门管。")
    returned = read_by_code(on, code).text
    assert "商场由别的部门管" not in returned, "what is said between two bodies is not the reporter's"

    cast.sign_in(on.client, "prosecutor_chen")
    on.go(first)
    other = re.search(r'<option value="([0-9a-f-]{36})"', on.html.split('id="reaim"')[1])
    assert other
    on.send("/successors", new_receiver=other[1])
    path = on.path.split("?")[0]
    assert path != first
    on.send("/submission", is_checked="yes")
    for who, step in (
        ("head_lin", "/review"),
        ("chief_zhou", "/signature"),
        ("prosecutor_chen", "/dispatch"),
    ):
        cast.sign_in(on.client, who)
        on.go(path).send(step)
    assert "已转交" in read_by_code(on, code).text

    by_link(on, path)
    day = clock.office_date(clock.now()) + timedelta(days=9)
    on.send("/promise", promised_on=day.isoformat(), promise_words="要等采购。")
    assert "接收单位正在办理" in read_by_code(on, code).text
    replies(on, path, "已在服务台旁安装一台。", 3)
    assert "有权处理的机关已经答复" in read_by_code(on, code).text
    assert "已在服务台旁安装一台" not in on.text, "the office checks before it tells"

    visits(on, path, "failed", to_receiver="柜子是空的，请装上机器。")
    by_link(on, path)
    assert "柜子是空的，请装上机器" in on.text
    assert "柜子是空的" not in read_by_code(on, code).text
    replies(on, path, "机器已经装上。", 4)
    visits(on, path, "verified", visit_answer="商场已经装好了急救设备。")
    assert "商场已经装好了急救设备" in read_by_code(on, code).text

    visits(on, path, "relapsed", to_receiver="又不见了，请再装。")
    again = read_by_code(on, code).text
    assert "重新审查" in again
    replies(on, path, "又装了一台，加了锁。", 5)
    visits(on, path, "verified", visit_answer="又装好了，还加了锁。")
    assert "又装好了，还加了锁" in read_by_code(on, code).text
    cast.sign_in(on.client, "prosecutor_chen")
    assert on.go(path).html.count("到现场看过。") == 4
