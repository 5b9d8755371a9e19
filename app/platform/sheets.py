"""Tables in and out: CSV as offices save it, XLSX without any package; nothing in a cell is ever run.

An XLSX is a zip of XML. Only the first sheet's texts are read; entities are not followed, sizes are held.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from lxml import etree  # type: ignore[import-untyped]

from app.platform.errors import Invalid
from app.platform.i18n import N_

_UNPACKED_MOST: Final = 64 * 1024 * 1024
_COLUMNS_MOST: Final = 60
# Spreadsheets run a cell that begins with one of these.
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UnreadableTable(Invalid):
    """The file is neither a CSV nor an XLSX we can read."""

    code = "unreadable_table"
    text = N_("这个文件读不了。请另存为 xlsx 或者 csv 再传。")


def read(content: bytes, *, most: int) -> list[list[str]]:
    """Return the rows of a table as texts, one more than `most` at the most; raises UnreadableTable."""
    if content[:4] == b"PK\x03\x04":
        return _xlsx(content, most)
    return _csv(content, most)


def _csv(content: bytes, most: int) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise UnreadableTable
    if "\0" in text:
        raise UnreadableTable
    try:
        head = text[:4096]
        delimiter = "\t" if head.count("\t") > head.count(",") else ","
        found: list[list[str]] = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found.append(row[:_COLUMNS_MOST])
            if len(found) > most + 1:
                break
    except csv.Error:
        raise UnreadableTable from None
    return found


def _xlsx(content: bytes, most: int) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _UNPACKED_MOST:
                raise UnreadableTable
            names = set(packed.namelist())
            shared = _shared(packed.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
            sheet = min(name for name in names if name.startswith("xl/worksheets/sheet"))
            return _rows(packed.read(sheet), shared, most)
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile, etree.XMLSyntaxError, NotImplementedError):
        raise UnreadableTable from None


def _parse(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(content, parser)


def _shared(content: bytes) -> list[str]:
    return ["".join(item.itertext(f"{_MAIN}t")) for item in _parse(content).iter(f"{_MAIN}si")]


def _rows(content: bytes, shared: Sequence[str], most: int) -> list[list[str]]:
    found: list[list[str]] = []
    for row in _parse(content).iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            at = _column(cell.get("r", ""), len(cells))
            if at >= _COLUMNS_MOST:
                break
            cells += [""] * (at - len(cells) + 1)
            cells[at] = _text(cell, shared)
        found.append(cells)
        if len(found) > most + 1:
            break
    return found


def _column(name: str, otherwise: int) -> int:
    letters = "".join(letter for letter in name if letter.isalpha())
    at = 0
    for letter in letters[:3]:
        at = at * 26 + ord(letter.upper()) - ord("A") + 1
    return at - 1 if letters else otherwise


def _text(cell: Any, shared: Sequence[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if cell.get("t") == "s":
        return shared[int(value)]
    # A number that a spreadsheet keeps as 1234.0 is the number somebody typed.
    return value[:-2] if value.endswith(".0") and value[:-2].lstrip("-").isdigit() else value


def harmless(value: Any) -> str:
    """Return a cell that no spreadsheet runs (formula injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RUNS) else text


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a CSV that Excel opens in Chinese and that runs nothing."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows([harmless(cell) for cell in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def xlsx_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook of one sheet; every cell is text, so nothing in it is ever run.

    Rows are packed as they come: a table of ten thousand is never held as XML.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in _PARTS.items():
            packed.writestr(_entry(name), _DECLARED + text)
        with packed.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(f'{_DECLARED}<worksheet xmlns="{_MAIN[1:-1]}"><sheetData>'.encode())
            for number, row in enumerate(rows, 1):
                sheet.write(_line(number, row).encode())
            sheet.write(b"</sheetData></worksheet>")
    return made.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a part of the package; always of the same day, so that the same table is the same bytes."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _line(number: int, row: Sequence[Any]) -> str:
    cells = "".join(
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_legal(cell))}</t></is></c>' for cell in row
    )
    return f'<row r="{number}">{cells}</row>'


def _legal(value: Any) -> str:
    """Return a cell without what XML 1.0 has no place for."""
    return _ILLEGAL.sub("", "" if value is None else str(value))


_DECLARED: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN[1:-1]}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
