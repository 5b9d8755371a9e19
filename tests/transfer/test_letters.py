"""The documents: what the DOCX, the print page and the PDF say is one dictionary; nothing else is inside them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from docx import Document

from app.platform.web import render
from app.transfer import letter_docx, letter_pdf, letters, rules
from app.transfer.terms import TransferKind
from tests.transfer.scenes import CONTENT, picture
from tests.transfer.test_rules import facts_for

NASTY = "第一段 {{ 7*7 }} {% raw %} & <b>粗</b> '\"><svg onload=x>\x01\x07 𠮷😀\u202e倒\n第二段 {_{ 完"


def fields(kind: TransferKind = TransferKind.AGENCY, **wishes: Any) -> dict[str, Any]:
    shown = rules.disclosed(replace(CONTENT, **wishes), facts_for(kind))
    return letters.fields_of(shown, dated_on=date(2026, 11, 23), signer="周检察长")


def docx_texts(content: bytes) -> list[str]:
    document = Document(io.BytesIO(content))
    cells = [
        paragraph.text
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
    ]
    return [
        text.strip()
        for text in (*(paragraph.text for paragraph in document.paragraphs), *cells)
        if text.strip()
    ]


class Texts(HTMLParser):
    """The texts of the document on the print page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.found, self.open = 0, [""], False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self.open = True
        self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.open = False
        self.found.append("")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found[-1] += data


def html_texts(html: str) -> list[str]:
    reader = Texts()
    reader.feed(html)
    return [text.strip() for text in reader.found if text.strip()]


def print_page(app: Any, values: dict[str, Any]) -> str:
    template = app.state.environment.get_template("transfer/letter_print.html")
    from app.transfer.shown import Photo

    photos = [Photo(src=None, href=None, alt="x", caption=caption) for caption in values["attachments"]]
    context = {
        "letter": values, "photos": photos, "note": "", "locale": "zh", "size_mode": "normal", "actor": None,
        "nav": [], "path": "", "flash": None,
    }  # fmt: skip
    return str(template.render(**context))


@pytest.mark.parametrize("kind", list(TransferKind))
def test_docx_and_print_page_say_the_same_field_by_field(app: Any, kind: TransferKind):
    values = fields(kind, summary=NASTY, subject="<事由> & {{ x }}")
    in_docx = docx_texts(letter_docx.docx_bytes(values, [picture(), picture((48, 64))]))
    in_html = html_texts(print_page(app, values))
    wanted = [text.strip() for text in letters.flat(values) if text.strip()]
    assert len(wanted) > 25
    for text in wanted:
        assert text in in_docx, f"the DOCX does not say: {text}"
        assert text in in_html, f"the print page does not say: {text}"
    assert sorted(in_docx) == sorted(in_html), "one of them says something the other does not"


def test_a_planted_omission_is_seen(app: Any):
    values = fields()
    less = {**values, "sections": values["sections"][1:]}
    assert sorted(docx_texts(letter_docx.docx_bytes(less, []))) != sorted(html_texts(print_page(app, values)))


def test_the_page_follows_the_standard():
    document = Document(io.BytesIO(letter_docx.docx_bytes(fields(), [])))
    section = document.sections[0]
    sizes = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(size.mm) for size in sizes if size] == [210, 297, 37, 35, 28, 26]
    body = next(p for p in document.paragraphs if p.text.startswith("本院在履行"))
    assert 'w:eastAsia="仿宋_GB2312"' in body._p.xml
    assert 'w:firstLineChars="200"' in body._p.xml


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_docx_carries_no_author_no_machine_no_clock():
    made = parts(letter_docx.docx_bytes(fields(), [picture()]))
    core = made["docProps/core.xml"].decode()
    for tag in ("dc:creator", "cp:lastModifiedBy", "dc:description", "dc:title"):
        assert re.search(rf"<{tag}\s*(/>|></{tag}>)", core), tag
    assert "docProps/app.xml" not in made
    assert not [name for name in made if "thumbnail" in name.lower()]
    everything = b"\n".join(made.values()).lower()
    for word in (b"python", b"macintosh", b"rsid"):
        assert word not in everything, word
    with zipfile.ZipFile(io.BytesIO(letter_docx.docx_bytes(fields(), []))) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_fields_give_the_same_bytes():
    pictures = [picture()]
    assert letter_docx.docx_bytes(fields(), pictures) == letter_docx.docx_bytes(fields(), pictures)


def test_pictures_are_the_bytes_given_and_fit_the_page():
    tall = picture((40, 400))
    made = letter_docx.docx_bytes(fields(), [tall, picture()])
    assert tall in parts(made).values()
    shapes = Document(io.BytesIO(made)).inline_shapes
    assert [shape.width.mm <= 150.1 and shape.height.mm <= 190.1 for shape in shapes] == [True, True]


@pytest.mark.skipif(letter_pdf.pdf_possible() is not None, reason="no pango or no Chinese font")
def test_the_pdf_says_the_same_and_embeds_its_fonts(app: Any):
    from pypdf import PdfReader

    values = fields()
    style = app.state.environment.globals["asset"]("app.css")
    css = (render.TEMPLATES / "transfer" / "letter_pdf.css").read_bytes()
    content = letter_pdf.pdf_bytes(print_page(app, values), {style: (css, "text/css")})
    reader = PdfReader(io.BytesIO(content))
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    for wanted in letters.flat(values):
        assert re.sub(r"\s", "", wanted) in text, wanted
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    fonts: list[Any] = [font for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    described = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in described), (
        "a font is not embedded"
    )
    assert "/Author" not in (reader.metadata or {})


def test_the_pdf_fetches_nothing_that_was_not_handed_over(monkeypatch: pytest.MonkeyPatch):
    if letter_pdf.pdf_possible() is not None:
        pytest.skip("no pango or no Chinese font")
    import socket

    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("the PDF asked the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    html = '<p>甲</p><img src="http://127.0.0.1:9/x.jpg"><img src="file:///etc/passwd"><img src="/attachments/none">'
    assert letter_pdf.pdf_bytes(html, {}).startswith(b"%PDF")


def test_without_pango_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    import builtins

    real = builtins.__import__

    def missing(name: str, *args: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    letter_pdf.pdf_possible.cache_clear()
    assert "weasyprint" in (letter_pdf.pdf_possible() or "")
    letter_pdf.pdf_possible.cache_clear()
