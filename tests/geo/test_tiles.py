"""Tiles through this house: from a folder, from a provider on this machine, and everything that is no tile."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from app.geo import tiles
from app.platform.errors import Missing, Unavailable
from tests.conftest import HouseClient, make_settings
from tests.geo.drawn_tiles import Provider, drawn, provider

PNG = drawn()
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "
HERE = tiles.Address(13, 6975, 2937)
Clients = Callable[[str], HouseClient]


@pytest.fixture
def remote() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def clients(database_url: str, tmp_path: Path) -> Iterator[Clients]:
    from app.main import create_app

    with ExitStack() as stack:

        def make(tiles_url: str) -> HouseClient:
            app = create_app(make_settings(database_url, tmp_path / "data", tiles_url=tiles_url))
            return stack.enter_context(HouseClient(app))

        yield make


def source(remote: Provider, folder: Path, floor: int = 0) -> tiles.ProviderTiles:
    return tiles.ProviderTiles(remote.template, folder, floor)


def tile(client: HouseClient, z: Any = HERE.z, x: Any = HERE.x, y: Any = HERE.y):
    return client.get(client.to("geo:tile", z=z, x=x, y=y))


def test_a_provider_is_asked_once_and_never_sees_the_reporter(clients: Clients, remote: Provider):
    client = clients(remote.template)
    client.headers |= {
        "Cookie": "night=owl",
        "Referer": "http://testserver/report/x",
        "X-Forwarded-For": "203.0.113.9",
    }
    first, second = tile(client), tile(client)
    assert [answer.status_code for answer in (first, second)] == [200, 200]
    assert first.content == second.content == PNG
    assert first.headers["content-type"] == "image/png"
    assert first.headers["cache-control"] == "public, max-age=86400"
    assert "set-cookie" not in first.headers
    assert remote.asked == ["/13/6975/2937.png?key=secret"]
    assert set(remote.told[0]) <= {"Host", "User-Agent", "Accept-Encoding", "Connection"}
    assert remote.told[0]["User-Agent"] == "Yixian"


def test_a_folder_of_tiles(clients: Clients, tmp_path: Path):
    place = tmp_path / "my tiles" / "13" / "6975" / "2937.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(PNG)
    client = clients(f"file:{tmp_path}/my tiles/{{z}}/{{x}}/{{y}}.png")
    assert tile(client).content == PNG
    assert tile(client, x=6976).status_code == 404
    place.write_bytes(b"not a picture")
    assert tile(client).status_code == 404
    place.write_bytes(PNG + b"0" * tiles.MOST_BYTES)
    assert tile(client).status_code == 404


def test_names_are_a_layer_of_their_own_and_none_without_a_map(
    database_url: str, tmp_path: Path, remote: Provider
):
    from app.main import create_app

    place = tmp_path / "names" / "13" / "6975" / "2937.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(WEBP)
    named = f"file:{tmp_path}/names/{{z}}/{{x}}/{{y}}.png"
    for map_url, status in ((remote.template, 200), ("", 404)):
        settings = make_settings(database_url, tmp_path / "data", tiles_url=map_url, tiles_names_url=named)
        with HouseClient(create_app(settings)) as client:
            answer = client.get(client.to("geo:names", z=HERE.z, x=HERE.x, y=HERE.y))
            assert answer.status_code == status
            form = client.get(client.to("intake:form", category_key="aed_missing")).text
            assert ("/tiles/names/0/0/0" in form) == (status == 200)
    assert not remote.asked


def test_what_is_not_there_is_a_picture_that_hides_nothing_and_the_status_stays_true(
    clients: Clients, remote: Provider
):
    """A page of words would be drawn as a torn picture, in every piece of the desk's map."""
    missing = tile(clients(""))
    remote.status = 503
    silent = tile(clients(remote.template))
    assert (missing.status_code, silent.status_code) == (404, 503)
    assert silent.headers["retry-after"] == "60"
    for answer in (missing, silent):
        assert answer.headers["cache-control"] == "no-store"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (1, 1)
            assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def test_without_a_map_there_are_no_tiles_and_no_button(clients: Clients):
    client = clients("")
    assert tile(client).status_code == 404
    assert "data-pin-open" not in client.get(client.to("intake:form", category_key="aed_missing")).text


def test_with_a_map_the_form_has_its_button_but_never_where_positions_are_forbidden(
    clients: Clients, remote: Provider
):
    client = clients(remote.template)
    page = client.get(client.to("intake:form", category_key="aed_missing")).text
    assert "data-pin-open" in page
    assert "secret" not in page
    assert remote.origin not in page
    coarse = client.get(client.to("intake:form", category_key="mil_facility_env"))
    assert coarse.status_code == 200
    assert "data-pin-open" not in coarse.text


@pytest.mark.parametrize(
    ("z", "x", "y"),
    [
        ("20", "0", "0"), ("0", "1", "0"), ("0", "0", "1"), ("3", "8", "0"), ("-1", "0", "0"), ("1", "0", "-1"),
        ("a", "0", "0"), ("1.0", "0", "0"), ("٣", "0", "0"), ("1", "0", "9" * 5000), ("²", "0", "0"), ("13", "6975", "2937.png"),
    ],
)  # fmt: skip
def test_outside_the_world_nobody_is_asked(clients: Clients, remote: Provider, z: str, x: str, y: str):
    assert tile(clients(remote.template), z, x, y).status_code == 404
    assert remote.asked == []


