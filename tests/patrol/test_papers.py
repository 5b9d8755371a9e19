"""What the papers say is what the code does: settings, English texts."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from app.platform.settings import Settings
from tests.patrol.source import ROOT, source, sources

ENGLISH = ROOT / "app/platform/locale/en/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)[sd]")


def documented(text: str) -> set[str]:
    """The settings named in the first cell of a table row."""
    return set(re.findall(r"^\|\s*`(YIXIAN_[A-Z0-9_]+)`", text, re.MULTILINE))


def test_every_setting_is_in_the_table_and_the_other_way_round():
    known = {f"YIXIAN_{name.upper()}" for name in Settings.model_fields}
    assert len(known) > 10
    told = documented(source("docs/operations.md").text)
    assert known - told == set(), "add a row to the table in docs/operations.md"
    assert told - known == set(), "docs/operations.md names a setting that does not exist"
    assert documented("| `YIXIAN_PORT` | 8000 |\n| x | `YIXIAN_OTHER` |\n") == {"YIXIAN_PORT"}


def test_no_setting_is_read_behind_the_settings_back():
    reading = re.compile(r"\benviron\b|\bgetenv\b")
    seen = list(sources(r"app/.+\.py"))
    assert seen
    found = [
        f"{code.path}:{number}"
        for code in seen
        for number, line in enumerate(code.lines, 1)
        if reading.search(line) and not code.allows(number, "settings-only")
    ]
    assert not found, f"add a field to Settings and hand it down: {found}"


def texts() -> dict[str, str]:
    """Every text in code and templates, with the file it stands in."""
    found: dict[str, str] = {}
    for pattern, method in ((r"app/.+\.py", "python"), (r"templates/.+\.html", "jinja2")):
        for code in sources(pattern):
            options = (
                {"silent": "false", "extensions": "jinja2.ext.do"}
                if method == "jinja2"
                else {"encoding": "utf-8"}
            )
            for _, message, *_ in extract(method, BytesIO(code.text.encode()), KEYWORDS, (), options):
                singular = message if isinstance(message, str) else message[0]
                if singular:
                    found.setdefault(singular, code.path)
    return found


def untranslated(needed: dict[str, str], catalogue: Catalog) -> list[str]:
    """Texts without a finished English wording, or whose wording lost a value."""
    return [f"{path}: {text}" for text, path in needed.items() if not is_told(text, catalogue.get(text))]


def is_told(text: str, message: Message | None) -> bool:
    """Whether the English says all the Chinese says of its values, without the sign that would end an attribute."""
    if message is None or message.fuzzy:
        return False
    wordings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(
        wording and '"' not in wording and set(PLACES.findall(wording)) == set(PLACES.findall(text))
        for wording in wordings
    )


def catalogue(path: Path) -> Catalog:
    """The English catalogue as it is committed."""
    with path.open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_has_an_english_wording():
    needed = texts()
    assert len(needed) > 50
    missing = untranslated(needed, catalogue(ENGLISH))
    assert not missing, (
        f"{len(missing)} texts: run `make catalogue`, then fill {ENGLISH.name}:\n" + "\n".join(missing)
    )


@pytest.mark.parametrize(
    ("english", "is_well"),
    [
        ("Submit %(n)s", True),
        ("", False),
        ("Submit", False),
        ("Submit %(m)s", False),
        ('"Submit" %(n)s', False),
    ],
)
def test_a_planted_gap_is_found(english: str, is_well: bool):
    planted = Catalog(locale="en")
    planted.add("提交 %(n)s", english)
    assert (untranslated({"提交 %(n)s": "a.html"}, planted) == []) is is_well
    assert untranslated({"没有": "a.html"}, planted) == ["a.html: 没有"]


def test_no_sentence_is_glued():
    """Concatenation leaves a translator with half sentences (goals.md P6)."""
    glued = re.compile(r"_\([\"'][^\"']*[\"']\)\s*(?:~|\+)\s*\S|\S\s*(?:~|\+)\s*_\([\"']")
    seen = list(sources(r"(?:app/.+\.py|templates/.+\.html)"))
    assert seen
    found = [
        f"{code.path}:{number}"
        for code in seen
        for number, line in enumerate(code.lines, 1)
        if glued.search(line) and not code.allows(number, "glued-text")
    ]
    assert not found, f"one text with named values instead: {found}"
    assert glued.search('{{ _("还差") ~ count }}')
    assert glued.search('text = name + _("已提交")')
