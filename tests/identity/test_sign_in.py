from __future__ import annotations

import os
from datetime import timedelta

import pytest

from app.identity import guards, passwords, tries
from app.main import UnsafeSettings, create_app
from app.platform import clock
from app.platform.crypto import make_key_file
from tests import cast
from tests.conftest import make_settings
from tests.identity.conftest import (
    PASSWORD,
    account_of,
    enter,
    give_password,
    house,
    journalled,
    verbs,
)

pytestmark = pytest.mark.app
WHO = "secadmin"


def is_in(client) -> bool:
    return client.get(client.to("identity:sessions")).status_code == 200


def test_the_right_password_opens_and_leads_where_the_work_is(client):
    account_id = give_password(client, WHO)
    answer = enter(client, WHO)
    assert answer.status_code == 303
    assert answer.headers["location"] == client.to("identity:people")
    assert is_in(client)
    assert [row.actor_id for row in journalled(client) if row.verb == "session.started"] == [account_id]


def test_the_login_may_be_typed_in_capitals_and_with_spaces(client):
    give_password(client, WHO)
    assert enter(client, "  SecAdmin ").status_code == 303


@pytest.mark.parametrize(
    ("who", "door"),
    [("auditor", "identity:journal"), ("secadmin", "identity:people"), ("agency_water", "partner:inbox"),
     ("sysadmin", "reference:index"), ("prosecutor_chen", "desk:queue")],
)  # fmt: skip
def test_everybody_lands_where_they_work(client, who: str, door: str):
    give_password(client, who)
    try:
        place = client.to(door)
    except KeyError:
        place = client.to("identity:sessions")  # that room is not open in this build
    assert enter(client, who).headers["location"] == place


def test_wrong_password_unknown_login_and_shut_account_get_one_answer(client):
    give_password(client, WHO)
    give_password(client, "auditor", is_active=False)
    answers = [enter(client, login, "something quite wrong") for login in (WHO, "nobody")]
    answers += [enter(client, "auditor", PASSWORD), enter(client, "agency_water", PASSWORD)]
    assert {answer.status_code for answer in answers} == {422}
    texts = {
        answer.text.replace(f'value="{login}"', "")
        for answer, login in zip(answers, (WHO, "nobody", "auditor", "agency_water"), strict=True)
    }
    assert len(texts) == 1
    assert "账号或密码不对" in texts.pop()
    assert not is_in(client)
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_a_wrong_try_leaves_the_same_trace_whether_the_login_exists_or_not(client):
    account_id = give_password(client, WHO)
    for login in (WHO, "nobody"):
        enter(client, login, "something quite wrong")
    rows = [row for row in journalled(client) if row.verb == "sign_in.refused"]
    assert [row.subject_id for row in rows] == [account_id, "00000000-0000-0000-0000-000000000000"]
    assert "nobody" not in repr([row.model_dump() for row in rows])


def test_the_typed_login_stays_and_the_password_does_not(client):
    answer = enter(client, "<svg onload=1>\"'", "my secret words 9")
    assert "&lt;svg onload=1&gt;" in answer.text
    assert "my secret words 9" not in answer.text


@pytest.mark.parametrize(
    "away",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/a\r\nSet-Cookie: x=1", "/\tx", "evil", "/" + "a" * 600],
)  # fmt: skip
def test_a_link_leads_nowhere_else(client, away: str):
    give_password(client, WHO)
    page = client.get(client.to("identity:sign_in", next=away))
    assert 'name="next" value=""' in page.text
    assert enter(client, WHO, next=away).headers["location"] == client.to("identity:people")


def test_an_own_path_is_kept(client):
    give_password(client, WHO)
    wanted = client.to("identity:sessions")
    refused = client.get(wanted)
    assert refused.status_code == 303
    assert refused.headers["location"] == client.to("identity:sign_in", next=wanted)
    assert f'name="next" value="{wanted}"' in client.get(refused.headers["location"]).text
    assert enter(client, WHO, next=wanted).headers["location"] == wanted


def test_each_sign_in_has_a_new_token_and_ends_the_one_before(client):
    give_password(client, WHO)
    enter(client, WHO)
    first = client.cookies[guards.SESSION_COOKIE]
    enter(client, WHO)
    second = client.cookies[guards.SESSION_COOKIE]
    assert first != second
    cast.sign_out(client)
    client.cookies.set(guards.SESSION_COOKIE, first)
    assert not is_in(client)
    with house(client).database.read_session() as session:
        assert first not in repr(
            session.connection().exec_driver_sql("select * from login_session").fetchall()
        )


def test_the_cookie_has_its_flags(client_with):
    client = client_with(public_url="https://office.example", env="development")
    give_password(client, WHO)
    client.base_url = "https://office.example"
    answer = enter(client, WHO)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if guards.SESSION_COOKIE in line)
    assert cookie.startswith("__Host-yixian_session=")
    flags = cookie.lower()
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip() for part in flags.split(";")}
    assert "max-age" not in flags
    assert "domain" not in flags


