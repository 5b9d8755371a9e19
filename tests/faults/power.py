"""`python -m tests.faults power-cut`: cut the power of the disk under a busy office, and look at what is left.

A real server receives reports with photos, by the form, by the JSON door and in pieces (see `senders`), while its
disk (ext4 on a loop device) is copied at random moments. Each copy is mounted as after a restart: every report
acknowledged by then must be there, every photo bit-identical, of a photo in pieces as much as was told, the database
whole, the chain unbroken; the office must start on it and a retry be harmless.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.faults.aftermath import left, retried
from tests.faults.disk import Disk, can_mount, family, made, mounted, sh
from tests.faults.mutants import SERVING
from tests.faults.senders import Load, Parcel
from tests.platform.engines import ENGINE, cluster, free_port

ROOT: Final = Path(__file__).resolve().parents[2]
CUTS_PER_DISK: Final = 20
_MIB: Final = 256 if ENGINE == "postgresql" else 128
_SENDERS: Final = 3
READY: Final = "/readyz"  # house: allow routes-by-name (asked before there is an application)
# A cluster that keeps its promise, small enough for a small disk.
CLUSTER: Final = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "max_wal_size": "16MB", "min_wal_size": "2MB"}  # fmt: skip


@dataclass(slots=True)
class Cut:
    """One cut: what the senders knew by then, and everything that is wrong."""

    figures: Counter[str]
    findings: list[str]


def known(sent: list[Parcel], refused: list[str]) -> Cut:
    """Count what the senders know at the moment of a cut."""
    photos = [photo for parcel in sent for photo in parcel.photos]
    return Cut(
        Counter(
            cuts=1,
            sent=len(sent),
            acknowledged=sum(each.is_acknowledged for each in sent),
            pieced=sum(photo.is_held for photo in photos),
            amid=int(any(each.is_amid for each in sent)),
        ),
        refused,
    )


@dataclass(slots=True)
class Look:
    """One copy to be looked at."""

    image: Path
    keys: Path
    sent: list[Parcel]


def settings_on(disk: Disk, keys: Path, url: str) -> Settings:
    """The settings of an office whose data lie on this disk."""
    address = url or f"sqlite:///{disk.folder / 'office' / 'yixian.db'}"
    return make_settings(address, disk.folder / "office", key_file=keys)


@contextlib.contextmanager
def database_on(disk: Disk, **wishes: str) -> Iterator[str]:
    """Start PostgreSQL with its cluster on the disk; nothing for SQLite."""
    if ENGINE == "sqlite":
        yield ""
        return
    # On the machine of before the server still runs, so its own note of that would stop the one on the copy.
    (disk.folder / "cluster" / "data" / "postmaster.pid").unlink(missing_ok=True)
    with cluster(disk.folder / "cluster", **CLUSTER | wishes) as address:
        yield f"{address}/yixian"


def look(task: Look) -> list[str]:
    """Mount a copy as after a restart and say everything that is wrong with it."""
    try:
        with mounted(task.image) as disk, database_on(disk) as url:
            settings = settings_on(disk, task.keys, url)
            return left(settings, task.sent) + asyncio.run(retried(settings, task.sent))
    except Exception as problem:  # noqa: BLE001 - a house that does not start again is a finding
        return [f"the office does not come back: {problem!r}"[:600]]
    finally:
        task.image.unlink()


@contextlib.contextmanager
def office_on(
    disk: Disk, keys: Path, mutant: str
) -> Iterator[tuple[subprocess.Popen[bytes], str, list[int]]]:
    """A real server whose data lie on the disk; its process, its address, and whoever writes beside it."""
    wishes = {"synchronous_commit": "off"} if mutant == "commit_asynchronous" else {}
    with database_on(disk, **wishes) as url:
        beside = []
        if url:
            import psycopg

            server, name = url.replace("+psycopg", "").rsplit("/", 1)
            with psycopg.connect(server + "/postgres", autocommit=True) as keeper:
                keeper.execute(f"create database {name}".encode())
            beside = [int((disk.folder / "cluster" / "data" / "postmaster.pid").read_text().split()[0])]
        with serving(settings_on(disk, keys, url), keys, mutant) as (process, base):
            yield process, base, beside


_HANDED = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


@contextlib.contextmanager
def serving(
    settings: Settings,
    keys: Path,
    mutant: str,
    kept: socket.socket | None = None,
    options: Sequence[str] = (),
    **wishes: str,
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server as `python -m app serve` is, perhaps with a promise taken out; killed in the end.

    `kept` is a listening socket that is handed over as systemd does it, and outlives the server; `options` are of `serve`.
    """
    port = kept.getsockname()[1] if kept else free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIXIAN_")}
    environment |= {
        "YIXIAN_PORT": str(port), "YIXIAN_DATA_DIR": str(settings.data_dir), "YIXIAN_KEY_FILE": str(keys),
        "YIXIAN_DATABASE_URL": settings.database, "YIXIAN_LOAD_CAST": "false", "YIXIAN_DISK_FLOOR_BYTES": "0",
        "YIXIAN_WORKER_IN_PROCESS": "true", "YIXIAN_DISK_HARD_FLOOR_BYTES": "0", "YIXIAN_REPORTS_PER_HOUR": "0",
        "YIXIAN_PRESSURE_REPORTS_PER_MINUTE": "0", "YIXIAN_UPLOADS_PER_HOUR": "1000000000",
    }  # fmt: skip
    environment |= {f"YIXIAN_{name.upper()}": value for name, value in wishes.items()}
    program = ["tests.faults.mutants", mutant] if mutant else ["app"]
    command = ["-m", *program, "serve", *options]
    fds = (kept.fileno(),) if kept else ()
    handing = ["-c", _HANDED, str(kept.fileno())] if kept else []
    with subprocess.Popen(
        [sys.executable, *handing, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        pass_fds=fds,
    ) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def wait_ready(
    base: str, process: subprocess.Popen[bytes], most_s: float = 240.0, host: str = "", door: str = READY
) -> float:
    """Wait until a server may take reports in (asked by the name it has, if it insists); how long that took."""
    started, port = time.monotonic(), int(base.rpartition(":")[2])
    while time.monotonic() - started < most_s and process.poll() is None:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.suppress(OSError), contextlib.closing(asked):
            asked.request("GET", door, headers={"Host": host} if host else {})
            if asked.getresponse().status == 200:
                return time.monotonic() - started
        time.sleep(0.05)
    ended = "it is still starting" if process.poll() is None else f"it ended with {process.returncode}"
    raise RuntimeError(f"the server did not become ready: {ended}")


@contextlib.contextmanager
def lookers() -> Iterator[Any]:
    """Somebody who looks at copies, forked before there are threads; always allowed to finish, for he has mounts."""
    pool = get_context("fork").Pool(1, initializer=signal.signal, initargs=(signal.SIGTERM, signal.SIG_IGN))
    try:
        yield pool
    finally:
        pool.close()
        pool.join()


def cuts(number: int, seed: int, mutant: str) -> Iterator[Cut]:
    """Cut so often, and say what was known at each cut and what was found."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="yixian-power-") as name, lookers() as pool:
        keys = Path(name) / "faults.keys"
        make_key_file(keys, key_id="faults")
        to = Urls(create_app(make_settings(f"sqlite:///{name}/unused.db", Path(name), key_file=keys)))
        to("intake:submit", category_key="")  # fills its table before the threads ask
        for begun in range(0, number, CUTS_PER_DISK):
            with made(_MIB) as disk, office_on(disk, keys, mutant) as (process, base, beside):
                wait_ready(base, process)
                sh("sync", "-f", str(disk.folder))
                load = Load(base, KeyRing.from_file(keys, cipher="sm4-gcm"), to)
                many = min(CUTS_PER_DISK, number - begun)
                with load.at_work(chance.random() for _ in range(_SENDERS)):
                    try:
                        yield from _cut(disk, load, process, beside, keys, many, chance, pool)
                    finally:
                        process.kill()  # whoever waits for an answer need not wait longer


def _cut(disk: Disk, load: Load, process: Any, beside: list[int], keys: Path, number: int, chance: random.Random, pool: Any) -> Iterator[Cut]:  # fmt: skip
    waiting: list[tuple[Cut, Any]] = []
    for at in range(number):
        _wait_for_news(load, process)
        time.sleep(chance.uniform(0, 0.5))
        copy = disk.image.with_name(f"cut-{at}.img")
        writers = [pid for each in (process.pid, *beside) for pid in family(each)]
        with disk.cut(writers, copy):
            sent = [each.seen_now() for each in list(load.parcels)]
        refused, load.refused = load.refused, []
        waiting.append((known(sent, refused), pool.apply_async(look, (Look(copy, keys, sent),))))
        while waiting and (len(waiting) > 2 or at + 1 == number):
            done, found = waiting.pop(0)
            done.findings.extend(found.get(300))
            yield done


def _wait_for_news(load: Load, process: Any) -> None:
    """Wait for three more acknowledgements: a cut of an office in which nothing happens proves nothing."""
    wished, patience = sum(each.is_acknowledged for each in load.parcels) + 3, time.monotonic() + 60
    while sum(each.is_acknowledged for each in load.parcels) < wished and time.monotonic() < patience:
        if process.poll() is not None:
            raise RuntimeError("the server ended by itself")
        time.sleep(0.01)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", default="", choices=["", *SERVING], help="stops when it is caught")


def run(options: argparse.Namespace) -> int:
    """Cut, and say what was found."""
    if why := can_mount():
        sys.stdout.write(f"power-cut: no disk can be mounted on this machine ({why})\n")
        return 2
    started, figures, worst = time.monotonic(), Counter[str](), list[str]()
    with contextlib.suppress(KeyboardInterrupt):
        for cut in cuts(options.cuts, options.seed, options.mutant):
            figures.update(cut.figures)
            figures.update(faulty=int(bool(cut.findings)), lost=sum("LOST" in each for each in cut.findings))
            worst += cut.findings
            if worst and options.mutant:
                break
    sys.stdout.write("".join(f"  {each}\n" for each in worst[:10]))
    told = ", ".join(f"{figures[key]} {key}" for key in ("cuts", "sent", "acknowledged", "lost", "faulty"))
    sys.stdout.write(f"power-cut on {ENGINE}{options.mutant and f' ({options.mutant})'}: {told} "
                     f"(reports summed over cuts); {figures['amid']} cuts amid the pieces of a photo, "
                     f"{figures['pieced']} photos held piece by piece (summed over cuts); "
                     f"{time.monotonic() - started:.0f} s\n")  # fmt: skip
    return 1 if worst else 0
