from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.geo.datums import to_gcj02
from app.geo.terms import Wgs84Point
from app.intake import places, rules
from app.intake.places import TypedPlace
from app.intake.terms import Matter, StatedPlace
from app.platform import ids

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TOWNS = {"taiyangdao": "太阳岛街道"}
AED = Matter("aed_missing", "public_health_security", "没有AED", "open", 15, True, True, True)
FACILITY = Matter("mil_facility_env", "defense", "军队设施周边", "military", 15, True, False, False)
OTHER = Matter("other", "other", "其他", "open", 15, False, True, True)


def read(is_allowed: bool = True, **typed: str):
    return places.read(TypedPlace(**typed), TOWNS, allows_position=is_allowed, now=NOW)


def test_a_pin_is_kept_in_wgs84_however_its_map_is_drawn():
    drawn = to_gcj02(Wgs84Point(45.81, 126.53))
    sent = {"lat": str(drawn.lat), "lon": str(drawn.lon), "accuracy_m": "9", "source": "pin"}
    place = read(**sent, pin_datum="gcj02").place
    assert (place.lat, place.lon) == pytest.approx((45.81, 126.53), abs=1e-9)
    assert place.source == "pin"
    assert place.raw == {"lat": str(drawn.lat), "lon": str(drawn.lon), "datum": "gcj02"}
    for other in ({"pin_datum": "wgs84"}, {"pin_datum": ""}, {"pin_datum": "bd09"}):
        assert read(**sent, **other).place.lat == drawn.lat
    phone = read(**sent | {"source": "browser"}, pin_datum="gcj02").place
    assert (phone.lat, phone.raw["datum"]) == (drawn.lat, "wgs84")
    assert read(is_allowed=False, **sent, pin_datum="gcj02").place.lat is None


@pytest.mark.parametrize(
    ("matter", "words", "has_photo", "is_well"),
    [
        (AED, "", True, True),
        (AED, "", False, False),
        (AED, "一二三四五六七八九十", False, True),
        (OTHER, "", True, False),
        (OTHER, "一二三四五六七八九", True, False),
        (OTHER, "一 二 三 四 五 六 七 八 九 ", False, False),
        (OTHER, "字" * 5000, False, True),
        (OTHER, "字" * 5001, False, False),
        (FACILITY, "", False, False),
    ],
)
def test_the_description(matter: Matter, words: str, has_photo: bool, is_well: bool):
    assert (rules.words_faults(words, matter, has_photo=has_photo) == []) is is_well


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("13904512345", "13904512345"), ("＋86 139-0451-2345", "8613904512345"), ("0451-8412 3456", "045184123456"),
        ("1390451", "1390451"), ("139", None), ("打我手机", None), ("1" * 16, None), ("13904512345;DROP", None),
    ],
)  # fmt: skip
def test_a_phone_is_looked_at_loosely(phone: str, digits: str | None):
    assert rules.phone_digits(phone) == digits


def test_contact_needs_consent_only_when_there_is_one():
    assert rules.contact_faults("", "  ", "", has_consent=False) == []
    assert [f.field for f in rules.contact_faults("", "13904512345", "", has_consent=False)] == [
        "contact_consent"
    ]
    assert rules.contact_faults("李", "", "", has_consent=True) == []
    fields = [f.field for f in rules.contact_faults("李" * 61, "12", "x" * 501, has_consent=False)]
    assert fields == ["contact_name", "contact_phone", "contact_words", "contact_consent"]


def test_any_kind_of_place_is_enough():
    assert rules.place_faults(read().place)
    for typed in (
        {"town": "taiyangdao"},
        {"words": "桥下"},
        {"lat": "45.8", "lon": "126.5"},
        {"pasted": "45.8,126.5"},
    ):
        found = read(**typed)
        assert not found.faults
        assert not rules.place_faults(found.place), typed


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("0", "0"), ("0.0", "-0"), ("nan", "1"), ("91", "0"), ("45", ""), ("x", "y"), ("1e400", "1")],
)
def test_a_position_that_is_none_is_refused_only_where_nothing_else_says_where(lat: str, lon: str):
    alone = read(lat=lat, lon=lon)
    assert alone.place.lat is None
    assert [fault.field for fault in alone.faults] == ["place"]
    assert read(lat=lat, lon=lon, words="桥下").faults == ()
    assert read(lat=lat, lon=lon, words="桥下").place.lat is None


