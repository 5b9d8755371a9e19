"""A sealed report is opened, kept whatever it says, and asked about through its code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.salvage import NotAReport, salvage
from app.platform import ids, sealing
from tests.intake.sheets import give_code, hidden
from tests.intake.test_api import ONE, SECRET, TWO, body, put, receipt

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app


def seal(client: HouseClient, report_id: str, content: Any) -> bytes:
    shown = client.get(client.to("intake:api_sealing_key")).json()
    import base64

    point = base64.urlsafe_b64decode(shown["public"] + "=")
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return sealing.seal(raw, shown["key_id"], point, report_id=report_id, what=sealing.REPORT)


def put_bytes(client: HouseClient, report_id: str, raw: bytes):
    path = client.to("intake:api_report", report_id=report_id)
    return client.put(path, content=raw, headers={"Content-Type": sealing.MEDIA_TYPE})


def put_sealed(client: HouseClient, report_id: str, content: Any):
    return put_bytes(client, report_id, seal(client, report_id, content))


def written(rows: Rows, *tables: str) -> str:
    """Everything that stands in some tables."""
    return " ".join(str(rows(f"select * from {table}")) for table in tables)  # noqa: S608 - our own names


def told(rows: Rows) -> list[str]:
    return [row["body"] for row in rows("select body from message order by rowno")]


def test_pages_and_door_give_the_same_key(client: HouseClient):
    answer = client.get(client.to("intake:api_sealing_key"))
    shown = answer.json()
    assert shown["algorithm"] == "P-256/HKDF-SHA256/A256GCM"
    assert "max-age=3600" in answer.headers["cache-control"]
    page = client.get(client.to("intake:form", category_key="aed_missing")).text
    assert f'data-sealing-key="{shown["key_id"]}.{shown["public"]}"' in page


def test_a_sealed_report_is_the_report_inside(client: HouseClient, rows: Rows):
    report_id = ids.new()
    sealed = seal(client, report_id, body())
    first, again = put_bytes(client, report_id, sealed), put_sealed(client, report_id, body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == receipt(client, report_id, f"Report {report_id}.{SECRET}").json()
    (clue,), (kept,) = rows("select * from clue"), rows("select * from report")
    assert (kept["words"], clue["lat"], clue["needs_correction"]) == (body()["words"], 45.8021, 0)
    assert told(rows) == []
    assert put(client, report_id, body()).status_code == 200, "the same JSON unsealed is the same report"


def test_other_content_under_the_id_conflicts_sealed_too(client: HouseClient):
    report_id = ids.new()
    put_sealed(client, report_id, body())
    answer = put_sealed(client, report_id, body(words="另外一段话，说的是另外一件事情"))
    assert (answer.status_code, answer.json()["differs"]) == (409, ["words"])


def test_what_does_not_open_is_refused_by_name(client: HouseClient, app: FastAPI, rows: Rows):
    report_id = ids.new()
    sealed = bytearray(seal(client, report_id, body()))
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    stranger = sealing.seal(
        b"{}", "nobody", app.state.house.keys.sealing_point, report_id=report_id, what="report"
    )
    other = seal(client, ids.new(), body())
    for raw in (
        b"",
        b"YXS1",
        bytes(altered),
        bytes(sealed[:-20]),
        stranger,
        other,
        seal(client, report_id, b"[1]"),
    ):
        answer = put_bytes(client, report_id, raw)
        assert (answer.status_code, answer.json()["code"]) == (422, "unopenable")
    assert rows("select * from report") == []


def test_too_much_is_too_much_sealed_too(client: HouseClient):
    assert put_bytes(client, ids.new(), b"YXS1" + b"x" * 600_000).status_code == 413


SPOILT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no words, no place": ({"words": "", "photos": [], "place": {}}, []),
    "an answer out of range": ({"answers": {"venue_type": "mall", "floors": -7}}, ["-7"]),
    "an answer nobody asked for": ({"answers": {"venue_type": "mall", "nobody_asks": "旧版的回答"}}, ["旧版的回答"]),
    "an option that is gone": ({"answers": {"venue_type": "zeppelin"}}, ["zeppelin"]),
    "a key of tomorrow": ({"of_tomorrow": {"mood": "焦急"}}, ["焦急"]),
    "a town that is gone": ({"place": {"town": "atlantis", "words": "桥下"}}, ["atlantis"]),
    "a place of another shape": ({"place": {"lat": "north", "words": "桥下"}}, ["north"]),
    "words far too long": ({"words": "长" * 5001 + "尾"}, ["尾"]),
    "a category that is gone": ({"category": "steam_engines"}, ["mall"]),
    "no category at all": ({"category": None}, []),
    "a date of another shape": ({"written_at": "yesterday"}, ["yesterday"]),
    "a language we do not speak": ({"locale": "fr"}, ["fr"]),
    "a photo of another shape": ({"photos": [{"sha256": "x", "size_bytes": 1}, {"sha256": ONE, "size_bytes": 5}]}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_whatever_is_wrong_the_report_is_kept_and_asked_about(client: HouseClient, rows: Rows, name: str):
    change, kept = SPOILT[name]
    report_id = ids.new()
    answer = put_sealed(client, report_id, body(**change))
    assert answer.status_code == 201, answer.text
    assert put_sealed(client, report_id, body(**change)).status_code == 200
    (clue,), (report,) = rows("select * from clue"), rows("select * from report")
    assert clue["needs_correction"] == (0 if name == "a photo of another shape" else 1)
    stored = json.dumps(json.loads(report["answers"]), ensure_ascii=False) + report["words"]
    assert [part for part in kept if part not in stored] == [], "nothing that was said is lost"
    if clue["needs_correction"]:
        assert "不用重新提交" in told(rows)[0]
        assert len(told(rows)) == 1
        (asked,) = rows("select * from journal where verb = 'reporter.asked'")
        assert asked["actor_kind"] == "system"


def test_the_question_is_read_and_answered_through_the_code(client: HouseClient, rows: Rows):
    code = put_sealed(client, ids.new(), body(words="", place={}, photos=[], locale="zh")).json()[
        "query_code"
    ]
    assert give_code(client, code).status_code == 303
    shown = client.get(client.to("intake:track")).text
    assert "不用重新提交" in shown
    assert rows("select state from clue")[0]["state"] == "submitted", "the clue does not wait for it"
    fields = {"form_id": "", "kind": "addition", "words": "在万达广场一楼，没有除颤器，问过前台了。"}
    assert client.post(client.to("intake:add"), data=fields).status_code == 303
    assert rows("select needs_correction from clue")[0]["needs_correction"] == 0


def test_the_question_speaks_the_reporters_language(client: HouseClient, rows: Rows):
    put_sealed(client, ids.new(), body(words="", place={}, photos=[], locale="en"))
    assert "already" in told(rows)[0].lower()
    assert not any("一" <= sign <= "鿿" for sign in told(rows)[0])


def test_near_a_facility_salvage_keeps_nothing_forbidden(client: HouseClient, rows: Rows):
    content = body(
        category="mil_facility_env", words="墙外倒垃圾", answers={"nature": "zeppelin"}, unknown=[],
        place={"lat": "45.8123", "pasted": "45.81,126.51", "town": "wanbao"}, where={"lat": 45.8123},
        photos=[{"sha256": ONE, "size_bytes": 5, "name": "secret.jpg", "position": {"lat": 45.8123, "lon": 126.5}}],
    )  # fmt: skip
    found = put_sealed(client, ids.new(), content)
    assert found.status_code == 201
    assert [photo["state"] for photo in found.json()["photos"]] == ["declined"]
    kept = written(rows, "report", "clue", "promised_photo", "message", "journal")
    assert "45.81" not in kept
    assert "secret.jpg" not in kept


def test_contact_is_never_written_in_the_clear(client: HouseClient, rows: Rows):
    for contact in (
        {"phone": "13904512345"},
        {"phone": "13904512345", "consent": False},
        {"phone": 13904512345, "consent": True},
    ):
        assert put_sealed(client, ids.new(), body(contact=contact)).status_code == 201
    assert "13904512345" not in written(rows, "report", "reporter_contact", "message", "journal")


def test_without_a_usable_secret_the_report_is_kept_and_its_receipt_closed(client: HouseClient, rows: Rows):
    report_id = ids.new()
    assert put_sealed(client, report_id, body(secret="short")).status_code == 201
    assert rows("select secret_digest from report")[0]["secret_digest"] is None
    assert receipt(client, report_id, f"Report {report_id}.{'A' * 22}").status_code == 401
    assert receipt(client, report_id, f"Report {report_id}.short").status_code == 401


def test_a_replay_is_known_whatever_the_house_has_learnt(client: HouseClient, rows: Rows, database: Any):
    from sqlalchemy import text

    report_id = ids.new()
    assert put(client, report_id, body()).status_code == 201
    with database.write_session() as session:
        session.execute(text("update category set valid_to = '2021-12-31' where key = 'aed_missing'"))
        session.execute(text("update reference_state set version = version + 1"))
    assert put(client, ids.new(), body()).status_code == 404
    assert put(client, report_id, body()).status_code == 200
    assert put_sealed(client, ids.new(), body()).status_code == 201
    assert [row["category_key"] for row in rows("select category_key from clue order by rowno")] == [
        "aed_missing",
        "other",
    ]


PROMISED: list[dict[str, Any]] = [
    {"sha256": ONE, "size_bytes": 3_000_000, "path": "camera", "name": "IMG_1.jpg", "media_type": "image/jpeg",
     "position": {"lat": 45.8, "lon": 126.5, "accuracy_m": 9.0, "fixed_at": "2026-11-23T03:00:00Z"},
     "preview": {"sha256": "c" * 64, "size_bytes": 90_000}},
    {"sha256": TWO, "size_bytes": 80_000, "fidelity": "phone_preview"},
    {"sha256": "d" * 64, "size_bytes": 26 * 1024 * 1024, "preview": {"sha256": "e" * 64, "size_bytes": 9}},
    {"sha256": "f" * 64, "size_bytes": 9, "media_type": "text/html"},
]  # fmt: skip


def test_what_the_phone_says_of_each_photo_is_kept(client: HouseClient, rows: Rows):
    found = put(client, ids.new(), body(photos=PROMISED, is_data_saving=True)).json()
    assert [(p["sha256"][0], p["state"], p["reason"], p["is_preview"]) for p in found["photos"]] == [
        ("a", "missing", None, False), ("c", "missing", None, True), ("b", "missing", None, False),
        ("d", "declined", "too_large", False), ("e", "declined", "too_large", True), ("f", "declined", "type", False),
    ]  # fmt: skip
    assert found["is_complete"] is False
    kept = {row["digest"][0]: row for row in rows("select * from promised_photo")}
    assert (kept["a"]["path"], kept["a"]["name"], kept["a"]["fidelity"]) == (
        "camera",
        "IMG_1.jpg",
        "original",
    )
    assert json.loads(kept["a"]["position"])["accuracy_m"] == 9.0
    assert (kept["c"]["preview_of"], kept["c"]["fidelity"]) == (ONE, "phone_preview")
    assert (kept["b"]["preview_of"], kept["b"]["fidelity"]) == (None, "phone_preview")


def test_previews_are_no_part_of_what_tells_reports_apart(client: HouseClient):
    report_id = ids.new()
    assert put(client, report_id, body(photos=PROMISED[:1])).status_code == 201
    plain = [{key: value for key, value in PROMISED[0].items() if key != "preview"}]
    assert put(client, report_id, body(photos=plain)).status_code == 200


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [*body(), "contact", "via", "locale", "is_data_saving", "source_stamp", "written_at", "x"]
)


@given(changes=st.dictionaries(FIELDS, JSONS, max_size=4))
def test_any_object_can_be_salvaged(changes: dict[str, Any]):
    found = salvage(json.dumps(body() | changes).encode())
    assert found.body.category
    assert "\x00" not in found.body.words


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b'"x"', b"{", b"[" * 50_000, b"\xff"])
def test_what_is_no_object_is_no_report(raw: bytes):
    with pytest.raises(NotAReport):
        salvage(raw)


def test_forms_carry_on_as_before(client: HouseClient):
    assert hidden(client, "aed_missing")["form_id"]
