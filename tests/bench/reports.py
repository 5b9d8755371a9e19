"""The reporters' rows of the table: a report, many at once, a photo with its copies, what a phone loads first."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx2

from tests import photos
from tests.bench.office import Office
from tests.bench.stores import Store
from tests.bench.table import Row

WORDS: Final = "河水发黑，桥下有一根管子一直在排水，味道很大。"
REPORT: Final = {
    "words": WORDS, "q_water_body": "ditch", "place_lat": "45.81", "place_lon": "126.53", "place_accuracy_m": "12",
    "place_source": "browser", "place_words": "大耿家桥下",
}  # fmt: skip
_PHONES: Final = 8


def measured(server: Office, times: int, act: Callable[[int], None]) -> tuple[float, float, float]:
    """Do something some times; return the server's CPU-ms each, and the waits' p50 and p99."""
    for number in range(min(5, times)):
        act(-1 - number)
    waits = []
    time.sleep(0.5)
    before = server.cpu_ms()
    for number in range(times):
        started = time.perf_counter()
        act(number)
        waits.append(1000 * (time.perf_counter() - started))
    time.sleep(1.0)
    cpu = (server.cpu_ms() - before) / times
    cuts = statistics.quantiles(waits, n=100) if times > 1 else [waits[0]] * 99
    return cpu, cuts[49], cuts[98]


def reports(server: Office, client: httpx2.Client, times: int, store: Store) -> Row:
    """F1, and F3 on PostgreSQL: create a report of text and place, durable."""
    page = client.get("/report/water_pollution").text

    def act(number: int) -> None:
        answer = client.post("/report/water_pollution", data=REPORT | {"words": f"{WORDS} {number}"})
        if answer.status_code != 303:
            raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")

    if "q_water_body" not in page:
        raise RuntimeError("the form asks something else now")
    found = measured(server, times, act)
    is_embedded = store.url.startswith("sqlite")
    bare = insert_floor() if is_embedded else insert_floor_pg(store)
    engine = "sqlite" if is_embedded else "postgresql"
    what = "a report of text and place, durable"
    return Row(
        "F1" if is_embedded else "F3", what, engine, "", *_with_floor(found, bare), server.memory_mib()
    )


def crowd(server: Office, times: int, store: Store) -> Row:
    """F2: the same from eight phones at once; writers stand in line, so the waits tell how long the line is."""

    def phone(number: int) -> list[float]:
        waits = []
        with httpx2.Client(base_url=server.base, timeout=60) as client:
            for at in range(max(1, times // _PHONES)):
                started = time.perf_counter()
                answer = client.post(
                    "/report/water_pollution", data=REPORT | {"words": f"{WORDS} {number}-{at}"}
                )
                if answer.status_code != 303:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
                waits.append(1000 * (time.perf_counter() - started))
        return waits

    before, started = server.cpu_ms(), time.perf_counter()
    with ThreadPoolExecutor(_PHONES) as phones:
        waits = [wait for found in phones.map(phone, range(_PHONES)) for wait in found]
    took = time.perf_counter() - started
    cuts = statistics.quantiles(waits, n=100)
    what = f"the same, {_PHONES} clients: {len(waits) / took:.0f} a second"
    cpu = (server.cpu_ms() - before) / len(waits)
    is_embedded = store.url.startswith("sqlite")
    bare = insert_floor() if is_embedded else insert_floor_pg(store)
    engine = "sqlite" if is_embedded else "postgresql"
    found = _with_floor((cpu, cuts[49], cuts[98]), bare)
    return Row("F2" if is_embedded else "", what, engine, "", *found, server.memory_mib())


def pictures(server: Office, client: httpx2.Client, times: int) -> Row:
    """F4 and F5 together: a 3 MB photo received, durable, acknowledged, and its two copies made afterwards."""
    sent = photos.phone_photo(quality=95)
    found = measured(server, times, lambda number: post_photo(client, sent, number))
    what = f"a report with a photo of {len(sent) / 1e6:.1f} MB, two copies made after"
    return Row("F5", what, "sqlite", "", *_with_floor(found, photo_floor(sent)), server.memory_mib())


def post_photo(client: httpx2.Client, sent: bytes, number: int) -> None:
    """Send a report with a photo of its own bytes."""
    answer = client.post(
        "/report/water_pollution", data=REPORT | {"words": f"{WORDS} 照片 {number}"},
        files={"photos": ("a.jpg", sent + bytes(8) + str(number).encode(), "image/jpeg")},
    )  # fmt: skip
    if answer.status_code != 303:
        raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")


def _with_floor(found: tuple[float, float, float], floor_ms: float) -> tuple[float, float, float, float]:
    return found[0], floor_ms, found[1], found[2]


def insert_floor(times: int = 300) -> float:
    """One durable insert by the bare library: CPU-ms."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE report (id TEXT PRIMARY KEY, body TEXT)")
        before = time.process_time()
        for number in range(times):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO report VALUES (?, ?)", (str(number), WORDS))
            connection.execute("COMMIT")
        return 1000 * (time.process_time() - before) / times


def insert_floor_pg(store: Store, times: int = 300) -> float:
    """One durable insert by the bare driver: CPU-ms of this process and of the database."""
    import psycopg

    with psycopg.connect(store.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_floor (id TEXT PRIMARY KEY, body TEXT)")
        before = 1000 * time.process_time() + store.cpu_ms()
        for number in range(times):
            connection.execute("INSERT INTO bench_floor VALUES (%s, %s)", (str(number), WORDS))
        spent = (1000 * time.process_time() + store.cpu_ms() - before) / times
        connection.execute("DROP TABLE bench_floor")
    return spent


def photo_floor(sent: bytes) -> float:
    """Hash, write and fsync the bytes, decode and encode two copies in this process: CPU-ms."""
    from app.evidence import imaging_child

    imaging_child.prepare(heic=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        before = time.process_time()
        hashlib.sha256(sent).hexdigest()
        with path.open("wb") as file:
            file.write(sent)
            file.flush()
            os.fsync(file.fileno())
        with path.open("rb") as file:
            imaging_child.develop(file)
        return 1000 * (time.process_time() - before)


def first_load(client: httpx2.Client) -> tuple[int, int, int]:
    """What a phone fetches for the form the first time, page and every style, script and icon on it; the page; the styles.

    Bodies as they cross the wire: what is built is packed once, by the build, better than a page in passing.
    """
    packed = {"Accept-Encoding": "gzip"}
    page = client.get("/report/aed_missing", headers=packed)
    total = html = page.num_bytes_downloaded
    styles = 0
    for address in set(re.findall(r'(?:href|src)="(/static/dist/[^"#]+\.(?:css|js|svg))', page.text)):
        size = client.get(address, headers=packed).num_bytes_downloaded
        total += size
        styles += size if address.endswith(".css") else 0
    return total, html, styles