def test_a_form_of_another_site_cannot_sign_anybody_in(client):
    give_password(client, WHO)
    data = {"login": WHO, "password": PASSWORD}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = client.post(client.to("identity:enter"), data=data, headers=headers)
        assert answer.status_code == 403
    del client.headers["Sec-Fetch-Site"]
    evil = client.post(client.to("identity:enter"), data=data, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    own = client.post(client.to("identity:enter"), data=data, headers={"Origin": "http://testserver"})
    assert own.status_code == 303


def test_a_cheap_hash_is_renewed(client_with):
    client = client_with(password_cost="normal")
    account_id = give_password(client, WHO)
    assert "m=64," in (account_of(client, account_id).password_hash or "")
    assert enter(client, WHO).status_code == 303
    assert "m=19456," in (account_of(client, account_id).password_hash or "")
    assert account_of(client, account_id).version == 1
    assert enter(client, WHO).status_code == 303


# -- too many tries ---------------------------------------------------------------------------------------------
def test_tries_are_limited_for_one_source_and_nobody_else_is_locked_out(client_with):
    client = client_with(tries_per_hour=3)
    give_password(client, WHO)
    client._transport.client = ("203.0.113.9", 1)
    assert [enter(client, WHO, f"wrong words {n}").status_code for n in range(4)] == [422, 422, 422, 429]
    paused = enter(client, WHO)
    assert paused.status_code == 429, "not even the right password is looked at any more"
    assert "账号没有被锁" in paused.text
    client._transport.client = ("203.0.113.10", 1)
    assert enter(client, WHO).status_code == 303, "the owner elsewhere is not touched"


def test_a_right_password_clears_the_count(client_with):
    client = client_with(tries_per_hour=3)
    give_password(client, WHO)
    for _ in range(3):
        assert [enter(client, WHO, "wrong words").status_code for _ in range(2)] == [422, 422]
        assert enter(client, WHO).status_code == 303
        cast.sign_out(client)


def test_a_browser_that_was_here_before_is_counted_by_itself(client_with):
    client = client_with(tries_per_hour=3)
    give_password(client, WHO)
    enter(client, WHO)
    device = client.cookies[tries.DEVICE_COOKIE]
    cast.sign_out(client)
    stranger = [enter(client, WHO, "wrong words").status_code for _ in range(4)]
    assert stranger[-1] == 429, "the stranger behind the same address waits"
    client.cookies.set(tries.DEVICE_COOKIE, device)
    assert enter(client, WHO).status_code == 303, "the owner's browser does not"
    cast.sign_out(client)
    client.cookies.set(tries.DEVICE_COOKIE, device)
    assert [enter(client, WHO, "wrong words").status_code for _ in range(4)][-1] == 429, (
        "it has its own limit"
    )


def test_a_stamp_of_one_login_is_worth_nothing_for_another(client):
    keys, now = house(client).keys, clock.now()
    stamp = tries.device_stamp(keys, WHO, now=now)
    assert tries.knock(keys, WHO, "10.0.0.1", stamp, now=now).is_known_device
    assert not tries.knock(keys, "auditor", "10.0.0.1", stamp, now=now).is_known_device
    assert not tries.knock(keys, WHO, "10.0.0.1", stamp + "x", now=now).is_known_device
    assert not tries.knock(keys, WHO, "10.0.0.1", stamp, now=now + timedelta(days=181)).is_known_device


def test_many_logins_from_one_source_are_limited_too(client_with):
    client = client_with(tries_per_hour=1)
    codes = [enter(client, f"login{n}", "wrong words").status_code for n in range(11)]
    assert codes == [422] * 10 + [429]


# -- the cast ---------------------------------------------------------------------------------------------------
def test_without_the_cast_its_door_does_not_exist(client):
    account_id = give_password(client, WHO)
    answer = client.post(client.to("identity:sign_in_cast"), data={"account_id": account_id})
    assert answer.status_code == 404
    assert "演示人员" not in client.get(client.to("identity:sign_in")).text
    assert not is_in(client)


def test_with_the_cast_one_tap_is_enough(client_with):
    client = client_with(load_cast=True)
    with house(client).database.write_session() as session:
        ids = cast.people(session)
    page = client.get(client.to("identity:sign_in")).text
    for name in ("陈明远", "吴晓", "林静", "周正", "孙丽", "赵刚", "何川", "郑敏", "李想", "严谨"):
        assert f"<strong>{name}</strong>" in page
    answer = client.post(client.to("identity:sign_in_cast"), data={"account_id": ids["auditor"]})
    assert answer.headers["location"] == client.to("identity:journal")
    assert is_in(client)


@pytest.mark.parametrize("account_id", ["", "x", "01a206aa-9682-76f7-b0b6-acdf99a3dd82", "' or 1=1 --"])
def test_the_casts_door_opens_to_the_cast_only(client_with, account_id: str):
    client = client_with(load_cast=True)
    door = client.to("identity:sign_in_cast")
    assert client.post(door, data={"account_id": account_id}).status_code == 404


def test_a_real_account_is_not_to_be_had_by_the_casts_door(client_with):
    client = client_with(load_cast=True)
    real = give_password(client, WHO, is_cast=False)
    assert client.post(client.to("identity:sign_in_cast"), data={"account_id": real}).status_code == 404


def test_production_refuses_the_cast(database_url, tmp_path):
    settings = make_settings(database_url, tmp_path, env="production", load_cast=True)
    assert any("YIXIAN_LOAD_CAST" in line for line in settings.unsafe())
    assert any("YIXIAN_PASSWORD_COST" in line for line in settings.unsafe())
    with pytest.raises(UnsafeSettings):
        create_app(settings)


def test_production_names_a_key_file_that_may_not_be_read(database_url, tmp_path, monkeypatch):
    key, data = tmp_path / "master.keys", tmp_path / "data"
    make_key_file(key, key_id="k1")
    settings = make_settings(
        database_url, data, env="production", public_url="https://clues.example.gov.cn", key_file=key,
        password_cost="normal",
    )  # fmt: skip
    assert settings.unsafe() == []
    # Root may read everything, so the kernel's answer is put in its mouth.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert any("may not be read" in line for line in settings.unsafe())


# -- one-time passwords -----------------------------------------------------------------------------------------
def test_a_one_time_password_opens_only_the_way_to_ones_own(client):
    slip = passwords.readable()
    account_id = give_password(client, WHO, slip, must_change_password=True)
    answer = enter(client, WHO, slip)
    assert answer.headers["location"] == client.to("identity:new_password")
    assert not is_in(client), "there is no session before the password is one's own"
    page = client.get(client.to("identity:new_password"))
    assert "设置自己的密码" in page.text
    new = "墨绿台灯 rides 42 geese"
    done = client.post(client.to("identity:set_new_password"), data={"new": new, "again": new})
    assert done.headers["location"] == client.to("identity:people")
    assert is_in(client)
    assert not account_of(client, account_id).must_change_password
    assert "account.password_changed" in verbs(client)
    cast.sign_out(client)
    assert enter(client, WHO, slip).status_code == 422
    assert enter(client, WHO, new).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "text"),
    [
        ("short", "short", "至少 12 个字"),
        ("songbei2026!!", "songbei2026!!", "太容易猜到"),
        ("nine grey herons wait", "nine grey herons fly", "两次写的新密码不一样"),
        ("SLIP", "SLIP", "新密码要和现在的不一样"),
        ("", "", "至少 12 个字"),
        ("k" * 3000, "k" * 3000, "最多 128 个字"),
    ],
)
def test_a_new_password_must_be_a_good_one(client, new: str, again: str, text: str):
    slip = passwords.readable()
    account_id = give_password(client, WHO, slip, must_change_password=True)
    enter(client, WHO, slip)
    data = {"new": new.replace("SLIP", slip), "again": again.replace("SLIP", slip)}
    answer = client.post(client.to("identity:set_new_password"), data=data)
    assert answer.status_code == 422
    assert text in answer.text
    assert account_of(client, account_id).must_change_password
    assert not is_in(client)


