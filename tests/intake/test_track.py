"""The way back by code: what it shows, and what it never tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.clues.terms import ClueAction, Fact
from app.evidence.service import keep_derivative
from app.evidence.terms import DerivativeKind
from app.intake import doors
from app.platform import clock
from tests.conftest import make_settings
from tests.intake.sheets import AED, FACILITY, code_on, files, give_code, photo, report
from tests.intake.steps import go, register, say, track

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.db import Database
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app


# The code.


def test_without_a_code_there_is_only_the_box(client: HouseClient, code: str):
    assert 'name="code"' in track(client)
    assert client.get(client.to("intake:receipt")).headers["location"] == client.to("intake:track")
    for name in ("intake:qr", "intake:receipt_picture"):
        assert client.get(client.to(name)).status_code == 404


@pytest.mark.parametrize("shape", [str.lower, " ".join, lambda code: f"-{code[:9]}－{code[9:]} "])
def test_a_code_opens_however_it_is_typed(client: HouseClient, code: str, shape: Callable[[str], str]):
    assert give_code(client, shape(code)).headers["location"] == client.to("intake:track")
    assert "我们已经收到您反映的问题" in track(client)


@pytest.mark.parametrize("typed", ["", " ", "x", "'; --", "\u202e" * 30, "一二三四", "0" * 5000])
def test_what_is_no_code_is_told_as_a_slip(client: HouseClient, code: str, typed: str):
    answer = give_code(client, typed)
    assert answer.status_code == 422
    assert "yixian_track" not in answer.headers.get("set-cookie", "")


def test_a_slip_and_a_strange_code_are_told_apart(client: HouseClient, code: str):
    from app.intake import codes

    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "抄错或者漏了" in give_code(client, slip).text
    assert "没有找到" in give_code(client, codes.code_of("ab" * 32)).text


def test_a_forged_or_old_cookie_opens_nothing(client: HouseClient, code: str):
    give_code(client, code)
    real = client.cookies[doors.TRACK_COOKIE]
    house = client.app.state.house  # type: ignore[attr-defined]
    old = house.keys.stamp("track", {"report": "x"}, expires_at=clock.now() - timedelta(seconds=1))
    other = house.keys.stamp("form", {"report": "x"}, expires_at=clock.now() + timedelta(days=1))
    for forged in (real[:-2] + "xx", "junk", "a.b.c", "", old, other):
        client.cookies.clear()
        client.cookies.set(doors.TRACK_COOKIE, forged)
        assert 'name="code"' in track(client)
        assert say(client, words="补充").status_code == 422
    client.cookies.clear()
    raw = {b"cookie": doors.TRACK_COOKIE.encode() + b"=\xd0\xae\xff.dev1.\xff"}
    assert 'name="code"' in client.get(client.to("intake:track"), headers=raw).text


def test_codes_are_not_guessed_at_will(database_url: str, tmp_path: Path):
    from app.main import create_app
    from tests.conftest import HouseClient

    with HouseClient(create_app(make_settings(database_url, tmp_path, tries_per_hour=3))) as client:
        answers = [give_code(client, "0" * 18).status_code for _ in range(5)]
        assert answers == [422, 422, 422, 429, 429]


def test_the_cookie_is_for_half_an_hour_and_can_be_given_back(client: HouseClient, code: str):
    sent = give_code(client, code).headers["set-cookie"]
    assert "Max-Age=1800" in sent
    assert "HttpOnly" in sent
    assert "SameSite=lax" in sent
    client.post(client.to("intake:leave_track"))
    assert 'name="code"' in track(client)


def test_what_was_typed_too_late_is_handed_back(client: HouseClient, code: str, rows: Rows):
    answer = say(client, words="这是我写了半个小时的补充说明", photos=files(photo(2)))
    assert answer.status_code == 422
    assert "这是我写了半个小时的补充说明" in answer.text
    assert len(rows("select * from report")) == 1


# What it shows.


def test_the_thread_grows_with_public_facts_only(client: HouseClient, code: str, office: Any, rows: Rows):
    give_code(client, code)
    office(register)
    shown = track(client)
    assert "您反映的问题已经登记" in shown
    assert rows("select number from clue")[0]["number"] in shown
    assert "预计答复" in shown
    office(go(ClueAction.START_EVALUATION, note="内部意见：可能涉及某局"))
    office(go(ClueAction.START_INQUIRY, Fact.EVALUATION))
    shown = track(client)
    assert "检察官正在审查核实" in shown
    assert "某局" not in shown
    assert "初步" not in shown
    office(go(ClueAction.END_INQUIRY, Fact.REASON))
    office(
        go(ClueAction.TRANSFER, Fact.RECIPIENT, journal_facts={"recipient_kind": "agency", "name": "某某局"})
    )
    shown = track(client)
    assert "行政机关" in shown
    assert "某某局" not in shown
    office(go(ClueAction.CLOSE, Fact.OUTCOME, values={"public_text": "AED 已装好。\n谢谢 <b>您</b>"}))
    shown = track(client)
    assert "AED 已装好。\n谢谢 &lt;b&gt;您&lt;/b&gt;" in shown
    assert "问题解决了吗" in shown


def test_a_merged_clue_reads_like_one_under_review(client: HouseClient, code: str, office: Any):
    give_code(client, code)
    office(register)
    office(go(ClueAction.MERGE, Fact.MASTER))
    shown = track(client)
    assert "正在审查核实" in shown
    assert "合并" not in shown


def test_near_a_facility_there_is_one_sentence(client: HouseClient, office: Any, rows: Rows):
    report(client, "mil_facility_env", FACILITY)
    office(register)
    office(go(ClueAction.START_EVALUATION))
    shown = track(client)
    assert "您反映的问题已转专门渠道" in shown
    for told in ("编号：", "预计答复", "审查核实", "已登记", rows("select number from clue")[0]["number"]):
        assert told not in shown
    assert 'type="file"' not in shown
    assert say(client, words="又来倒了一次", photos=files(photo(2))).status_code == 303
    assert rows("select * from evidence_item") == []
    assert "您选的照片没有保存" in client.get(client.to("intake:track")).text


def test_photos_are_for_whoever_holds_the_code(
    client: HouseClient, code: str, rows: Rows, database: Database, store: Any
):
    (item,) = rows("select id, digest from evidence_item")
    path = client.to("intake:photo", evidence_id=item["id"])
    assert client.get(path).status_code == 404
    give_code(client, code)
    assert client.get(path).status_code == 404, "not developed yet"
    with store.incoming() as incoming:
        incoming.write(photo(7))
        digest = store.keep(incoming.seal())
    with database.write_session() as session:
        keep_derivative(
            session, item["digest"], DerivativeKind.THUMB, digest=digest, size=(1, 1), size_bytes=1, params={},
            now=clock.now(),
        )  # fmt: skip
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"
    client.cookies.clear()
    report(client, "aed_missing", AED | {"words": "另一个人反映的另一件事情，也没有"})
    assert client.get(path).status_code == 404, "another code opens another matter"
    for junk in ("x", "%00", "' OR 1=1"):
        assert client.get(path.replace(item["id"], junk)).status_code == 404


def test_the_receipt_of_a_registered_clue_names_its_number(client: HouseClient, office: Any):
    code = report(client, "aed_missing", AED)
    office(register)
    shown = client.get(client.to("intake:receipt")).text
    assert "松检公线" in shown
    assert code_on(shown) == code
