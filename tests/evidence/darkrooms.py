"""What the tests of the darkroom share."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.evidence.imaging import Darkroom

# Of all segments a JPEG can have (ITU-T T.81 table B.1), those that draw the picture, and JFIF's own.
_DRAWING = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA, 0xDD}


def opened(copy: bytes) -> Image.Image:
    """The copy as a browser would decode it, without any turning."""
    image = Image.open(io.BytesIO(copy))
    image.load()
    return image


def segments(copy: bytes) -> set[int]:
    """The kinds of all segments of a JPEG, walked from the first byte to the last."""
    found, at = set(), 2
    while copy[at : at + 2] != b"\xff\xd9":
        assert copy[at] == 0xFF, f"not a segment at {at}"
        found.add(copy[at + 1])
        is_scan = copy[at + 1] == 0xDA
        at += 2 + int.from_bytes(copy[at + 2 : at + 4])
        if is_scan:
            following = re.compile(rb"\xff[^\x00\xd0-\xd7]").search(copy, at)
            assert following
            at = following.start()
    assert at + 2 == len(copy), "bytes after the end of the picture"
    return found


def assert_bare(copy: bytes, *secrets: bytes) -> None:
    """The copy tells nothing but the picture."""
    assert segments(copy) <= _DRAWING
    assert not set(opened(copy).info) - {
        *("jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression")
    }
    for secret in (b"Exif", b"ICC_PROFILE", b"http", b"Photoshop", b"MPF\0", *secrets):
        assert secret not in copy, secret


def images_of(room: Darkroom) -> list[int]:
    """The processes that work on a picture right now."""
    helper = helper_of(room)
    return [int(pid) for pid in Path(f"/proc/{helper}/task/{helper}/children").read_text().split()]


def helper_of(room: Darkroom) -> int:
    """The process id of the helper that runs."""
    assert room._helper is not None
    return room._helper.pid


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    """One darkroom for a whole file of tests, as the service has one."""
    with Darkroom() as room:
        yield room


def heif_enc() -> str:
    """The program that makes HEIC samples; missing is a skip at home and a failure where all must run."""
    found = shutil.which("heif-enc")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("heif-enc is missing: install libheif-examples")
        pytest.skip("heif-enc (Debian: libheif-examples) is not installed, HEIC was not exercised")
    return found


def heic(photo: bytes, folder: Path, *options: str) -> Path:
    """The photo as an iPhone would store it; heif-enc carries its EXIF over."""
    (folder / "sample.jpg").write_bytes(photo)
    target = folder / "sample.heic"
    command = [heif_enc(), *options, "-p", "preset=ultrafast", str(folder / "sample.jpg"), "-o", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target
