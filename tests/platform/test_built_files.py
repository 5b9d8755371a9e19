"""Built files are kept for ever, travel packed, and what is not there is not."""

from __future__ import annotations

import gzip
import json

from app.platform.web import render
from tests.conftest import HouseClient


def style() -> str:
    return str(json.loads((render.DIST / "manifest.json").read_text("utf-8"))["app.css"])


def test_a_style_travels_packed_and_is_kept_for_ever(client: HouseClient) -> None:
    packed = client.get(style(), headers={"Accept-Encoding": "gzip"})
    plain = client.get(style(), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"] == plain.headers["content-type"] == "text/css; charset=utf-8"
    assert packed.text == plain.text
    assert "immutable" in packed.headers["cache-control"]
    assert int(packed.headers["content-length"]) <= len(gzip.compress(plain.content, 9)) + 64


def test_what_is_not_there_is_not_there_and_not_kept(client: HouseClient) -> None:
    missing = client.get("/static/dist/app-0000000000.css")  # house: allow routes-by-name (no route has it)
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")
    outside = client.get("/static/dist/../package.json")  # house: allow routes-by-name (no route has it)
    assert outside.status_code == 404
