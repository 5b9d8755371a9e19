"""Every screen says in one paragraph what it is for (`app/page_help.py`), short enough to be read, and no paragraph is left over."""

from __future__ import annotations

import re

import pytest

from app import page_help
from tests.patrol.source import Source, sources

# A page asked for by people: it stands in one of these layouts, or in the one its handler names. Papers say it in their tools.
SCREEN = re.compile(
    r'{%-?\s*extends (?:"layouts/(?:public|office|partner)\.html"|layout|page\.layout)\s*-?%}'
)
LONGEST = 120


def screens() -> dict[str, Source]:
    """Every template of a screen by its name."""
    found = {source.path.removeprefix("templates/"): source for source in sources(r"templates/.+\.html")}
    return {name: source for name, source in found.items() if SCREEN.search(source.text)}


def wanting(names: set[str], texts: dict[str, str], without: dict[str, str]) -> list[str]:
    """Say which screens have no paragraph, and which paragraphs have no screen."""
    silent = names - set(texts) - set(without)
    left = (set(texts) | set(without)) - names
    return [
        f"{name}: write one paragraph into app/page_help.py, for a newcomer" for name in sorted(silent)
    ] + [f"{name}: no such screen" for name in sorted(left)]


def test_every_screen_says_what_it_is_for():
    names = set(screens())
    assert len(names) > 60, "hardly a screen was found: the patrol looks in the wrong place"
    assert wanting(names, page_help.TEXTS, page_help.WITHOUT) == []


def test_a_paragraph_is_short():
    long = [name for name, text in page_help.TEXTS.items() if len(text) > LONGEST]
    assert not long, f"over {LONGEST} characters nobody reads: {long}"


@pytest.mark.parametrize("name", ["intake/form.html", "desk/queue.html"])
def test_a_screen_without_its_paragraph_is_found(name: str):
    texts = {one: text for one, text in page_help.TEXTS.items() if one != name}
    assert wanting(set(screens()), texts, page_help.WITHOUT) == [
        f"{name}: write one paragraph into app/page_help.py, for a newcomer"
    ]
    assert wanting(set(screens()), page_help.TEXTS | {"x.html": ""}, page_help.WITHOUT) == [
        "x.html: no such screen"
    ]
