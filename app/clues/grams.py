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

_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3007"
# A stretch of Chinese; or letters, a number, letters of other scripts. Signs only part them.
_RUN: Final = re.compile(rf"([{_HAN}]+)|([a-z]+|\d+|[^\W\d_a-z{_HAN}]+)")
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

    @property
    def text(self) -> str:
        """Return the tokens as one text."""
        return " ".join(self.tokens)


def phrases(typed: str) -> list[Phrase]:
    """Return what a search asks for: words parted by blanks, each a phrase of tokens; at most eight.

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
            found.append(Phrase(tuple(tokens), is_begun))
    return found[:TERMS_MOST]


def for_sqlite(asked: Sequence[Phrase]) -> str:
    """Write a search for FTS5; tokens hold letters and digits only, so nothing in them is an operator."""
    return " AND ".join(f'"{one.text}"{" *" if one.is_begun else ""}' for one in asked)


def for_postgresql(asked: Sequence[Phrase]) -> str:
    """Write a search for to_tsquery."""
    return " & ".join("(" + " <-> ".join(one.tokens) + (":*" if one.is_begun else "") + ")" for one in asked)
