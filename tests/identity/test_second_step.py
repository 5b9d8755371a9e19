"""The second step of signing in: codes by RFC 6238, the sill before a session, printed codes, proofs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.identity import proofs, totp
from app.identity.models import Account, LoginSession, RecoveryCode
from app.platform import clock
from tests import cast
from tests.identity.conftest import PASSWORD, account_of, enter, give_password, house, journalled, verbs

pytestmark = pytest.mark.app
WHO = "prosecutor_chen"


@pytest.fixture
def asking(client_with):
    """A client of an office that asks for the second step."""
    return client_with(require_second_step=True)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def code_now(secret: str, *, later: int = 0) -> str:
    return totp.code(secret, totp.step_of(clock.now()) + later)


def set_up(client, who: str = WHO) -> tuple[str, list[str], str]:
    """Sign in for the first time and set the phone up: secret, printed codes, account id."""
    account_id = give_password(client, who)
    assert enter(client, who).headers["location"] == client.to("identity:enrol")
    shown = client.get(client.to("identity:enrol"))
    letters = re.findall(r'<code class="secret"[^>]*>([^<]+)<', shown.text)[0]
    secret = "".join(letters.split())
    data = {"pending": hidden(shown.text, "pending"), "code": code_now(secret)}
    answer = client.post(client.to("identity:set_second_step"), data=data)
    assert answer.status_code == 303
    printed = client.get(answer.headers["location"])
    return secret, re.findall(r"<li><code[^>]*>([^<]+)</code>", printed.text), account_id


def age_the_code(client, account_id: str) -> None:
    """Let the step that was used be an older one, as if half a minute had gone by."""
    with house(client).database.write_session() as session:
        session.execute(update(Account).where(Account.id == account_id).values(last_totp_step=1))


def age_the_proof(client, minutes: int = 11) -> None:
    with house(client).database.write_session() as session:
        session.execute(update(LoginSession).values(proved_at=clock.now() - timedelta(minutes=minutes)))


# The SHA-1 rows of RFC 6238, appendix B, in six digits.
@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(second: int, code: str):
    import base64

    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(second, tz=UTC)
    assert totp.code(secret, totp.step_of(at)) == code
    assert totp.matching_step(secret, code, now=at, after=None) == totp.step_of(at)
    assert totp.matching_step(secret, code, now=at, after=totp.step_of(at)) is None
    assert totp.matching_step(secret, code, now=at + timedelta(seconds=30), after=None) is not None
    assert totp.matching_step(secret, code, now=at + timedelta(seconds=90), after=None) is None


def test_the_first_sign_in_sets_the_phone_up_before_any_session(asking):
    secret, codes, account_id = set_up(asking)
    assert len(codes) == 8
    assert asking.get(asking.to("desk:queue")).status_code == 200
    stored = account_of(asking, account_id)
    assert secret not in str(stored.sealed_totp)
    with house(asking).database.read_session() as session:
        kept = list(session.execute(select(RecoveryCode.digest)).scalars())
    assert len(kept) == 8
    assert not set(kept) & set(codes)
    started = next(row for row in journalled(asking) if row.verb == "session.started")
    assert started.facts == {"second_step": "app"}
    assert "second_step.set" in verbs(asking)
    again = asking.get(asking.to("identity:recovery_codes"))
    assert not re.findall(r"<li><code", again.text), "shown once"


def test_without_the_phone_a_right_password_opens_nothing(asking):
    give_password(asking, WHO)
    enter(asking, WHO)
    for door in ("desk:queue", "identity:sessions"):
        assert asking.get(asking.to(door)).status_code == 303
    wrong = asking.post(asking.to("identity:set_second_step"), data={"pending": "x", "code": "123456"})
    assert wrong.headers["location"] == asking.to("identity:enrol")
    assert "session.started" not in verbs(asking)


def test_a_secret_sealed_for_somebody_else_is_not_taken(asking):
    give_password(asking, "auditor")
    enter(asking, "auditor")
    foreign = hidden(asking.get(asking.to("identity:enrol")).text, "pending")
    give_password(asking, WHO)
    enter(asking, WHO)
    answer = asking.post(asking.to("identity:set_second_step"), data={"pending": foreign, "code": "000000"})
    assert answer.headers["location"] == asking.to("identity:enrol")


def test_a_code_opens_once_and_leads_where_the_person_wanted(asking):
    secret, _codes, account_id = set_up(asking)
    cast.sign_out(asking)
    wanted = asking.to("identity:sessions")
    assert enter(asking, WHO, next=wanted).headers["location"] == asking.to("identity:code")
    again = asking.post(asking.to("identity:enter_code"), data={"code": code_now(secret)})
    assert again.status_code == 422, "this step was used for setting up"
    age_the_code(asking, account_id)
    answer = asking.post(asking.to("identity:enter_code"), data={"code": code_now(secret)})
    assert answer.headers["location"] == wanted
    assert asking.get(wanted).status_code == 200
    cast.sign_out(asking)
    enter(asking, WHO)
    replay = asking.post(asking.to("identity:enter_code"), data={"code": code_now(secret)})
    assert replay.status_code == 422
    assert verbs(asking).count("second_step.refused") == 2


def test_a_printed_code_opens_once(asking):
    _secret, codes, _account_id = set_up(asking)
    for tried, opens in ((codes[0].upper().replace("-", " "), True), (codes[0], False), (codes[1], True)):
        cast.sign_out(asking)
        enter(asking, WHO)
        answer = asking.post(asking.to("identity:enter_code"), data={"code": tried})
        assert (answer.status_code == 303) is opens
    used = [row.facts["left"] for row in journalled(asking) if row.verb == "recovery_code.used"]
    assert used == [7, 6]


def test_codes_cannot_be_tried_at_will_and_the_owner_is_not_shut_out(asking):
    secret, _codes, account_id = set_up(asking)
    known = dict(asking.cookies)
    cast.sign_out(asking)
    enter(asking, WHO)
    tries = [
        asking.post(asking.to("identity:enter_code"), data={"code": f"{n:06d}"}).status_code
        for n in range(12)
    ]
    assert tries[:10] == [422] * 10
    assert tries[10:] == [429] * 2
    cast.sign_out(asking)
    asking.cookies.set("yixian_device", known["yixian_device"])
    enter(asking, WHO)
    age_the_code(asking, account_id)
    answer = asking.post(asking.to("identity:enter_code"), data={"code": code_now(secret)})
    assert answer.status_code == 303, "the owner's own browser is counted by itself"


def test_outsiders_are_not_asked_and_the_setting_decides(asking, client_with):
    give_password(asking, "agency_water")
    assert enter(asking, "agency_water").headers["location"] != asking.to("identity:enrol")
    calm = client_with(require_second_step=False)
    give_password(calm, WHO)
    assert enter(calm, WHO).headers["location"] == calm.to("desk:queue")


def test_the_slip_of_a_new_password_does_not_pass_the_second_step(asking):
    set_up(asking)
    cast.sign_out(asking)
    give_password(asking, WHO, must_change_password=True)
    assert enter(asking, WHO).headers["location"] == asking.to("identity:new_password")
    fresh = {"new": "seven old boats drift", "again": "seven old boats drift"}
    answer = asking.post(asking.to("identity:set_new_password"), data=fresh)
    assert answer.headers["location"] == asking.to("identity:code")
    assert asking.get(asking.to("desk:queue")).status_code == 303


def test_a_lost_phone_is_taken_out_of_force_by_the_security_administrator(asking):
    _secret, codes, account_id = set_up(asking)
    cast.sign_out(asking)
    cast.sign_in(asking, "secadmin")
    version = account_of(asking, account_id).version
    answer = asking.post(
        asking.to("identity:reset_second_step", account_id=account_id), data={"version": str(version)}
    )
    assert answer.status_code == 303
    assert account_of(asking, account_id).sealed_totp is None
    cast.sign_out(asking)
    assert enter(asking, WHO).headers["location"] == asking.to("identity:enrol")
    assert asking.post(asking.to("identity:enter_code"), data={"code": codes[2]}).headers["location"] == (
        asking.to("identity:sign_in")
    )
    assert "second_step.reset" in verbs(asking)


def test_one_device_of_somebody_is_ended_by_the_security_administrator(client):
    cast.sign_in(client, WHO)
    mine = client.cookies["yixian_session"]
    cast.sign_in(client, "secadmin")
    with house(client).database.read_session() as session:
        account_id, session_id = session.execute(
            select(LoginSession.account_id, LoginSession.id).order_by(LoginSession.rowno).limit(1)
        ).one()
    assert session_id in client.get(client.to("identity:person", account_id=account_id)).text
    door = client.to("identity:revoke_of_person", account_id=account_id, session_id=session_id)
    assert client.post(door).status_code == 303
    other = client.to("identity:revoke_of_person", account_id=account_id, session_id="no-such-session")
    assert client.post(other).status_code == 404
    client.cookies.set("yixian_session", mine)
    assert client.get(client.to("identity:sessions")).status_code == 303


# -- proofs -----------------------------------------------------------------------------------------------------
def test_a_step_of_weight_asks_again_and_loses_no_word(client_with):
    client = client_with(load_cast=False)
    give_password(client, "secadmin")
    person = cast.sign_in(client, "prosecutor_wu")
    give_password(client, "secadmin")
    enter(client, "secadmin")
    with house(client).database.read_session() as session:
        mine = session.execute(select(Account).where(Account.login == WHO)).scalar_one()
    assert person
    age_the_proof(client)
    form = {"version": str(mine.version), "name": "陈 <明远>", "org_unit_id": mine.org_unit_id,
            "roles": ["handler", "assistant"], "circles": "open"}  # fmt: skip
    door = client.to("identity:change_person", account_id=mine.id)
    asked = client.post(door, data=form)
    assert asked.status_code == 403
    assert account_of(client, mine.id).name == "陈明远"
    assert hidden(asked.text, "name") == "陈 &lt;明远&gt;"
    assert asked.text.count('name="roles"') == 2
    wrong = client.post(door, data=form | {"proof": "something quite wrong"})
    assert wrong.status_code == 403
    assert "something quite wrong" not in wrong.text
    assert client.post(door, data=form | {"proof": PASSWORD}).status_code == 303
    assert account_of(client, mine.id).name == "陈 <明远>"
    assert "session.proved" in verbs(client)
    form |= {"version": str(mine.version + 1), "name": "陈明远"}
    assert client.post(door, data=form).status_code == 303, "one proof holds for ten minutes"


def test_a_proof_by_the_phone_is_as_good_and_used_up(asking):
    secret, _codes, account_id = set_up(asking)
    age_the_proof(asking)
    age_the_code(asking, account_id)
    typed = code_now(secret)
    assert asking.post(asking.to("identity:print_codes")).status_code == 403
    assert asking.post(asking.to("identity:print_codes"), data={"proof": typed}).status_code == 303
    age_the_proof(asking)
    assert asking.post(asking.to("identity:print_codes"), data={"proof": typed}).status_code == 403


def test_a_printed_code_is_no_proof(asking):
    _secret, codes, _account_id = set_up(asking)
    age_the_proof(asking)
    assert asking.post(asking.to("identity:print_codes"), data={"proof": codes[0]}).status_code == 403


def test_a_reading_of_weight_leads_to_the_proof_and_back(client):
    give_password(client, WHO)
    enter(client, WHO)
    age_the_proof(client)
    back = client.to("identity:sessions")
    assert client.get(client.to("identity:proof", next=back)).status_code == 200
    door = client.to("identity:prove")
    assert client.post(door, data={"proof": "no", "next": back}).status_code == 422
    assert client.post(door, data={"proof": PASSWORD, "next": "//evil.example"}).headers["location"] == back
    assert client.post(door, data={"proof": PASSWORD, "next": back}).headers["location"] == back


def test_proofs_cannot_be_tried_at_will(client_with):
    client = client_with(tries_per_hour=3)
    give_password(client, WHO)
    enter(client, WHO)
    door = client.to("identity:prove")
    assert [client.post(door, data={"proof": "no"}).status_code for _ in range(5)] == [422] * 3 + [429] * 2


def test_which_doors_ask_again(client):
    """Rights and identities stand behind a fresh proof; a door that loses it is noticed here."""
    from fastapi.routing import iter_route_contexts

    from tests.patrol.test_routes import called_by

    proven = {
        route.name
        for route in iter_route_contexts(client.app.routes)
        if any(getattr(call, "__qualname__", "").startswith("proven") for call in called_by(route))
    }
    managing = {
        route.name
        for route in iter_route_contexts(client.app.routes)
        if str(route.path).startswith("/people") and "POST" in (route.methods or ())
    }
    assert len(managing) > 5
    assert proven >= managing | {"triage:reveal", "identity:print_codes", "identity:replace_second_step"}
    assert timedelta(minutes=10) == proofs.HOLDS
