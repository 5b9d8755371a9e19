"""Personal data in photos: what a reporter does or says about it before sending stands beside the file, in their name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.evidence.labels import masking_said
from app.evidence.terms import Mark, Masking
from app.intake import masks, salvage
from app.platform import ids
from tests.intake.sheets import AED, HIDDEN, LEAK, WATER, files, hidden, photo, report, send
from tests.intake.test_api import SECRET, body, put
from tests.intake.uploads import Phone, hexed, promise

if TYPE_CHECKING:
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

CLEAR, AS_IS = Mark(Masking.CLEAR), Mark(Masking.AS_IS)
COLUMNS = "select fidelity, masking, masked_parts from {} order by rowno"


def marks_in(rows: Rows, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows(COLUMNS.format(table))]


def test_marks_belong_to_the_files_in_their_order():
    assert masks.of_files("masked:3,,clear,as_is", 4, None) == [Mark(Masking.MASKED, 3), None, CLEAR, AS_IS]
    assert masks.of_files("masked:3,,", 3, AS_IS) == [Mark(Masking.MASKED, 3), AS_IS, AS_IS]


@pytest.mark.parametrize(
    "typed",
    ["masked:3", "masked:3,clear,as_is", "masked:0,masked:501", "masked,masked:-1", "clear ,<b>", ",", "x" * 9999],
)  # fmt: skip
def test_marks_that_do_not_fit_are_none(typed: str):
    assert masks.of_files(typed, 2, None) == [None, None]


def test_every_word_has_a_sentence_that_says_whose_it_is():
    said = [masking_said(*one) for one in (("masked", 3), ("masked", None), ("clear", None), ("as_is", None))]
    assert len(set(said)) == 4
    assert all(sentence.startswith("反映人") for sentence in said)
    assert "3 处" in said[0]
    assert "None" not in said[1]
    assert masking_said(None, None) == ""


@pytest.mark.app
def test_a_plain_post_keeps_what_the_script_says_of_each_photo(client: HouseClient, rows: Rows):
    three = files(photo(1), photo(2), photo(3))
    report(client, "water_pollution", WATER | {"photos_marks": "masked:2,clear,"}, photos=three)
    found = [("masked_on_phone", "masked", 2), ("original", "clear", None), ("original", None, None)]
    assert marks_in(rows, "evidence_item") == found
    assert marks_in(rows, "promised_photo") == found
    facts = [
        json.loads(row["facts"])
        for row in rows("select facts from journal where verb = 'evidence.added' order by rowno")
    ]
    assert [(one.get("masking"), one.get("masked_parts")) for one in facts] == [
        ("masked", 2),
        ("clear", None),
        (None, None),
    ]


@pytest.mark.app
def test_the_mark_stays_with_its_photo_when_another_one_is_not_kept(client: HouseClient, rows: Rows):
    two = [("photos", ("a.svg", b"<svg/>", "image/svg+xml")), *files(photo(1))]
    report(client, "water_pollution", WATER | {"photos_marks": "clear,masked:4"}, photos=two)
    assert marks_in(rows, "evidence_item") == [("masked_on_phone", "masked", 4)]


@pytest.mark.app
@pytest.mark.parametrize(("said", "masking"), [("clear", "clear"), ("as_is", "as_is")])
def test_without_a_script_either_word_will_do_and_no_photo_is_lost_meanwhile(
    client: HouseClient, rows: Rows, said: str, masking: str
):
    asked = send(client, "pi_public_leak", hidden(client, "pi_public_leak") | LEAK, photos=files(photo(1)))
    assert asked.status_code == 422
    assert 'href="#photos_said"' in asked.text
    assert 'class="photo-said is-asked"' in asked.text
    assert rows("select id from report") == []
    carried = dict(HIDDEN.findall(asked.text))
    assert carried["held_photo"]
    again = send(client, "pi_public_leak", carried | LEAK | {"photos_said": said})
    assert again.status_code == 303
    assert marks_in(rows, "evidence_item") == [("original", masking, None)]


@pytest.mark.app
def test_a_covered_photo_stays_known_as_such_when_the_form_comes_back(client: HouseClient, rows: Rows):
    wrong = LEAK | {"place_words": "", "photos_marks": "masked:1"}
    asked = send(client, "pi_public_leak", hidden(client, "pi_public_leak") | wrong, photos=files(photo(1)))
    assert asked.status_code == 422
    assert "is-asked" not in asked.text
    send(client, "pi_public_leak", dict(HIDDEN.findall(asked.text)) | LEAK)
    assert marks_in(rows, "evidence_item") == [("masked_on_phone", "masked", 1)]


@pytest.mark.app
def test_no_word_is_asked_for_without_a_photo_or_in_another_category(client: HouseClient, rows: Rows):
    report(client, "pi_public_leak", LEAK)
    report(client, "aed_missing", AED, photos=files(photo(1)))
    assert marks_in(rows, "evidence_item") == [("original", None, None)]
    assert "photos_said" not in client.get(client.to("intake:form", category_key="aed_missing")).text
    assert "photos_said" in client.get(client.to("intake:form", category_key="pi_public_leak")).text


@pytest.mark.app
def test_a_phone_says_it_with_the_promise_and_its_preview_carries_it(client: HouseClient, rows: Rows):
    whole, small = photo(1), photo(2)
    told = promise(whole, small, fidelity="masked_on_phone", masking="masked", masked_parts=2)
    phone = Phone(client).report(told)
    phone.send(small)
    phone.send(whole)
    assert marks_in(rows, "promised_photo") == [
        ("masked_on_phone", "masked", 2),
        ("phone_preview", "masked", 2),
    ]
    assert sorted(marks_in(rows, "evidence_item")) == sorted(
        [("phone_preview", "masked", 2), ("masked_on_phone", "masked", 2)]
    )
    assert phone.receipt()["is_complete"]


@pytest.mark.app
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"masking": "masked", "masked_parts": 3}, ("masked_on_phone", "masked", 3)),
        ({"fidelity": "masked_on_phone"}, ("masked_on_phone", "masked", None)),
        ({"masking": "clear", "masked_parts": 3}, ("original", "clear", None)),
        ({}, ("original", None, None)),
    ],
    ids=["covered", "an older client", "clear", "nothing"],
)
def test_no_report_is_refused_for_what_it_says_or_does_not_say(
    client: HouseClient, rows: Rows, said: dict[str, Any], kept: tuple[Any, ...]
):
    leak = body(category="pi_public_leak", answers={}, unknown=["medium", "publisher", "items"])
    sent = leak | {"photos": [promise(photo(1), **said)], "words": LEAK["words"]}
    answer = put(client, ids.new(), sent)
    assert answer.status_code == 201, answer.text
    assert marks_in(rows, "promised_photo") == [kept]


def test_a_sealed_report_with_a_word_nobody_knows_keeps_its_photo():
    told = {"sha256": hexed(b"x"), "size_bytes": 1, "masking": "blurred", "masked_parts": 10_000}
    found = salvage.salvage(json.dumps(body(photos=[told], secret=SECRET)).encode())
    (kept,) = found.body.photos
    assert (kept.sha256, kept.masking, kept.masked_parts) == (hexed(b"x"), None, None)
    assert found.unread == ()


@pytest.mark.app
def test_a_later_photo_carries_its_word_too(client: HouseClient, rows: Rows):
    report(client, "pi_public_leak", LEAK)
    fields = hidden_of(client) | {"words": "补一张", "photos_marks": "masked:5"}
    added = client.post(client.to("intake:add"), data=fields, files=files(photo(1)))
    assert added.status_code == 303, added.text
    assert marks_in(rows, "evidence_item") == [("masked_on_phone", "masked", 5)]


def hidden_of(client: HouseClient) -> dict[str, str]:
    return dict(HIDDEN.findall(client.get(client.to("intake:track")).text)) | {"kind": "addition"}
