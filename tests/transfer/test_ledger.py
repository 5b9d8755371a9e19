"""The office's earlier ledger: numbers kept, each clue where the ledger says, the same table twice is nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues import rules as clue_rules
from app.clues.models import Clue
from app.intake.models import Message, Report
from app.platform.records import Journal
from app.transfer.forwarding import rules
from tests import cast
from tests.transfer import scenes
from tests.transfer.test_forwarding import batch_of, count, lay, work

if TYPE_CHECKING:
    from tests.conftest import HouseClient

HEAD = ["线索编号", "问题类别", "内容", "地址", "收到日期", "办理结果"]
PATTERN = "松检公线〔{year}〕{seq:04d}号"


def line(number: str, outcome: str = "", **wishes: str) -> list[str]:
    sound = {"category": "水体污染", "words": "排黑水", "on": "2024年3月5日"} | wishes
    return [number, sound["category"], sound["words"], "松浦大桥东侧", sound["on"], outcome]


def taken_in(client: HouseClient, rows: list[list[str]]) -> list[tuple[str, str]]:
    page = lay(client, [HEAD, *rows], kind="xlsx", name="台账.xlsx")
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    work(client)
    return [(row["ref"], row["became"]) for row in batch_of(client, page).results]


def clues(client: HouseClient) -> dict[str, Clue]:
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        return {row.number or "": row for row in session.execute(select(Clue)).scalars()}


def test_numbers_are_kept_and_each_stands_where_the_ledger_says(client: HouseClient):
    cast.sign_in(client, "case_mgmt_qian")
    rows = [
        line("松检公线〔2026〕0041号"), line("2019-7", "已整改，办结"), line("2019-8", "不予立案"), line("2019-9", "立案"),
        line("2019-10", "不予受理"), line("2019-11", "转区水务局"), line("2019-12", "在办"),
    ]  # fmt: skip
    assert taken_in(client, rows) == [(row[0], "new") for row in rows]
    found = clues(client)
    assert {number: clue.state for number, clue in found.items()} == {
        "松检公线〔2026〕0041号": "registered", "2019-7": "closed", "2019-8": "not_filed", "2019-9": "filed",
        "2019-10": "not_accepted", "2019-11": "watching", "2019-12": "registered",
    }  # fmt: skip
    assert {clue.channel for clue in found.values()} == {"old_ledger"}
    first = found["松检公线〔2026〕0041号"]
    assert (first.number_year, first.number_seq) == (2026, 41)
    with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
        report = session.execute(select(Report).where(Report.external_ref == "2019-7")).scalar_one()
        assert report.written_at.date() == date(2024, 3, 5)
        assert report.account_id is None
        assert not session.execute(select(Message)).all(), "nobody is told"
        doers = session.execute(select(Journal.actor_kind).where(Journal.clue_id == report.clue_id)).scalars()
        assert set(doers) == {"account"}
        acts = session.execute(
            select(Journal.verb, Journal.facts)
            .where(Journal.clue_id == report.clue_id)
            .order_by(Journal.rowno)
        ).all()
        assert [(verb, facts.get("from"), facts.get("to")) for verb, facts in acts] == [
            ("clue.received", None, None),
            ("report.received", None, None),
            ("clue.register", "submitted", "registered"),
            ("clue.start_evaluation", "registered", "evaluating"),
            ("clue.propose_filing", "evaluating", "filing_proposed"),
            ("clue.file", "filing_proposed", "filed"),
            ("clue.close", "filed", "closed"),
        ], "written at once, each step held to the table and journalled"
        # The office's own series goes on behind the ledger's.
        made = clue_queries.by_id(session, scenes.clue(session))
        assert made.number == "松检公线〔2026〕0042号"
    # The same table again, and one line changed.
    rows[1][2] = "排黑水，已经变了"
    assert dict(taken_in(client, rows)) == {row[0]: "same" for row in rows} | {"2019-7": "wrong"}
    assert count(client, Report) == len(rows) + 1


def test_what_is_wrong_is_said_line_by_line_before_anything_comes_in(client: HouseClient):
    with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
        number = clue_queries.by_id(session, scenes.clue(session)).number
    cast.sign_in(client, "head_lin")
    rows = [
        line(str(number)), line("1", words=" "), line("2", on="去年"), line("3", category="天上"), line("4", on="2999-01-01"),
        line(""), line("号" * 65), line("5", on="45000"), line("6", on=""),
    ]  # fmt: skip
    page = lay(client, [HEAD, *rows])
    text = client.get(page).text
    for said in (
        "这个编号已经用在别的线索上", "没有写情况", "看不懂收到日期：去年", "没有这个类别：天上", "看不懂收到日期：2999-01-01",
        "没有线索编号", "最多 64 个字",
    ):  # fmt: skip
        assert said in text, said
    assert "其中 7 行有误" in text
    assert taken_in(client, rows)[-2:] == [("5", "new"), ("6", "new")]
    assert sum(clue.channel == "old_ledger" for clue in clues(client).values()) == 2


def test_the_offices_table_and_an_agencys_do_not_meet(client: HouseClient):
    cast.sign_in(client, "head_lin")
    page = lay(client, [HEAD, line("1")])
    assert "导入原有台账" in client.get(client.to("desk:counter")).text
    cast.sign_in(client, "agency_water")
    assert client.get(page).status_code == 404
    assert "收到日期" not in client.get(client.to("partner:import_template", kind="csv")).content.decode(
        "utf-8-sig"
    )
    cast.sign_in(client, "prosecutor_wu")
    assert client.get(page).status_code == 403
    for who in ("prosecutor_chen", "clerk_liu", "sysadmin"):
        cast.sign_in(client, who)
        assert client.get(client.to("partner:imports")).status_code == 403


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024-03-05", date(2024, 3, 5)), ("2024/3/5", date(2024, 3, 5)), ("2024年3月5日", date(2024, 3, 5)),
        ("２０２４.3.5 00:00:00", date(2024, 3, 5)), ("45356", date(2024, 3, 5)), ("2024-02-30", None), ("", None),
        ("3月5日", None), ("1980-01-01", None), ("2026-01-02", None),
    ],
)  # fmt: skip
def test_days_are_read_however_they_are_written(text: str, wanted: Any):
    assert rules.day(text, today=date(2026, 1, 1)) == wanted


def test_a_number_is_taken_apart_by_the_offices_pattern():
    for year, seq in ((2026, 7), (2019, 12345)):
        number = clue_rules.number_text(PATTERN, office="松检", year=year, seq=seq)
        assert clue_rules.number_parts(PATTERN, number, office="松检") == (year, seq)
    for other in ("松检公线〔2026〕号", "2026-7", "军松检公线〔2026〕0007号", "松检公线〔2026〕0007号之一"):
        assert clue_rules.number_parts(PATTERN, other, office="松检") is None
    assert clue_rules.number_parts("{office}{seq}", "松检7", office="松检") is None
