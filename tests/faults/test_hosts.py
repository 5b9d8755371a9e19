"""A slice of `python -m tests.faults hosts`: two hosts are one office, and one of them dies amid reports."""

from __future__ import annotations

import pytest

from tests.faults import hosts
from tests.faults.namespaces import machine

pytestmark = [pytest.mark.app, machine, pytest.mark.only("postgresql")]


def test_one_of_two_hosts_is_killed_and_nothing_is_lost_or_doubled():
    seen = hosts.live("kill", 2.0, seed=11, comes_back=False)
    assert seen.findings == []
    assert seen.figures["with_both"] > 0
    assert seen.figures["with_one"] > 0
