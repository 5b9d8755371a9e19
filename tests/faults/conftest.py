"""Tests that mount a disk of their own run wherever a disk can really be mounted; elsewhere they are left out, aloud.

Left out, not skipped: a skip is a failure in CI (.ci/test), and a machine that grants no mount lacks nothing it
could be given. Whether it does is found by mounting one, so where it can be done it is done.
"""

from __future__ import annotations

import pytest

from tests.faults.disk import can_mount


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a mount where none is granted."""
    wanting = [item for item in items if item.get_closest_marker("mountable")]
    if not wanting or not (why := can_mount()):
        return
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in wanting]
    config.issue_config_time_warning(UserWarning(f"power cuts and full disks are not tested here: {why}"), 2)
