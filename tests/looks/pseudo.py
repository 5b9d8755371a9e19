"""A made-up language: every text that comes through the catalogue is marked, so that what did not come through it shows.

`⟦…⟧` stands around each text, its letters wear accents and it is a third longer. Plain letters and Chinese are then a
record's words or the reader's own, or somebody forgot the catalogue; two marked texts in a row are one sentence in pieces.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from app.platform import i18n
from tests.html_rules import VOID

if TYPE_CHECKING:
    from app.platform.db import ReadSession

_PLAIN: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WORN: Final = "àƀćďéƒĝĥíĵķĺɱńóƥɋŕśţúṽŵẋýžÀƁĆĎÉƑĜĤÍĴĶĹṀŃÓƤɊŔŚŢÚṼŴẊÝŽ"
_ACCENTS: Final = str.maketrans(_PLAIN, _WORN)
_HOLES: Final = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
# What is nobody's language: the texts of a record, a moment, a code, a paper that is Chinese by law.
_OUTSIDE: Final = {"script", "style", "time", "code", "textarea", "svg", "kbd", "samp"}
_ATTRIBUTES: Final = ("aria-label", "title", "placeholder", "alt", "label")
# Written by hand in either language (platform/when.py), or nobody's language: units, names of formats, what a script fills.
_NEUTRAL: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?"
    r"|\{\w+\}|\bWGS-84\b|\bSHA-256\b|\bSM3\b|\b[KMG]?B\b"
)
_WORD: Final = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]{2,}(?:[' -][A-Za-z]+)*")
# Between two texts of one line: a middle dot, a comma of a list, a colon after a label, a full stop before. Anything else makes a sentence of pieces.
_JOINED: Final = re.compile(r"⟧(?P<between>[^⟦⟧]*)⟦")
_APART: Final = {" · ", ": ", ", ", "; ", " / ", " — ", "·"}
# Where a text of the catalogue ends within a piece, or a list goes on: what stands between is one record's.
_SEAMS: Final = re.compile(f"[{_WORN}~]+| · ")
_ENDS: Final = re.compile(r"[.?!:…”’)\]]\s*~*$")


def marked(text: str) -> str:
    """One text of the catalogue in the made-up language; what is filled in later stays as it is."""
    if not _WORD.search(_HOLES.sub("", text)):
        return text  # a comma between names
    parts: list[str] = []
    at = 0
    for hole in _HOLES.finditer(text):
        parts += [_worn(text[at : hole.start()]), hole[0]]
        at = hole.end()
    parts.append(_worn(text[at:]))
    return f"⟦{''.join(parts)}{'~' * (len(text) // 3)}⟧"


def _worn(text: str) -> str:
    return _HAN.sub("·", text).translate(_ACCENTS)


class Pseudo(gettext.NullTranslations):
    """The English catalogue in the made-up language; a text English lacks is marked all the same."""

    def __init__(self, english: gettext.NullTranslations) -> None:
        super().__init__()
        self._english = english

    def gettext(self, message: str) -> str:
        """Return the text, marked."""
        return marked(self._english.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form for a count, marked."""
        return marked(self._english.ngettext(msgid1, msgid2, n))


@contextmanager
def spoken() -> Iterator[None]:
    """Let whoever asks for English hear the made-up language."""
    real = i18n._catalogue
    pseudo = Pseudo(real("en"))
    i18n._catalogue = lambda _locale: pseudo  # type: ignore[assignment]
    try:
        yield
    finally:
        i18n._catalogue = real


@dataclass
class Known:
    """What records say, so that a page may say it too: whole texts, and for long ones their parts."""

    whole: set[str] = field(default_factory=set)
    blob: str = ""

    @classmethod
    def of(cls, session: ReadSession, tables: Iterable[Any], more: Iterable[str] = ()) -> Known:
        """Read every text of every table."""
        found = set(more)
        for table in tables:
            for row in session.execute(table.select()):
                for value in row:
                    found |= set(_texts(value))
        whole = {" ".join(text.split()) for text in found}
        return cls(whole | {line.strip() for text in found for line in text.splitlines()}, "\n".join(whole))

    def holds(self, text: str) -> bool:
        """Whether these are a record's words: all of them, or a piece long enough to be nothing else."""
        said = " ".join(text.split()).strip(" ·:,;.()[]（）：“”‘’\"'…")
        return not said or said in self.whole or (len(said) > 3 and said in self.blob)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in "{[" and value[-1:] in "}]":
            try:
                yield from _texts(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


class Heard(HTMLParser):
    """Everything a reader of a page sees or hears, piece by piece."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self._around: list[tuple[str, bool]] = []
        self.pieces: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element, and hear what its attributes say."""
        told = {name: value or "" for name, value in attrs}
        is_out = tag in _OUTSIDE or told.get("translate") == "no" or (tag != "html" and "lang" in told)
        is_out = is_out or bool(self._around and self._around[-1][1])
        if not is_out:
            names = [name for name in told if name in _ATTRIBUTES or name.startswith("data-text")]
            self.pieces += [told[name] for name in names]
        if tag not in VOID:
            self._around.append((tag, is_out))

    def handle_endtag(self, tag: str) -> None:
        """Go out again."""
        while self._around and tag in {name for name, _ in self._around}:
            if self._around.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        """Hear a text."""
        if data.strip() and not (self._around and self._around[-1][1]):
            self.pieces.append(data)


def _layers(piece: str) -> tuple[list[str], list[str]]:
    """What stands outside all marks, and what was filled into marked texts."""
    outside: list[str] = []
    inside: list[str] = []
    depth = start = 0
    for index, sign in enumerate(piece):
        if sign in "⟦⟧":
            (inside if depth else outside).append(piece[start:index])
            depth += 1 if sign == "⟦" else -1
            start = index + 1
    (inside if depth else outside).append(piece[start:])
    return outside, inside


def faults(page: str, known: Known) -> list[str]:
    """Say which texts of a page did not come through the catalogue, and which came in pieces."""
    found: list[str] = []
    for piece in Heard(page).pieces:
        said = " ".join(piece.split())
        outside, inside = _layers(piece)
        for why, texts in (("not from the catalogue", outside), ("filled in", inside)):
            words = [word for text in texts for word in _unknown(text, known)]
            found += [f"{why}: {word} · in: {said[:120]}" for word in words]
        found += [f"in pieces: {said[:160]}" for joint in _JOINED.finditer(piece) if _is_torn(piece, joint)]
    return list(dict.fromkeys(found))


def _unknown(text: str, known: Known) -> list[str]:
    parts = [part for part in _SEAMS.split(_NEUTRAL.sub(" ", text)) if not known.holds(part)]
    return [word for part in parts for word in _WORD.findall(part) if not known.holds(word)]


def _is_torn(piece: str, joint: re.Match[str]) -> bool:
    between = joint["between"]
    if piece.count("⟦", 0, joint.start()) - piece.count("⟧", 0, joint.start()) > 1:
        return False  # within a text that was filled in
    return between not in _APART and "\n" not in between and not _ENDS.search(piece[: joint.start()])
