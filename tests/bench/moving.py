"""F19 and beside it: an export, a restart with everything in place, and what the figures of the health page cost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2

from app.desk.queries.exported import MOST
from app.platform import clock
from tests.bench.desk import sign_in
from tests.bench.filled import Filled, filled


def lines(
    clues: int, engine: str, *, kept: Path | None = None, photos: int = 0, times: int = 3
) -> Iterator[str]:
    """Measure each on one office."""
    with filled(clues, engine, kept=kept, photos=photos) as place:
        starts = []
        for _ in range(times):
            began = time.perf_counter()
            with place.served():
                starts.append(time.perf_counter() - began)
        usual = sorted(starts)[times // 2]
        yield f"F19  restart with {clues:,} clues ({engine}): usually {usual:.1f} s until ready (goal 3)"
        cpu, took = _figures(place)
        yield f"     the figures of /metrics with {clues:,} clues ({engine}): {cpu:.1f} CPU-ms, {took:.1f} ms"
        yield _exported(place, clues)


def _figures(place: Filled, times: int = 10) -> tuple[float, float]:
    """What is looked at anew every few seconds, however often it is asked."""
    from app.main import open_house
    from app.platform.settings import Settings
    from app.upkeep import figures

    house = open_house(Settings(data_dir=place.folder, database_url=place.url, load_cast=True))
    with house.database.read_session() as session:
        figures.taken(session, house, now=clock.now())
        began, before = time.perf_counter(), 1000 * time.process_time() + place.store.cpu_ms()
        for _ in range(times):
            figures.taken(session, house, now=clock.now())
        cpu = (1000 * time.process_time() + place.store.cpu_ms() - before) / times
        took = 1000 * (time.perf_counter() - began) / times
    house.database.close()
    return cpu, took


def _exported(place: Filled, clues: int) -> str:
    """A view's clues as a table, from the button to the last byte."""
    with place.served() as server, httpx2.Client(base_url=server.base, timeout=600, headers={"Sec-Fetch-Site": "same-origin"}) as client:  # fmt: skip
        sign_in(client)
        form = {
            "format": "xlsx",
            "purpose": "上报市院季度统计",
            "filter_list": "all",
            "filter_category": "aed_missing",
            "filter_from": (clock.office_date(clock.now()) - timedelta(days=60)).isoformat(),
        }
        began, before = time.perf_counter(), server.cpu_ms()
        answer = client.post("/desk/export", data=form)
        took, cpu = time.perf_counter() - began, server.cpu_ms() - before
        told = (
            f"{len(answer.content):,} bytes"
            if answer.status_code == 200
            else f"refused ({answer.status_code})"
        )
    return (
        f"F19  export of one category, at most {MOST:,} of {clues:,} clues ({place.engine}): {took:.1f} s, "
        f"{cpu:.0f} CPU-ms, {told}"
    )
