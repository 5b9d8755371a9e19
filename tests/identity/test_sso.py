"""A city's own sign-on against a provider we did not write, as a process: in with an account here, bound once, never without."""

from __future__ import annotations

import hmac
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwk, jwt

from app.identity import sso
from app.platform import clock
from tests.identity.conftest import give_password, journalled, verbs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import HouseClient

pytestmark = pytest.mark.app
WHO = "prosecutor_chen"
PEOPLE = [
    {"sub": "u-1", "preferred_username": WHO, "amr": ["pwd", "otp"]},
    {"sub": "u-2", "preferred_username": WHO},
    {"sub": "u-3", "preferred_username": "nobody_here"},
    {"sub": "u-4", "preferred_username": "Head_Lin", "amr": ["pwd"]},
]


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any) -> None:
        return


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider's address."""
    from tests.browser.conftest import free_port

    port = free_port()
    people = [part for one in PEOPLE for part in ("--user-claims", json.dumps(one))]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *people],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    here = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{here}/jwks", timeout=5).close()
            break
        except OSError:
            assert process.poll() is None, "the provider did not start"
            time.sleep(0.1)
    yield here
    process.terminate()
    process.wait()


@pytest.fixture
def client(client_with: Any, provider: str, tmp_path: Path) -> HouseClient:
    """A client of an office that knows the provider and asks for a second step."""
    secret = tmp_path / "sign-on.secret"
    secret.write_text("between us & them\n")
    return client_with(
        oidc_issuer=provider, oidc_client_id="yixian", oidc_secret_file=secret, require_second_step=True
    )


def sent_back(address: str, subject: str) -> str:
    """Sign in at the provider as somebody; the address it sends the browser back to."""
    asked = urllib.request.Request(address, data=urlencode({"sub": subject}).encode())
    try:
        urllib.request.build_opener(_Stays()).open(asked, timeout=20)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["location"])
    raise AssertionError("the provider sent nobody back")


def through(client: HouseClient, subject: str, **more: str) -> Any:
    """Go out by the button, sign in there, come back."""
    out = client.get(client.to("identity:sign_on", **more))
    assert out.is_redirect
    back = urlsplit(sent_back(out.headers["location"], subject))
    return client.get(f"{back.path}?{back.query}")


def test_out_and_back_with_an_account_here(client: HouseClient):
    give_password(client, WHO)
    assert "用统一登录登录" in client.get(client.to("identity:sign_in")).text
    answer = through(client, "u-1", next="/desk/calls")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/calls")
    assert client.get(client.to("identity:sessions")).status_code == 200
    started = [row for row in journalled(client) if row.verb == "session.started"]
    assert started[-1].facts["second_step"] == "sso", "the provider asked for more than a password"
    assert verbs(client).count("sign_on.bound") == 1
    assert through(client, "u-1").status_code == 303
    assert verbs(client).count("sign_on.bound") == 1, "bound once"


def test_a_name_given_to_somebody_else_opens_nothing(client: HouseClient):
    give_password(client, WHO)
    through(client, "u-1")
    client.cookies.clear()
    assert through(client, "u-2").headers["location"] == client.to("identity:sign_in")
    assert client.get(client.to("identity:sessions")).status_code == 303


def test_without_an_account_or_after_leaving_nobody_is_let_in(client: HouseClient):
    assert through(client, "u-3").headers["location"] == client.to("identity:sign_in")
    give_password(client, WHO)
    through(client, "u-1")
    client.cookies.clear()
    give_password(client, WHO, is_active=False)
    assert through(client, "u-1").headers["location"] == client.to("identity:sign_in")
    assert client.get(client.to("identity:sessions")).status_code == 303


def test_where_the_provider_asked_for_a_password_only_our_second_step_is_asked(client: HouseClient):
    give_password(client, "head_lin")
    assert through(client, "u-4").headers["location"] == client.to("identity:enrol")


