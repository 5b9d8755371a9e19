"""The DOCX of a letter: a template built in code after GB/T 9704, filled by docxtpl, without a trace of any machine.

Word breaks `{{ }}` into runs when a template is typed in it, so ours is made by python-docx. The bytes depend on
nothing but the fields and the pictures: no clock, no author, no program's name.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docxtpl import DocxTemplate, InlineImage
from markupsafe import Markup, escape

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SONG, _HEI, _TITLE, _LATIN = "仿宋_GB2312", "黑体", "方正小标宋简体", "Times New Roman"
_BODY, _TITLE_SIZE, _HEAD_SIZE, _LEADING = Pt(16), Pt(22), Pt(30), Pt(28.95)
_SLIP_COLUMNS = (Mm(46), Mm(110))
_RED: Final = RGBColor(0xC0, 0, 0)
# The type area is 156 by 225 mm; a picture and its caption stay on one page.
_WIDEST_MM, _TALLEST_MM = 150.0, 190.0
# Ids Word gives to editing sessions; quotes in our texts are escaped, so nothing of theirs looks like this.
_REVISION_IDS: Final = re.compile(
    rb'<w:rsids>.*?</w:rsids>|<w:rsid [^>]*/>| w:rsid[A-Za-z]*="[0-9A-F]*"', re.DOTALL
)
# Zip knows no zone and no years before 1980; a fixed day keeps the bytes the same on every machine.
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


def docx_bytes(fields: Mapping[str, Any], pictures: Sequence[bytes]) -> bytes:
    """Return the document's bytes; the same fields and pictures give the same bytes."""
    template = DocxTemplate(io.BytesIO(_template(is_form=bool(fields.get("is_form")))))
    shown = [
        {"caption": _plain(caption), "image": _inline(template, picture)}
        for caption, picture in zip(fields["attachments"], pictures, strict=False)
    ]
    template.render({"f": _plain(fields), "pictures": shown}, autoescape=True)
    made = io.BytesIO()
    template.save(made)
    return _without_traces(made.getvalue())


