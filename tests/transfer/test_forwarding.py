"""An agency's own table: read, looked at line by line, taken in once whatever is repeated, nothing in it ever run."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.clues import queries as clue_queries
from app.intake.models import Report
from app.platform import clock, jobs, journal, sheets
from app.platform.jobs import Tools
from app.platform.records import Journal
from app.platform.sheets import UnreadableTable
from app.transfer.forwarding import jobs as forwarding_jobs
from app.transfer.forwarding import queries as forwarding_queries
from app.transfer.forwarding import service, taking
from app.transfer.models import ForwardBatch
from tests import cast

if TYPE_CHECKING:
    from tests.conftest import HouseClient

HEAD = ["工单编号", "问题类别", "诉求内容", "所属街道", "地址"]
GOOD = "排口每天早上往沟里排黑水，有臭味，已经一个月。"


def line(ref: str, **wishes: str) -> list[str]:
    """One sound line."""
    sound = {"category": "水体污染", "words": GOOD, "town": "", "place": "松浦大桥东侧"} | wishes
    return [ref, sound["category"], sound["words"], sound["town"], sound["place"]]


def lay(client: HouseClient, rows: list[list[str]], *, kind: str = "csv", name: str = "一月.csv") -> str:
    """Lay a table down; return the batch's page."""
    content = sheets.csv_bytes(rows) if kind == "csv" else sheets.xlsx_bytes(rows)
    answer = client.post(client.to("partner:add_import"), files={"table": (name, content, "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


class Ours(dict[str, Any]):
    """The room's reactions, counted; what other rooms want done is none of this test's business."""

    done = 0

    def __missing__(self, _handler: str) -> Any:
        """Let another room's reaction pass."""
        return lambda _tools, _work: None


def work(client: HouseClient) -> int:
    """Let the worker do all it has; return how many pieces that were."""
    house = client.app.state.house  # type: ignore[attr-defined]
    ours = Ours()

    def forward(tools: Any, piece: Any) -> None:
        forwarding_jobs.forward(tools, piece)
        ours.done += 1

    ours["transfer.forward"] = forward
    while jobs.run_one(Tools(house.settings, house.database, house.keys, house.store), ours):
        pass
    return ours.done


def batch_of(client: HouseClient, page: str) -> ForwardBatch:
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        return session.execute(
            select(ForwardBatch).where(ForwardBatch.id == page.rsplit("/", 1)[-1])
        ).scalar_one()


def count(client: HouseClient, table: Any) -> int:
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_looked_at_and_taken_in(client: HouseClient, kind: str):
    cast.sign_in(client, "agency_water")
    rows = [
        HEAD,
        line("W-1"),
        line("W-2", category="没有这一类"),
        line("W-3", town="太阳岛街道"),
        ["", "", "", "", ""],
        line("W-4", words="短"),
    ]
    page = lay(client, rows, kind=kind)
    text = client.get(page).text
    assert "没有这个类别：没有这一类" in text
    assert "至少 10 个字" in text
    assert count(client, Report) == 0, "looking takes nothing in"
    assert client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1])).status_code == 303
    assert work(client) == 1
    batch = batch_of(client, page)
    assert [(row["line"], row["ref"], row["became"]) for row in batch.results] == [
        (2, "W-1", "new"), (3, "W-2", "wrong"), (4, "W-3", "new"), (6, "W-4", "wrong"),
    ]  # fmt: skip
    assert batch.rows == [], "what was taken in lives in its reports"
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        reports = session.execute(select(Report).order_by(Report.rowno)).scalars().all()
        assert [report.external_ref for report in reports] == ["W-1", "W-3"]
        assert {report.channel for report in reports} == {"partner_agency"}
        clue = clue_queries.by_id(session, reports[1].clue_id)
        assert clue.town_key == "taiyangdao"
        verbs = session.execute(select(Journal.verb).order_by(Journal.rowno)).scalars()
        assert [verb for verb in verbs if verb.startswith("forwarding.")] == [
            "forwarding.added",
            "forwarding.started",
            "forwarding.finished",
        ]
    assert "新收 2，以前收过 0，有误 2" in client.get(page).text


