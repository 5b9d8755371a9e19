"""The drawn map of a rehearsal: its grid is the web's own, and every tile says that it is no map."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from app import cli
from app.demo import tiles
from app.demo.tiles import DrawnMap, Mark


def test_the_grid_is_the_webs_own():
    """The worked example every web map's manual prints: Chicago at zoom 0, in pixels of one tile."""
    assert tiles.world_pixel(41.85, -87.65, 0) == pytest.approx((65.67111, 95.17493), abs=1e-4)
    x, y = tiles.world_pixel(41.85, -87.65, 3)
    assert (int(x // 256), int(y // 256)) == (2, 2)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_mark_stands_on_its_pixel(datum):
    mark = Mark(45.8021, 126.5432)
    x, y = tiles.world_pixel(*tiles.drawn_at(datum, mark.lat, mark.lon), 14)
    tile = DrawnMap(datum, (mark,)).tile(14, int(x // 256), int(y // 256))
    with Image.open(io.BytesIO(tile)) as picture:
        assert picture.size == (256, 256)
        assert picture.convert("RGB").getpixel((round(x % 256), round(y % 256))) == (0xD1, 0x00, 0xC8)


def test_the_datums_are_two_maps():
    mark = Mark(45.8021, 126.5432)
    assert DrawnMap("wgs84", (mark,)).tile(14, 13951, 5841) != DrawnMap("gcj02", (mark,)).tile(
        14, 13951, 5841
    )


def test_an_operator_draws_a_folder_and_is_told_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(tiles, "ZOOMS", range(8, 11))
    assert cli.main(["demo", "--tiles", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert f"YIXIAN_TILES_URL=file:{tmp_path}/ground/{{z}}/{{x}}/{{y}}.png" in told
    assert f"YIXIAN_TILES_NAMES_URL=file:{tmp_path}/names/{{z}}/{{x}}/{{y}}.png" in told
    assert "YIXIAN_TILES_DATUM=wgs84" in told
    assert "YIXIAN_TILES_DEEPEST=10" in told
    drawn = list(tmp_path.rglob("*.png"))
    assert {one.relative_to(tmp_path).parts[:2] for one in drawn} == {
        (layer, zoom) for layer in ("ground", "names") for zoom in ("8", "9", "10")
    }
    assert all(one.read_bytes().startswith(b"\x89PNG") for one in drawn)


def test_names_are_drawn_on_nothing_and_stand_where_the_whole_map_has_them():
    town = tiles._towns()[0]
    x, y = tiles.world_pixel(town.lat, town.lon, 13)
    at = (13, int(x // 256), int(y // 256))
    pixel = (int(x % 256), int(y % 256))
    pieces = {}
    for layer in ("whole", "ground", "names"):
        with Image.open(io.BytesIO(DrawnMap(layer=layer).tile(*at))) as picture:
            pieces[layer] = picture.convert("RGBA")
    assert (
        pieces["names"].getpixel(pixel) == pieces["whole"].getpixel(pixel) != pieces["ground"].getpixel(pixel)
    )
    both = Image.alpha_composite(pieces["ground"], pieces["names"])
    alpha = pieces["names"].getchannel("A").tobytes()
    assert 0 < sum(value > 0 for value in alpha) < len(alpha) / 10
    assert both.getpixel(pixel) == pieces["whole"].getpixel(pixel)
