"""The copies that may be shown: upright, in the right colours, and silent about their origin."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from app.evidence.exif import NOTHING
from app.evidence.imaging import Darkroom, Developed, Rectangle, Undisplayable
from tests import photos
from tests.evidence.darkrooms import assert_bare, darkroom, heic, opened
from tests.photos import CORNERS, is_like

__all__ = ["darkroom"]

SIZE = (320, 240)


def file_of(folder: Path, content: bytes, name: str = "original") -> Path:
    path = folder / name
    path.unlink(missing_ok=True)  # the one before is read-only, as originals are
    path.write_bytes(content)
    path.chmod(0o440)
    return path


def develop(darkroom: Darkroom, folder: Path, content: bytes) -> Developed:
    return darkroom.develop(file_of(folder, content))


def assert_upright(copy: bytes) -> None:
    image = opened(copy).convert("RGB")
    inset = max(1, min(image.size) // 20)
    right, bottom = image.width - 1 - inset, image.height - 1 - inset
    places = {
        "red": (inset, inset),
        "green": (right, inset),
        "blue": (inset, bottom),
        "yellow": (right, bottom),
    }
    for name, place in places.items():
        pixel = image.getpixel(place)
        assert isinstance(pixel, tuple)
        assert is_like(pixel, CORNERS[name]), f"{name} is not at {place} but {pixel}"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_copy_is_upright_for_every_orientation(
    darkroom: Darkroom, tmp_path: Path, orientation: int
) -> None:
    path = file_of(tmp_path, photos.small_photo(size=SIZE, orientation=orientation))
    developed = darkroom.develop(path)
    upright = SIZE if orientation < 5 else (SIZE[1], SIZE[0])
    assert (developed.width, developed.height) == upright
    for copy in (developed.screen, developed.thumb, darkroom.print_copy(path), darkroom.redact(path, [])):
        assert opened(copy).size == upright
        assert_upright(copy)


@pytest.mark.parametrize("orientation", [1, 6, 8])
@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF", "MPO"])
def test_other_formats_are_upright_too(
    darkroom: Darkroom, tmp_path: Path, name: str, orientation: int
) -> None:
    stored = Image.open(io.BytesIO(photos.small_photo(size=SIZE, orientation=orientation)))
    block = photos.exif_block(main=[photos.short_entry(0x0112, orientation)])
    second = {"save_all": True, "append_images": [stored.copy()]} if name == "MPO" else {}
    developed = develop(darkroom, tmp_path, photos.saved(stored, name, exif=block, **second))
    assert developed.format == name
    assert (developed.width, developed.height) == (SIZE if orientation == 1 else (SIZE[1], SIZE[0]))
    assert_upright(developed.screen)
    assert_upright(developed.thumb)
    assert_bare(developed.screen)


def test_a_png_may_say_behind_its_pixels_how_it_was_held(darkroom: Darkroom, tmp_path: Path) -> None:
    stored = Image.open(io.BytesIO(photos.small_photo(size=SIZE, orientation=6)))
    png = photos.saved(stored, "PNG")
    block = photos.exif_block(main=[photos.short_entry(0x0112, 6)])[6:]
    assert_upright(
        develop(darkroom, tmp_path, png[:-12] + photos.png_chunk(b"eXIf", block) + png[-12:]).screen
    )


def test_copies_fit_their_boxes_and_never_grow(darkroom: Darkroom, tmp_path: Path) -> None:
    path = file_of(tmp_path, photos.phone_photo(size=(3000, 2000), orientation=6))
    developed = darkroom.develop(path)
    assert (developed.width, developed.height, developed.format) == (2000, 3000, "JPEG")
    assert opened(developed.screen).size == developed.screen_size == (1067, 1600)
    assert opened(developed.thumb).size == developed.thumb_size == (267, 400)
    assert opened(darkroom.print_copy(path)).size == (1600, 2400)
    for copy in (developed.screen, developed.thumb):
        assert opened(copy).info["progressive"]
        assert_upright(copy)
    tiny = develop(darkroom, tmp_path, photos.saved(Image.new("RGB", (1, 1), "red"), "PNG"))
    assert opened(tiny.screen).size == opened(tiny.thumb).size == (1, 1)
    line = develop(darkroom, tmp_path, photos.saved(Image.new("RGB", (9000, 3), "red"), "PNG"))
    assert (opened(line.screen).size, opened(line.thumb).size) == ((1600, 1), (400, 1))


def test_no_copy_tells_who_made_it_where_or_with_what(darkroom: Darkroom, tmp_path: Path) -> None:
    stored = Image.open(io.BytesIO(photos.small_photo(software="SecretSoft")))
    photo = photos.saved(
        stored,
        "JPEG",
        exif=stored.info["exif"],
        comment=b"a secret comment",
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret.person@example.org</x:xmpmeta>",
        icc_profile=swapped_profile(),
        dpi=(321, 321),
    )
    block: bytes = stored.info["exif"]
    thumbnail = block[block.index(b"\xff\xd8\xff") :][20:200]
    for secret in (b"HUAWEI", b"SecretSoft", b"a secret comment", b"secret.person", b"WGS-84", thumbnail):
        assert secret in photo, "the test no longer plants what it looks for"
    path = file_of(tmp_path, photo, "IMG_secret_name.jpg")
    developed = darkroom.develop(path)
    hidden = darkroom.redact(path, [Rectangle(0.1, 0.1, 0.5, 0.5)])
    for copy in (developed.screen, developed.thumb, darkroom.print_copy(path), hidden):
        assert_bare(
            copy, b"HUAWEI", b"P60", b"secret", b"Secret", b"WGS", b"2026", thumbnail, b"\x01\x41\x01\x41"
        )
    assert developed.exif.make == "HUAWEI"
    assert developed.exif.software == "SecretSoft"
    assert developed.exif.lat == pytest.approx(45.81, abs=1e-6)
    assert darkroom.develop(path, want_exif=False).exif == NOTHING


def test_a_copy_that_did_carry_something_would_not_pass(darkroom: Darkroom) -> None:
    from app.evidence.imaging import _is_bare_jpeg

    plain = photos.saved(photos.scene(SIZE), "JPEG", progressive=True)
    assert _is_bare_jpeg(plain)
    assert not _is_bare_jpeg(photos.small_photo())
    assert not _is_bare_jpeg(photos.saved(photos.scene(SIZE), "JPEG", comment=b"x"))
    assert not _is_bare_jpeg(plain + b"<html>")
    assert not _is_bare_jpeg(photos.saved(photos.scene(SIZE), "PNG"))


def test_a_helper_that_lies_is_not_believed(
    darkroom: Darkroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(tmp_path, photos.small_photo(size=SIZE))
    plain = photos.saved(photos.scene(SIZE), "JPEG", progressive=True)
    honest = {"is_shown": True, "width": 9, "height": 9, "dhash": 0, "format": "JPEG", "exif": None}
    lies: list[tuple[dict[str, object], list[bytes]]] = [
        (honest, [plain, photos.small_photo()]),
        (honest, [plain]),
        (honest | {"width": "9"}, [plain, plain]),
        (honest | {"height": 10**9}, [plain, plain]),
        (honest | {"dhash": 1 << 63}, [plain, plain]),
        (honest | {"is_shown": False, "reason": "<script>"}, []),
        ({}, []),
    ]
    answers = iter([(honest, [plain, plain]), *lies])
    monkeypatch.setattr(Darkroom, "_try", lambda *_: next(answers))
    assert darkroom.develop(path).exif == NOTHING
    for _ in lies:
        with pytest.raises(Undisplayable):
            darkroom.develop(path)


def swapped_profile() -> bytes:
    """A profile in which red and blue have changed places, so that a forgotten conversion is seen."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    return swapped.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be")).replace(b"sRGB", b"test")