def test_the_same_numbers_again_are_the_same_reports(client: HouseClient):
    cast.sign_in(client, "agency_water")
    for round_, wanted in enumerate((["new", "new"], ["same", "wrong"])):
        changed = line("W-2") if round_ == 0 else line("W-2", words=GOOD + "又变了")
        page = lay(client, [HEAD, line("W-1"), changed])
        client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
        work(client)
        assert [row["became"] for row in batch_of(client, page).results] == wanted
    assert count(client, Report) == 2
    # Another organisation counts for itself.
    cast.sign_in(client, "agency_health")
    page = lay(client, [HEAD, line("W-1")])
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    work(client)
    assert count(client, Report) == 3


def started(client: HouseClient, lines: int) -> str:
    """Lay a table down and let it begin; return its page."""
    cast.sign_in(client, "agency_water")
    page = lay(client, [HEAD, *(line(f"W-{number}") for number in range(lines))])
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    return page


def test_a_batch_comes_in_by_pieces_and_turns(client: HouseClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(taking, "_PIECE_S", -1.0)  # each line takes too long: a piece of its own
    page = started(client, 4)
    assert work(client) == 1, "one turn"
    assert [row["became"] for row in batch_of(client, page).results] == ["new"] * 4
    monkeypatch.setattr(forwarding_jobs, "_TURN_S", -1.0)
    page = lay(client, [HEAD, *(line(f"V-{number}") for number in range(3))])
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    assert work(client) == 3, "each piece a turn, so that other jobs come in between"
    assert client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1])).status_code == 409
    assert count(client, Report) == 7
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        assert not journal.verify(session).faults
        acts = session.execute(select(Journal.verb).where(Journal.clue_id.is_not(None))).scalars().all()
        assert sorted(acts) == ["clue.received"] * 7 + ["report.received"] * 7


def test_a_worker_killed_between_pieces_goes_on_where_it_was(
    client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(taking, "_PIECE_S", -1.0)
    page = started(client, 3)
    house = client.app.state.house  # type: ignore[attr-defined]
    tools, batch_id = Tools(house.settings, house.database, house.keys, house.store), page.rsplit("/", 1)[-1]

    def table() -> taking.Table:
        with house.database.read_session() as looking:
            batch = forwarding_queries.by_id(looking, batch_id)
            assert batch
            made = taking.Table(looking, tools, batch, now=clock.now())
            made.look_ahead()
        return made

    def take_in(laid: taking.Table, *, dies: bool = False) -> None:
        with house.database.write_session() as session:
            laid.take_in(session)
            if dies:
                raise SystemExit

    killed = table()
    with pytest.raises(SystemExit):
        take_in(killed, dies=True)
    assert count(client, Report) == 0, "a piece that did not end was never there"
    # Two workers with the same piece before them: one of them takes it in.
    one, other = table(), table()
    take_in(one)
    with pytest.raises(service.BatchGone):
        take_in(other)
    assert (count(client, Report), batch_of(client, page).done_count) == (1, 1)
    work(client)
    assert [row["became"] for row in batch_of(client, page).results] == ["new"] * 3
    assert count(client, Report) == 3


def test_columns_are_pointed_out_once_and_remembered(client: HouseClient):
    cast.sign_in(client, "agency_water")
    head = ["甲", "乙", "丙", "丁", "戊"]
    page = lay(client, [head, line("W-1")])
    batch_id = page.rsplit("/", 1)[-1]
    assert client.post(client.to("partner:start_import", batch_id=batch_id)).status_code == 422
    chosen = {"ref": "0", "category": "1", "words": "2", "town": "3", "place": "4", "lat": "99", "lon": "x"}
    assert client.post(client.to("partner:map_import", batch_id=batch_id), data=chosen).status_code == 303
    client.post(client.to("partner:start_import", batch_id=batch_id))
    work(client)
    assert [row["became"] for row in batch_of(client, page).results] == ["new"]
    assert batch_of(client, lay(client, [head, line("W-2")])).mapping == {
        "ref": 0, "category": 1, "words": 2, "town": 3, "place": 4,
    }  # fmt: skip


def test_a_number_that_stands_twice_is_not_guessed_at(client: HouseClient):
    cast.sign_in(client, "agency_water")
    page = lay(client, [HEAD, line("W-1"), line("W-1", words=GOOD + "另一件")])
    assert client.get(page).text.count("不止一次") == 2
    client.post(client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    work(client)
    assert count(client, Report) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"PK\x03\x04nonsense", "甲,乙\n".encode(), b'"' + b"a" * 300_000],
    ids=["nothing", "bytes", "no zip", "headings only", "an open quote"],
)
def test_what_is_no_table_is_refused_calmly(client: HouseClient, content: bytes):
    cast.sign_in(client, "agency_water")
    answer = client.post(client.to("partner:add_import"), files={"table": ("x.csv", content, "text/csv")})
    assert answer.status_code == 422
    assert count(client, ForwardBatch) == 0


