"""A tenth of `make faults`, and the proof that the tool sees what it looks for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.app


def kill(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a process of its own: it forks, and a test's process has threads."""
    command = [sys.executable, "-m", "tests.faults", "kill", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)


def test_whenever_the_office_is_killed_the_retry_leaves_exactly_one_report():
    done = kill("--points", "60", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) points, (\d+) deaths", done.stdout)
    assert found, done.stdout
    points, deaths = map(int, found.groups())
    assert points == deaths == 60


@pytest.mark.parametrize(
    ("mutant", "only", "seen"),
    [
        ("rows_first", "rename", "whose bytes are not there"),
        ("always_new", "commit", "DOUBLED"),
        ("copied", "write_some", "half a blob"),
        ("answer_first", "send", "LOST: it was acknowledged"),
        ("whole_by_length", "SET finished_at", "LOST: 1 rows of evidence_item"),
    ],
)
def test_an_office_with_a_promise_taken_out_is_caught(mutant: str, only: str, seen: str):
    done = kill("--points", "5", "--mutant", mutant, "--only", only)
    assert done.returncode == 1, done.stdout + done.stderr
    assert seen in done.stdout, done.stdout + done.stderr
