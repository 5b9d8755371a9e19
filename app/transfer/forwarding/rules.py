"""How a table is read: which column is which, what a line says, what a cell must not do. Pure."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from app.clues.terms import ClueAction
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


def said(rows: Sequence[Sequence[str]]) -> list[tuple[int, Sequence[str]]]:
    """Return the rows below the headings that say anything at all, each with its number in the spreadsheet."""
    return [(number, row) for number, row in enumerate(rows, 2) if any(map(str.strip, row))]


def line(number: int, row: Sequence[str], mapping: Mapping[str, int]) -> Line:
    """Return one row as the mapping reads it."""

    def cell(column: Column) -> str:
        at = mapping.get(column.value, -1)
        return row[at].strip()[:CELL_MOST] if 0 <= at < len(row) else ""

    return Line(
        number=number, ref=cell(Column.REF), category=cell(Column.CATEGORY), words=cell(Column.WORDS),
        town=cell(Column.TOWN), place=cell(Column.PLACE), lat=cell(Column.LAT), lon=cell(Column.LON),
        on=cell(Column.ON), outcome=cell(Column.OUTCOME),
    )  # fmt: skip


def lines(rows: Sequence[Sequence[str]], mapping: Mapping[str, int]) -> list[Line]:
    """Return the lines below the headings that say anything at all."""
    return [line(number, row, mapping) for number, row in said(rows)]


def refs(rows: Iterable[tuple[int, Sequence[str]]], mapping: Mapping[str, int]) -> Iterator[str]:
    """Return the number on each of these rows, without reading the rest."""
    at = mapping.get(Column.REF.value, -1)
    return (row[at].strip()[:CELL_MOST] if 0 <= at < len(row) else "" for _number, row in rows)


def twice(found: Iterable[str]) -> set[str]:
    """Return the numbers that stand on more than one line."""
    return {ref for ref, count in Counter(found).items() if count > 1}


def report_id_of(org_unit_id: str, ref: str) -> str:
    """Return the id of the report an organisation's number makes: the same number is the same report for ever."""
    return str(uuid.uuid5(_SPACE, f"{org_unit_id}\n{ref}"))


_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_SERIAL: Final = re.compile(r"\d{4,5}(\.\d+)?")
# Spreadsheets count days from here.
_DAY_ZERO: Final = date(1899, 12, 30)
_OLDEST: Final = date(1990, 1, 1)


def day(text: str, *, today: date) -> date | None:
    """Return the day a cell names, however it is written; None for what is no day, or none yet."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text.strip()))
    try:
        if found:
            made = date(int(found[1]), int(found[2]), int(found[3]))
        elif _SERIAL.fullmatch(text.strip()):
            made = _DAY_ZERO + timedelta(days=int(float(text)))
        else:
            return None
    except ValueError:
        return None
    return made if _OLDEST <= made <= today else None


_A: Final = ClueAction
_FILED: Final = (_A.START_EVALUATION, _A.PROPOSE_FILING, _A.FILE)
# The first word found decides: 不立案 is looked for before 立案. What nothing here knows is laid aside 存查.
_WAYS: Final[tuple[tuple[tuple[str, ...], tuple[ClueAction, ...]], ...]] = (
    (("不予受理", "不受理", "筛除"), (_A.SCREEN_OUT,)),
    (("不立案", "不予立案"), (*_FILED[:2], _A.NOT_FILE)),
    (("办结", "结案", "已结", "整改完成", "整改到位"), (*_FILED, _A.CLOSE)),
    (("立案",), _FILED),
    (("在办", "办理中", "调查中", "评估中", "待办"), ()),
)
_LAID_ASIDE: Final = (_A.START_EVALUATION, _A.WATCH)


def way_of(outcome: str) -> tuple[ClueAction, ...]:
    """Return the steps that bring a registered clue to where the ledger says it stands; none for one still open."""
    text = plain(outcome)
    if not text:
        return ()
    return next((way for words, way in _WAYS if any(word in text for word in words)), _LAID_ASIDE)
