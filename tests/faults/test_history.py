"""A small part of `python -m tests.faults history`, and the proof that the checker sees what it looks for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.app


def live(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a process of its own."""
    command = [sys.executable, "-m", "tests.faults", "history", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)


def test_over_a_hostile_line_every_report_arrives_exactly_once():
    done = live("--histories", "100", "--sockets", "20", "--seed", "11")
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) histories, 0 lost, 0 doubled, 0 findings .*?(\d+) unknown", done.stdout)
    assert found, done.stdout
    assert int(found[1]) == 100
    assert int(found[2]) > 100
    assert "20 sockets" in done.stdout


def test_an_office_that_takes_every_arrival_for_a_new_report_is_caught():
    done = live("--histories", "30", "--sockets", "0", "--mutant", "always_new")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "DOUBLED" in done.stdout
