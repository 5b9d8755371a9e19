"""One-time links: what their door gives away (nothing), how a code is counted, what half an hour opens."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.platform import clock, ids
from app.transfer import links
from app.transfer.links import rules as link_rules
from app.transfer.links.terms import JOURNAL_WORDS
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.doors import sent

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**8:08d}"


def give(client: HouseClient, token: str, code: str) -> Any:
    return client.post(client.to("link:code", token=token), data={"code": code})


def faceless(text: str, token: str) -> str:
    """A page without the address it was asked at."""
    return text.replace(token, "TOKEN")


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
