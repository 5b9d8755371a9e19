"""Decisions on plain values: what the public reads for a state, how a number is written."""

from __future__ import annotations

import re
from string import Formatter
from typing import Final

from app.clues.lifecycle import ENDED
from app.clues.terms import ClueState

# A merged clue reads like one under review unless a switch says otherwise (decisions.md 20).
_PUBLIC_STATUS: Final = {ClueState.MERGED_DUPLICATE: ClueState.EVALUATING.value}
_ENDED: Final = frozenset(state.value for state in ENDED)
MERGED_OPENLY: Final = "merged_duplicate_open"
MILITARY_B: Final = "military_b"


def public_status(state: ClueState, *, is_facility: bool) -> str:
    """Return the key of the public wording for a state; facility clues say one sentence only (domain.md 1.11)."""
    if is_facility:
        return MILITARY_B
    return _PUBLIC_STATUS.get(state, state.value)


def is_told_over(public_status: str) -> bool:
    """Say whether the reporter reads that the matter has ended, by its own end or by its master's."""
    return public_status in _ENDED


def number_text(pattern: str, *, office: str, year: int, seq: int) -> str:
    """Write a number by the office's pattern, for example `松检公线〔2026〕0007号`."""
    return pattern.format(office=office, year=year, seq=seq)


def number_parts(pattern: str, number: str, *, office: str) -> tuple[int, int] | None:
    """Return year and sequence of a number written by the office's pattern; None for any other number."""
    parts = {"year": r"(?P<year>\d{4})", "seq": r"(?P<seq>\d{1,9})", "office": re.escape(office)}
    shape = "".join(
        re.escape(text) + (parts.get(name, "") if name else "")
        for text, name, _format, _conversion in Formatter().parse(pattern)
    )
    found = re.fullmatch(shape, number)
    if found is None or not {"year", "seq"} <= found.groupdict().keys():
        return None
    return int(found["year"]), int(found["seq"])
