"""Prints one table: what a report, a photo, the queue and a clue page cost, in CPU-ms of the server, beside a floor.

Every row is measured on a real server over loopback, with everything on. The floor of a row is measured in the
same run: the least a program must do for the same promise (one durable insert, hashing and fsyncing the bytes).
`python -m tests.bench [--clues 1000 100000]`; times on a busy machine mean nothing, CPU-ms and ratios do.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx2

from tests import photos
from tests.bench import desk, importing, photo
from tests.bench.desk import Row
from tests.bench.office import Office, office

WORDS = "河水发黑，桥下有一根管子一直在排水，味道很大。"
REPORT = {
    "words": WORDS, "q_water_body": "ditch", "place_lat": "45.81", "place_lon": "126.53", "place_accuracy_m": "12",
    "place_source": "browser", "place_words": "大耿家桥下",
}  # fmt: skip
_PHONES: Final = 8


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--lines", type=int, default=importing.LINES)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--clues", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--kept", type=Path, help="keep the filled offices here and use them again")
    options = parser.parse_args()
    with office(YIXIAN_LOAD_CAST="true") as server, httpx2.Client(base_url=server.base, timeout=60) as client:
        rows = [
            reports(server, client, options.reports),
            crowd(server, options.reports),
            pictures(server, client, options.photos),
        ]
        memory = server.memory_mib()
        weight = first_load(client)
    rows.insert(1, Row("F4", *photo.received(post_photo, measured, options.photos)))
    flood = photo.flood(post_photo, options.photos)
    for size in options.clues:
        rows += desk.rows(size, kept=options.kept)
    say(f"{'key':<5}{'what':<60}{'CPU-ms':>9}{'floor':>8}{'ratio':>7}{'p50 ms':>9}{'p99 ms':>9}")
    for row in rows:
        ratio = row.cpu_ms / row.floor_ms if row.floor_ms else 0
        say(
            f"{row.key:<5}{row.what:<60}{row.cpu_ms:>9.2f}{row.floor_ms:>8.2f}{ratio:>7.1f}"
            f"{row.p50_ms:>9.1f}{row.p99_ms:>9.1f}"
        )
    say_likeness()
    say(
        f"F6   photos with their copies, from four phones at once: {flood.rate:.1f} a second (floor {flood.rate_floor:.1f})"
    )
    say(
        f"F7   memory (PSS): {flood.idle_mib:.0f} MiB before anybody came, {memory:.0f} MiB at rest after all that, "
        f"{flood.peak_mib:.0f} MiB at most with photos in flight (floor {flood.peak_floor_mib:.0f})"
    )
    for one in importing.rows(options.lines):
        say(
            f"F19  {one.what}, {options.lines} lines: looked at in {one.checked_s:.1f} s, taken in in {one.taken_s:.1f} s, "
            f"{one.cpu_ms:.2f} CPU-ms a line, {one.peak_mib:.0f} MiB at most"
        )
    say(f"F14  report form, first load: {weight / 1024:.1f} KB on the wire, all files")
    return 0


def say_likeness() -> None:
    """How well likeness tells the labelled pairs apart, at the two thresholds the desk uses."""
    from app.triage.likeness import LIKELY, THRESHOLD
    from tests.triage import pairs

    total = sum(1 for _ in pairs.judged())
    for threshold in (THRESHOLD, LIKELY):
        found = pairs.quality(threshold)
        say(
            f"     same matter, {total} labelled pairs, from {threshold:.2f}: "
            f"precision {found.precision:.3f}, recall {found.recall:.3f}"
        )


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


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


def reports(server: Office, client: httpx2.Client, times: int) -> Row:
    """F1: create a report of text and place, durable."""
    page = client.get("/report/water_pollution").text

    def act(number: int) -> None:
        answer = client.post("/report/water_pollution", data=REPORT | {"words": f"{WORDS} {number}"})
        if answer.status_code != 303:
            raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")

    if "q_water_body" not in page:
        raise RuntimeError("the form asks something else now")
    return Row(
        "F1",
        "a report of text and place, durable (SQLite)",
        *_with_floor(measured(server, times, act), insert_floor()),
    )


def crowd(server: Office, times: int) -> Row:
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
    return Row("F2", what, *_with_floor((cpu, cuts[49], cuts[98]), insert_floor()))


def pictures(server: Office, client: httpx2.Client, times: int) -> Row:
    """F4 and F5 together: a 3 MB photo received, durable, acknowledged, and its two copies made afterwards."""
    sent = photos.phone_photo(quality=95)
    found = measured(server, times, lambda number: post_photo(client, sent, number))
    what = f"a report with a photo of {len(sent) / 1e6:.1f} MB, two copies made after"
    return Row("F5", what, *_with_floor(found, photo_floor(sent)))


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


def first_load(client: httpx2.Client) -> int:
    """What a phone fetches for the form the first time: the page as it comes, and every style, script and icon on it."""
    page = client.get("/report/aed_missing", headers={"Accept-Encoding": "gzip"})
    total = len(gzip.compress(page.content, 1))
    for address in set(re.findall(r'(?:href|src)="(/static/dist/[^"#]+\.(?:css|js|svg))', page.text)):
        total += len(gzip.compress(client.get(address).content, 1))
    return total


if __name__ == "__main__":
    sys.exit(main())
