"""The screen of a partner's hook, what openapi.json promises of it, which addresses it may name, how its secret lies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app import wiring
from app.platform import clock, jobs
from app.platform.crypto import KeyRing
from app.platform.records import Journal
from app.platform.rekeying import walk
from app.transfer.hooks import jobs as hook_jobs
from app.transfer.hooks import rekeying, rules, service
from app.transfer.hooks.models import Hook, HookAttempt, HookEvent
from app.transfer.hooks.terms import ATTEMPTS_MOST, Attempt, Kind, Outcome
from tests import cast
from tests.conftest import make_settings
from tests.transfer.listener import Listener
from tests.transfer.test_hooks import house_of, person, ready, rows, run, turn
from tests.work import work_off

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.settings import Settings
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
ALL = ("forward", "read", "transfers")
BOTH = [Kind.FORWARD.value, Kind.TRANSFER.value]
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def settings(database_url: str, tmp_path: Path, partner: Listener) -> Settings:
    """An office whose operator named that host, and its network."""
    named = {"hook_hosts": f"127.0.0.1:{partner.port}", "hook_networks": "127.0.0.0/8"}
    return make_settings(database_url, tmp_path, **named)


def test_what_is_poison_is_parked_shown_and_can_be_sent_again(client: HouseClient, partner: Listener):
    _token, secret = ready(client, partner)
    turn(client, "registered")
    partner.answers = [(400, {})] * ATTEMPTS_MOST
    for _again in range(ATTEMPTS_MOST + 2):
        run(client, later=True)
    assert len(partner.came) == ATTEMPTS_MOST
    (event,) = rows(client, HookEvent)
    assert event.parked_at is not None
    account_id = person(client, "agency_water")
    cast.sign_in(client, "secadmin")
    place = client.to("partner:hook", account_id=account_id)
    page = client.get(place).text
    assert "放弃了，等人处理" in page
    assert "对方没有收下（400）" in page
    assert secret not in page
    again = client.to("partner:resend_hook", account_id=account_id, event_id=event.id)
    assert client.post(again).status_code == 303
    run(client)
    assert partner.ids[-1] == event.id
    assert partner.is_signed(secret)
    assert "已送达" in client.get(place).text
    assert client.post(again).status_code == 409, "what was taken is not sent again"
    assert (
        client.post(client.to("partner:resend_hook", account_id=account_id, event_id="x")).status_code == 404
    )


def test_the_promise_says_what_is_sent(client: HouseClient, partner: Listener):
    """What leaves is what openapi.json describes, header by header and field by field."""
    ready(client, partner)
    turn(client, "registered")
    run(client)
    document = client.get(client.to("intake:openapi")).json()
    told = document["webhooks"]["changed"]["post"]
    (_path, headers, _body) = partner.came[0]
    for named in told["parameters"]:
        assert headers[named["name"]], named
    shapes = document["components"]["schemas"]
    assert set(shapes["HookMessage"]["required"]) == set(partner.said[0])
    assert set(shapes["About"]["properties"]) == set(partner.said[0]["data"])
    assert set(shapes["Kind"]["enum"]) == {kind.value for kind in Kind}


def test_one_organisation_has_one_hook_and_only_the_administrator_of_accounts_sets_it(
    client: HouseClient, partner: Listener
):
    _token, old = ready(client, partner)
    account_id = person(client, "agency_water")
    place = client.to("partner:set_hook", account_id=account_id)
    for who in ("sysadmin", "chief_zhou", "agency_water"):
        cast.sign_in(client, who)
        assert client.get(client.to("partner:hook", account_id=account_id)).status_code == 403
    cast.sign_in(client, "secadmin")
    sound = {"url": partner.url, "kinds": BOTH}
    wishes: tuple[dict[str, Any], ...] = (
        {"kinds": []}, {"url": ""}, {"url": "ftp://127.0.0.1/"}, {"url": "https://example.com/hook"},
        {"url": f"http://127.0.0.1:{partner.port}@example.com/"}, {"url": f"{partner.url}#x"},
        {"url": f"http://127.0.0.1:{partner.port + 1}/"}, {"url": "http://[::1"}, {"url": partner.url + "\\@x"},
    )  # fmt: skip
    for wrong in wishes:
        answer = client.post(place, data=sound | wrong)
        assert answer.status_code == 422, wrong
    for who in ("prosecutor_chen", "volunteer_li", "liaison_zhao"):
        other = client.to("partner:set_hook", account_id=person(client, who))
        assert client.post(other, data=sound).status_code == 403, who
    assert client.post(place, data=sound | {"url": partner.url + "2"}).status_code == 303
    answer = client.post(client.to("partner:renew_hook", account_id=account_id))
    found = _SECRET.search(client.get(answer.headers["location"]).text)
    assert found
    assert client.post(client.to("partner:try_hook", account_id=account_id)).status_code == 303
    run(client)
    assert partner.came[-1][0] == "/hook2"
    assert partner.said[-1]["type"] == "hook.test"
    assert partner.is_signed(found[0])
    assert partner.is_signed(old), "for a day both sign"
    with house_of(client).database.write_session() as session:
        session.execute(update(Hook).values(old_until=clock.now()))
    assert client.post(client.to("partner:try_hook", account_id=account_id)).status_code == 303
    run(client)
    assert partner.is_signed(found[0])
    assert not partner.is_signed(old)
    assert client.post(client.to("partner:end_hook", account_id=account_id)).status_code == 303
    for door in ("end_hook", "renew_hook", "try_hook"):
        assert client.post(client.to(f"partner:{door}", account_id=account_id)).status_code == 409
    turn(client, "registered")
    run(client)
    assert len(partner.came) == 2
    with house_of(client).database.read_session() as session:
        verbs = session.execute(select(Journal.verb).where(Journal.verb.startswith("hook."))).scalars()  # type: ignore[attr-defined]
        assert sorted(verbs) == [
            f"hook.{word}" for word in ("changed", "ended", "opened", "renewed", "tried", "tried")
        ]


def test_no_host_named_and_the_feature_is_off(client: HouseClient, partner: Listener):
    ready(client, partner)
    turn(client, "registered")
    house = house_of(client)
    tools = wiring.tools_of(house)
    off = jobs.Tools(
        house.settings.model_copy(update={"hook_hosts": ""}), tools.database, tools.keys, tools.store
    )
    hook_jobs.look(off, clock.now())
    assert rows(client, HookEvent) == []
    hook_jobs.look(tools, clock.now())
    work_off(off, hook_jobs.HANDLERS)
    assert partner.came == []
    assert [row.outcome for row in rows(client, HookAttempt)] == ["forbidden"]


def test_secrets_lie_sealed_and_move_to_a_new_key(client: HouseClient, partner: Listener):
    _token, secret = ready(client, partner)
    house = house_of(client)
    (hook,) = rows(client, Hook)
    assert secret not in str(vars(hook))
    old, new = bytes(range(32)), bytes(range(32, 64))
    before = KeyRing([("old", old)])
    with house.database.write_session() as session:
        sealed = before.seal_field(secret, table="hook", row=hook.id, field="secret")
        session.execute(update(Hook).values(sealed_secret=sealed))
    both = KeyRing([("new", new), ("old", old)])
    assert walk(house.database, both, rekeying.SEALED[0]).changed == 1
    assert service.secrets_of(KeyRing([("new", new)]), rows(client, Hook)[0], now=clock.now()) == (secret,)


@pytest.mark.parametrize(
    ("url", "is_production", "wanted"),
    [
        ("https://a.gov.cn/x", True, True),
        ("https://A.gov.cn:443/x?y=1", True, True),
        ("https://a.gov.cn:8443/x", True, False),
        ("https://b.gov.cn:8443/", True, True),
        ("http://a.gov.cn/x", False, False),
        ("http://127.0.0.1/x", False, True),
        ("http://127.0.0.1/x", True, False),
        ("https://a.gov.cn.evil.com/", True, False),
        ("https://user@a.gov.cn/", True, False),
        ("https://a.gov.cn\n/", True, False),
        ("https://a.gov.cn/" + "x" * 300, True, False),
    ],
)
def test_which_addresses_may_be_named(url: str, is_production: bool, wanted: bool):
    hosts = {("a.gov.cn", 443), ("b.gov.cn", 8443), ("127.0.0.1", 80)}
    assert rules.is_address(url, hosts, is_production=is_production) is wanted


def test_whose_failure_it_is():
    for outcome, status, silent in (
        (Outcome.ANSWERED, 400, False), (Outcome.ANSWERED, 410, False), (Outcome.ANSWERED, 429, True),
        (Outcome.ANSWERED, 500, True), (Outcome.ANSWERED, 302, True), (Outcome.SLOW, None, True),
        (Outcome.TAKEN, 200, False), (Outcome.SILENCED, None, False),
    ):  # fmt: skip
        assert rules.is_silent(Attempt(outcome, status, 1)) is silent, (outcome, status)
