from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.identity import guards
from app.identity.models import Account, LoginSession
from app.platform import clock
from tests import cast
from tests.identity.conftest import PASSWORD, enter, give_password, house, verbs

pytestmark = pytest.mark.app
WHO = "prosecutor_chen"
NEW = "墨绿台灯 rides 42 geese"


def is_in(client, **headers: str) -> bool:
    return client.get(client.to("identity:sessions"), headers=headers).status_code == 200


def only_session(client) -> LoginSession:
    with house(client).database.read_session() as session:
        return session.execute(select(LoginSession)).scalar_one()


def set_session(client, **values: datetime) -> None:
    with house(client).database.write_session() as session:
        session.execute(update(LoginSession).values(**values))


# -- limits -----------------------------------------------------------------------------------------------------
def test_nobody_is_led_to_sign_in(client):
    assert (
        client.get(client.to("identity:sessions"))
        .headers["location"]
        .startswith(client.to("identity:sign_in"))
    )
    client.cookies.set(guards.SESSION_COOKIE, "not a token")
    assert not is_in(client)


def test_an_unattended_session_ends(client):
    cast.sign_in(client, WHO)
    set_session(client, last_seen_at=clock.now() - timedelta(minutes=59))
    assert is_in(client)
    set_session(client, last_seen_at=clock.now() - timedelta(minutes=61))
    assert not is_in(client)


def test_a_session_ends_after_its_hours_however_busy(client):
    cast.sign_in(client, WHO, ago=timedelta(hours=12, minutes=1))
    set_session(client, last_seen_at=clock.now())
    assert not is_in(client)


def test_last_seen_is_written_at_most_once_a_minute_and_never_by_a_poll(client):
    cast.sign_in(client, WHO)
    soon = clock.now() - timedelta(seconds=50)
    set_session(client, last_seen_at=soon)
    assert is_in(client)
    assert only_session(client).last_seen_at == soon
    later = clock.now() - timedelta(seconds=70)
    set_session(client, last_seen_at=later)
    assert is_in(client, **{"X-Poll": "1"})
    assert only_session(client).last_seen_at == later, "a poll is not activity"
    assert is_in(client)
    touched = only_session(client).last_seen_at
    assert touched > later
    assert is_in(client)
    assert only_session(client).last_seen_at == touched


def test_a_shut_account_is_out_at_once(client):
    account_id = cast.sign_in(client, WHO)
    assert is_in(client)
    with house(client).database.write_session() as session:
        session.execute(update(Account).where(Account.id == account_id).values(is_active=False))
    assert not is_in(client)


# -- signing out ------------------------------------------------------------------------------------------------
def test_signing_out_ends_the_session_and_forgets_the_cookie(client):
    cast.sign_in(client, WHO)
    token = client.cookies[guards.SESSION_COOKIE]
    answer = client.post(client.to("identity:sign_out"))
    assert answer.headers["location"] == client.to("identity:sign_in")
    assert "您已退出登录" in client.get(answer.headers["location"]).text
    client.cookies.set(guards.SESSION_COOKIE, token)
    assert not is_in(client)
    assert verbs(client).count("session.ended") == 1
    assert client.post(client.to("identity:sign_out")).status_code == 303, "twice is harmless"
    assert verbs(client).count("session.ended") == 1


def test_signing_out_is_not_done_by_looking(client):
    cast.sign_in(client, WHO)
    assert client.get(client.to("identity:sign_out")).status_code in {404, 405}
    assert is_in(client)


def test_another_site_cannot_sign_anybody_out(client):
    cast.sign_in(client, WHO)
    answer = client.post(client.to("identity:sign_out"), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert is_in(client)


# -- sessions ---------------------------------------------------------------------------------------------------
def test_one_sees_and_ends_ones_own_sessions(client):
    cast.sign_in(client, WHO)
    other = client.cookies[guards.SESSION_COOKIE]
    client.cookies.clear()
    cast.sign_in(client, WHO)
    page = client.get(client.to("identity:sessions")).text
    assert page.count('class="device"') == 2
    assert page.count("这台设备") == 1
    with house(client).database.read_session() as session:
        first = session.execute(select(LoginSession.id).order_by(LoginSession.rowno).limit(1)).scalar_one()
    answer = client.post(client.to("identity:revoke", session_id=first))
    assert answer.headers["location"] == client.to("identity:sessions")
    assert is_in(client)
    client.cookies.set(guards.SESSION_COOKIE, other)
    assert not is_in(client)


def test_all_other_sessions_end_at_once(client):
    tokens = []
    for _ in range(3):
        client.cookies.clear()
        cast.sign_in(client, WHO)
        tokens.append(client.cookies[guards.SESSION_COOKIE])
    client.post(client.to("identity:revoke_others"))
    assert is_in(client)
    for token in tokens[:2]:
        client.cookies.clear()
        client.cookies.set(guards.SESSION_COOKIE, token)
        assert not is_in(client)


def test_anothers_session_is_not_there(client):
    cast.sign_in(client, "assistant_wang")
    theirs = only_session(client).id
    token = client.cookies[guards.SESSION_COOKIE]
    client.cookies.clear()
    cast.sign_in(client, WHO)
    for session_id in (theirs, "x", "01a206aa-9682-76f7-b0b6-acdf99a3dd82"):
        assert client.post(client.to("identity:revoke", session_id=session_id)).status_code == 404
    client.cookies.clear()
    client.cookies.set(guards.SESSION_COOKIE, token)
    assert is_in(client)


# -- password ---------------------------------------------------------------------------------------------------
def change(client, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post(client.to("identity:change_password"), data={"old": old, "new": new, "again": again})


def test_changing_the_password_ends_every_other_session(client):
    give_password(client, WHO)
    enter(client, WHO)
    elsewhere = client.cookies[guards.SESSION_COOKIE]
    client.cookies.clear()
    enter(client, WHO)
    here = client.cookies[guards.SESSION_COOKIE]
    assert change(client).status_code == 303
    assert is_in(client)
    assert client.cookies[guards.SESSION_COOKIE] not in {here, elsewhere}
    for token in (here, elsewhere):
        client.cookies.clear()
        client.cookies.set(guards.SESSION_COOKIE, token)
        assert not is_in(client)
    assert enter(client, WHO, PASSWORD).status_code == 422
    assert enter(client, WHO, NEW).status_code == 303
    assert verbs(client).count("account.password_changed") == 1


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"old": "something quite wrong"}, "现在的密码不对"),
        ({"again": "another thing altogether"}, "两次写的新密码不一样"),
        ({"new": "woaini1314520", "again": "woaini1314520"}, "太容易猜到"),
        ({"new": PASSWORD, "again": PASSWORD}, "新密码要和现在的不一样"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_the_old_one(client, wish: dict[str, str], text: str):
    give_password(client, WHO)
    enter(client, WHO)
    answer = change(client, **wish)
    assert answer.status_code == 422
    assert text in answer.text
    assert NEW not in answer.text
    assert enter(client, WHO, PASSWORD).status_code == 303


def test_the_old_password_cannot_be_guessed_at_a_signed_in_machine(client_with):
    client = client_with(tries_per_hour=3)
    give_password(client, WHO)
    cast.sign_in(client, WHO)
    codes = [change(client, old=f"wrong words {n}").status_code for n in range(4)]
    assert codes == [422, 422, 422, 429]
