"""A slice of `python -m tests.faults power-cut`, and the proof that it sees what it looks for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.faults.disk import mountable

pytestmark = [pytest.mark.app, mountable]


def cut(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a process of its own: it forks, and a test's process has threads."""
    command = [sys.executable, "-m", "tests.faults", "power-cut", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)


def test_whenever_the_power_is_cut_everything_acknowledged_is_there_afterwards():
    done = cut("--cuts", "6", "--seed", "5")
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) cuts, (\d+) sent, (\d+) acknowledged, 0 lost, 0 faulty", done.stdout)
    assert found, done.stdout
    assert int(found[1]) == 6
    assert int(found[3]) >= 6
    amid = re.search(r"(\d+) cuts amid the pieces of a photo, (\d+) photos held piece by piece", done.stdout)
    assert amid, done.stdout
    assert int(amid[1]) >= 1
    assert int(amid[2]) >= 1


# A report, the beginning of an upload, or the note of how far it came: whatever was committed last.
_UNCOMMITTED = r"LOST: (report|the upload|\d+ bytes)"


@pytest.mark.parametrize(
    ("mutant", "seen"),
    [
        pytest.param("commit_normal", _UNCOMMITTED, marks=pytest.mark.only("sqlite")),
        pytest.param(
            "photo_unsynced", "half a blob|bytes are not there|LOST", marks=pytest.mark.only("sqlite")
        ),
        pytest.param(
            "pieces_unsynced", r"bytes of photo \w+ were told, 0 are", marks=pytest.mark.only("sqlite")
        ),
        pytest.param("commit_asynchronous", _UNCOMMITTED, marks=pytest.mark.only("postgresql")),
    ],
)
def test_an_office_that_does_not_make_durable_what_it_acknowledges_is_caught(mutant: str, seen: str):
    done = cut("--cuts", "20", "--mutant", mutant)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(seen, done.stdout), done.stdout
