"""Junk in every field of every form never gives a 500 (issue 2, "What must be shown", 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform import ids
from tests.intake.sheets import AED, FACILITY, LEAK, WATER, files, give_code, photo, report, send

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
CALM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SHEETS: dict[str, dict[str, Any]] = {
    "aed_missing": AED, "water_pollution": WATER, "mil_facility_env": FACILITY, "pi_public_leak": LEAK,
}  # fmt: skip
OTHER_FIELDS = [
    "form_id", "source_stamp", "via", "held_photo", "homepage", "place_lat", "place_lon", "place_accuracy_m",
    "place_fixed_at", "place_source", "place_town", "place_words", "place_pasted", "place_datum", "contact_name",
    "contact_phone", "contact_words", "contact_consent", "words", "q_when_seen", "q_still_ongoing", "q_scale",
    "q_danger_now", "q_reported_before", "q_venue_name_unknown", "q_", "q__unknown", "",
]  # fmt: skip
JUNK = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=80),
    st.sampled_from(
        [
            "",
            " ",
            "unknown",
            "yes",
            "null",
            "[]",
            "{}",
            "NaN",
            "1e999",
            "-0",
            "0",
            "٣",
            "９９９",
            "2026-02-30",
            "9999-12-31",
            "0001-01-01",
            "0001-01-01T00:00",
            "2026-11-23T25:61",
            "' OR 1=1 --",
            "<svg onload=alert(1)>",
            "{{ 7*7 }}",
            "%(x)s %s %n",
            "..%2f..",
            "\u202e",
            "👩‍🚒" * 30,
            "\ufeff",
            "\ud7ff",
            "a.b.c",
            "e30=.dev1.x",
            "\r\n\r\n",
            "geo:0,0",
            "45.8,126.5",
            "字" * 5001,
            "x" * 300,
        ]
    ),
)


@CALM
@given(data=st.data())
@pytest.mark.parametrize("category", SHEETS)
def test_junk_in_the_form(client: HouseClient, category: str, data: st.DataObject):
    sheet = SHEETS[category]
    names = st.sampled_from(sorted({*sheet, *OTHER_FIELDS}))
    spoilt = data.draw(st.dictionaries(names, JUNK | st.lists(JUNK, max_size=3), min_size=1, max_size=5))
    answer = send(client, category, sheet | spoilt)
    assert answer.status_code in {303, 422, 413}, (answer.status_code, spoilt)


@CALM
@given(
    content=st.binary(max_size=300),
    name=JUNK,
    declared=st.sampled_from(["image/jpeg", "text/html", "", "x/y" * 99]),
)
def test_junk_as_a_photo(client: HouseClient, content: bytes, name: str, declared: str):
    odd = [("photos", (name, content, declared))]
    assert send(client, "aed_missing", AED, photos=odd).status_code in {303, 422}


@CALM
@given(raw=st.binary(max_size=400), kind=st.sampled_from(
    ["multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain", "a" * 300, ""]
))  # fmt: skip
def test_junk_as_a_body(client: HouseClient, raw: bytes, kind: str):
    for name in ("intake:submit", "intake:open_track", "intake:add", "intake:withdraw"):
        path = client.to(name, category_key="aed_missing") if name == "intake:submit" else client.to(name)
        answer = client.post(path, content=raw, headers={"Content-Type": kind})
        assert answer.status_code in {413, 422, 429}, (name, answer.status_code)


@CALM
@given(
    fields=st.dictionaries(
        st.sampled_from(["words", "kind", "form_id", "sure", "held_photo", ""]), JUNK, max_size=5
    )
)
def test_junk_on_the_tracking_page(client: HouseClient, fields: dict[str, str]):
    if "yixian_track" not in client.cookies:
        give_code(client, report(client, "aed_missing", AED))
    for name in ("intake:add", "intake:withdraw", "intake:open_track", "intake:leave_track"):
        if name == "intake:leave_track":
            continue
        answer = client.post(client.to(name), data=fields, files=files(photo(1)))
        assert answer.status_code in {303, 409, 422, 429}, (name, answer.status_code)
    assert client.get(client.to("intake:track")).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@CALM
@given(spoilt=st.dictionaries(
    st.sampled_from(["category", "secret", "words", "answers", "unknown", "place", "photos", "contact", "source_stamp",
                     "via", "is_data_saving", "locale", "written_at", "extra"]), JSON, max_size=3,
), answers=st.dictionaries(st.sampled_from(["venue_type", "venue_name", "floors", "when_seen", "x"]), JSON, max_size=3))  # fmt: skip
def test_junk_in_the_json(client: HouseClient, spoilt: dict[str, Any], answers: dict[str, Any]):
    import json

    content = {
        "category": "aed_missing", "secret": "A" * 22, "words": "一到四层都没有看到除颤器", "place": {"words": "正门"},
        "answers": {"venue_type": "mall", "venue_name": "x"} | answers,
    } | spoilt  # fmt: skip
    raw = json.dumps(content).encode()
    answer = client.put(client.to("intake:api_report", report_id=ids.new()), content=raw)
    assert answer.status_code in {201, 404, 422}, (answer.status_code, content)