def test_the_way_to_a_new_password_is_not_open_to_others_and_only_once(client):
    door = client.to("identity:set_new_password")
    new = {"new": "墨绿台灯 rides 42 geese", "again": "墨绿台灯 rides 42 geese"}
    home = client.to("identity:sign_in")
    assert client.get(door).headers["location"] == home
    assert client.post(door, data=new).headers["location"] == home
    slip = passwords.readable()
    give_password(client, WHO, slip, must_change_password=True)
    enter(client, WHO, slip)
    sill = client.cookies["yixian_sill"]
    client.post(door, data=new)
    cast.sign_out(client)
    client.cookies.set("yixian_sill", sill)
    assert client.post(door, data=new | {"again": "x"}).headers["location"] == home
    client.cookies.set("yixian_sill", sill[:-2])
    assert client.get(door).headers["location"] == home


def test_a_newer_slip_ends_the_way_of_the_older(client):
    first, second = passwords.readable(), passwords.readable()
    give_password(client, WHO, first, must_change_password=True)
    enter(client, WHO, first)
    assert client.get(client.to("identity:new_password")).status_code == 200
    give_password(client, WHO, second, must_change_password=True, version=2)
    assert client.get(client.to("identity:new_password")).status_code == 303


def test_a_slip_does_not_hold_for_ever(client):
    slip = passwords.readable()
    long_ago = clock.now() - timedelta(days=8)
    give_password(client, WHO, slip, must_change_password=True, password_set_at=long_ago)
    assert enter(client, WHO, slip).status_code == 422


@pytest.mark.parametrize("field", ["login", "password", "next"])
@pytest.mark.parametrize(
    "junk", ["", " ", "😀\u202e", "'\"><svg onload=1>", "'; drop table account --", "a" * 100_000]
)
def test_junk_is_never_our_fault(client, field: str, junk: str):
    data = {"login": WHO, "password": "x", "next": ""} | {field: junk}
    assert client.post(client.to("identity:enter"), data=data).status_code == 422


def test_who_is_signed_in_already_is_told_so(client):
    cast.sign_in(client, WHO)
    assert "您已经以 安宁 的身份登录" in client.get(client.to("identity:sign_in")).text
