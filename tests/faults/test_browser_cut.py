"""Two cuts of `python -m tests.faults browser-cut`, and the proof that it sees what it looks for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faults.disk import mountable

pytestmark = [pytest.mark.app, mountable, pytest.mark.only("sqlite")]


def cut(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a process of its own."""
    command = [sys.executable, "-m", "tests.faults", "browser-cut", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)


def test_what_waits_on_the_phone_is_there_when_its_power_comes_back():
    done = cut("--cuts", "2", "--outbox-cuts", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 cuts, 3 photos kept (summed over cuts), 0 lost" in done.stdout
    assert "2 cuts of the outbox, 3 submitted reports kept (summed over cuts)" in done.stdout


def test_a_page_that_relies_on_the_browsers_default_is_caught_before_and_after_it_is_submitted():
    done = cut("--cuts", "5", "--outbox-cuts", "3", "--mutant")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "LOST" in done.stdout