def test_the_corners_of_the_world_are_inside():
    assert tiles.address_of("0", "0", "0") == tiles.Address(0, 0, 0)
    assert tiles.address_of("19", "524287", "524287") == tiles.Address(19, 524287, 524287)


@pytest.mark.parametrize(("body", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_pictures_are_named_by_their_bytes(remote: Provider, tmp_path: Path, body: bytes, kind: str):
    remote.body = body
    assert source(remote, tmp_path).tile(HERE) == tiles.Tile(body, kind)


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("text/html", PNG), ("image/png", b"<html>"), ("image/svg+xml", b"<svg onload='x'/>"), ("image/png", b""),
        ("image/png", PNG + b"0" * tiles.MOST_BYTES),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_not_passed_on(remote: Provider, tmp_path: Path, declared: str, body: bytes):
    remote.headers, remote.body = {"Content-Type": declared}, body
    with pytest.raises(Missing):
        source(remote, tmp_path).tile(HERE)
    assert list(tmp_path.rglob("*-*-*")) == []


def test_nobody_is_followed_to_another_host(remote: Provider, tmp_path: Path):
    with provider() as other:
        remote.status, remote.headers = 302, {"Location": f"{other.origin}/1/1/1.png"}
        with pytest.raises(Missing):
            source(remote, tmp_path).tile(HERE)
        assert other.asked == []


def test_a_provider_may_lead_to_itself(remote: Provider, tmp_path: Path):
    remote.status, remote.headers = 302, {"Location": f"{remote.origin}/elsewhere.png"}
    with pytest.raises(Missing):  # it leads in a circle; what counts is that it was followed
        source(remote, tmp_path).tile(HERE)
    assert "/elsewhere.png" in remote.asked


def test_a_silent_provider_is_left_alone_for_a_while(
    remote: Provider, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    made = tiles.ProviderTiles("http://127.0.0.1:9/{z}/{x}/{y}?key=secret", tmp_path, 0)
    with pytest.raises(Unavailable):
        made.tile(HERE)
    monkeypatch.setattr(made, "_pieces", lambda _: pytest.fail("asked again at once"))
    with pytest.raises(Unavailable):
        made.tile(HERE)
    assert not made.is_answering
    assert "secret" not in caplog.text


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_provider_is_given_a_rest(remote: Provider, tmp_path: Path, status: int):
    remote.status, made = status, source(remote, tmp_path)
    for _ in range(3):
        with pytest.raises(Unavailable):
            made.tile(HERE)
    assert len(remote.asked) == 1


def test_a_piece_the_provider_does_not_have_is_missing(remote: Provider, tmp_path: Path):
    remote.status, made = 404, source(remote, tmp_path)
    for _ in range(2):
        with pytest.raises(Missing):
            made.tile(HERE)
    assert len(remote.asked) == 2


def test_an_old_tile_is_asked_for_again_and_still_serves_when_nobody_answers(
    remote: Provider, tmp_path: Path
):
    made = source(remote, tmp_path)
    made.tile(HERE)
    kept = next(tmp_path.rglob("*-*-*"))
    os.utime(kept, (1, 1))
    made.tile(HERE)
    assert len(remote.asked) == 2
    os.utime(kept, (1, 1))
    made._rests_until = float("inf")
    assert made.tile(HERE).body == PNG


def test_another_template_is_another_map(remote: Provider, tmp_path: Path):
    source(remote, tmp_path).tile(HERE)
    remote.body = JPEG
    assert tiles.ProviderTiles(remote.template + "&style=2", tmp_path, 0).tile(HERE).body == JPEG


def test_the_kept_tiles_are_bounded(remote: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tiles, "KEPT_MOST", 8)
    made = source(remote, tmp_path)
    for x in range(30):
        made.tile(tiles.Address(13, x, 0))
        assert len(list(made._folder.iterdir())) <= 8
    again = source(remote, tmp_path)
    for x in range(30, 45):
        again.tile(tiles.Address(13, x, 0))
    assert 1 < len(list(made._folder.iterdir())) <= 8


def test_a_full_disk_costs_only_the_copy(remote: Provider, tmp_path: Path):
    assert source(remote, tmp_path, floor=2**62).tile(HERE).body == PNG
    assert list(tmp_path.rglob("*-*-*")) == []


@pytest.mark.parametrize(
    "template",
    [
        "https://tiles.example.org/{z}/{x}.png", "ftp://tiles.example.org/{z}/{x}/{y}", "/srv/{z}/{x}/{y}.png",
        "https://{x}.example.org/{z}/{x}/{y}", "https:///{z}/{x}/{y}", "tiles",
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_asked_is_refused_at_the_start(template: str, tmp_path: Path):
    with pytest.raises(ValidationError, match="tiles_url"):
        make_settings("", tmp_path, tiles_url=template)
