"""Addresses by name: the first pages of a process ask for them at the same moment."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.platform.web.render import Urls

_AT_ONCE = 8
_PROCESSES = 5


def test_whoever_asks_while_the_table_is_read_finds_every_address(app: FastAPI) -> None:
    # The last name of the table: whoever looked into one half filled would miss it.
    name = next(context.name for context in reversed(list(iter_route_contexts(app.routes))) if context.name)
    slice_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for _ in range(_PROCESSES):
                urls, start = Urls(app), Barrier(_AT_ONCE)
                asking = [threads.submit(_ask, urls, start, name) for _ in range(_AT_ONCE)]
                assert len({asked.result() for asked in asking}) == 1
    finally:
        sys.setswitchinterval(slice_s)


def _ask(urls: Urls, start: Barrier, name: str) -> str:
    start.wait(10)
    return urls(name)