@pytest.mark.parametrize("lie", ["another browser", "another state", "no code", "a code twice"])
def test_a_way_back_that_was_not_begun_here_leads_nowhere(client: HouseClient, lie: str):
    give_password(client, WHO)
    out = client.get(client.to("identity:sign_on"))
    back = urlsplit(sent_back(out.headers["location"], "u-1"))
    said = {name: values[0] for name, values in parse_qs(back.query).items()}
    if lie == "another browser":
        client.cookies.clear()
    elif lie == "another state":
        said["state"] += "x"
    elif lie == "no code":
        said["code"] = ""
    else:
        stamp = dict(client.cookies)
        assert client.get(f"{back.path}?{back.query}").headers["location"] != client.to("identity:sign_in")
        client.cookies.clear()
        client.cookies.update({name: value for name, value in stamp.items() if "sign_on" in name})
    answer = client.get(f"{back.path}?{urlencode(said)}")
    assert answer.headers["location"] == client.to("identity:sign_in")
    assert client.get(client.to("identity:sessions")).status_code == 303


KEY = jwk.RSAKey.generate_key(2048)
OTHER = jwk.RSAKey.generate_key(2048)


def _by_hand(lie: str, claims: dict[str, Any]) -> str:
    """A word without a signature, or signed with the public key as if it were a secret."""

    def written(part: bytes) -> str:
        return urlsafe_b64encode(part).rstrip(b"=").decode()

    head = {"alg": "none" if lie == "none" else "HS256"}
    body = f"{written(json.dumps(head).encode())}.{written(json.dumps(claims).encode())}"
    secret = KEY.as_pem(private=False)
    seal = b"" if lie == "none" else hmac.digest(secret, body.encode(), "sha256")
    return f"{body}.{written(seal)}"


@pytest.mark.parametrize(
    "lie",
    ["", "iss", "aud", "nonce", "exp", "azp", "sub", "key", "none", "hmac"],
)
def test_the_providers_word_is_checked(client: HouseClient, monkeypatch: pytest.MonkeyPatch, lie: str):
    settings, now = client.app.state.house.settings, clock.now()  # type: ignore[attr-defined]
    claims = {
        "iss": settings.oidc_issuer, "aud": ["yixian"], "sub": "u-1", "nonce": "n", "azp": "yixian",
        "iat": int(now.timestamp()), "exp": int(now.timestamp()) + 300,
    }  # fmt: skip
    wrong = {"iss": "https://evil.example", "aud": "another", "nonce": "m", "exp": 1, "azp": "another"}
    claims |= {lie: wrong[lie]} if lie in wrong else {}
    if lie == "sub":
        del claims["sub"]
    head, key = {"alg": "RS256"}, OTHER if lie == "key" else KEY
    token = jwt.encode(head, claims, key)
    if lie in {"none", "hmac"}:
        token = _by_hand(lie, claims)
    told = {"issuer": settings.oidc_issuer, "id_token": token, "keys": [KEY.as_dict(private=False)]}
    told |= {"token_endpoint": "t", "jwks_uri": "j"}
    monkeypatch.setattr(sso, "_asked", lambda *_given: told)
    facts = {"verifier": "v", "nonce": "n"}
    found = sso.vouched(settings, "code", facts, back="/back", now=now)
    assert (found is not None) == (lie == "")


def test_a_silent_provider_is_said_and_the_password_still_works(client_with: Any, tmp_path: Path):
    secret = tmp_path / "s"
    secret.write_text("x")
    client = client_with(oidc_issuer="http://127.0.0.1:9", oidc_client_id="yixian", oidc_secret_file=secret)
    answer = client.get(client.to("identity:sign_on"))
    assert answer.status_code == 503
    assert "统一登录现在连不上" in answer.text


def test_where_none_is_named_there_is_no_door(client_with: Any):
    client = client_with()
    assert client.get(client.to("identity:sign_on")).status_code == 404
    assert client.get(client.to("identity:sign_on_back"), params={"state": "x"}).status_code == 404