def _plain(value: Any) -> Any:
    """Return the texts as XML in which no sign of the template's language is left: `{_{` would become `{{`."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    text = str(escape(value))
    for sign in "{}%":
        text = text.replace(sign, f"&#{ord(sign)};")
    # Escaped above, and XML rather than HTML.
    return Markup(text)  # noqa: S704  # nosec B704


def _inline(template: DocxTemplate, picture: bytes) -> InlineImage:
    found = Image.from_blob(picture)
    scale = min(_WIDEST_MM / found.px_width, _TALLEST_MM / found.px_height)
    return InlineImage(template, io.BytesIO(picture), width=Mm(found.px_width * scale))


@cache
def _template(*, is_form: bool) -> bytes:
    document = Document()
    _page(document)
    _styles(document)
    _head(document)
    if is_form:
        _form(document)
    else:
        _body(document)
    _pictures(document)
    if not is_form:
        _slip(document)
    _clean_properties(document)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)


def _styles(document: Any) -> None:
    style = document.styles["Normal"]
    _font(style, _SONG, _BODY)
    spacing = style.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LEADING


def _font(holder: Any, name: str, size: Any) -> None:
    holder.font.name, holder.font.size = _LATIN, size
    fonts = holder.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)


def _line(
    holder: Any,
    text: str,
    *,
    font: str = _SONG,
    size: Any = _BODY,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    indent: bool = False,
    red: bool = False,
) -> Any:
    paragraph = holder.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    _font(run, font, size)
    if red:
        run.font.color.rgb = _RED
    if size is not _BODY:
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    if indent:
        # Two characters of the paragraph's own size, whatever that is.
        own = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 - python-docx has no name for it
        own.set(qn("w:firstLineChars"), "200")
        own.set(qn("w:firstLine"), str(int(2 * size.pt * 20)))
    return paragraph


def _rule(paragraph: Any) -> None:
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C00000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)  # noqa: SLF001


def _head(document: Any) -> None:
    middle = WD_ALIGN_PARAGRAPH.CENTER
    _line(document, "{{ f.mark }}", font=_HEI, size=Pt(12), align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, "{{ f.secrecy }}", font=_HEI)
    _line(document, "{{ f.office }}", font=_TITLE, size=_HEAD_SIZE, align=middle, red=True)
    _line(document, "{%p if f.signer %}")
    _line(document, "{{ f.signer }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, "{%p endif %}")
    _rule(_line(document, "{{ f.number }}", align=middle))
    _line(document, "")
    _line(document, "{{ f.title }}", font=_TITLE, size=_TITLE_SIZE, align=middle)
    _line(document, "")


def _body(document: Any) -> None:
    _line(document, "{{ f.receiver }}")
    _line(document, "{{ f.opening }}", indent=True)
    _line(document, "{%p for section in f.sections %}")
    heading = _line(document, "{{ section.heading }}", font=_HEI, indent=True)
    heading.paragraph_format.keep_with_next = True
    _line(document, "{%p for text in section.paragraphs %}")
    _line(document, "{{ text }}", indent=True).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _line(document, "{%p endfor %}")
    _line(document, "{%p endfor %}")
    _line(document, "{%p if f.contact %}")
    _line(document, "{{ f.contact }}", indent=True)
    _line(document, "{%p endif %}")
    _line(document, "")
    for text in ("{{ f.signature }}", "{{ f.date }}"):
        signed = _line(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT)
        signed.paragraph_format.right_indent = Pt(64)


def _form(document: Any) -> None:
    # A paper of the desk is addressed to nobody: its table begins under the title.
    _line(document, "{%p if f.receiver %}")
    _line(document, "{{ f.receiver }}")
    _line(document, "{{ f.opening }}", indent=True)
    _line(document, "")
    _line(document, "{%p endif %}")
    row = _table(document, "f.rows", "{{ row.label }}")
    cell = row.cells[1]
    for at, text in enumerate(("{%p for text in row.paragraphs %}", "{{ text }}", "{%p endfor %}")):
        holder = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
        _font(holder.add_run(text), _SONG, Pt(14))
        _in_cell(holder)
    _line(document, "{%p if f.contact %}")
    _line(document, "{{ f.contact }}", size=Pt(14))
    _line(document, "{%p endif %}")
    for text, above in (("{{ f.signature }}", Pt(14)), ("{{ f.date }}", Pt(0))):
        signed = _line(document, text, size=Pt(14), align=WD_ALIGN_PARAGRAPH.RIGHT)
        signed.paragraph_format.space_before = above


def _in_cell(holder: Any) -> None:
    """Set a line of a table: close, but not on the rule."""
    holder.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    holder.paragraph_format.space_before = holder.paragraph_format.space_after = Pt(1.5)


def _table(document: Any, rows: str, label: str) -> Any:
    """Add a table of two columns that repeats its one row; return that row, its label written."""
    table = document.add_table(rows=3, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    for column, width in zip(table.columns, _SLIP_COLUMNS, strict=True):
        column.width = width
    opening, row, closing = table.rows
    opening.cells[0].text = f"{{%tr for row in {rows} %}}"
    closing.cells[0].text = "{%tr endfor %}"
    for cell, width in zip(row.cells, _SLIP_COLUMNS, strict=True):
        cell.width = width
    holder = row.cells[0].paragraphs[0]
    _font(holder.add_run(label), _SONG, Pt(14))
    _in_cell(holder)
    # A row of a form is read as one: it moves to the next page whole.
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
    return row


def _pictures(document: Any) -> None:
    _line(document, "{%p for picture in pictures %}")
    holder = _line(document, "{{ picture.image }}", size=Pt(12), align=WD_ALIGN_PARAGRAPH.CENTER)
    holder.paragraph_format.keep_with_next = True
    holder.paragraph_format.space_before = Pt(12)
    _line(document, "{{ picture.caption }}", size=Pt(12), align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "{%p endfor %}")


def _slip(document: Any) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    _line(document, "{{ f.slip.title }}", font=_TITLE, size=_TITLE_SIZE, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "")
    _line(document, "{{ f.slip.body }}", indent=True)
    _line(document, "")
    row = _table(document, "f.slip.rows", "{{ row.label }}")
    _font(row.cells[1].paragraphs[0].add_run("{{ row.value }}"), _SONG, Pt(14))


def _clean_properties(document: Any) -> None:
    properties = document.core_properties
    for name in ("author", "last_modified_by", "comments", "title", "subject", "keywords", "category"):
        setattr(properties, name, "")
    properties.created = properties.modified = _EPOCH.replace(tzinfo=None)
    properties.revision = 1
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype in {RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES}:
            del package.rels[key]


def _without_traces(made: bytes) -> bytes:
    """Pack the parts again with one fixed day, so that no clock and no order of a machine is left in them."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DAY)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            target.writestr(
                entry,
                _REVISION_IDS.sub(b"", source.read(name)) if name.endswith(".xml") else source.read(name),
            )
    return packed.getvalue()
