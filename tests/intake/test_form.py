"""The reporter's form without a script: multipart, 303, receipt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.platform.digest import sha256_hex
from tests.conftest import make_settings
from tests.intake.sheets import (
    AED,
    FACILITY,
    HIDDEN,
    LEAK,
    WATER,
    code_on,
    files,
    hidden,
    photo,
    report,
    send,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.settings import Settings
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
HOSTILE = "'\"><svg onload=alert(1)> \u202eRTL\u202c 👩‍🚒 '; DROP TABLE clue;-- {{ 7*7 }} %(x)s ﷽"


def said(row: dict[str, Any]) -> dict[str, Any]:
    return {answer["key"]: answer["value"] for answer in json.loads(row["answers"])}


def test_an_aed_with_two_photos(client: HouseClient, rows: Rows, store: BlobStore):
    first, second = photo(1), photo(2)
    code = report(client, "aed_missing", AED, photos=files(first, field="photos_camera") + files(second))
    assert len(code) == 18
    (clue,) = rows("select * from clue")
    (kept,) = rows("select * from report")
    assert clue["title"] == "公共场所没有配置AED，万达广场，太阳岛街道"
    assert (clue["state"], clue["source_type"], clue["channel"]) == ("submitted", "citizen_report", "web")
    assert (clue["is_complete"], clue["has_photo"], clue["is_urgent"], clue["needs_correction"]) == (
        1,
        1,
        0,
        0,
    )
    assert clue["due_on"]
    assert (clue["town_key"], clue["place_words"], clue["place_source"]) == ("taiyangdao", "正门东侧", "town")
    assert said(kept) == {
        "venue_type": "mall",
        "venue_name": "万达广场",
        "asked_staff": "yes",
        "staff_answer": "none",
    }
    assert kept["words"] == AED["words"]
    assert (kept["account_id"], kept["secret_digest"]) == (None, None)
    held = rows("select digest, path, original_name from evidence_item order by rowno")
    assert [row["digest"] for row in held] == [sha256_hex(first), sha256_hex(second)]
    assert [row["path"] for row in held] == ["camera", "picker"]
    assert [row["state"] for row in rows("select state from promised_photo")] == ["held", "held"]
    assert store.read_verified(sha256_hex(first)) == first
    verbs = [
        row["verb"]
        for row in rows("select verb from journal where clue_id = :id order by rowno", id=clue["id"])
    ]
    assert verbs == ["clue.received", "evidence.added", "evidence.added", "report.received"]


def test_the_receipt_says_what_is_held(client: HouseClient):
    report(client, "aed_missing", AED, photos=files(photo(1)))
    shown = client.get(client.to("intake:receipt")).text
    assert sha256_hex(photo(1))[:12] in shown
    assert "预计" in shown
    assert "已收到" in shown
    qr = client.get(client.to("intake:qr"))
    assert (qr.status_code, qr.headers["content-type"]) == (200, "image/svg+xml")
    saved = client.get(client.to("intake:receipt_picture"))
    assert "attachment" in saved.headers["content-disposition"]
    assert code_on(shown)[:4] in saved.text


def test_water_without_a_photo_is_urgent_and_placed(client: HouseClient, rows: Rows):
    report(client, "water_pollution", WATER)
    (clue,) = rows("select * from clue")
    assert clue["is_urgent"] == 1
    assert clue["place_source"] == "pasted"
    assert clue["lat"] == pytest.approx(45.8, abs=0.01)
    assert clue["lat"] != 45.8021, "the pasted numbers were GCJ-02"
    assert "请马上打" in client.get(client.to("intake:receipt")).text


def test_a_leak_keeps_its_items(client: HouseClient, rows: Rows):
    report(client, "pi_public_leak", LEAK)
    (kept,) = rows("select * from report")
    assert said(kept) == {"medium": "board", "publisher": "某某街道", "items": ["id_card", "phone"]}


def test_near_a_facility_no_photo_and_no_position_is_kept(
    client: HouseClient, rows: Rows, settings: Settings
):
    content = photo(3)
    forced = FACILITY | {
        "place_lat": "45.812345",
        "place_lon": "126.512345",
        "place_pasted": "45.823456,126.523456",
    }
    report(client, "mil_facility_env", forced, photos=files(content))
    (clue,), (kept,) = rows("select * from clue"), rows("select * from report")
    assert (clue["lat"], clue["lon"], clue["place_raw"], clue["has_photo"]) == (None, None, None, 0)
    assert (clue["place_words"], clue["town_key"], clue["public_status"]) == ("", "wanbao", "military_b")
    assert clue["title"] == "军队设施周边环境与安全，万宝街道"
    assert said(kept)["coarse_area"] == "wanbao"
    assert kept["words"] == FACILITY["words"]
    reasons = [(entry["what"], entry["reason"]) for entry in json.loads(kept["declined"])]
    assert reasons == [
        ("position", "forbidden_here"),
        ("pasted_position", "forbidden_here"),
        ("photo", "forbidden_here"),
    ]
    assert rows("select * from evidence_item") == rows("select * from blob") == []
    (circle,) = rows("select kind from compartment where id = :id", id=clue["compartment_id"])
    assert circle["kind"] == "military"
    shown = client.get(client.to("intake:receipt")).text
    for sentence in ("您选的照片没有保存", "位置没有保存", "粘贴的坐标没有保存"):
        assert sentence in shown
    everything = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())
    assert content[500:900] not in everything
    for number in (b"45.812345", b"126.512345", b"45.823456"):
        assert number not in everything


def test_near_a_facility_no_byte_of_a_photo_reaches_the_disk(
    client: HouseClient, monkeypatch: pytest.MonkeyPatch
):
    opened: list[object] = []
    store = type(client.app.state.house.store)  # type: ignore[attr-defined]
    real = store.incoming

    def opening(own: object) -> object:
        opened.append(own)
        return real(own)

    monkeypatch.setattr(store, "incoming", opening)
    assert send(client, "mil_facility_env", FACILITY, photos=files(photo(3))).status_code == 303
    assert opened == []
    assert send(client, "aed_missing", AED, photos=files(photo(3))).status_code == 303
    assert len(opened) == 1, "the watch sees a photo that is allowed"


def test_what_a_condition_hides_is_dropped(client: HouseClient, rows: Rows):
    report(client, "aed_missing", AED | {"q_asked_staff": "no"})
    assert "staff_answer" not in said(rows("select answers from report")[0])


def test_a_photo_is_enough_where_seconds_count(client: HouseClient, rows: Rows):
    bare = {
        "q_venue_type": "unknown",
        "q_venue_name_unknown": "yes",
        "place_lat": "45.8021",
        "place_lon": "126.5432",
    }
    assert send(client, "aed_missing", bare).status_code == 422
    report(client, "aed_missing", bare, photos=files(photo(1)))
    (kept,) = rows("select * from report")
    assert said(kept) == {"venue_type": "unknown", "venue_name": "unknown"}
    text = files(b"just words", field="photos")
    assert send(client, "aed_missing", bare, photos=text).status_code == 422, "a text file is no photo"


@pytest.mark.parametrize("missing", ["q_venue_type", "q_venue_name", "place"])
def test_what_is_missing_is_told_and_everything_typed_stays(client: HouseClient, rows: Rows, missing: str):
    fields = {name: value for name, value in AED.items() if not name.startswith(missing)}
    answer = send(client, "aed_missing", hidden(client, "aed_missing") | fields | {"contact_words": HOSTILE})
    assert answer.status_code == 422
    assert "还有几处需要补充或改正" in answer.text
    assert AED["words"] in answer.text
    assert "&lt;svg onload" in answer.text
    assert "<svg onload" not in answer.text
    assert rows("select * from clue") == []


def test_photos_are_not_chosen_twice(client: HouseClient, rows: Rows):
    """A browser forgets files when a form comes back; the house does not."""
    carried = hidden(client, "aed_missing")
    answer = send(
        client, "aed_missing", carried | AED | {"q_venue_type": ""}, photos=files(photo(1), photo(2))
    )
    assert answer.status_code == 422
    assert "2 个文件已经收到" in answer.text
    stamps = [value for name, value in HIDDEN.findall(answer.text) if name == "held_photo"]
    assert len(stamps) == 2
    again = send(client, "aed_missing", carried | AED | {"held_photo": stamps}, photos=files(photo(3)))
    assert again.status_code == 303
    digests = [row["digest"] for row in rows("select digest from evidence_item order by rowno")]
    assert digests == [sha256_hex(photo(seed)) for seed in (1, 2, 3)]
    forged = send(client, "aed_missing", AED | {"held_photo": [stamps[0][:-2] + "xx", "junk", "a.b.c"]})
    assert forged.status_code == 303
    assert len(rows("select * from evidence_item")) == 3


def test_every_text_comes_back_exactly(client: HouseClient, rows: Rows):
    fields = {"words": HOSTILE + " 一二三四五六七八九十", "place_words": HOSTILE, "q_venue_name": HOSTILE}
    report(client, "aed_missing", AED | fields)
    (kept,), (clue,) = rows("select * from report"), rows("select * from clue")
    assert kept["words"] == fields["words"]
    assert said(kept)["venue_name"] == HOSTILE
    assert clue["place_words"] == HOSTILE


def test_a_second_tap_is_the_same_report(client: HouseClient, rows: Rows):
    carried = hidden(client, "aed_missing")
    codes = set()
    for _ in range(3):
        assert send(client, "aed_missing", carried | AED, photos=files(photo(1))).status_code == 303
        codes.add(code_on(client.get(client.to("intake:receipt")).text))
    assert len(codes) == 1
    assert len(rows("select * from clue")) == len(rows("select * from evidence_item")) == 1


def test_other_content_under_a_served_forms_id_is_a_new_report(client: HouseClient, rows: Rows):
    carried = hidden(client, "aed_missing")
    for words in (
        "一层没有看到除颤器，问了保安",
        "二层也没有看到除颤器，问了保安",
        "二层也没有看到除颤器，问了保安",
    ):
        assert send(client, "aed_missing", carried | AED | {"words": words}).status_code == 303
    assert len(rows("select * from clue")) == 2


@pytest.mark.parametrize("form_id", ["", "junk", "a.b.c", "e30=.dev1.x", "null"])
def test_a_forged_or_stale_form_id_is_no_reason_to_refuse(client: HouseClient, form_id: str):
    assert send(client, "aed_missing", AED | {"form_id": form_id}).status_code == 303


def test_the_same_photo_through_both_buttons_is_one(client: HouseClient, rows: Rows):
    report(
        client, "aed_missing", AED, photos=files(photo(1), field="photos_camera") + files(photo(1), photo(2))
    )
    digests = [row["digest"] for row in rows("select digest from evidence_item order by rowno")]
    assert digests == [sha256_hex(photo(1)), sha256_hex(photo(2))]


def test_too_many_photos_never_fail_a_report(client: HouseClient, rows: Rows):
    report(client, "aed_missing", AED, photos=files(*(photo(seed) for seed in range(11))))
    digests = [row["digest"] for row in rows("select digest from evidence_item order by rowno")]
    assert digests == [sha256_hex(photo(seed)) for seed in range(9)]
    assert len(json.loads(rows("select declined from report")[0]["declined"])) == 2
    assert "超出张数的照片没有保存" in client.get(client.to("intake:receipt")).text


def test_a_file_too_large_or_of_another_kind_is_named(database_url: str, tmp_path: Path, rows: Rows):
    from app.main import create_app
    from tests.conftest import HouseClient

    small = make_settings(database_url, tmp_path, photo_max_bytes=20_000)
    with HouseClient(create_app(small)) as client:
        large = photo(1, quality=100)
        assert len(large) > 20_000
        chosen = files(large, b"\xff\xd8\xff" + b"x" * 100, b"MZ program", b"")
        report(client, "aed_missing", AED, photos=chosen)
        reasons = [
            entry["reason"] for entry in json.loads(rows("select declined from report")[0]["declined"])
        ]
        assert reasons == ["too_large", "unknown_type", "empty"]
        assert len(rows("select * from evidence_item")) == 1, "what is broken is kept as it came"
        shown = client.get(client.to("intake:receipt")).text
        assert "有一个文件太大" in shown


def test_what_cannot_be_kept_is_refused_with_the_text_handed_back(client: HouseClient, rows: Rows):
    long = "很长的话" * 1300
    answer = send(client, "aed_missing", AED | {"words": long})
    assert answer.status_code == 422
    assert long in answer.text
    typed = "写了很久的一段话，里面混进了一个坏字符"
    nul = send(client, "aed_missing", AED | {"words": typed, "contact_name": "x\x00y"})
    assert nul.status_code == 422
    assert typed in nul.text
    many = send(client, "aed_missing", AED | {f"x{n}": "1" for n in range(500)})
    assert many.status_code == 413
    huge = send(client, "aed_missing", AED | {"words": "字" * 300_000})
    assert huge.status_code == 413
    assert rows("select * from clue") == []


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("q_venue_type", "castle", "q_venue_type"), ("q_floors", "很多", "q_floors"), ("q_floors", "0", "q_floors"),
        ("q_when_seen", "2099-01-01", "q_when_seen"), ("q_scale", "' OR 1=1", "q_scale"),
        ("q_venue_name", "x" * 501, "q_venue_name"), ("place_town", "mars", "place_town"),
        ("place_words", "x" * 201, "place_words"), ("contact_phone", "一二三", "contact_phone"),
    ],
)  # fmt: skip
def test_wrong_values_are_told_at_their_field(client: HouseClient, name: str, value: str, field: str):
    answer = send(client, "aed_missing", AED | {name: value, "contact_consent": "yes"})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text


def test_a_filled_trap_waits_in_quarantine(client: HouseClient, rows: Rows):
    report(client, "aed_missing", AED | {"homepage": "http://spam.example"})
    assert rows("select needs_correction, quarantine from clue") == [
        {"needs_correction": 0, "quarantine": "trap"}
    ]


def test_contact_is_sealed_and_needs_consent(client: HouseClient, rows: Rows):
    fields = AED | {"contact_phone": "139 0451 2345", "contact_name": "李大娘"}
    refused = send(client, "aed_missing", fields)
    assert refused.status_code == 422
    assert 'href="#contact_consent"' in refused.text
    report(client, "aed_missing", fields | {"contact_consent": "yes"})
    (contact,) = rows("select * from reporter_contact")
    assert contact["sealed_phone"].startswith("sm4-gcm.")
    assert contact["sealed_words"] is None
    assert len(contact["phone_index"]) == 64
    assert contact["consent_version"] == "2026-11-02"


def test_a_posters_source_is_kept_and_a_made_up_one_is_not(client: HouseClient, rows: Rows):
    assert "via=station_qr" in client.get(client.to("intake:pick", via="station_qr")).text
    shown = client.get(client.to("intake:form", category_key="aed_missing", via="station_qr")).text
    assert ("via", "station_qr") in HIDDEN.findall(shown)
    for via in ("station_qr", "mil_liaison", "junk", ""):
        assert send(client, "aed_missing", AED | {"via": via}).status_code == 303
    channels = [row["channel"] for row in rows("select channel from report order by rowno")]
    assert channels == ["station_qr", "web", "web", "web"]


@pytest.mark.parametrize("key", ["nope", "AED", "a" * 40, "x%00y", "' OR 1=1"])
def test_an_unknown_category_is_a_404(client: HouseClient, key: str):
    path = client.to("intake:form", category_key="KEY").replace("KEY", key)
    assert client.get(path).status_code == 404
    assert client.post(path, data=AED).status_code == 404


def test_every_category_has_a_form_that_holds_together(client: HouseClient, rows: Rows):
    keys = [row["key"] for row in rows("select key from category")]
    assert len(keys) >= 50
    for key in keys:
        shown = client.get(client.to("intake:form", category_key=key))
        assert shown.status_code == 200, key
        assert "先注意安全" in shown.text
        assert client.post(client.to("intake:submit", category_key=key), data={}).status_code == 422


def test_the_english_form(client: HouseClient):
    client.cookies.set("yixian_lang", "en")
    shown = client.get(client.to("intake:form", category_key="aed_missing")).text
    assert "What kind of place is it" in shown
    answer = send(client, "aed_missing", AED | {"q_venue_type": ""})
    assert answer.status_code == 422
