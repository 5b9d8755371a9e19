"""Works the queue off for one room's tests: its own reactions run, those of other rooms are taken as done."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.jobs import Handler, Tools, run_one


class Only(dict[str, Handler]):
    """The reactions a test is about; every other one does nothing."""

    def __missing__(self, name: str) -> Handler:
        """Take another room's reaction as done."""
        return lambda _tools, _work: None


def work_off(tools: Tools, handlers: Mapping[str, Handler]) -> int:
    """Run until nothing is due; return how many jobs ran."""
    count = 0
    while run_one(tools, Only(handlers)):
        count += 1
    return count
