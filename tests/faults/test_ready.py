"""A slice of `python -m tests.faults ready`: a killed server starts again by itself. Its time is judged on a calm machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.app, pytest.mark.only("sqlite")]


def test_an_office_killed_amid_reports_is_ready_again_and_its_time_is_held_against_the_goal():
    """No start is quick enough for a goal of nothing: so the tool comes to its end and judges what it measured."""
    command = [sys.executable, "-m", "tests.faults", "ready", "--clues", "300", "--times", "1", "--goal", "0"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert "ready: 300 clues, 1 kills -9 amid reports, under a parent: usually" in done.stdout, done.stderr
    assert "(goal 0 s)" in done.stdout
    assert "a start from nothing: usually" in done.stdout
    assert "kept by the supervisor: 1 called while nobody was there, none refused" in done.stdout
    assert done.returncode == 1
