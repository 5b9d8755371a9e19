"""docs/lifecycle.md says what the tables say; every journal word about a clue is said in words on the desk."""

from __future__ import annotations

import re

from app.clues.lifecycle import LIFECYCLE
from app.clues.terms import ClueAction, ClueState
from app.desk import papers, words
from app.intake import terms as intake_terms
from app.transfer.lifecycle import LIFECYCLE as TRANSFERS
from app.transfer.terms import JOURNAL_WORDS
from tests.patrol.source import sources

ABOUT_CLUES = ("clue.", "report.", "reporter.", "evidence.", "original.", "contact.", "transfer.")


def test_the_paper_is_up_to_date():
    told = (papers.PAPER).read_text("utf-8")
    assert told == papers.lifecycle(), 'run: python -c "from app.desk import papers; papers.write()"'


def test_every_step_is_told():
    text = papers.lifecycle()
    assert all(f"| `{action.value}` |" in text for action in [*LIFECYCLE, *TRANSFERS])
    assert all(f"  {state.value} : " in text for state in ClueState)


def journal_words() -> set[str]:
    """Every verb the rooms of a clue's path write, by reading the code."""
    found = {f"clue.{action.value}" for action in ClueAction} | set(JOURNAL_WORDS)
    found |= {
        value
        for value in vars(intake_terms).values()
        if isinstance(value, str) and value.startswith(ABOUT_CLUES)
    }
    for code in sources(r"app/.+\.py"):
        found |= {
            word
            for word in re.findall(r"\"([a-z_]+\.[a-z_]+)\", *\"[a-z_]+\"", code.text)
            if word.startswith(ABOUT_CLUES)
        }
    return found


def test_every_journal_word_has_words():
    found = journal_words()
    assert len(found) > 40
    assert found - set(words.VERBS) == set(), "say in app/desk/words.py what happened"


def test_an_auditor_reads_in_words_what_changed_in_the_reference_data():
    code = "".join(source.text for source in sources(r"app/reference/.+\.py"))
    found = set(re.findall(r"doer, \"((?:agency|reference)\.[a-z_]+)\"", code))
    assert len(found) >= 3
    assert found - set(words.VERBS) == set(), "say in app/desk/words.py what happened"
