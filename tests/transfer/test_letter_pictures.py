"""However the phone was held, its photo stands upright on paper: in the letter's DOCX and PDF, redacted or not.

The eight ways of EXIF go through the darkroom as they do in the house; then the papers are taken apart again: the
pictures inside are decoded without any turning, and how the page places them is read from the page itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from docx import Document
from PIL import Image

from app.evidence.imaging import Darkroom, Rectangle
from app.platform.web import render
from app.transfer import letter_docx, letter_pdf
from app.transfer.shown import Photo
from tests.evidence.darkrooms import opened
from tests.photos import CORNERS, is_like, small_photo
from tests.transfer.test_letters import fields, parts

if TYPE_CHECKING:
    from pathlib import Path

ORIENTATIONS = range(1, 9)
PLACES = {"red": (0.05, 0.05), "green": (0.95, 0.05), "blue": (0.05, 0.95), "yellow": (0.95, 0.95)}
Matrix = tuple[float, float, float, float, float, float]
WHOLE: Matrix = (1, 0, 0, 1, 0, 0)
needs_pdf = pytest.mark.skipif(letter_pdf.pdf_possible() is not None, reason="no pango or no Chinese font")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What may leave of a photo held in each of the eight ways: the screen copy and a redacted one."""
    folder: Path = tmp_path_factory.mktemp("held")
    made = []
    with Darkroom() as darkroom:
        for orientation in ORIENTATIONS:
            source = folder / f"{orientation}.jpg"
            source.write_bytes(small_photo(orientation=orientation, seed=orientation))
            made += [
                darkroom.develop(source).screen,
                darkroom.redact(source, [Rectangle(0.4, 0.4, 0.6, 0.6)]),
            ]
    return made


def letter() -> dict[str, Any]:
    """A letter with a caption for each of the sixteen pictures."""
    return fields() | {"attachments": [f"图片 {n}" for n in range(1, 17)]}


def tilted(image: Image.Image) -> list[str]:
    """The corners that are not where somebody who stood there saw them."""
    upright = image.convert("RGB")
    return [
        name
        for name, (x, y) in PLACES.items()
        if not is_like(upright.getpixel((int(upright.width * x), int(upright.height * y))), CORNERS[name])  # type: ignore[arg-type]
    ]


def test_a_picture_that_lies_on_its_side_is_seen():
    image = opened(small_photo(orientation=6))
    assert set(tilted(image)) == set(PLACES)
    assert set(tilted(image.transpose(Image.Transpose.ROTATE_270).transpose(Image.Transpose.FLIP_LEFT_RIGHT))) == set(PLACES)  # fmt: skip
    assert tilted(image.transpose(Image.Transpose.ROTATE_270)) == []


def test_every_picture_in_the_docx_is_upright_and_bare(pictures: list[bytes]):
    content = letter_docx.docx_bytes(letter(), pictures)
    inside = {name: bytes_ for name, bytes_ in parts(content).items() if name.startswith("word/media/")}
    assert sorted(inside.values()) == sorted(pictures)
    document = Document(io.BytesIO(content))
    shapes = document.inline_shapes
    assert len(shapes) == len(pictures)
    for shape in shapes:
        placed = shape._inline.graphic.graphicData.pic
        turned = placed.spPr.find(".//{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm")
        assert not {"rot", "flipH", "flipV"} & set(turned.attrib)
        related = document.part.related_parts[placed.blipFill.blip.embed]
        image = opened(related.blob)
        assert tilted(image) == []
        assert not image.getexif()
        assert shape.width / shape.height == pytest.approx(image.width / image.height, rel=0.02)


def pdf_of(app: Any, pictures: list[bytes]) -> bytes:
    """The letter as `letter_door` makes it, with these pictures."""
    values = letter()
    paths = [f"/pictures/{n}" for n in range(len(pictures))]
    photos = [
        Photo(src=path, href=None, alt=caption, caption=caption)
        for path, caption in zip(paths, values["attachments"], strict=True)
    ]
    context = {
        "letter": values, "photos": photos, "note": "", "locale": "zh", "size_mode": "normal", "actor": None,
        "nav": [], "path": "", "flash": None,
    }  # fmt: skip
    html = str(app.state.environment.get_template("transfer/letter_print.html").render(**context))
    style = (render.TEMPLATES / "transfer" / "letter_pdf.css").read_bytes()
    handed = {path: (content, "image/jpeg") for path, content in zip(paths, pictures, strict=True)}
    return letter_pdf.pdf_bytes(html, handed | {app.state.environment.globals["asset"]("app.css"): (style, "text/css")})  # fmt: skip


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """Two placements of a page, one inside the other (PDF 32000, 8.3.4)."""
    a, b, c, d, e, f = inner
    k, l, m, n, o, p = outer  # noqa: E741 - the letters of the standard
    return (a * k + b * m, a * l + b * n, c * k + d * m, c * l + d * n, e * k + f * m + o, e * l + f * n + p)


def placements(content: bytes) -> Iterator[tuple[Image.Image, bytes, Matrix]]:
    """Each picture drawn on a page, its bytes, and the placement it is drawn with."""
    from pypdf import PdfReader
    from pypdf.generic import ContentStream

    reader = PdfReader(io.BytesIO(content))
    for page in reader.pages:
        held: Any = page["/Resources"]
        images: Any = held.get("/XObject", {})  # house: allow routes-by-name (a PDF's own name)
        kept, now = list[Matrix](), WHOLE
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"q":
                kept.append(now)
            elif operator == b"Q":
                now = kept.pop()
            elif operator == b"cm":
                now = times(tuple(map(float, operands)), now)  # type: ignore[arg-type]
            elif operator == b"Do" and images[operands[0]]["/Subtype"] == "/Image":
                drawn = images[operands[0]].get_object()
                yield opened(drawn._data), drawn._data, now


@needs_pdf
def test_every_picture_in_the_pdf_is_upright_and_bare(app: Any, pictures: list[bytes]):
    found = list(placements(pdf_of(app, pictures)))
    assert len(found) == len(pictures)
    for image, bytes_, (a, b, c, d, _, _) in found:
        assert tilted(image) == []
        assert not image.getexif()
        assert b"Exif" not in bytes_
        assert abs(b) < 1e-6
        assert abs(c) < 1e-6
        assert a > 0
        assert d > 0
        assert a / d == pytest.approx(image.width / image.height, rel=0.02)
    wide = sorted(image.width > image.height for image, _, _ in found)
    assert wide == [False] * 8 + [True] * 8


@needs_pdf
def test_a_picture_that_the_page_turns_is_seen(
    app: Any, pictures: list[bytes], monkeypatch: pytest.MonkeyPatch
):
    original = letter_pdf.pdf_bytes

    def turned(html: str, handed: dict[str, tuple[bytes, str]]) -> bytes:
        sheet = next(path for path, (_, kind) in handed.items() if kind == "text/css")
        planted = handed[sheet][0] + b".letter-photo img { transform: rotate(180deg) }"
        return original(html, handed | {sheet: (planted, "text/css")})

    monkeypatch.setattr(letter_pdf, "pdf_bytes", turned)
    found = list(placements(pdf_of(app, pictures)))
    assert len(found) == len(pictures)
    assert all(a < 0 and d < 0 for _, _, (a, _, _, d, _, _) in found)
