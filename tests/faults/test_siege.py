"""A small siege; the one of ten thousand is `python -m tests.faults siege`."""

from __future__ import annotations

import pytest

from tests.bench.office import office
from tests.faults.siege import lay

pytestmark = [pytest.mark.app, pytest.mark.only("sqlite")]


def test_three_hundred_slow_connections_keep_no_report_out():
    with office(YIXIAN_CONNECTIONS="250", YIXIAN_HEADER_SECONDS="3") as server:
        seen = lay(server, 300, 6.0)
    assert seen.refused == []
    assert len(seen.waits) > 3
    assert seen.held > 240
    assert seen.let_go > 50
    # A shared machine may stall for a moment; the figure of goals.md (p95 under 1 s) is the tool's.
    assert sorted(seen.waits)[len(seen.waits) // 2] < 2
