"""What the half hour behind a one-time link opens: one transfer, only what was disclosed, and what may be said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.platform import clock, ids
from app.transfer import queries, rules
from app.transfer.models import TransferAttachment
from app.transfer.terms import TransferState as S
from tests.transfer import scenes
from tests.transfer.doors import sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
WORDS = "已经配齐 5 台，并培训了保安。'\"><svg onload=alert(1)> 🙂"


def say(client: HouseClient, act: str, version: int, **typed: Any) -> Any:
    files = typed.pop("files", None)
    return client.post(client.to("link:say", act=act), data={"version": str(version), **typed}, files=files)


def test_one_cookie_opens_one_transfer(client: HouseClient):
    own, other = sent(client), sent(client, to="water")
    own.enter()
    page = client.get(client.to("link:show")).text
    assert client.to("link:picture", attachment_id=own.attachment_id) in page
    assert other.attachment_id not in page
    assert client.get(client.to("link:picture", attachment_id=own.attachment_id)).status_code == 200
    assert client.get(client.to("link:picture", attachment_id=other.attachment_id)).status_code == 404
    for junk in ("x", "%00", ids.new(), "../../secret"):
        assert client.get(client.to("link:picture", attachment_id=junk)).status_code == 404
    assert client.get(client.to("partner:transfer", transfer_id=own.id)).status_code == 303
    assert client.get(client.to("transfer:show", transfer_id=own.id)).status_code == 303


def test_only_what_was_disclosed_is_shown(client: HouseClient):
    case = sent(client)
    case.enter()
    case.set(summary="草稿里的话，改了没有发")
    texts = [client.get(client.to(name)).text for name in ("link:show", "link:letter")]
    assert scenes.CONTENT.place_shown in texts[0]
    with case.house.database.read_session() as session:
        from app.evidence import queries as evidence_queries

        items = evidence_queries.of_clue(session, case.clue_id)
        attached: TransferAttachment = queries.attachment(session, case.id, case.attachment_id)
    secrets = [
        scenes.SECRET_NAME, "王小明", scenes.SECRET_PLATE, "13904511234", "IMG_", "草稿里的话", "45.81", "126.53",
        "商场没有AED", case.clue_id, case.id, attached.digest, *(item.id for item in items), *(item.digest for item in items),
    ]  # fmt: skip
    for text in texts:
        assert [secret for secret in secrets if secret in text] == []
    picture = client.get(client.to("link:picture", attachment_id=case.attachment_id))
    assert picture.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in picture.content


def test_the_letter_is_a_download(client: HouseClient):
    case = sent(client)
    case.enter()
    letter = client.get(client.to("link:letter_docx"))
    assert letter.content == b"a letter"
    assert letter.headers["content-disposition"].startswith("attachment")
    assert client.get(client.to("link:letter_pdf")).status_code == 404


def test_the_three_choices_and_the_two_beside_them(client: HouseClient):
    case = sent(client)
    case.enter()
    page = client.get(client.to("link:show")).text
    for act in ("acknowledgement", "refusal", "reply", "promise", "question"):
        assert client.to("link:say", act=act) in page
    assert client.to("link:say", act="dispute") not in page
    assert page.count('<details class="act"') == 5


def test_acknowledge_then_promise_then_ask_then_reply(client: HouseClient):
    case = sent(client)
    case.enter()
    day = (clock.office_date(clock.now()) + timedelta(days=5)).isoformat()
    acts = [
        ("acknowledgement", {"signer": "郑主任"}, S.ACKNOWLEDGED),
        ("promise", {"promised_on": day, "promise_words": "等设备到货"}, S.ACKNOWLEDGED),
        ("question", {"question_words": "是哪一层？"}, S.ACKNOWLEDGED),
        ("reply", {"reply_words": WORDS}, S.REPLIED),
    ]
    for act, typed, state in acts:
        done = say(client, act, case.row.version, **typed)
        assert done.status_code == 303, act
        assert done.headers["location"] == client.to("link:show")
        assert "notice--done" in client.get(done.headers["location"]).text
        assert case.row.state == state.value
    page = client.get(client.to("link:show")).text
    assert "&lt;svg onload" in page
    assert "等设备到货" in page
    assert "是哪一层" in page
    assert client.to("link:say", act="reply") not in page
    assert case.verbs()[-4:] == [
        "transfer.acknowledged", "transfer.promised", "transfer.asked", "transfer.replied",
    ]  # fmt: skip
    first, *_rest, last = case.answers()
    assert (first.way, first.signer, last.body) == ("link", "郑主任", WORDS)
    assert last.signer == "郑敏"


def test_our_question_stands_first_when_they_come_back(client: HouseClient):
    case = sent(client, state=S.REPLIED)
    with case.house.database.write_session() as session:
        from app.transfer import service

        transfer = queries.by_id(session, case.id)
        service.ask_again(
            session,
            scenes.chief(session),
            transfer,
            words="培训了吗？",
            version=transfer.version,
            now=clock.now(),
        )
    case.enter()
    page = client.get(client.to("link:show")).text
    assert page.index("培训了吗？") < page.index("什么事")
    assert client.to("link:say", act="reply") in page


def test_refuse_with_a_reason_ends_calmly(client: HouseClient):
    case = sent(client)
    fresh = case.enter()
    version = case.row.version
    done = say(client, "refusal", version, refusal_reason="out_of_area", refusal_words="在道里区")
    assert done.headers["location"] == client.to("link:done")
    assert "已经退回" in client.get(done.headers["location"]).text
    assert (case.row.state, case.row.reason_key) == (S.REFUSED.value, "out_of_area")
    again = say(
        client, "refusal", version, refusal_reason="out_of_area", refusal_words="在道里区，真的不归我们管"
    )
    assert again.status_code == 403
    assert "在道里区，真的不归我们管" in again.text
    assert case.verbs().count("transfer.refused") == 1
    again = client.post(client.to("link:code", token=fresh.token), data={"code": fresh.code})
    assert again.status_code == 422


def test_a_reply_brings_photos_and_papers(client: HouseClient):
    case = sent(client)
    case.enter()
    files = [
        ("photos", ("我家门口.jpg", scenes.picture(), "image/jpeg")),
        ("files", ("回函.pdf", b"%PDF-1.7\n", "application/pdf")),
        ("files", ("回函.docx", b"PK\x03\x04" + b"word/document.xml", "application/zip")),
        ("photos_camera", ("", b"", "application/octet-stream")),
    ]
    assert say(client, "reply", case.row.version, reply_words=WORDS, files=files).status_code == 303
    page = client.get(client.to("link:show")).text
    assert "附 3 个文件" in page
    assert "我家门口" not in page
    assert case.verbs("evidence.")[-3:] == ["evidence.added"] * 3
    assert case.verbs().count("transfer.replied") == 1


BAD_FILES = [
    ("a.exe", b"MZ" + b"\x00" * 50, "不能收"),
    ("a.svg", b"<svg onload='x'/>", "不能收"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 20, "不能收"),
    ("a.mp4", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 20, "不能收"),
    ("empty.pdf", b"", "是空的"),
    ("big.jpg", b"\xff\xd8\xff" + b"\x00" * (25 * 1024 * 1024), "太大"),
]


def test_a_file_that_cannot_be_taken_keeps_the_words_and_nothing_else(client: HouseClient):
    case = sent(client)
    case.enter()
    for name, content, told in BAD_FILES:
        bad = ("files", (name, content, "application/octet-stream"))
        files = [bad, ("photos", ("a.jpg", scenes.picture(), ""))]
        answer = say(client, "reply", case.row.version, reply_words=WORDS, files=files)
        assert answer.status_code == 422, name
        assert told in answer.text, name
        assert "已经配齐 5 台" in answer.text
        assert '<details class="act" open' in answer.text
    assert case.row.state == S.SENT.value
    assert case.answers() == []


def test_too_many_files_are_told_by_their_limit(client: HouseClient):
    case = sent(client)
    case.enter()
    files = [("photos", (f"{at}.jpg", scenes.picture(), "image/jpeg")) for at in range(10)]
    answer = say(client, "reply", case.row.version, reply_words=WORDS, files=files)
    assert answer.status_code == 422
    assert "最多 9 个" in answer.text


FAULTY: list[tuple[str, dict[str, str], str]] = [
    ("refusal", {}, "refusal_reason"),
    ("refusal", {"refusal_reason": "no_such"}, "refusal_reason"),
    ("refusal", {"refusal_reason": "other"}, "refusal_words"),
    ("refusal", {"refusal_reason": "not_ours", "refusal_words": "x" * 2001}, "refusal_words"),
    ("promise", {}, "promised_on"),
    ("promise", {"promised_on": "2020-01-01"}, "promised_on"),
    ("promise", {"promised_on": "9999-99-99"}, "promised_on"),
    ("promise", {"promised_on": "明天"}, "promised_on"),
    ("question", {"question_words": "  "}, "question_words"),
    ("reply", {}, "reply_words"),
    ("reply", {"reply_words": "x" * (rules.REPLY_LIMIT + 1)}, "reply_words"),
    ("acknowledgement", {"signer": "x" * 61}, "signer"),
]


def test_what_is_missing_is_told_beside_its_box(client: HouseClient):
    case = sent(client)
    case.enter()
    before = case.verbs("")
    for act, typed, field in FAULTY:
        answer = say(client, act, case.row.version, **typed)
        assert answer.status_code == 422, (act, typed)
        assert f'href="#{field}"' in answer.text, (act, typed)
        assert f'id="{field}-error"' in answer.text, (act, typed)
        # A key that is on no list is not shown back; what a person wrote always is.
        for value in [] if "no_such" in typed.values() else typed.values():
            assert value.strip() in answer.text, (act, typed)
    assert case.verbs("") == before


JUNK = [
    "",
    "x" * 5000,
    "'\"><svg onload=alert(1)>",
    "'; drop table transfer; --",
    "\u202eabc🙂\u200b",
    "-1",
    "1e9",
    "NaN",
]


def test_junk_in_every_field_is_answered_calmly(client: HouseClient):
    case = sent(client)
    case.enter()
    names = (
        "version",
        "signer",
        "refusal_reason",
        "refusal_words",
        "dispute_words",
        "reply_words",
        "promised_on",
    )
    for act in ("acknowledgement", "refusal", "dispute", "reply", "promise", "question", "x", "%00"):
        for junk in JUNK:
            typed = dict.fromkeys((*names, "promise_words", "question_words", "files", "photos"), junk)
            answer = client.post(client.to("link:say", act=act), data=typed)
            assert answer.status_code in {404, 409, 422}, (act, junk)
    assert case.answers() == []


def test_what_no_text_can_hold_is_refused_in_words(client: HouseClient):
    case = sent(client)
    case.enter()
    nul = say(client, "reply", case.row.version, reply_words="一句足够长的话，里面有一个\x00字符")
    assert nul.status_code == 422
    assert "一句足够长的话" in nul.text
    assert say(client, "reply", case.row.version, reply_words="长" * 600_000).status_code in {413, 422}


def test_a_replay_changes_nothing_and_the_words_come_back(client: HouseClient):
    case = sent(client)
    case.enter()
    version = case.row.version
    assert say(client, "acknowledgement", version).status_code == 303
    again = say(client, "acknowledgement", version)
    assert again.status_code == 409
    assert case.verbs().count("transfer.acknowledged") == 1
    stale = say(client, "reply", version, reply_words=WORDS)
    assert stale.status_code == 409
    assert "已经配齐 5 台" in stale.text
    assert f'name="version" value="{case.row.version}"' in stale.text
    assert say(client, "reply", case.row.version, reply_words=WORDS).status_code == 303
    late = say(client, "reply", version, reply_words="第二遍回复，一个字都不能丢掉")
    assert late.status_code == 409
    assert "第二遍回复，一个字都不能丢掉" in late.text
    assert case.verbs().count("transfer.replied") == 1


def test_a_reply_after_the_half_hour_hands_the_words_back(client: HouseClient):
    case = sent(client)
    case.enter()
    case.age_half_hours()
    answer = say(client, "reply", case.row.version, reply_words="写了半个多小时的回复，全在这里")
    assert answer.status_code == 403
    assert "写了半个多小时的回复，全在这里" in answer.text
    assert case.answers() == []


def test_a_form_from_another_site_is_not_taken(client: HouseClient):
    case = sent(client)
    case.enter()
    answer = client.post(
        client.to("link:say", act="acknowledgement"), data={"version": str(case.row.version)},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert case.row.state == S.SENT.value


def test_nothing_is_open_without_a_code(client: HouseClient):
    case = sent(client)
    for name in ("link:show", "link:letter", "link:letter_docx", "link:letter_pdf"):
        assert client.get(client.to(name)).status_code == 403, name
    assert client.get(client.to("link:picture", attachment_id=case.attachment_id)).status_code == 403
    assert say(client, "acknowledgement", case.row.version).status_code == 403
    client.cookies.set("yixian_link", "junk'\"")
    assert client.get(client.to("link:show")).status_code == 403
