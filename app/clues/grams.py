"""How words are made findable: Chinese in overlapping pairs of characters, other words whole. Pure.

A run of Chinese characters becomes its pairs and its last character alone, so that one character, two and any
longer wording are all found, on both databases, without a dictionary (stack.md 7).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.platform.digest import sha256_hex

_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3007"
# A stretch of Chinese; or letters, a number, letters of other scripts. Signs only part them.
_RUN: Final = re.compile(rf"([{_HAN}]+)|([a-z]+|\d+|[^\W\d_a-z{_HAN}]+)")
# No word anybody writes begins so.
_MARK: Final = "zqlabel"
TERMS_MOST: Final = 8
_PAIR: Final = 2


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    found: list[str] = []
    for chinese, other in _RUN.findall(plain):
        if chinese:
            found += [chinese[at : at + 2] for at in range(len(chinese))]
        else:
            found.append(other)
    return found


def grams(*texts: str) -> str:
    """Return the tokens of some texts as one text, parted by blanks."""
    return " ".join(token for text in texts for token in _tokens(text))


def pairs(text: str) -> frozenset[str]:
    """Return the set of tokens of a text, for likeness."""
    return frozenset(_tokens(text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One word somebody typed: tokens that follow one another, the last perhaps only begun."""

    tokens: tuple[str, ...]
    is_begun: bool
    # Marks of the labels whose name the word is part of: a clue with one of them is found as well.
    marks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the tokens as one text."""
        return " ".join(self.tokens)


def mark(key: str) -> str:
    """Return the token under which a label stands beside a clue's words: of its key, so that it may be renamed."""
    return _MARK + "".join(chr(ord("a") + int(digit, 16)) for digit in sha256_hex(key.encode())[:12])


def marks_in(head: str) -> list[str]:
    """Return the labels' tokens among a clue's words."""
    return [token for token in head.split() if token.startswith(_MARK)]


def phrases(typed: str, labels: Sequence[tuple[str, str]] = ()) -> list[Phrase]:
    """Return what a search asks for: words parted by blanks, each a phrase of tokens; at most eight.

    `labels` are names with their keys: a word that is part of a name also finds what carries that label.

    The lone last character of a longer run is left out, because a wording may go on after it; one character
    alone, or letters, stand for whatever begins with them.
    """
    found: list[Phrase] = []
    for word in typed.split():
        tokens = _tokens(word)
        # A stretch of Chinese ends in one lone character; the pair before it has said it already.
        if len(tokens) > 1 and tokens[-2][1:] == tokens[-1] and not tokens[-1].isascii():
            tokens.pop()
        if tokens:
            is_begun = not tokens[-1].isdecimal() and len(tokens[-1]) != _PAIR
            marks = {mark(key) for name, key in labels if word.casefold() in name.casefold()}
            found.append(Phrase(tuple(tokens), is_begun, tuple(sorted(marks))))
    return found[:TERMS_MOST]


def for_sqlite(asked: Sequence[Phrase]) -> str:
    """Write a search for FTS5; tokens hold letters and digits only, so nothing in them is an operator."""
    return " AND ".join(
        _either([f'"{one.text}"{" *" if one.is_begun else ""}', *one.marks], " OR ") for one in asked
    )


def for_postgresql(asked: Sequence[Phrase]) -> str:
    """Write a search for to_tsquery."""
    said = (" <-> ".join(one.tokens) + (":*" if one.is_begun else "") for one in asked)
    return " & ".join(
        "(" + _either([f"({words})" if one.marks else words, *one.marks], " | ") + ")"
        for one, words in zip(asked, said, strict=True)
    )


def _either(parts: Sequence[str], joint: str) -> str:
    return f"({joint.join(parts)})" if len(parts) > 1 else parts[0]
