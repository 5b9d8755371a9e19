"""What every answer tells the browser: nothing inline, nothing from elsewhere, nothing kept that shows a person or a clue."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.platform.web import middleware, render
from tests import cast
from tests.conftest import HouseClient
from tests.security import scene as scenes
from tests.security.test_matrix import FORM, Knocker, be, doors

pytestmark = pytest.mark.app
CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self' blob:",
    "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}
# The only answers a browser or a cache may keep; none of them says anything of a person or a clue.
KEPT = {"/sw.js", "/manifest.webmanifest", "/api/v1/openapi.json", "/api/v1/sealing-key"}


def faults(answer: Any) -> list[str]:
    """Say what an answer lacks."""
    found = []
    policy = {part.strip() for part in answer.headers.get("content-security-policy", "").split(";")}
    is_sealed_file = policy == {"default-src 'none'", "sandbox"}  # an original: stricter than a page
    if policy != CSP and not is_sealed_file:
        found.append(f"policy {policy ^ CSP}")
    found += [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
    permissions = answer.headers.get("permissions-policy", "")
    if "geolocation=(self)" not in permissions or "camera=(self)" not in permissions:
        found.append("permissions-policy")
    if "server" in answer.headers or "x-powered-by" in answer.headers:
        found.append("names its software")
    path = answer.request.url.path
    may_be_kept = path in KEPT or path.startswith(("/static/", "/tiles/", "/open311/"))
    if not may_be_kept and answer.headers.get("cache-control") != "no-store":
        found.append(f"cache-control {answer.headers.get('cache-control')}")
    for cookie in answer.headers.get_list("set-cookie"):
        if not {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}:
            found.append(f"cookie {cookie.split('=')[0]}")
    return found


def test_every_answer_of_every_door_is_dressed(app):
    with Knocker(app) as client:
        # The scene's letters have no file behind them: that answer must be dressed like any other.
        client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        scene = scenes.build(app.state.house)
        seen = 0
        for who in ("", "chief_zhou", "agency_health", "secadmin"):
            be(client, who) if who else cast.sign_out(client)
            for door in doors(app):
                if door.key == "POST identity:sign_out" or (
                    door.method != "GET" and who not in {"", "chief_zhou"}
                ):
                    continue
                place = door.place(scene.own)
                answer = client.request(door.method, place, data=FORM if door.method != "GET" else None)
                seen += 1
                assert faults(answer) == [], f"{who or 'nobody'} at {door.key}: {answer.status_code}"
        assert seen > 300


def test_refusals_static_files_and_faults_of_ours_are_dressed(app, monkeypatch):
    with Knocker(app) as client:
        client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        to = render.Urls(app)
        asset = app.state.environment.globals["asset"]

        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("13904519876 stands in this message")

        tries = {
            404: client.get("/no-such-page"),  # house: allow routes-by-name
            405: client.delete(to("intake:home")),
            422: client.post(to("intake:submit", category_key="aed_missing"), data={}),
            413: client.post(to("intake:submit", category_key="aed_missing"), data={"words": "长" * 400_000}),
            200: client.get(asset("app.css")),
        }
        for status, answer in tries.items():
            assert answer.status_code == status
            assert faults(answer) == [], status
        foreign = client.get(to("intake:home"), headers={"host": "evil.example"})
        assert (foreign.status_code, faults(foreign)) == (404, [])
        forged = client.post(
            to("identity:enter"),
            data={},
            headers={"Sec-Fetch-Site": "cross-site", "cookie": "yixian_size=senior"},
        )
        assert (forged.status_code, faults(forged)) == (403, [])
        assert faults(client.get("/static/dist/nothing.css")) == []  # house: allow routes-by-name
        monkeypatch.setattr("app.intake.pages.page", broken)
        fault = client.get(to("intake:privacy"))
        assert fault.status_code == 500
        assert faults(fault) == []
        assert "13904519876" not in fault.text


def test_a_planted_weakness_is_seen(app, monkeypatch):
    weak = tuple(pair for pair in middleware._HEADERS if str(pair[0]) != "x-content-type-options")
    monkeypatch.setattr(middleware, "_HEADERS", weak)
    with Knocker(app) as client:
        assert faults(client.get(render.Urls(app)("intake:home"))) == ["x-content-type-options"]


def test_cookies_are_bound_to_the_host_over_https(database_url, tmp_path):
    from app.main import create_app
    from tests.conftest import make_settings

    settings = make_settings(database_url, tmp_path, public_url="https://office.example", load_cast=True)
    with HouseClient(create_app(settings)) as client:
        client.base_url = "https://office.example"
        with client.app.state.house.database.write_session() as session:  # type: ignore[attr-defined]
            cast.people(session, settings)
        client.post(client.to("web:preferences"), data={"size": "senior", "lang": "en", "back": "/"})
        person = re.search(
            r'name="account_id" value="([^"]+)"', client.get(client.to("identity:sign_in")).text
        )
        assert person is not None
        answers = [
            client.post(client.to("web:preferences"), data={"size": "senior", "lang": "en"}),
            client.post(client.to("identity:sign_in_cast"), data={"account_id": person[1]}),
        ]
        cookies = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
        assert len(cookies) >= 4
        for line in cookies:
            assert line.startswith("__Host-"), line
            assert "secure" in line.lower()
            assert "domain=" not in line.lower()
        assert answers[0].headers["strict-transport-security"].startswith("max-age=")
        assert 'data-size="senior"' in client.get(client.to("intake:privacy")).text


def test_no_link_and_no_decision_comes_from_the_host_header(client):
    """Hosts of ours are interchangeable: whatever name a request carries, addresses are those of the settings."""
    names = ("testserver", "127.0.0.1", "localhost")
    pages = {client.get(client.to("intake:privacy"), headers={"host": name}).text for name in names}
    assert len(pages) == 1
    for header in ("x-forwarded-host", "forwarded", "x-host", "x-original-url", "x-rewrite-url"):
        answer = client.get(client.to("intake:home"), headers={header: "evil.example"})
        assert "evil.example" not in answer.text + repr(dict(answer.headers))


def test_trace_is_not_spoken(client):
    for method in ("TRACE", "TRACK", "CONNECT"):
        answer = client.request(method, client.to("intake:home"), headers={"x-secret": "sesame"})
        assert answer.status_code == 405
        assert "sesame" not in answer.text


def test_signing_out_clears_the_browser(client):
    cast.sign_in(client, "prosecutor_chen")
    answer = client.post(client.to("identity:sign_out"))
    assert answer.headers["clear-site-data"] == '"cache"'
    assert (
        'yixian_session=""' in answer.headers["set-cookie"]
        or "yixian_session=;" in answer.headers["set-cookie"]
    )
