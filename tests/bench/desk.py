# ruff: noqa: S608 - statements put together from this file's own pieces
"""The desk's rows of the table, F8 to F13, on offices of any size: queue, clue, nearby, search, the list's own poll.

The floor of a row is the same SELECT run by the bare library on the same file.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx2

from tests.bench.filling import fill
from tests.bench.office import Office, office

QUEUE = "/desk?category=water_pollution"
SEARCH = "/desk?list=all&q=黑水"


class Row(NamedTuple):
    """One line of the table."""

    key: str
    what: str
    cpu_ms: float
    floor_ms: float
    p50_ms: float
    p99_ms: float


@contextmanager
def filled(clues: int, kept: Path | None = None) -> Iterator[Path]:
    """Give a folder with an office of so many clues; a kept one is used again."""
    from app import cli
    from app.platform.settings import Settings

    with tempfile.TemporaryDirectory(prefix="yixian-clues-") as name:
        folder = kept / str(clues) if kept else Path(name)
        if not (folder / "yixian.db").exists():
            settings = Settings(data_dir=folder, load_cast=True)
            cli.migrate(settings)
            cli.seed(settings)
            fill(folder / "yixian.db", clues)
        working = Path(name) / "working"
        shutil.copytree(folder, working)
        yield working


def rows(clues: int, *, kept: Path | None = None, times: int = 100) -> list[Row]:
    """Measure every row of the desk on one size."""
    with filled(clues, kept) as folder, office(folder, YIXIAN_LOAD_CAST="true") as server:
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            sign_in(client)
            photographed = _photographed(folder)
            size = f"{clues:,} clues"
            measured = [
                ("F8", f"queue, first page, filtered, {size}", QUEUE, floor(folder, _QUEUE)),
                ("F8", f"queue, all states, one category, {size}", "/desk?list=all&category=wetland", 0.0),
                (
                    "F11",
                    f"a clue with three photos, {size}",
                    f"/desk/clues/{photographed}",
                    floor(folder, _CLUE),
                ),
                ("F13", f"search, two characters, {size}", SEARCH, floor(folder, _SEARCH)),
            ]
            found = [
                Row(key, what, cpu, bare, p50, p99)
                for key, what, address, bare in measured
                for cpu, p50, p99 in [_measured(server, times, partial(_get, client, address))]
            ]
            found.append(_poll(server, client, size, times))
            found.append(_two_clients(server, size, times))
        found.append(_near(folder, size))
    return found


def sign_in(client: httpx2.Client) -> None:
    """Sign in as a prosecutor of the cast."""
    page = client.get("/sign-in").text
    account = re.search(r'name="(\w+)" value="([^"]+)"[^>]*>(?:(?!</button>).)*陈明远', page, re.DOTALL)
    if account is None:
        raise RuntimeError("the sign-in page shows no cast")
    client.post("/sign-in/cast", data={account.group(1): account.group(2)})


_OPEN = "compartment_id = (SELECT id FROM compartment WHERE kind = 'open')"
_OFFICE = "office_id = (SELECT id FROM org_unit WHERE kind = 'office' ORDER BY rowno LIMIT 1)"
_QUEUE = (
    f"SELECT * FROM clue WHERE {_OFFICE} AND {_OPEN} AND state = 'submitted' AND category_key = 'water_pollution' "
    "ORDER BY received_at DESC, id DESC LIMIT 51"
)
_CLUE = "SELECT * FROM clue WHERE id = (SELECT clue_id FROM evidence_item ORDER BY rowno DESC LIMIT 1)"
_SEARCH = (
    "SELECT c.* FROM (SELECT rowid FROM clue_words WHERE clue_words MATCH '\"黑水\"' ORDER BY rowid DESC LIMIT 60) f "
    "JOIN clue c ON c.rowno = f.rowid"
)


def floor(folder: Path, statement: str, times: int = 200) -> float:
    """The same rows by the bare library: CPU-ms."""
    connection = sqlite3.connect(folder / "yixian.db")
    connection.execute(statement).fetchall()
    before = time.process_time()
    for _ in range(times):
        connection.execute(statement).fetchall()
    return 1000 * (time.process_time() - before) / times


def _photographed(folder: Path) -> str:
    connection = sqlite3.connect(folder / "yixian.db")
    row = connection.execute(
        "SELECT e.clue_id FROM evidence_item e JOIN clue c ON c.id = e.clue_id "
        f"WHERE c.{_OPEN} ORDER BY e.rowno DESC LIMIT 1"
    ).fetchone()
    return str(row[0])


def _measured(server: Office, times: int, act: Callable[[int], None]) -> tuple[float, float, float]:
    for number in range(10):
        act(number)
    waits = []
    before = server.cpu_ms()
    for number in range(times):
        started = time.perf_counter()
        act(number)
        waits.append(1000 * (time.perf_counter() - started))
    cpu = (server.cpu_ms() - before) / times
    cuts = statistics.quantiles(waits, n=100)
    return cpu, cuts[49], cuts[98]


def _get(client: httpx2.Client, address: str, _number: int) -> None:
    _ok(client.get(address))


def _ok(answer: httpx2.Response) -> None:
    if answer.status_code not in {200, 304}:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code}")


def _poll(server: Office, client: httpx2.Client, size: str, times: int) -> Row:
    """What an open desk costs every fifteen seconds while nothing happens."""
    page = client.get(QUEUE).text
    poll = re.search(r'hx-get="([^"]+)"', page[page.index('id="lists"') :])
    etag = re.search(r'"If-None-Match": "(\\"[0-9a-f]+\\")"', page)
    if poll is None or etag is None:
        raise RuntimeError("the queue does not poll")
    address = poll.group(1).replace("&amp;", "&")
    headers = {"HX-Request": "true", "X-Poll": "1", "If-None-Match": etag.group(1).replace("\\", "")}
    cpu, p50, p99 = _measured(server, times, lambda _: _ok(client.get(address, headers=headers)))
    return Row("F8", f"the list's poll, nothing new (304), {size}", cpu, 0.0, p50, p99)


def _two_clients(server: Office, size: str, times: int) -> Row:
    """F10: the queue with two people asking at once."""
    waits: list[float] = []

    def ask() -> None:
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            sign_in(client)
            for _ in range(times):
                started = time.perf_counter()
                _ok(client.get(QUEUE))
                waits.append(1000 * (time.perf_counter() - started))

    people = [threading.Thread(target=ask) for _ in range(2)]
    before = server.cpu_ms()
    for one in people:
        one.start()
    for one in people:
        one.join()
    cuts = statistics.quantiles(waits, n=100)
    return Row(
        "F10",
        f"queue, two people at once, {size}",
        (server.cpu_ms() - before) / len(waits),
        0.0,
        cuts[49],
        cuts[98],
    )


def _near(folder: Path, size: str, times: int = 300) -> Row:
    """F12: clues of one category around a place, as the clue page asks for them; CPU-ms of this process."""
    from app.desk.queries import around
    from app.identity.actor import Actor
    from app.identity.terms import Role
    from app.platform import clock
    from app.platform.db import Database

    database = Database(f"sqlite:///{folder / 'yixian.db'}")
    with database.read_session() as session:
        connection = sqlite3.connect(folder / "yixian.db")
        office_id = connection.execute(
            f"SELECT id FROM org_unit WHERE {_OFFICE.replace('office_id', 'id')}"
        ).fetchone()[0]
        circle = connection.execute("SELECT id FROM compartment WHERE kind = 'open'").fetchone()[0]
        chen = Actor(
            "a", "", frozenset({Role.HANDLER}), office_id, office_id, "", "", frozenset({circle}), "s"
        )
        places = connection.execute("SELECT lat, lon FROM clue ORDER BY rowno DESC LIMIT 100").fetchall()
        since = clock.now().replace(year=2020)

        def act(number: int) -> None:
            lat, lon = places[number % len(places)]
            box = (lat - 0.0027, lon - 0.0038, lat + 0.0027, lon + 0.0038)
            around.in_box(session, chen, box=box, category_key="water_pollution", since=since, but="")

        act(0)
        waits = []
        before = time.process_time()
        for number in range(times):
            started = time.perf_counter()
            act(number)
            waits.append(1000 * (time.perf_counter() - started))
        cpu = 1000 * (time.process_time() - before) / times
        lat, lon = places[0]
        bare = floor(
            folder,
            "SELECT c.* FROM clue_place p JOIN clue c ON c.rowno = p.rowno WHERE "
            f"p.north >= {lat - 0.0027} AND p.south <= {lat + 0.0027} AND p.east >= {lon - 0.0038} "
            f"AND p.west <= {lon + 0.0038} AND c.category_key = 'water_pollution'",
        )
    database.close()
    cuts = statistics.quantiles(waits, n=100)
    return Row("F12", f"nearby, same category, 300 m, {size}", cpu, bare, cuts[49], cuts[98])
