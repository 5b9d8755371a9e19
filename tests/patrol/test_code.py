"""The rules of rules.py hold in the whole repository, can see, and catch a planted fault."""

from __future__ import annotations

import pytest

from tests.patrol.rules import RULES, Rule
from tests.patrol.source import Source, sources

BY_NAME = {rule.name: rule for rule in RULES}

PLANTED = [
    ("state-writer", "app/triage/service.py", "def accept(clue):\n    clue.state = 'accepted'\n", 2),
    ("state-writer", "app/clues/service.py", "def fix(clue):\n    clue.state = 'x'\n", 2),
    ("state-writer", "app/triage/jobs.py", "s.execute(update(Clue).where(a).values(state=x))\n", 1),
    ("state-writer", "app/triage/jobs.py", "setattr(clue, 'state', x)\n", 1),
    ("state-writer", "app/triage/service.py", "def accept():\n    write(clue, {'state': x})\n", 2),
    ("no-commit", "app/triage/service.py", "def a(session):\n    session.commit()\n", 2),
    ("one-clock", "app/triage/service.py", "from datetime import datetime\nat = datetime.now(UTC)\n", 2),
    ("one-clock", "app/triage/rules.py", "import datetime as dt\nat = dt.date.today()\n", 2),
    ("one-clock", "app/triage/rules.py", "at = time.time()\n", 1),
    ("selects-in-queries", "app/triage/service.py", "rows = session.exec(select(Letter)).all()\n", 1),
    ("selects-in-queries", "app/triage/pages.py", "session.execute(text('select 1'))\n", 1),
    ("scope-first", "app/desk/queries.py", "def queue():\n    return select(Clue.id, Clue.state)\n", 2),
    ("scope-first", "app/desk/queries.py", "def one(session, key):\n    return session.get(Clue, key)\n", 2),
    ("no-status-in-domain", "app/triage/service.py", "raise HTTPException(404)\n", 1),
    ("no-status-in-domain", "app/triage/pages.py", "answer = Response(status_code=204)\n", 1),
    ("routes-by-name", "tests/triage/test_pages.py", "client.get('/triage/clues')\n", 1),
    ("routes-by-name", "tests/triage/test_pages.py", "client.post(f'/clues/{key}/transfers')\n", 1),
    ("routes-by-name", "app/triage/pages.py", "return RedirectResponse('/triage')\n", 1),
]
LEGAL = [
    ("state-writer", "app/clues/service.py", "def advance(clue):\n    clue.state = 'accepted'\n"),
    ("state-writer", "app/main.py", "app.state.settings = settings\n"),
    ("state-writer", "app/triage/service.py", "record(session, facts={'state': clue.state})\n"),
    ("no-commit", "app/platform/db.py", "session.commit()\n"),
    ("one-clock", "app/platform/clock.py", "return_value = datetime.now(UTC)\n"),
    ("one-clock", "app/desk/pages.py", "start = time.perf_counter()\n"),
    ("selects-in-queries", "app/triage/queries.py", "rows = select(Letter)\n"),
    ("selects-in-queries", "app/main.py", "made = settings.keys.exists()\n"),
    ("scope-first", "app/clues/queries.py", "def visible_to(actor):\n    return select(Clue)\n"),
    ("scope-first", "app/desk/queries.py", "rows = visible_to(actor).where(Clue.id == key)\n"),
    ("no-status-in-domain", "app/platform/web/refusals.py", "Response(status_code=404)\n"),
    ("routes-by-name", "app/triage/pages.py", "@router.get('/clues')\ndef clues(): ...\n"),
    ("routes-by-name", "tests/x.py", "client.get(client.to('triage:clues'))\n"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_house_keeps_the_rule(rule: Rule):
    breaches = [breach for source in sources(rule.files) for breach in rule.breaches(source)]
    assert not breaches, "\n" + "\n".join(breaches)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_sees_something(rule: Rule):
    assert rule.seen(), f"{rule.name} found nothing to look at: did a name or a folder change?"


@pytest.mark.parametrize(("name", "path", "text", "line"), PLANTED)
def test_a_planted_fault_is_found(name: str, path: str, text: str, line: int):
    breaches = BY_NAME[name].breaches(Source(path, text))
    assert [breach.split(": ")[0] for breach in breaches] == [f"{path}:{line}"]


@pytest.mark.parametrize(("name", "path", "text"), LEGAL)
def test_what_is_legal_stays_free(name: str, path: str, text: str):
    assert BY_NAME[name].breaches(Source(path, text)) == []


@pytest.mark.parametrize(("name", "path", "text", "line"), PLANTED)
def test_the_escape_is_heard(name: str, path: str, text: str, line: int):
    lines = text.splitlines()
    lines[line - 1] += f"  # house: allow {name} (a reason)"
    assert BY_NAME[name].breaches(Source(path, "\n".join(lines))) == []


def test_every_rule_is_planted():
    assert {name for name, *_ in PLANTED} == set(BY_NAME)
