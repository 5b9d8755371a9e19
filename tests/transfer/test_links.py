"""One-time links: what their door gives away (nothing), how a code is counted, what half an hour opens."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.platform import clock, ids
from app.transfer import links, queries, rules
from app.transfer.links import rules as link_rules
from app.transfer.links.terms import JOURNAL_WORDS
from app.transfer.models import TransferAttachment
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.doors import sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
WORDS = "已经配齐 5 台，并培训了保安。'\"><svg onload=alert(1)> 🙂"


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**8:08d}"


def give(client: HouseClient, token: str, code: str) -> Any:
    return client.post(client.to("link:code", token=token), data={"code": code})


def faceless(text: str, token: str) -> str:
    """A page without the address it was asked at."""
    return text.replace(token, "TOKEN")


def say(client: HouseClient, act: str, version: int, **typed: Any) -> Any:
    files = typed.pop("files", None)
    return client.post(client.to("link:say", act=act), data={"version": str(version), **typed}, files=files)


# -- the desk ---------------------------------------------------------------------------------------------------
def test_a_link_is_shown_once_and_only_digests_stay(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "prosecutor_chen")
    made = client.post(client.to("link:issue", transfer_id=case.id), data={"link_contact": "郑敏"})
    assert made.headers["location"] == client.to("link:slip", transfer_id=case.id)
    slip = client.get(made.headers["location"])
    token = re.search(r"/t/([\w-]{20,})", slip.text).group(1)
    code = "".join(re.findall(r'code__group">(\d{4})<', slip.text))
    assert len(code) == 8
    assert "<svg" in slip.text
    document = slip.text[slip.text.index('class="document"') :]
    assert token in document
    assert code[:4] not in document.replace(token, "")
    again = client.get(client.to("link:slip", transfer_id=case.id))
    assert token not in again.text
    desk = client.get(client.to("transfer:show", transfer_id=case.id)).text
    assert "郑敏" in desk
    assert token not in desk
    with case.house.database.read_session() as session:
        from app.transfer.links import queries as link_queries

        (link,) = link_queries.of_transfer(session, case.id)
    kept = " ".join(str(value) for value in link.model_dump().values())
    assert token not in kept
    assert code not in kept
    assert case.verbs("link.") == ["link.issued"]
    assert give(client, token, code).headers["location"] == client.to("link:show")


def test_another_persons_slip_shows_nothing(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "prosecutor_chen")
    client.post(client.to("link:issue", transfer_id=case.id), data={"link_contact": "郑敏"})
    cast.sign_in(client, "head_lin")
    assert "/t/" not in client.get(client.to("link:slip", transfer_id=case.id)).text


def test_only_senders_issue_and_only_while_it_is_out(client: HouseClient):
    case = sent(client)
    for who, status in (("assistant_wang", 403), ("agency_health", 403), ("prosecutor_wu", 404)):
        cast.sign_in(client, who)
        answer = client.post(client.to("link:issue", transfer_id=case.id), data={"link_contact": "郑敏"})
        assert answer.status_code == status, who
    over = sent(client, state=S.REPLIED)
    cast.sign_in(client, "prosecutor_chen")
    refused = client.post(client.to("link:issue", transfer_id=over.id), data={"link_contact": "郑敏"})
    assert refused.status_code == 403
    assert case.verbs("link.") == []


def test_a_contact_is_asked_for_and_what_was_typed_stays(client: HouseClient):
    case = sent(client)
    cast.sign_in(client, "prosecutor_chen")
    for typed in ("", " ", "长" * 61):
        answer = client.post(client.to("link:issue", transfer_id=case.id), data={"link_contact": typed})
        assert answer.status_code == 422
        assert typed.strip() in answer.text


def test_a_link_never_outlives_the_due_date_by_more_than_its_grace(client: HouseClient):
    case = sent(client)
    today = clock.office_date(clock.now())
    case.set(due_on=today - timedelta(days=10))
    assert case.link(case.issue().link_id).expires_on == today + timedelta(days=20)
    case.set(due_on=today - timedelta(days=31))
    cast.sign_in(client, "prosecutor_chen")
    late = client.post(client.to("link:issue", transfer_id=case.id), data={"link_contact": "郑敏"})
    assert late.status_code == 422
    assert "不能再发一次性链接" in late.text


def test_issuing_again_ends_the_old_ones_and_so_does_the_desk(client: HouseClient):
    case = sent(client)
    old = case.enter()
    new = case.issue()
    assert client.get(client.to("link:show")).status_code == 403
    assert give(client, old.token, old.code).status_code == 422
    assert give(client, new.token, new.code).status_code == 303
    cast.sign_in(client, "prosecutor_chen")
    client.post(client.to("link:end", transfer_id=case.id))
    assert client.get(client.to("link:show")).status_code == 403
    assert give(client, new.token, new.code).status_code == 422
    assert case.verbs("link.") == [
        "link.issued", "link.opened", "link.ended", "link.issued", "link.opened", "link.ended",
    ]  # fmt: skip
    assert set(case.verbs("link.")) <= set(JOURNAL_WORDS)


# -- the door ---------------------------------------------------------------------------------------------------
def test_unknown_ended_expired_and_living_links_look_the_same(client: HouseClient):
    case = sent(client)
    living, unknown = case.issue(), ids.token()
    pages = {faceless(client.get(client.to("link:door", token=t)).text, t) for t in (living.token, unknown)}
    refusals = {
        (answer.status_code, faceless(answer.text, token), tuple(sorted(answer.headers)))
        for token in (living.token, unknown, "unknown~token")
        if (answer := give(client, token, wrong(living.code)))
    }
    today = clock.office_date(clock.now())
    for change in ({"expires_on": today - timedelta(days=1)}, {"ended_at": clock.now()}, {"tries_left": 0}):
        case.set_link(living.link_id, expires_on=today, ended_at=None, tries_left=5)
        case.set_link(living.link_id, **change)
        pages.add(faceless(client.get(client.to("link:door", token=living.token)).text, living.token))
        answer = give(client, living.token, living.code)
        assert answer.status_code == 422, change
        refusals.add((answer.status_code, faceless(answer.text, living.token), tuple(sorted(answer.headers))))
    assert len(pages) == 1
    assert len(refusals) == 1
    (page,) = pages
    for told in (scenes.CONTENT.subject, scenes.CONTENT.place_shown, "郑敏", "卫生健康", "移送"):
        assert told not in page


def test_the_last_day_still_holds(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    case.set_link(fresh.link_id, expires_on=clock.office_date(clock.now()))
    assert give(client, fresh.token, fresh.code).status_code == 303


@pytest.mark.parametrize("state", [S.CLOSED, S.WITHDRAWN, S.REFUSED])
def test_a_link_ends_with_its_transfer(client: HouseClient, state: S):
    case = sent(client)
    fresh = case.enter()
    case.set(state=state.value)
    assert client.get(client.to("link:show")).status_code == 403
    assert give(client, fresh.token, fresh.code).status_code == 422


def test_a_slip_of_the_pen_is_no_try(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    for typed in ("", "1234567", "123456789", "abcdefgh", "1234 567８9", "\u0661" * 8, "0" * 3000):
        assert give(client, fresh.token, typed).status_code == 422
    assert case.link(fresh.link_id).tries_left == 5
    assert case.verbs("link.") == ["link.issued"]
    spaced = f" {fresh.code[:4]} - {fresh.code[4:]} ".translate({48 + n: 0xFF10 + n for n in range(10)})
    assert give(client, fresh.token, spaced).status_code == 303


def test_codes_are_read_kindly():
    assert link_rules.code_typed("１２３４ ５６７８") == "12345678"
    assert link_rules.code_typed("٠٠٠٠٠٠٠٠") is None


def test_five_wrong_codes_end_a_link_and_the_right_one_comes_too_late(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    for left in (4, 3, 2, 1, 0):
        assert give(client, fresh.token, wrong(fresh.code)).status_code == 422
        assert case.link(fresh.link_id).tries_left == left
    assert give(client, fresh.token, fresh.code).status_code == 422
    assert case.link(fresh.link_id).ended_at is not None
    assert case.half_hours() == 0
    assert case.verbs("link.") == ["link.issued", *["link.wrong_code"] * 5, "link.ended"]


def test_a_right_code_forgives_the_slips_before_it(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    for _ in range(3):
        for _ in range(4):
            assert give(client, fresh.token, wrong(fresh.code)).status_code == 422
        assert give(client, fresh.token, fresh.code).status_code == 303


def test_tries_are_counted_one_by_one_under_threads(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    found: list[str | None] = []
    start = threading.Barrier(16)

    def knock(number: int) -> None:
        start.wait()
        code = wrong(fresh.code) if number < 15 else f"{int(fresh.code) + 2:08d}"[-8:]
        found.append(links.knock(case.house.database, case.house.keys, fresh.token, code, now=clock.now()))

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [None] * 16
    assert case.link(fresh.link_id).tries_left == 0
    assert case.verbs("link.") == ["link.issued", *["link.wrong_code"] * 5, "link.ended"]


def test_a_source_that_knocks_too_often_is_asked_to_wait(client: HouseClient):
    for _ in range(client.app.state.house.settings.tries_per_hour):  # type: ignore[attr-defined]
        assert give(client, ids.token(), "12345678").status_code == 422
    assert give(client, ids.token(), "12345678").status_code == 429


def test_the_cookie_is_for_half_an_hour_and_no_address_carries_the_link(client: HouseClient):
    case = sent(client)
    fresh = case.issue()
    opened = give(client, fresh.token, fresh.code)
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "max-age=1800" in cookie
    assert "samesite=lax" in cookie
    assert fresh.token not in opened.headers["set-cookie"]
    assert fresh.token not in client.get(client.to("link:show")).text
    case.age_half_hours()
    assert client.get(client.to("link:show")).status_code == 403


def test_leaving_closes_the_half_hour_for_everybody_who_copied_the_cookie(client: HouseClient):
    case = sent(client)
    case.enter()
    cookies = dict(client.cookies)
    done = client.post(client.to("link:leave"))
    assert client.get(done.headers["location"]).status_code == 200
    client.cookies.update(cookies)
    assert client.get(client.to("link:show")).status_code == 403


# -- behind it --------------------------------------------------------------------------------------------------
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
    assert give(client, fresh.token, fresh.code).status_code == 422


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
