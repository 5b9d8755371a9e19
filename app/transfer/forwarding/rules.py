"""How a table is read: which column is which, what a line says, what a cell must not do. Pure."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.transfer.forwarding.terms import ALIASES, CELL_MOST, NEEDED, Column, Line

_SPACE: Final = uuid.UUID("8b1c4f6e-2f55-4a8e-9c39-6f0f6f1f7d21")


def plain(text: str) -> str:
    """Return a heading without spaces, width and case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().strip(":：*")


def guess(headings: Sequence[str], remembered: Mapping[str, int]) -> dict[str, int]:
    """Return which column is which: as this organisation said last time, else by the heading."""
    found = {key: at for key, at in remembered.items() if 0 <= at < len(headings)}
    if set(found) >= {column.value for column in NEEDED}:
        return found
    at_heading = {plain(heading): at for at, heading in reversed(list(enumerate(headings)))}
    return {
        column.value: at_heading[plain(alias)]
        for column, aliases in ALIASES.items()
        for alias in reversed(aliases)
        if plain(alias) in at_heading
    }


def lines(rows: Sequence[Sequence[str]], mapping: Mapping[str, int]) -> list[Line]:
    """Return the lines below the headings that say anything at all."""

    def cell(row: Sequence[str], column: Column) -> str:
        at = mapping.get(column.value, -1)
        return row[at].strip()[:CELL_MOST] if 0 <= at < len(row) else ""

    return [
        Line(
            number=number, ref=cell(row, Column.REF), category=cell(row, Column.CATEGORY),
            words=cell(row, Column.WORDS), town=cell(row, Column.TOWN), place=cell(row, Column.PLACE),
            lat=cell(row, Column.LAT), lon=cell(row, Column.LON),
        )
        for number, row in enumerate(rows, 2)
        if any(text.strip() for text in row)
    ]  # fmt: skip


def twice(found: Iterable[Line]) -> set[str]:
    """Return the numbers that stand on more than one line."""
    seen: set[str] = set()
    doubled: set[str] = set()
    for line in found:
        (doubled if line.ref in seen else seen).add(line.ref)
    return doubled


def report_id_of(org_unit_id: str, ref: str) -> str:
    """Return the id of the report an organisation's number makes: the same number is the same report for ever."""
    return str(uuid.uuid5(_SPACE, f"{org_unit_id}\n{ref}"))
