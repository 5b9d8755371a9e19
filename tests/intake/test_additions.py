"""What somebody with a code adds, and what the desk asks of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.terms import ClueAction, Fact
from app.intake import queries, service
from app.intake.terms import MessageKind
from app.platform import clock
from app.platform.digest import sha256_hex
from tests import cast
from tests.intake.sheets import AED, HIDDEN, files, give_code, hidden, photo, report
from tests.intake.steps import ask, go, register, say, track

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app


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
