"""Tests that need a disk or machines of their own run wherever those can really be had; elsewhere they are left out, aloud.

Left out, not skipped: a skip is a failure in CI (.ci/test), and a machine that grants no mount lacks nothing it
could be given. Whether it does is found by mounting one, so where it can be done it is done.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.faults import disk, namespaces

_WANTS: Final = (
    ("mountable", disk.can_mount, "power cuts and full disks are not tested here"),
    ("machine", namespaces.can_have, "the loss of one of two hosts is not tested here"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a mount or a namespace where none is granted."""
    for name, why_not, said in _WANTS:
        wanting = [item for item in items if item.get_closest_marker(name)]
        if not wanting or not (why := why_not()):
            continue
        config.hook.pytest_deselected(items=wanting)
        items[:] = [item for item in items if item not in wanting]
        config.issue_config_time_warning(UserWarning(f"{said}: {why}"), 2)
