"""Templates: escaped, without inline code, addresses by name, every text in the catalogue (house.md §11)."""

from __future__ import annotations

import re

import pytest

from tests.patrol.source import Source, blanked, line_at, sources

JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
COMMENT = r"\{#.*?#\}"
PAGES = r"templates/.+\.html"
TEXTS = r"templates/.+\.(?:html|txt|webmanifest|xml|svg)"

# name: (what a breach looks like, whether it is sought outside Jinja's own signs, what to do instead)
RULES = {
    "safe-filter": (
        r"\|\s*safe\b|\bautoescape\s+false",
        False,
        "let the page escape it; hand over plain text",
    ),
    "inline-script": (
        r"<script\b(?![^>]*\bsrc=)",
        True,
        "move it to static/js; nothing inline passes the CSP",
    ),
    "inline-style": (r"<style\b|\sstyle\s*=", True, "use a class; nothing inline passes the CSP"),
    "inline-handler": (
        r"\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=",
        True,
        "use data-behaviour and a file in js/behaviours",
    ),
    "script-address": (r"javascript:|[\"']js:", False, "no script hides in an attribute; it would need eval"),
    "trigger-filter": (r"hx-trigger=\"[^\"]*\[", True, "htmx would need eval for this; write a behaviour"),
    "context-import": (r"\bwith\s+context\b", False, "components know only their arguments"),
    "routes-by-name": (
        r"\s(?:href|action|formaction|src|hx-(?:get|post|put|patch|delete))\s*=\s*[\"']/(?!/)",
        True,
        'write {{ url("room:name") }} or {{ asset("name") }}',
    ),
    "untranslated": ("[\u4e00-\u9fff]", True, 'wrap the text: {{ _("…") }}'),
    "component-path": (
        r"\{%-?\s*(?:from|import)\s+[\"']components/",
        False,
        "components are globals: ui.<macro>(…); a block rendered alone does not see the page's imports",
    ),
}
# Components may lean on each other; the page of patterns is seen in development only and shows made-up words.
FREE = {"component-path": ("templates/components/",), "untranslated": ("templates/patterns/",)}
PLANTED = {
    "safe-filter": "<p>{{ text | safe }}</p>",
    "inline-script": "<script>alert(1)</script>",
    "inline-style": '<p style="color: red">x</p>',
    "inline-handler": '<a onclick="go()">x</a>',
    "script-address": '<a href="javascript:go()">x</a>',
    "trigger-filter": '<form hx-trigger="click[ctrlKey]"></form>',
    "context-import": '{% import "a.html" as a with context %}',
    "routes-by-name": '<form method="post" action="/report">',
    "untranslated": '<p title="{{ _("线索") }}">提交</p>',
    "component-path": '{% from "components/field.html" import field %}',
}


def breaches(source: Source, name: str) -> list[str]:
    """Say where a template breaks one rule."""
    pattern, is_outside, advice = RULES[name]
    if source.path.startswith(FREE.get(name, ("-",))):
        return []
    text = blanked(source.text, COMMENT)
    if is_outside:
        text = blanked(text, JINJA)
    places = (line_at(text, found.start()) for found in re.finditer(pattern, text, re.IGNORECASE))
    lines = (line for line in places if not source.allows(line, name))
    return [f"{source.path}:{line}: {name}: {advice}" for line in sorted(set(lines))]


@pytest.mark.parametrize("name", RULES)
def test_templates_keep_the_rule(name: str):
    seen = list(sources(TEXTS))
    assert seen, "no template was found: the patrol looks in the wrong place"
    found = [breach for source in seen for breach in breaches(source, name)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", RULES)
def test_a_planted_fault_is_found(name: str):
    planted = Source("templates/room/page.html", f"{{# 线索 #}}\n{PLANTED[name]}\n")
    assert [breach.split(": ")[0] for breach in breaches(planted, name)] == ["templates/room/page.html:2"]
    excused = Source(planted.path, f"{{# house: allow {name} (a reason) #}}\n{PLANTED[name]}\n")
    assert breaches(excused, name) == []


def test_what_is_legal_stays_free():
    text = """{# style="" and 线索 in a comment #}
<script src="{{ asset("app.js") }}" type="module"></script>
<form method="post" action="{{ url("intake:report") }}" data-once="x"><label>{{ _("地点") }}</label></form>
"""
    assert [breach for name in RULES for breach in breaches(Source("templates/a.html", text), name)] == []


def test_every_component_is_used():
    """A component nobody calls is either dead or missing from the page of patterns."""
    components = [
        source.path.split("/")[-1].removesuffix(".html")
        for source in sources(r"templates/components/.+\.html")
    ]
    pages = "\n".join(source.text for source in sources(PAGES) if "/components/" not in source.path)
    parts = "\n".join(source.text for source in sources(r"templates/components/.+\.html"))
    assert components, "no component was found"
    unused = [
        name
        for name in components
        if not re.search(rf"\bui\.{name}\(", pages) and f"components/{name}.html" not in parts
    ]
    assert not unused, f"used by no page, not even the page of patterns: {unused}"
