"""What a photo costs: F4 received and durable, F6 how many a second with their copies, F7 memory with four in flight."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import httpx2

from tests import photos
from tests.bench.office import Office, office, pss_mib

Post = Callable[[httpx2.Client, bytes, int], None]


def received_floor(photo: bytes, times: int = 20) -> float:
    """Hash, write and fsync the bytes in this process: CPU-ms."""
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        for number in range(times):
            hashlib.sha256(photo).hexdigest()
            with (Path(folder) / str(number)).open("wb") as file:
                file.write(photo)
                file.flush()
                os.fsync(file.fileno())
        return 1000 * (time.process_time() - before) / times


def received(
    post: Post, measured: Callable[..., tuple[float, float, float]], times: int
) -> tuple[str, float, float, float, float]:
    """F4: a photo received, hashed, durable and acknowledged; the worker, which makes the copies, is off."""
    photo = photos.phone_photo(quality=95)
    with (
        office(YIXIAN_WORKER_IN_PROCESS="false") as server,
        httpx2.Client(base_url=server.base, timeout=60) as client,
    ):
        cpu, p50, p99 = measured(server, times, lambda number: post(client, photo, number))
    what = f"a report with a photo of {len(photo) / 1e6:.1f} MB, durable, acknowledged"
    return what, cpu, received_floor(photo), p50, p99


@dataclass(frozen=True, slots=True)
class Flood:
    """F6 and F7 of one run: photos a second, memory (PSS) of a server nobody has used yet and at most; and the floors."""

    rate: float
    idle_mib: float
    peak_mib: float
    rate_floor: float
    peak_floor_mib: float


def flood(post: Post, count: int) -> Flood:
    """F6 and F7: photos with their copies from four phones at once."""
    photo = photos.phone_photo(quality=95)
    with office() as server:
        idle = server.memory_mib()
        stop, peak = threading.Event(), [0.0]

        def watch() -> None:
            while not stop.wait(0.1):
                peak[0] = max(peak[0], server.memory_mib())

        watcher = threading.Thread(target=watch)
        watcher.start()
        clients = [httpx2.Client(base_url=server.base, timeout=120) for _ in range(4)]
        post(clients[0], photo, -1)
        _wait(server, 1)
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: post(clients[number % 4], photo, number), range(count)))
        _wait(server, count + 1)
        rate = count / (time.monotonic() - began)
        stop.set()
        watcher.join()
        for client in clients:
            client.close()
    return Flood(rate, idle, peak[0], *_floors(photo))


def _wait(server: Office, count: int) -> None:
    with closing(sqlite3.connect(f"file:{server.folder / 'yixian.db'}?mode=ro", uri=True)) as looking:
        question = "SELECT count(*) FROM evidence_item WHERE condition = 'ready'"
        while looking.execute(question).fetchone()[0] < count:
            time.sleep(0.05)


def _floors(photo: bytes, count: int = 8) -> tuple[float, float]:
    """Two bare processes that decode and encode the same copies and do nothing else: photos a second, MiB at most."""
    context = get_context("fork")
    began, peak = time.monotonic(), 0.0
    workers = [context.Process(target=_decode, args=(photo, count // 2)) for _ in range(2)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        peak = max(peak, pss_mib(worker.pid for worker in workers if worker.pid))
        time.sleep(0.02)
    return count / (time.monotonic() - began), peak


def _decode(photo: bytes, count: int) -> None:
    import io

    from app.evidence import imaging_child

    imaging_child.prepare(heic=False)
    for _ in range(count):
        imaging_child.develop(io.BytesIO(photo))