def test_a_zip_that_would_fill_the_memory_is_not_unpacked():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))
    with pytest.raises(UnreadableTable):
        sheets.read(made.getvalue(), most=10)


def test_entities_are_not_followed():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = '<c t="inlineStr"><is><t>&a;&b;甲</t></is></c>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(
            "xl/worksheets/sheet1.xml",
            f'{bomb}<worksheet xmlns="{main}"><sheetData><row>{cell}</row></sheetData></worksheet>',
        )
    (row,) = sheets.read(made.getvalue(), most=10)
    assert "root" not in row[0]
    assert "aaaa" not in row[0]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_written_is_read_again_and_nothing_runs(rows: list[list[str]]):
    told = sheets.read(sheets.xlsx_bytes(rows), most=100)
    legal = [[sheets._legal(cell) for cell in row] for row in rows]
    assert told == legal
    for row in csv.reader(io.StringIO(sheets.csv_bytes(rows).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_a_result_file_runs_nothing(client: HouseClient, evil: str):
    cast.sign_in(client, "agency_water")
    page = lay(client, [HEAD, line(evil)], kind="xlsx")
    batch_id = page.rsplit("/", 1)[-1]
    client.post(client.to("partner:start_import", batch_id=batch_id))
    work(client)
    text = client.get(client.to("partner:import_result", batch_id=batch_id, kind="csv")).content.decode(
        "utf-8-sig"
    )
    for row in csv.reader(io.StringIO(text, newline="")):
        assert sheets.harmless(row[1]) == row[1]
    assert client.get(client.to("partner:import_result", batch_id=batch_id, kind="xlsx")).content[:2] == b"PK"
    assert client.get(client.to("partner:import_result", batch_id=batch_id, kind="exe")).status_code == 404


def test_nobody_sees_the_table_of_another_house(client: HouseClient):
    cast.sign_in(client, "agency_water")
    batch_id = lay(client, [HEAD, line("W-1")]).rsplit("/", 1)[-1]
    cast.sign_in(client, "agency_health")
    for name in ("partner:import", "partner:import_result"):
        more = {"kind": "csv"} if name.endswith("result") else {}
        assert client.get(client.to(name, batch_id=batch_id, **more)).status_code == 404
    for name in ("partner:map_import", "partner:start_import", "partner:drop_import"):
        assert client.post(client.to(name, batch_id=batch_id)).status_code == 404
    for who in ("volunteer_li", "liaison_zhao", "prosecutor_chen", "sysadmin"):
        cast.sign_in(client, who)
        assert client.get(client.to("partner:imports")).status_code == 403
    cast.sign_in(client, "agency_water")
    assert client.post(client.to("partner:drop_import", batch_id=batch_id)).status_code == 303
    with client.app.state.house.database.read_session() as session:  # type: ignore[attr-defined]
        assert session.execute(select(ForwardBatch.rows)).scalar_one() == []


def test_the_empty_table_we_give_can_be_sent_back(client: HouseClient):
    cast.sign_in(client, "agency_water")
    for kind in ("csv", "xlsx"):
        given_table = client.get(client.to("partner:import_template", kind=kind)).content
        answer = client.post(
            client.to("partner:add_import"), files={"table": (f"x.{kind}", given_table, "text/csv")}
        )
        assert answer.status_code == 303
        assert "其中 0 行有误" in client.get(answer.headers["location"]).text
