"""The way back by code: what it shows, what it takes, and what it never tells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction, Fact
from app.evidence.service import keep_derivative
from app.evidence.terms import DerivativeKind
from app.intake import doors, queries, service
from app.intake.terms import MessageKind
from app.platform import clock, journal
from app.platform.digest import sha256_hex
from tests import cast
from tests.conftest import make_settings
from tests.intake.sheets import AED, FACILITY, code_on, files, give_code, hidden, photo, report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.platform.db import Database
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app


def track(client: HouseClient) -> str:
    shown = client.get(client.to("intake:track"))
    assert shown.status_code == 200
    return shown.text


def say(client: HouseClient, photos: Any = (), **fields: Any):
    empty = [("photos", ("", b"", "application/octet-stream"))]
    return client.post(client.to("intake:add"), data=fields, files=list(photos) or empty)


@pytest.fixture
def code(client: HouseClient) -> str:
    """A report is in, and a browser that has forgotten it."""
    found = report(client, "aed_missing", AED, photos=files(photo(1)))
    client.cookies.clear()
    return found


@pytest.fixture
def office(database: Database) -> Callable[..., Any]:
    """Let the office take one step with the newest clue."""

    def step(act: Callable[..., Any]) -> Any:
        with database.write_session() as session:
            (clue_id,) = session.execute(_newest).one()
            return act(session, clue_queries.by_id(session, clue_id), cast.actor(session, "prosecutor_chen"))

    from sqlalchemy import text

    _newest = text("select id from clue order by rowno desc limit 1")
    return step


def register(session: Any, clue: Any, actor: Any) -> None:
    clue_service.register(
        session, actor.doer, clue, compartment_kind="open", now=clock.now(),
        numbering=Numbering("松检公线〔{year}〕{seq:04d}号", "", 1),
    )  # fmt: skip


def go(action: ClueAction, *facts: Fact, **more: Any) -> Callable[..., Any]:
    return lambda session, clue, actor: clue_service.advance(
        session, actor.doer, clue, action, now=clock.now(), facts=frozenset(facts), **more
    )


def ask(text: str) -> Callable[..., Any]:
    return lambda session, clue, actor: service.ask_reporter(
        session, actor, clue, text, date(2030, 1, 31), clock.now()
    )


# The code.


def test_without_a_code_there_is_only_the_box(client: HouseClient, code: str):
    assert 'name="code"' in track(client)
    assert client.get(client.to("intake:receipt")).headers["location"] == client.to("intake:track")
    for name in ("intake:qr", "intake:receipt_picture"):
        assert client.get(client.to(name)).status_code == 404


@pytest.mark.parametrize(
    "shape", [str.lower, lambda code: " ".join(code), lambda code: f"-{code[:9]}－{code[9:]} "]
)
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


# What it takes.


def test_facts_and_photos_unasked(client: HouseClient, code: str, rows: Rows):
    give_code(client, code)
    assert say(client, words="二楼也没有", photos=files(photo(2))).status_code == 303
    reports = rows("select * from report order by rowno")
    assert [(row["is_supplement"], row["words"]) for row in reports][1] == (1, "二楼也没有")
    assert reports[1]["code_digest"] is None
    assert reports[0]["clue_id"] == reports[1]["clue_id"]
    (clue,) = rows("select * from clue")
    assert (clue["has_news"], clue["state"]) == (1, "submitted")
    assert [row["digest"] for row in rows("select digest from evidence_item order by rowno")][
        1
    ] == sha256_hex(photo(2))
    shown = track(client)
    assert "二楼也没有" in shown
    assert "您已补充" in shown


def test_nothing_said_is_told_and_a_long_text_stays(client: HouseClient, code: str, rows: Rows):
    give_code(client, code)
    assert say(client, words="  ").status_code == 422
    long = "说了很多" * 1300
    answer = say(client, words=long)
    assert answer.status_code == 422
    assert long in answer.text
    assert len(rows("select * from report")) == 1


def test_a_second_tap_adds_nothing(client: HouseClient, code: str, rows: Rows):
    give_code(client, code)
    from tests.intake.sheets import HIDDEN

    form_id = dict(HIDDEN.findall(track(client)))["form_id"]
    for _ in range(2):
        assert say(client, words="二楼也没有", form_id=form_id, photos=files(photo(2))).status_code == 303
    assert len(rows("select * from report")) == 2
    assert len(rows("select * from message")) == 1


def test_a_request_is_answered_and_the_clue_goes_on(client: HouseClient, code: str, office: Any, rows: Rows):
    office(register)
    office(ask("请问在几层？\n有照片吗"))
    give_code(client, code)
    shown = track(client)
    assert "我们还需要您补充一点情况" in shown
    assert "请问在几层？\n有照片吗" in shown
    assert "1月31日" in shown
    assert say(client, words="在三层，照片来了", photos=files(photo(2))).status_code == 303
    (clue,) = rows("select * from clue")
    assert (clue["state"], clue["has_news"], clue["returns_to"]) == ("registered", 1, None)
    assert "请您补充</h2>" not in track(client)


def test_solved_or_not_after_an_answer(client: HouseClient, code: str, office: Any, rows: Rows):
    give_code(client, code)
    assert "问题解决了吗" not in track(client)
    office(
        lambda session, clue, actor: service.tell_reporter(
            session, actor.doer, clue, MessageKind.RESULT, "已经装好一台", clock.now()
        )
    )
    shown = track(client)
    assert "已经装好一台" in shown
    assert "问题解决了吗" in shown
    assert say(client, kind="unsolved", words="还是没有", photos=files(photo(2))).status_code == 303
    assert "clue.review_asked" in {row["verb"] for row in rows("select verb from journal")}
    assert say(client, kind="solved").status_code == 303
    kinds = [row["kind"] for row in rows("select kind from message order by rowno")]
    assert kinds == ["result", "unsolved", "solved"]
    assert "已经解决。" in track(client)
    assert rows("select has_news from clue")[0]["has_news"] == 1


def test_an_ended_clue_stays_ended_and_asks_for_a_review(
    client: HouseClient, code: str, office: Any, rows: Rows
):
    office(register)
    office(go(ClueAction.SCREEN_OUT, Fact.REASON))
    give_code(client, code)
    assert say(client, kind="unsolved", words="还没解决").status_code == 303
    (clue,) = rows("select * from clue")
    assert (clue["state"], clue["has_news"]) == ("not_accepted", 1)


def test_withdrawing_is_a_flag(client: HouseClient, code: str, rows: Rows):
    give_code(client, code)
    path = client.to("intake:withdraw")
    client.post(path, data={})
    assert rows("select withdrawn_at from clue")[0]["withdrawn_at"] is None
    client.post(path, data={"sure": "yes"})
    client.post(path, data={"sure": "yes"})
    (clue,) = rows("select * from clue")
    assert clue["withdrawn_at"] is not None
    assert clue["state"] == "submitted"
    assert len(rows("select * from report")) == 1
    assert len(rows("select * from journal where verb = 'report.withdrawn'")) == 1
    assert "您已经撤回" in track(client)


@pytest.mark.parametrize("kind", ["request", "result", "withdrawal", "junk", "<svg>", ""])
def test_a_reporter_cannot_speak_for_the_office(client: HouseClient, code: str, rows: Rows, kind: str):
    give_code(client, code)
    assert say(client, kind=kind, words="补充几句").status_code == 303
    assert [(row["kind"], row["direction"]) for row in rows("select * from message")] == [
        ("addition", "from_reporter")
    ]


def test_the_link_brings_news_to_the_master_too(
    client: HouseClient, code: str, office: Any, rows: Rows, database: Database
):
    office(register)
    member = rows("select id from clue")[0]["id"]
    report(client, "aed_missing", AED | {"words": "同一个地方，另一个人也反映了"})
    with database.write_session() as session:
        actor = cast.actor(session, "prosecutor_chen")
        master = rows("select id from clue order by rowno desc")[0]["id"]
        clue_service.link(
            session, actor.doer, master=clue_queries.by_id(session, master),
            member=clue_queries.by_id(session, member), account_id=actor.account_id, now=clock.now(),
        )  # fmt: skip
    give_code(client, code)
    say(client, words="我又去看了一次")
    assert [row["has_news"] for row in rows("select has_news from clue order by rowno")] == [1, 1]


# What the desk asks of this room.


def test_the_desk_reads_reports_and_opens_a_contact_only_with_a_reason(
    client: HouseClient, rows: Rows, database: Database
):
    report(client, "aed_missing", AED | {"contact_phone": "13904512345", "contact_consent": "yes"})
    clue_id = rows("select id from clue")[0]["id"]
    keys = client.app.state.house.keys  # type: ignore[attr-defined]
    with database.write_session() as session:
        (found,) = queries.for_desk(session, clue_id)
        assert (found.has_contact, found.words, found.org_name) == (True, AED["words"], "")
        assert "13904512345" not in repr(found)
        actor = cast.actor(session, "prosecutor_chen")
        opened = service.reveal_contact(session, keys, actor, found.id, reason="核实地点", now=clock.now())
        assert opened.phone == "13904512345"
    (look,) = rows("select * from journal where verb = 'contact.revealed'")
    assert look["actor_id"] == actor.account_id
    assert "13904512345" not in look["facts"]


def test_a_forwarders_report_keeps_its_source_and_its_circle(client: HouseClient, rows: Rows):
    cast.sign_in(client, "agency_water")
    assert "的身份反映" in client.get(client.to("intake:form", category_key="aed_missing")).text
    report(client, "aed_missing", AED)
    carried = hidden(client, "aed_missing")
    cast.sign_out(client)
    cast.sign_in(client, "liaison_zhao")
    report(client, "aed_missing", AED | {"words": "联络员转来的一件事，没有除颤器"})
    cast.sign_out(client)
    client.post(
        client.to("intake:submit", category_key="aed_missing"),
        data=carried | AED | {"words": "离线以后才发出来的一份反映"},
    )
    forged = carried | {"source_stamp": carried["source_stamp"][:-2] + "xx", "form_id": ""}
    client.post(client.to("intake:submit", category_key="aed_missing"), data=forged | AED)
    found = rows(
        "select report.channel, report.account_id, compartment.kind, clue.source_type from report"
        " join clue on clue.id = report.clue_id join compartment on compartment.id = clue.compartment_id order by report.rowno"
    )
    assert [(row["channel"], row["kind"], row["source_type"]) for row in found] == [
        ("partner_agency", "open", "organ_transfer"),
        ("mil_liaison", "military", "organ_transfer"),
        ("partner_agency", "open", "organ_transfer"),
        ("web", "open", "citizen_report"),
    ]
    assert found[0]["account_id"] == found[2]["account_id"] is not None
    assert found[3]["account_id"] is None


def test_the_receipt_of_a_registered_clue_names_its_number(client: HouseClient, office: Any):
    code = report(client, "aed_missing", AED)
    office(register)
    shown = client.get(client.to("intake:receipt")).text
    assert "松检公线" in shown
    assert code_on(shown) == code
    assert journal.REPORTER.id is None
