"""What a phone, or its owner, says about personal data in a photo before it is sent. Pure.

The word is kept beside the file as the reporter's own: nobody here has seen what was covered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.evidence.terms import Mark, Masking

PARTS_MOST: Final = 500
_WORDS_MOST: Final = 2000
_COVERED: Final = re.compile(r"masked:([0-9]{1,3})", re.ASCII)
# What can be said of all photos at once: nobody has covered anything through a page without a script.
_FOR_ALL: Final = {Masking.CLEAR.value: Mark(Masking.CLEAR), Masking.AS_IS.value: Mark(Masking.AS_IS)}


def mark(masking: str | None, parts: int | None) -> Mark | None:
    """Return a mark from its two columns; a number of covered places belongs to a covered picture only."""
    if masking is None:
        return None
    kind = Masking(masking)
    return Mark(kind, parts if kind is Masking.MASKED else None)


def for_all(said: str) -> Mark | None:
    """Return what somebody without a script said of all photos; anything else counts as nothing said."""
    return _FOR_ALL.get(said)


def of_files(marks: str, count: int, said: Mark | None) -> Sequence[Mark | None]:
    """Return the mark of each of a form's files, in their order; marks that do not fit the files are none."""
    words = marks[:_WORDS_MOST].split(",") if marks else []
    return [_read(word) or said for word in words] if len(words) == count else [said] * count


def _read(word: str) -> Mark | None:
    covered = _COVERED.fullmatch(word)
    if covered is None:
        return _FOR_ALL.get(word)
    parts = int(covered[1])
    return Mark(Masking.MASKED, parts) if 1 <= parts <= PARTS_MOST else None
