"""Whom a request comes from: strangers say what they like, and only what our own proxies added counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.platform.proxies import Proxies
from app.platform.web.counted import Counted
from app.platform.web.middleware import Threshold
from tests.conftest import make_settings

OURS = "10.0.0.5, 10.1.0.0/24, fd00::/16"
CLIENT = "198.51.100.1"


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "client"),
    [
        ("", "203.0.113.9", [], "203.0.113.9"),
        ("", "203.0.113.9", [CLIENT], "203.0.113.9"),  # a stranger's header is not believed
        ("", "127.0.0.1", [CLIENT], CLIENT),
        ("", "::ffff:127.0.0.1", [CLIENT], CLIENT),
        ("", "127.0.0.1", ["6.6.6.6, " + CLIENT], CLIENT),  # only what the own proxy added
        ("", "127.0.0.1", ["6.6.6.6", CLIENT], CLIENT),  # the proxy added a line of its own
        ("", "127.0.0.1", [" , "], "127.0.0.1"),
        ("", "127.0.0.1", ["<script>"], "unknown"),
        ("", "", [CLIENT], "unknown"),
        (OURS, "10.0.0.5", [CLIENT], CLIENT),
        (OURS, "10.0.0.6", [CLIENT], "10.0.0.6"),
        (OURS, "10.1.0.200", ["6.6.6.6, " + CLIENT + ", 10.0.0.5"], CLIENT),  # two of ours in a row
        (OURS, "10.1.0.200", [CLIENT + ", 10.0.0.9"], "10.0.0.9"),  # the chain breaks at one that is not ours
        (OURS, "10.0.0.5", ["10.1.0.7"], "10.1.0.7"),  # a proxy that speaks for itself
        (OURS, "fd00::9", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_who_knocks(trusted: str, peer: str, told: list[str], client: str):
    assert Proxies(trusted).client_behind(peer, told) == client


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "0.0.0.0/1, 128.0.0.0/1", "proxy.local", "10.0.0.5/8"])
def test_a_list_that_names_everybody_or_nothing_is_refused(text: str, tmp_path: Path):
    with pytest.raises(ValidationError):
        make_settings("sqlite://", tmp_path, trusted_proxies=text)


def seen(peer: str, **wishes: Any) -> dict[str, Any]:
    """What a handler behind the threshold sees of a request from this peer that tells everything a proxy might."""

    def show(request: Request) -> JSONResponse:
        return JSONResponse(
            {"client": request.client.host if request.client else "", "told": sorted(request.headers)}
        )

    inner = Starlette(routes=[Route("/", show)])
    door = Threshold(inner, settings=make_settings("sqlite://", Path("unused"), **wishes), counted=Counted())
    told = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}
    told |= {"Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6", "X-Own": "kept"}
    answer: dict[str, Any] = TestClient(door, client=(peer, 1)).get("", headers=told).json()
    return answer


def test_behind_the_threshold_nobody_can_believe_a_stranger():
    for found, client in (
        (seen("203.0.113.9"), "203.0.113.9"),
        (seen("203.0.113.9", trusted_proxies="203.0.113.0/24"), CLIENT),
    ):
        assert found["client"] == client
        assert "x-own" in found["told"]
        assert not [name for name in found["told"] if "forwarded" in name or name == "x-real-ip"]