def colour_of(copy: bytes) -> tuple[int, ...]:
    image = opened(copy).convert("RGB")
    pixel = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return tuple(int(part) for part in pixel)


@pytest.mark.parametrize(
    ("image", "name", "options", "colour"),
    [
        (Image.new("RGB", (64, 64), (200, 40, 30)), "JPEG", {}, (200, 40, 30)),
        (
            Image.new("RGB", (64, 64), (30, 40, 200)),
            "JPEG",
            {"icc_profile": swapped_profile()},
            (200, 40, 30),
        ),
        (Image.new("RGB", (64, 64), (30, 40, 200)), "PNG", {"icc_profile": swapped_profile()}, (200, 40, 30)),
        (
            Image.new("RGB", (64, 64), (200, 40, 30)),
            "JPEG",
            {"icc_profile": b"\0" * 16 + b"RGB " + b"\xff" * 99},
            (200, 40, 30),
        ),
        (Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", {}, (255, 0, 0)),
        (Image.new("L", (64, 64), 90), "JPEG", {}, (90, 90, 90)),
        (Image.new("L", (64, 64), 90), "PNG", {}, (90, 90, 90)),
        (Image.new("1", (64, 64), 1), "PNG", {}, (255, 255, 255)),
        (Image.new("I;16", (64, 64), 0x4040), "PNG", {}, (64, 64, 64)),
        (Image.new("I;16", (64, 64), 0xFFFF), "PNG", {}, (255, 255, 255)),
        (Image.new("P", (64, 64), 3), "PNG", {}, (51, 0, 51)),
        (Image.new("RGBA", (64, 64), (200, 0, 0, 0)), "PNG", {}, (255, 255, 255)),
        (Image.new("RGBA", (64, 64), (200, 0, 0, 128)), "PNG", {}, (227, 127, 127)),
        (Image.new("RGBA", (64, 64), (200, 0, 0, 0)), "WEBP", {"lossless": True}, (255, 255, 255)),
        (Image.new("LA", (64, 64), (10, 0)), "PNG", {}, (255, 255, 255)),
        (Image.new("RGB", (64, 64), (1, 2, 3)), "PNG", {"transparency": (1, 2, 3)}, (255, 255, 255)),
        (Image.new("RGBA", (3300, 2100), (0, 0, 200, 128)), "PNG", {}, (127, 127, 227)),
    ],
)
def test_colours_are_right_in_every_mode(
    *,
    darkroom: Darkroom,
    tmp_path: Path,
    image: Image.Image,
    name: str,
    options: dict[str, object],
    colour: tuple[int, ...],
) -> None:
    if image.mode == "P":
        image.putpalette([part for n in range(256) for part in (n * 17 % 256, 0, n * 17 % 256)])
    developed = develop(darkroom, tmp_path, photos.saved(image, name, **options))
    for copy in (developed.screen, developed.thumb):
        assert max(abs(a - b) for a, b in zip(colour_of(copy), colour, strict=True)) <= 4


def test_pictures_larger_than_a_strip_keep_every_row(darkroom: Darkroom, tmp_path: Path) -> None:
    tall = photos.scene((2900, 4100), grain=0).convert("RGBA")
    developed = develop(darkroom, tmp_path, photos.saved(tall, "PNG", compress_level=1))
    flat = photos.scene((2900, 4100), grain=0).resize(opened(developed.screen).size)
    difference = max(
        abs(a - b)
        for y in range(5, flat.height, 37)
        for a, b in zip(opened(developed.screen).getpixel((3, y)), flat.getpixel((3, y)), strict=True)  # type: ignore[arg-type]
    )
    assert difference <= 24
    assert_upright(developed.screen)


def test_the_same_picture_in_other_bytes_has_nearly_the_same_hash(darkroom: Darkroom, tmp_path: Path) -> None:
    def hash_of(photo: bytes) -> int:
        value = develop(darkroom, tmp_path, photo).dhash64
        assert -(1 << 63) <= value < 1 << 63
        return value & (1 << 64) - 1

    first = hash_of(photos.small_photo(seed=1))
    again = hash_of(photos.small_photo(seed=1, quality=40, orientation=3, size=(480, 640)))
    other = hash_of(photos.small_photo(seed=5))
    assert (first ^ again).bit_count() <= 6
    assert (first ^ other).bit_count() > 12


def test_nothing_shines_through_a_redaction(darkroom: Darkroom, tmp_path: Path) -> None:
    half = Rectangle(0.25, 0.25, 0.75, 0.75)
    soft = Rectangle(0.25, 0.25, 0.75, 0.75, is_solid=False)

    def hidden(text: str, rectangle: Rectangle) -> Image.Image:
        path = tmp_path / "page"
        image = photos.scene((800, 600), text="", grain=0)
        ImageDraw.Draw(image).text((320, 260), text, fill="black", font_size=40)
        path.write_bytes(
            photos.saved(image, "JPEG", exif=photos.exif_block(main=[photos.short_entry(0x0112, 1)]))
        )
        return opened(darkroom.redact(path, [rectangle]))

    solid = hidden("138 0000 1111", half)
    assert solid.size == (800, 600)
    inner = (210, 160, 590, 440)
    assert max(high for _, high in solid.crop(inner).getextrema()) <= 8  # type: ignore[misc]
    assert solid.getpixel((10, 10)) != (0, 0, 0)
    coarse = hidden("138 0000 1111", soft)
    # Within one cell there is nothing left to read: 5 by 4 flat squares over 400 by 300 pixels.
    for column in range(5):
        for row in range(4):
            cell = (209 + column * 80, 159 + row * 75, 271 + column * 80, 216 + row * 75)
            assert max(high - low for low, high in coarse.crop(cell).getextrema()) <= 12  # type: ignore[misc]


@pytest.mark.parametrize(
    "sides", [(0, 0, 0, 1), (0.5, 0, 0.4, 1), (-0.1, 0, 1, 1), (0, 0, 1, 1.1), (0, 0, float("nan"), 1)]
)
def test_a_rectangle_that_hides_nothing_is_refused_aloud(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="rectangle"):
        Rectangle(*sides)


def test_heic_is_shown_and_tells_what_it_knows(darkroom: Darkroom, tmp_path: Path) -> None:
    path = heic(photos.small_photo(orientation=1), tmp_path)
    developed = darkroom.develop(path)
    assert (developed.width, developed.height, developed.format) == (640, 480, "HEIF")
    assert_upright(developed.screen)
    assert_bare(developed.screen, b"HUAWEI")
    assert_bare(developed.thumb, b"HUAWEI")
    assert developed.exif.make == "HUAWEI"
    assert developed.exif.lat == pytest.approx(45.81, abs=1e-6)


def test_heic_can_be_switched_off(tmp_path: Path) -> None:
    path = heic(photos.small_photo(orientation=1), tmp_path)
    with Darkroom(heic=False) as room:
        with pytest.raises(Undisplayable) as caught:
            room.develop(path)
        assert caught.value.reason == "heic_off"
        assert not caught.value.is_worth_retrying


def test_what_could_be_read_of_a_broken_picture_is_told(darkroom: Darkroom, tmp_path: Path) -> None:
    photo = photos.small_photo()
    with pytest.raises(Undisplayable) as caught:
        develop(darkroom, tmp_path, photo[: len(photo) // 2])
    assert caught.value.reason == "broken"
    assert caught.value.exif.model == "P60"
