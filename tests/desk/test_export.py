"""A view of the queue as a file: whose rows, what is in it, what is never in it, and what is written down."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import select, text

from app.clues.service import PlaceOfClue
from app.clues.terms import Standing
from app.desk import exporting, rules
from app.desk.queries import exported as queries
from app.identity.terms import CompartmentKind
from app.platform import clock, sheets
from app.platform.db import Database
from app.platform.records import Journal
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.intake.sheets import WATER, files, photo, report

pytestmark = pytest.mark.app
NOWHERE = PlaceOfClue(
    lat=None, lon=None, accuracy_m=None, source="town", words="=HYPERLINK(1)", town_key="songpu", standing=Standing.UNKNOWN
)  # fmt: skip
VIEW = {"filter_list": "all"}


@pytest.fixture
def clues(database: Database) -> None:
    """Two open clues and one of the military circle."""
    with database.write_session() as session:
        makers.clue(session, title="沟渠排黑水")
        makers.clue(session, title="=cmd|'/c calc'!A1", place=NOWHERE, category_key="solid_waste")
        makers.clue(session, title="军人优待", kind=CompartmentKind.MILITARY)


def take(client: HouseClient, **fields: str) -> Any:
    given = VIEW | {"format": "csv", "purpose": "上报市院季度统计"} | fields
    return client.post(client.to("desk:take_export"), data=given)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_table_holds_what_this_person_may_see_and_runs_nothing(client: HouseClient, clues: None):
    cast.sign_in(client, "prosecutor_chen")
    answer = take(client)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="clues-')
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == (
        "no-store",
        "nosniff",
    )
    headings, *rows = table(answer.content)
    titles = {row[headings.index("标题")] for row in rows}
    assert titles == {"沟渠排黑水", "'=cmd|'/c calc'!A1"}
    assert {row[headings.index("地点")] for row in rows} == {"太阳岛西侧沟渠", "'=HYPERLINK(1)"}
    assert "45.8021" in {row[headings.index("纬度（WGS-84）")] for row in rows}
    assert "军人优待" not in answer.text


def test_a_filter_is_kept_and_a_workbook_says_the_same(client: HouseClient, clues: None):
    cast.sign_in(client, "prosecutor_chen")
    answer = take(client, format="xlsx", filter_category="solid_waste")
    rows = sheets.read(answer.content, most=10)
    assert len(rows) == 2
    assert rows[1][rows[0].index("标题")] == "=cmd|'/c calc'!A1", (
        "a cell of text is not run, so it stays as it is"
    )


def test_a_map_layer_is_geojson_with_and_without_a_position(client: HouseClient, clues: None):
    cast.sign_in(client, "prosecutor_chen")
    answer = take(client, format="geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    layer = json.loads(answer.content)
    assert layer["type"] == "FeatureCollection"
    by_title = {one["properties"]["title"]: one["geometry"] for one in layer["features"]}
    assert by_title["沟渠排黑水"] == {"type": "Point", "coordinates": [126.5432, 45.8021]}
    assert by_title["=cmd|'/c calc'!A1"] is None
    assert {"latitude", "longitude"}.isdisjoint(layer["features"][0]["properties"])


@pytest.mark.parametrize("kind", sorted(exporting.FORMATS))
def test_nothing_of_the_reporter_is_in_any_file(client: HouseClient, kind: str):
    words = "我是张晓明，电话13912345678，就住旁边。"
    contact = {"contact_phone": "13912345678", "contact_name": "张晓明", "contact_consent": "yes"}
    report(client, "water_pollution", WATER | contact | {"words": words}, photos=files(photo(1)))
    client.cookies.clear()
    cast.sign_in(client, "prosecutor_chen")
    content = take(client, format=kind).content
    if kind == "xlsx":
        content = "\n".join("\t".join(row) for row in sheets.read(content, most=9)).encode()
    assert "水体污染".encode() in content
    for secret in ("张晓明", "13912345678", "就住旁边", "IMG_0"):
        assert secret.encode() not in content


def test_it_is_written_down_before_it_leaves(client: HouseClient, database: Database, clues: None):
    cast.sign_in(client, "prosecutor_chen")
    take(client, filter_q="排黑水", format="geojson")
    with database.read_session() as session:
        entry = session.execute(text("select facts from journal where verb = 'clue.exported'")).all()
        said = session.execute(text("select body from note")).scalars().all()
    ((facts,),) = entry
    facts = json.loads(facts) if isinstance(facts, str) else facts
    assert facts["format"] == "geojson"
    assert (facts["count"], facts["view"]["q"]) == (1, "…")
    assert "排黑水" not in json.dumps(facts, ensure_ascii=False)
    assert "上报市院季度统计" in said


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"purpose": ""}, "请写清用途"),
        ({"purpose": "用"}, "请写清用途"),
        ({"purpose": "长" * 501}, "请写清用途"),
        ({"format": "exe"}, "请选一种文件"),
        ({"filter_category": "wetland"}, "没有可以导出的"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_is_kept(
    client: HouseClient, database: Database, clues: None, fields: dict[str, str], why: str
):
    cast.sign_in(client, "prosecutor_chen")
    answer = take(client, **({"purpose": "上报市院季度统计"} | fields))
    assert answer.status_code == 422
    assert why in answer.text
    if "purpose" not in fields:
        assert "上报市院季度统计" in answer.text
    with database.read_session() as session:
        assert (
            session.execute(text("select count(*) from journal where verb = 'clue.exported'")).scalar_one()
            == 0
        )


def test_there_is_an_end_and_pages_are_put_together(
    database: Database, client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    with database.write_session() as session:
        made = [makers.clue(session, is_urgent=at % 3 == 0).id for at in range(65)]
        chen = cast.actor(session, "prosecutor_chen")
    monkeypatch.setattr(queries, "_AT_ONCE", 20)
    for order in ("", "urgent"):
        with database.read_session() as session:
            filters = rules.filters({"list": "all", "order": order})
            given = {"today": clock.office_date(makers.NOW), "now": makers.NOW}
            found = queries.ids_of(session, chen, filters, **given)
            assert sorted(found) == sorted(made), "each once"
            assert len(queries.ids_of(session, chen, filters, **given, most=60)) == 61
            assert [row.id for row in queries.exported(session, chen, found)] == found
    monkeypatch.setattr(queries, "MOST", 64)
    cast.sign_in(client, "prosecutor_chen")
    assert "一次最多导出 64 条" in take(client).text
    shown = client.get(client.to("desk:export", list="all")).text
    assert "这个视图超过 64 条" in shown


def test_who_may_not_is_shown_no_way(client: HouseClient, clues: None):
    cast.sign_in(client, "clerk_liu")
    assert "导出" not in client.get(client.to("desk:queue", list="all", panel="filters")).text
    assert client.get(client.to("desk:export")).status_code == 403
    assert take(client).status_code == 403


def test_what_holds_a_military_clue_leaves_only_past_the_secrecy_gate(
    client: HouseClient, clues: None, database: Database
):
    cast.sign_in(client, "head_lin")
    page = client.get(client.to("desk:export")).text
    assert 'value="no_unit_names"' in page
    refused = take(client, checks="no_secrets")
    assert refused.status_code == 422
    assert "军人优待" not in refused.text
    with database.read_session() as session:
        assert session.execute(select(Journal).where(Journal.verb == "clue.exported")).first() is None  # type: ignore[arg-type]
    every = [
        "no_secrets",
        "no_reporter",
        "right_receiver",
        "no_unit_names",
        "no_facility_pictures",
        "channel_agreed",
    ]
    data = VIEW | {"format": "csv", "purpose": "上报市院季度统计", "checks": every}
    answer = client.post(client.to("desk:take_export"), data=data)
    assert answer.status_code == 200, answer.text
    assert "军人优待" in answer.content.decode("utf-8-sig")
    with database.read_session() as session:
        entry = session.execute(select(Journal).where(Journal.verb == "clue.exported")).scalar_one()  # type: ignore[arg-type]
        assert set(entry.facts["checks"]) == set(every)
    # Whoever is outside the circle is asked nothing, so the form tells nothing either.
    cast.sign_in(client, "prosecutor_chen")
    assert "no_unit_names" not in client.get(client.to("desk:export")).text
    assert take(client).status_code == 200
