"""docs/asvs.md names every requirement of ASVS 5.0 level 2 once, each with a test that exists or a signed reason."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.patrol.source import ROOT

# Section: how many of its first requirements are of levels 1 and 2 (OWASP ASVS 5.0.0, without V10 and V17).
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "11.1": 2, "11.2": 3, "11.3": 3,
    "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3,
    "16.5": 3,
}  # fmt: skip
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def needed() -> list[str]:
    """Every number that must have a row."""
    return [f"{section}.{at}" for section, count in SECTIONS.items() for at in range(1, count + 1)]


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of a file's tests."""
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8")) if file.is_file() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def faults(paper: str) -> list[str]:
    """Say what a paper lacks."""
    rows = ROW.findall(paper)
    found = [f"{number} has no row" for number in needed() if number not in {row[0] for row in rows}]
    if len(rows) != len({row[0] for row in rows}):
        found.append("a number stands twice")
    for number, words, held in rows:
        test = TEST.fullmatch(held.strip())
        if not words.strip():
            found.append(f"{number} says nothing")
        if test is None and not re.fullmatch(r"Reason: \S.{9,}|Reason: not used", held.strip()):
            found.append(f"{number} is held by nothing")
        if test is not None and test[2] not in names_in(test[1]):
            found.append(f"{number} names a test that is gone: {test[0]}")
    return found


def test_every_requirement_is_held():
    assert len(needed()) == 217
    paper = (ROOT / "docs/asvs.md").read_text("utf-8")
    assert faults(paper) == []
    assert "Signed: the maintainers" in paper


def test_a_planted_gap_is_found():
    paper = (ROOT / "docs/asvs.md").read_text("utf-8")
    assert faults(paper.replace("| 1.1.1 |", "| 1.1.9 |")) == ["1.1.1 has no row"]
    gone = paper.replace("::test_text_is_kept_exactly_as_typed`", "::test_of_nothing`", 1)
    assert len(faults(gone)) == 1
    assert faults(paper.replace("| Reason: not used |", "| |", 1))


def test_every_row_of_the_impact_assessment_names_a_test_that_exists():
    paper = (ROOT / "docs/impact-assessment.md").read_text("utf-8")
    rows = [line for line in paper.splitlines() if line.count(" | ") == 6][2:]
    assert len(rows) > 8
    for row in rows:
        named = TEST.findall(row)
        assert named, f"no test holds: {row}"
        assert [name for path, name in named if name not in names_in(path)] == [], row


def test_every_cell_of_the_threat_model_names_a_test_that_exists():
    paper = (ROOT / "docs/threat-model.md").read_text("utf-8")
    rows = [line for line in paper.partition("## Ways in")[0].splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 12
    for row in rows:
        named = TEST.findall(row)
        assert named, f"no test holds: {row}"
        assert [name for path, name in named if name not in names_in(path)] == [], row
