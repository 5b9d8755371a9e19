"""Hostile text through the real doors, in every field: it comes back as text, exactly, and moves nothing (goals S5)."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests import cast
from tests.intake.sheets import WATER, give_code, photo, report

pytestmark = pytest.mark.app
SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{1237*7331}} {% raw %} ${1237*7331} #{1237*7331}",
    "=cmd|'/c calc'!A1",
    "-1+1 @SUM(1) +49",
    "%0d%0aSet-Cookie: x=1",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "'; drop table clue;--",
    "\u202etxt.exe \u200b\ufeff",
    "%s %(name)s {0.__class__}",
    "𠮷 👩‍👩‍👧 é é",
]
WORDS = "\n".join(HOSTILE)
FORM = WATER | {
    "words": WORDS, "place_words": HOSTILE[1], "contact_name": HOSTILE[2], "contact_phone": "13904519876",
    "contact_words": HOSTILE[3], "contact_consent": "yes",
}  # fmt: skip


class Runs(HTMLParser):
    """Everything of a page that would run, as a browser reads it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        told = {name: (value or "") for name, value in attrs}
        foreign = tag == "script" and not told.get("src", "").startswith("/static/dist/")
        handlers = [name for name in told if name.startswith("on")]
        links = [value for name, value in told.items() if name in {"href", "src", "action", "formaction"}]
        if foreign or handlers or tag in {"iframe", "object", "embed", "base"}:
            self.found.append(f"{tag} {told}")
        self.found += [link for link in links if not re.match(r"/|#|blob:|tel:|https?://|$", link)]


def runs(page: str) -> list[str]:
    """Say what of a page would run."""
    return Runs(page).found


def look(client: Any, place: str, *, holds: str = "") -> str:
    """Open a page and look for anything that would run; say what it shows."""
    answer = client.get(place)
    assert answer.status_code == 200, place
    assert runs(answer.text) == [], place
    shown = html.unescape(answer.text)
    if holds:
        for line in holds.splitlines():
            assert line in shown, f"{line!r} is not what {place} gives back"
    return shown


def test_hostile_text_is_text_on_every_page(client):
    picture = [("photos", ('"><svg onload=alert(1)>../../x.jpg', photo(5), "image/jpeg"))]
    code = report(client, "water_pollution", FORM, photos=picture)
    client.cookies.clear()
    assert give_code(client, code).status_code == 303
    look(client, client.to("intake:track"))
    client.cookies.clear()
    cast.sign_in(client, "prosecutor_chen")
    queue = look(client, client.to("desk:queue", list="new"))
    clue_id = re.search(r"/desk/clues/([0-9a-f-]{36})", queue)
    assert clue_id is not None
    at = {"clue_id": clue_id[1]}
    page = look(client, client.to("desk:clue", **at), holds=WORDS)
    assert str(1237 * 7331) not in page, "a template worked it out"
    version = re.search(r'name="version" value="(\d+)"', client.get(client.to("desk:clue", **at)).text)
    assert version is not None
    data = {"version": version[1], "title": SCRIPT + HOSTILE[1][:20]}
    assert client.post(client.to("triage:set_title", **at), data=data).status_code == 303
    assert client.post(client.to("triage:note", **at), data={"text": WORDS, "note": WORDS}).status_code in {
        303,
        422,
    }
    look(client, client.to("desk:clue", **at), holds=SCRIPT)
    look(client, client.to("desk:queue", list="new"), holds=SCRIPT)
    cast.sign_out(client)
    cast.sign_in(client, "auditor")
    look(client, client.to("identity:journal"))


def test_what_is_refused_comes_back_as_text(client):
    typed = {"words": WORDS, "place_words": HOSTILE[1], "contact_phone": SCRIPT, "contact_consent": "yes"}
    refused = client.post(client.to("intake:submit", category_key="water_pollution"), data=typed)
    assert refused.status_code in {409, 422}
    assert runs(refused.text) == []
    for place in (client.to("identity:sign_in", next=SCRIPT), client.to("intake:ask", q=SCRIPT)):
        assert SCRIPT not in client.get(place).text


@pytest.mark.parametrize("words", HOSTILE)
def test_filters_and_searches_take_anything(client, words: str):
    cast.sign_in(client, "prosecutor_chen")
    for place in (
        client.to("desk:queue", words=words, q=words, list=words, after=words, town=words),
        client.to("transfer:index", which=words, before=words),
    ):
        answer = client.get(place)
        assert answer.status_code in {200, 303, 404, 422}
        assert runs(answer.text) == []
    cast.sign_out(client)
    cast.sign_in(client, "secadmin")
    assert runs(client.get(client.to("identity:people", words=words, after=words)).text) == []


def test_hostile_names_of_files_break_no_header(client):
    """A name with line ends and quotes is never part of a header: downloads are named by us."""
    name = 'a"\r\nSet-Cookie: x=1\r\n.jpg'
    code = report(client, "water_pollution", WATER, photos=[("photos", (name, photo(6), "image/jpeg"))])
    assert code
    client.cookies.clear()
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("desk:queue", list="new")).text
    found = re.search(r"/desk/clues/([0-9a-f-]{36})", page)
    assert found is not None
    evidence = re.search(
        rf"/desk/clues/{found[1]}/photos/([0-9a-f-]{{36}})",
        client.get(client.to("desk:clue", clue_id=found[1])).text,
    )
    assert evidence is not None
    original = client.get(client.to("evidence:original", evidence_id=evidence[1]))
    assert original.status_code == 200
    assert "set-cookie" not in original.headers
    assert "\r" not in original.headers["content-disposition"]
    assert "Set-Cookie" not in original.headers["content-disposition"]


def test_a_planted_script_is_seen():
    assert runs(f"<p>{SCRIPT}</p>")
    assert runs('<img src="/x" onerror="y">')
    assert runs('<a href="javascript:x">y</a>')
    assert (
        runs(
            '<p title="&lt;script&gt; onerror=x">&lt;script&gt;</p><script src="/static/dist/app.js"></script>'
        )
        == []
    )
