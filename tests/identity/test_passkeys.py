"""Passkeys: made by who is signed in and proved, let in by their own answer, once, verified, at this address only."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from app.identity import second_step
from app.identity.models import Passkey
from app.platform import clock, journal
from tests import cast
from tests.identity.conftest import account_of, give_password, house, journalled, verbs
from tests.identity.token import Token

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
WHO = "prosecutor_chen"
HERE = "http://localhost:8000"


@pytest.fixture
def client(client_with: Any) -> HouseClient:
    """A client of an office that offers passkeys and asks for a second step."""
    return client_with(passkeys=True, public_url=HERE, require_second_step=True)


def asked(page: str) -> tuple[dict[str, Any], str]:
    """What a page gives the browser: options and stamp."""
    options = re.search(r'data-options="([^"]*)"', page)
    form = page[options.start() :] if options else ""
    stamp = re.search(r'name="stamp" value="([^"]*)"', form)
    assert options is not None
    assert stamp is not None
    return json.loads(html.unescape(options[1])), stamp[1]


def make(client: HouseClient, token: Token, **more: str) -> Any:
    options, stamp = asked(client.get(client.to("identity:new_passkey")).text)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    data = {"stamp": stamp, "answer": token.create(options), "name": "办公桌的电脑"} | more
    return client.post(client.to("identity:add_passkey"), data=data)


def knock(client: HouseClient, token: Token, **more: str) -> Any:
    options, stamp = asked(client.get(client.to("identity:sign_in")).text)
    return client.post(
        client.to("identity:enter_with_passkey"),
        data={"stamp": stamp, "answer": token.get(options), "next": ""} | more,
    )


def is_in(client: HouseClient) -> bool:
    return client.get(client.to("identity:sessions")).status_code == 200


@pytest.fixture
def token(client: HouseClient) -> Token:
    """A passkey of somebody, who is signed out again."""
    give_password(client, WHO)
    cast.sign_in(client, WHO)
    token = Token(HERE)
    assert make(client, token).headers["location"] == client.to("identity:sessions")
    assert "办公桌的电脑" in client.get(client.to("identity:sessions")).text
    client.post(client.to("identity:sign_out"))
    assert not is_in(client)
    return token


def test_a_passkey_is_both_steps(client: HouseClient, token: Token):
    answer = knock(client, token, next="/desk/calls")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/calls")
    assert is_in(client)
    started = [row for row in journalled(client) if row.verb == "session.started"]
    assert started[-1].facts["second_step"] == "passkey"
    assert "passkey.added" in verbs(client)


def test_an_answer_opens_once(client: HouseClient, token: Token):
    options, stamp = asked(client.get(client.to("identity:sign_in")).text)
    data = {"stamp": stamp, "answer": token.get(options)}
    assert client.post(client.to("identity:enter_with_passkey"), data=data).headers["location"] != "/sign-in"
    client.post(client.to("identity:sign_out"))
    with house(client).database.write_session() as session:
        session.execute(update(Passkey).values(sign_count=0))  # as tokens that do not count
    again = client.post(client.to("identity:enter_with_passkey"), data=data)
    assert again.headers["location"] == client.to("identity:sign_in")
    assert not is_in(client)
    assert verbs(client)[-1] == "passkey.refused"


@pytest.mark.parametrize(
    "lie", ["unverified", "elsewhere", "not its key", "not a passkey", "nothing", "forged", "late"]
)
def test_what_does_not_fit_lets_nobody_in(
    client: HouseClient, token: Token, monkeypatch: pytest.MonkeyPatch, lie: str
):
    more: dict[str, str] = {}
    if lie == "unverified":
        token.is_verified = False
    elif lie == "elsewhere":
        token.origin = "https://evil.example"
    elif lie == "not its key":
        token.key = Token(HERE).key
    elif lie == "not a passkey":
        token = Token(HERE)
    elif lie == "nothing":
        more = {"answer": "[" * 10_000}
    elif lie == "forged":
        more = {"stamp": "x.y.z"}
    else:
        now = clock.now()
        options, stamp = asked(client.get(client.to("identity:sign_in")).text)
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=16))
        more = {"stamp": stamp, "answer": token.get(options)}
    answer = knock(client, token, **more)
    assert answer.headers["location"] == client.to("identity:sign_in")
    assert not is_in(client)


def test_who_left_or_has_a_slip_is_not_let_in(client: HouseClient, token: Token):
    give_password(client, WHO, must_change_password=True)
    assert knock(client, token).headers["location"] == client.to("identity:new_password")
    give_password(client, WHO, must_change_password=False, is_active=False)
    assert knock(client, token).headers["location"] == client.to("identity:sign_in")


def test_one_is_forgotten_by_its_own_person_only(client: HouseClient, token: Token):
    knock(client, token)
    (own,) = re.findall(
        r"/account/passkeys/([0-9a-f-]{36})/removal", client.get(client.to("identity:sessions")).text
    )
    client.post(client.to("identity:sign_out"))
    cast.sign_in(client, "head_lin")
    removal = client.to("identity:remove_passkey", passkey_id=own)
    assert client.post(removal).status_code == 404
    client.post(client.to("identity:sign_out"))
    knock(client, token)
    assert client.post(removal).status_code == 303
    client.post(client.to("identity:sign_out"))
    knock(client, token)
    assert not is_in(client)


def test_taking_the_second_step_away_takes_the_passkeys_too(client: HouseClient, token: Token):
    account_id = give_password(client, WHO)
    with house(client).database.write_session() as session:
        second_step.reset(session, journal.SYSTEM, account_of(client, account_id), now=clock.now())
    knock(client, token)
    assert not is_in(client)


def test_tries_are_counted(client_with: Any):
    client = client_with(passkeys=True, public_url=HERE, tries_per_hour=2)
    for _ in range(2):
        knock(client, Token(HERE))
    assert knock(client, Token(HERE)).status_code == 429


def test_a_stamp_of_another_person_makes_nothing(client: HouseClient, token: Token):
    knock(client, token)
    _options, stamp = asked(client.get(client.to("identity:sign_in")).text)
    answer = make(client, Token(HERE), stamp=stamp)
    assert answer.status_code == 422
    assert "没有建成" in answer.text
    assert make(client, token).status_code == 422, "the same token again"


@pytest.mark.parametrize("wish", [{}, {"passkeys": True, "public_url": "http://127.0.0.1:8000"}])
def test_where_they_are_not_offered_there_is_no_door(client_with: Any, wish: dict[str, Any]):
    client = client_with(**wish)
    assert "data-passkey" not in client.get(client.to("identity:sign_in")).text
    data = {"stamp": "x", "answer": "{}"}
    assert client.post(client.to("identity:enter_with_passkey"), data=data).status_code == 404
