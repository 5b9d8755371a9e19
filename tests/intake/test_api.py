"""The JSON door: exactly once, strict, and silent to whoever has no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.platform import ids
from tests.intake.sheets import give_code, photo

if TYPE_CHECKING:
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
SECRET = "AAAAAAAAAAAAAAAAAAAAAA"
ONE, TWO = "a" * 64, "b" * 64


def body(**changes: Any) -> dict[str, Any]:
    return {
        "category": "aed_missing",
        "secret": SECRET,
        "words": "一到四层都没有看到除颤器 👩‍🚒",
        "answers": {"venue_type": "mall", "asked_staff": True, "floors": 4},
        "unknown": ["venue_name"],
        "place": {"lat": 45.8021, "lon": 126.5432, "accuracy_m": 8.5, "fixed_at": "2026-11-23T03:00:00Z"},
        "photos": [{"sha256": ONE, "size_bytes": 3_000_000}, {"sha256": TWO, "size_bytes": 2_000_000}],
    } | changes


def put(client: HouseClient, report_id: str, content: Any):
    return client.put(client.to("intake:api_report", report_id=report_id), json=content)


def receipt(client: HouseClient, report_id: str, authorization: str | None):
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.get(client.to("intake:api_receipt", report_id=report_id), headers=headers)


def test_a_report_comes_before_its_photos(client: HouseClient, rows: Rows):
    report_id = ids.new()
    answer = put(client, report_id, body())
    assert answer.status_code == 201
    found = answer.json()
    assert [photo["state"] for photo in found["photos"]] == ["missing", "missing"]
    assert found["is_complete"] is False
    (clue,), (kept,) = rows("select * from clue"), rows("select * from report")
    assert (clue["is_complete"], clue["has_photo"], clue["lat"]) == (0, 0, 45.8021)
    assert kept["id"] == report_id
    assert SECRET not in str(kept)
    assert {a["key"]: a["value"] for a in json.loads(kept["answers"])} == {
        "venue_type": "mall", "venue_name": "unknown", "floors": 4, "asked_staff": "yes",
    }  # fmt: skip
    assert give_code(client, found["query_code"]).status_code == 303


def test_the_same_again_is_the_same_receipt(client: HouseClient, rows: Rows):
    report_id = ids.new()
    first = put(client, report_id, body())
    again = [put(client, report_id, body()) for _ in range(3)]
    assert [answer.status_code for answer in again] == [200] * 3
    assert all(answer.json() == first.json() for answer in again)
    assert len(rows("select * from clue")) == 1


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"words": "另外一段话，说的是另外一件事情"}, ["words"]),
        ({"answers": {"venue_type": "hotel"}}, ["answers"]),
        ({"place": {"words": "桥下"}}, ["place"]),
        ({"photos": [{"sha256": TWO, "size_bytes": 1}]}, ["photos"]),
        ({"secret": "BBBBBBBBBBBBBBBBBBBBBA"}, ["secret"]),
        ({"secret": "BBBBBBBBBBBBBBBBBBBBBA", "words": "猜一猜里面写了什么东西吧"}, ["secret"]),
    ],
)
def test_other_content_conflicts_and_says_where(
    client: HouseClient, rows: Rows, change: dict[str, Any], differs: list[str]
):
    report_id = ids.new()
    put(client, report_id, body())
    answer = put(client, report_id, body(**change))
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["differs"] == differs
    assert answer.json()["code"] == "report_differs"
    assert "query_code" not in answer.text
    assert len(rows("select * from report")) == 1


def test_the_receipt_is_for_the_secret(client: HouseClient):
    report_id = ids.new()
    put(client, report_id, body())
    assert receipt(client, report_id, f"Report {report_id}.{SECRET}").json()["report_id"] == report_id
    wrong = [
        None, "", "Report", f"Report {report_id}", f"Report {report_id}.", f"Report {report_id}.x", "Bearer x",
        f"Report {ids.new()}.{SECRET}", f"Report {report_id}.{SECRET}A", f"report {report_id}.{SECRET}",
    ]  # fmt: skip
    said = {
        (answer.status_code, answer.text) for answer in (receipt(client, report_id, value) for value in wrong)
    }
    nobody = receipt(client, ids.new(), f"Report {ids.new()}.{SECRET}")
    said.add((nobody.status_code, nobody.text))
    assert len(said) == 1, "whether there is such a report is not told"
    assert said.pop()[0] == 401


def test_a_form_without_a_secret_has_no_receipt_by_one(client: HouseClient, rows: Rows):
    from tests.intake.sheets import AED, report

    report(client, "aed_missing", AED)
    report_id = rows("select id from report")[0]["id"]
    assert receipt(client, report_id, f"Report {report_id}.").status_code == 401


def test_near_a_facility_everything_forbidden_is_settled_at_once(client: HouseClient, rows: Rows):
    content = body(
        category="mil_facility_env", words="围墙外面有人长期倒垃圾，没人清理。", answers={"nature": "pollution"}, unknown=[],
        place={"lat": 45.81, "lon": 126.51, "pasted": "45.81,126.51", "town": "wanbao"},
    )  # fmt: skip
    found = put(client, ids.new(), content).json()
    assert found["is_complete"] is True
    assert [(photo["state"], photo["reason"]) for photo in found["photos"]] == [
        ("declined", "forbidden_here")
    ] * 2
    assert [entry["what"] for entry in found["declined"]] == ["position", "pasted_position"]
    (clue,) = rows("select * from clue")
    assert (clue["lat"], clue["place_raw"], clue["town_key"], clue["is_complete"]) == (
        None,
        None,
        "wanbao",
        1,
    )
    assert "45.81" not in str(rows("select place, answers, declined from report"))


def test_more_photos_than_a_report_may_have_are_declined(client: HouseClient):
    many = [{"sha256": f"{n:064x}", "size_bytes": 1} for n in range(12)]
    states = [photo["state"] for photo in put(client, ids.new(), body(photos=many)).json()["photos"]]
    assert states == ["missing"] * 9 + ["declined"] * 3


def test_what_a_report_must_have_is_named_by_field(client: HouseClient, rows: Rows):
    answer = put(client, ids.new(), body(words="", photos=[], answers={}, unknown=[], place={}))
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"words", "q_venue_type", "q_venue_name", "place"}
    assert rows("select * from report") == []


BAD: list[Any] = [
    [], "x", 1, None, {}, body(extra=1), body(words=1), body(words="a\x00b"), body(words="x" * 5001), body(words="\ud800"),
    body(secret="short"), body(secret="!" * 30), body(secret="A" * 65), body(answers=[]), body(answers={"A B": 1}),
    body(answers={"floors": {"a": 1}}), body(answers={"floors": None}), body(answers={f"k{n}": 1 for n in range(101)}),
    body(photos=[{"sha256": "A" * 64, "size_bytes": 1}]), body(photos=[{"sha256": ONE, "size_bytes": 0}]),
    body(photos=[{"sha256": ONE, "size_bytes": True}]), body(place={"lat": 91.0}), body(place={"lat": "45"}),
    body(place={"fixed_at": "2026-11-23T03:00:00"}), body(place={"fixed_at": 1}), body(place={"town": "' OR 1"}),
    body(contact={"phone": "13904512345"}), body(contact={"phone": "13904512345", "consent": False}),
    body(category="no such"), body(via="' OR"), body(locale="fr"), body(written_at="soon"), body(unknown=["\x00"]),
    body(photos=[{"sha256": f"{n:064x}", "size_bytes": 1} for n in range(51)]), body(is_data_saving="yes"),
]  # fmt: skip


@pytest.mark.parametrize("content", BAD, ids=range(len(BAD)))
def test_a_body_of_another_shape_is_refused(client: HouseClient, rows: Rows, content: Any):
    raw = json.dumps(content).encode()
    answer = client.put(client.to("intake:api_report", report_id=ids.new()), content=raw)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert rows("select * from report") == []


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"words": NaN}', b"\x00" * 10, photo(1)[:5000]]
)
def test_bytes_that_are_no_json_are_refused(client: HouseClient, raw: bytes):
    assert client.put(client.to("intake:api_report", report_id=ids.new()), content=raw).status_code == 422


def test_too_much_is_too_much(client: HouseClient):
    answer = client.put(client.to("intake:api_report", report_id=ids.new()), content=b" " * 600_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("report_id", ["x", "A" * 36, "0193ABCD-0000-7000-8000-000000000000", "%00"])
def test_an_id_is_a_uuid(client: HouseClient, report_id: str):
    path = client.to("intake:api_report", report_id="ID").replace("ID", report_id)
    assert client.put(path, json=body()).status_code == 404


def test_an_unknown_category_is_missing(client: HouseClient):
    assert put(client, ids.new(), body(category="nope")).status_code == 404


def test_a_contact_is_sealed_here_too(client: HouseClient, rows: Rows):
    put(client, ids.new(), body(contact={"phone": "13904512345", "consent": True}))
    assert rows("select sealed_phone from reporter_contact")[0]["sealed_phone"].startswith("sm4-gcm.")


def test_the_description_of_the_api_names_its_routes_and_no_others(client: HouseClient):
    found = client.get(client.to("intake:openapi")).json()
    assert all(path.startswith("/api/v1/") for path in found["paths"])
    assert "put" in found["paths"]["/api/v1/reports/{report_id}"]
    refs = set(json.dumps(found).split("#/components/schemas/")[1:])
    names = {ref.split('"')[0] for ref in refs}
    assert names <= set(found["components"]["schemas"])
    assert {"ReportIn", "ReceiptOut", "ProblemOut", "PlaceIn"} <= set(found["components"]["schemas"])
    (report_id,) = [
        p for p in found["paths"]["/api/v1/reports/{report_id}"]["put"]["parameters"] if p["in"] == "path"
    ]
    assert report_id["schema"]["format"] == "uuid"