def test_a_phones_position_is_kept_with_its_honesty():
    found = read(
        lat="45.8021", lon="126.5432", accuracy_m="12.5", fixed_at="2026-11-23T03:59:00Z", source="pin"
    ).place
    assert (found.lat, found.lon, found.accuracy_m, found.source, found.standing) == (
        45.8021,
        126.5432,
        12.5,
        "pin",
        "inside",
    )
    assert found.fixed_at is not None
    assert found.raw == {"lat": "45.8021", "lon": "126.5432", "datum": "wgs84"}
    odd = read(lat="45.8", lon="126.5", accuracy_m="-1", fixed_at="1999-01-01", source="<x>").place
    assert (odd.accuracy_m, odd.fixed_at, odd.source) == (None, None, "browser")
    assert read(lat="39.9", lon="116.4").place.standing == "outside", "outside is marked, never refused"


def test_pasted_text_is_read_in_its_datum():
    gcj = read(pasted="45.8021, 126.5432", datum="gcj02").place
    wgs = read(pasted="45.8021, 126.5432", datum="wgs84").place
    assert (wgs.lat, wgs.lon) == (45.8021, 126.5432)
    assert gcj.lat != wgs.lat
    assert gcj.source == "pasted"
    assert gcj.raw == {"text": "45.8021, 126.5432", "datum": "gcj02", "datum_came_from_text": False}
    assert [f.field for f in read(pasted="桥的东边").faults] == ["place_pasted"]
    assert read(pasted="桥的东边", words="桥下").faults == ()
    assert read(pasted="桥的东边", words="桥下").place.raw == {"text": "桥的东边", "datum": "gcj02"}
    assert [f.field for f in read(pasted="45.8,126.5", datum="mars").faults] == ["place_datum"]


def test_where_a_position_is_forbidden_it_is_left_out_and_named():
    found = read(
        is_allowed=False, lat="45.8", lon="126.5", pasted="45.8,126.5", words="北边", town="taiyangdao"
    )
    assert found.declined == ("position", "pasted_position")
    assert found.place == StatedPlace(
        words="北边", town_key="taiyangdao", town_name="太阳岛街道", source="town"
    )


@given(st.fixed_dictionaries({name: st.text(max_size=50) for name in TypedPlace.__slots__}), st.booleans())
def test_junk_in_a_place_is_answered_never_raised(typed: dict[str, str], is_allowed: bool):
    found = read(is_allowed, **typed)
    assert found.place.words == typed["words"]


def test_the_digest_knows_what_makes_a_report_and_not_who():
    def parts(**changes: Any) -> dict[str, Any]:
        given = {
            "category_key": "other", "words": "字", "answers": [{"key": "a", "value": 1, "label": "x"}],
            "place": {"words": "桥"}, "digests": ["d1", "d2"],
        }  # fmt: skip
        return rules.stated_parts(**given | changes)

    same = rules.content_digest(parts())
    assert rules.content_digest(parts(answers=[{"key": "a", "value": 1, "label": "edited"}])) == same
    changes: list[dict[str, Any]] = [
        {"words": "字 "},
        {"digests": ["d2", "d1"]},
        {"place": {}},
        {"category_key": "x"},
        {"answers": []},
    ]
    assert all(rules.content_digest(parts(**change)) != same for change in changes)
    assert rules.differing(parts(), parts(words="x", place={})) == ["words", "place"]


def test_other_content_has_an_id_of_its_own_that_repeats():
    one, other = ids.new(), ids.new()
    assert rules.sibling_id(one, "d") == rules.sibling_id(one, "d")
    assert len({rules.sibling_id(one, "d"), rules.sibling_id(one, "e"), rules.sibling_id(other, "d")}) == 3
    assert ids.is_uuid(rules.sibling_id(one, "d"))
    assert rules.sibling_id(one, "d")[14] == "8"


def test_the_title_says_what_and_where():
    place = StatedPlace(words="正门\n东侧", town_key="taiyangdao", town_name="太阳岛街道")
    named = [{"key": "venue_name", "value": "万达"}]
    assert rules.title(AED, place, []) == "没有AED，正门 东侧，太阳岛街道"
    assert rules.title(AED, place, named) == "没有AED，万达，太阳岛街道"
    assert (
        rules.title(AED, place, [{"key": "venue_name", "value": "unknown"}])
        == "没有AED，正门 东侧，太阳岛街道"
    )
    assert rules.title(FACILITY, place, named) == "军队设施周边，太阳岛街道"
    assert len(rules.title(AED, StatedPlace(words="长" * 500), [])) == 200
