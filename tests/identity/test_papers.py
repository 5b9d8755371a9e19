from __future__ import annotations

from app.identity import papers
from app.identity.permissions import GRANTS, Verb
from tests.patrol.source import ROOT


def test_the_paper_is_what_the_code_says():
    told = (ROOT / papers.PATH).read_text("utf-8")
    assert told == papers.permissions_markdown(), (
        'python -c "from app.identity import papers; papers.write()"'
    )


def test_every_verb_is_explained_and_granted():
    text = papers.permissions_markdown()
    for verb in Verb:
        assert f"| `{verb.value}` |" in text
        assert any(verb in verbs for verbs in GRANTS.values()), f"nobody may {verb.value}"


def test_a_verb_added_is_noticed(monkeypatch):
    before = papers.permissions_markdown()
    role = next(role for role, verbs in GRANTS.items() if Verb.JOURNAL_READ not in verbs)
    monkeypatch.setitem(GRANTS, role, GRANTS[role] | {Verb.JOURNAL_READ})
    assert papers.permissions_markdown() != before
