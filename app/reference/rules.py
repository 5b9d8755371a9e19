"""Decisions on plain values: which category free text speaks of, which dated row counts, whether a code holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.platform.digest import canonical_json, sha256_hex

_READ: Final = 2000
_KEYWORD_WEIGHT: Final = 10.0
_FLOOR: Final = 1.0


def bigrams(text: str) -> set[str]:
    """Return the two-character pieces of a text, punctuation and spaces left out."""
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return {letters[at : at + 2] for at in range(len(letters) - 1)}


def ranked(text: str, described: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the keys that fit a text, best first.

    A keyword that occurs in the text counts by its length; shared pieces break ties. Rare pieces count more, so
    that words every category uses decide nothing.
    """
    read = text[:_READ].lower()
    pieces = bigrams(read)
    if not pieces:
        return []
    described_pieces = {key: bigrams(" ".join(words)) for key, words in described.items()}
    spread: dict[str, int] = {}
    for found in described_pieces.values():
        for piece in found:
            spread[piece] = spread.get(piece, 0) + 1
    scores = {}
    for key, words in described.items():
        hits = sum(len(word) for word in words if len(word) > 1 and word.lower() in read)
        shared = sum(1 / spread[piece] for piece in pieces & described_pieces[key])
        scores[key] = _KEYWORD_WEIGHT * hits + shared
    return [key for key in sorted(scores, key=lambda key: -scores[key]) if scores[key] >= _FLOOR]


def digest_of(row: Mapping[str, Any]) -> str:
    """Return the digest of a row's content: what the journal keeps of a version, and how a stale page is known."""
    content = {
        name: str(value) if isinstance(value, date) else value
        for name, value in row.items()
        if name != "rowno"
    }
    return sha256_hex(canonical_json(content))


def in_view(versions: Sequence[Any], on: date) -> Any:
    """Of a key's dated rows, oldest first, return the one in force; else the next to come, else the last that was."""
    valid = [row for row in versions if row.valid_from <= on and (row.valid_to is None or row.valid_to >= on)]
    coming = [row for row in versions if row.valid_from > on and not is_void(row)]
    return valid[-1] if valid else coming[0] if coming else versions[-1]


def is_void(row: Any) -> bool:
    """Say whether a dated row was taken back before its first day."""
    return row.valid_to is not None and row.valid_to < row.valid_from


_CREDIT_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_LENGTH: Final = 18


def credit_code_holds(code: str) -> bool:
    """Check a 统一社会信用代码: 18 signs of GB 32100's alphabet, the last one computed from the rest (mod 31)."""
    if len(code) != _CREDIT_LENGTH or not set(code) <= set(_CREDIT_SIGNS):
        return False
    total = sum(_CREDIT_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:-1]))
    return _CREDIT_SIGNS[-total % 31] == code[-1]
