"""`python -m tests.faults ready`: kill the server of an office with 100,000 clues, start it, and time until it is ready."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app import cli
from app.kept_loaded import SOON_S
from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.bench.filling import fill
from tests.conftest import make_settings
from tests.faults.power import READY, serving, wait_ready
from tests.faults.senders import Load

GOAL_S = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--clues", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--goal", type=float, default=GOAL_S, help="seconds the usual start may take")


def run(options: argparse.Namespace) -> int:
    """Fill an office, kill it under load, start it again so often; 1 when the usual start took longer than the goal.

    The goal is for a server that was killed under a parent (`serve --keep-loaded`, as docs/operations.md has it); what a start
    from nothing takes is printed beside it.
    """
    with tempfile.TemporaryDirectory(prefix="yixian-ready-") as name:
        folder, keys = Path(name), Path(name) / "faults.keys"
        make_key_file(keys, key_id="faults")
        settings = make_settings(f"sqlite:///{folder / 'yixian.db'}", folder, key_file=keys, load_cast=True)
        cli.migrate(settings)
        cli.seed(settings)
        fill(settings.database, options.clues)
        to = Urls(create_app(settings))
        waited = kept_waiting(settings, keys, options.times)
        took = from_nothing(settings, keys, to, options.times)
        again = under_a_parent(settings, keys, to, options.times)
    usual = statistics.median(again)
    sys.stdout.write(
        f"ready: {options.clues} clues, {options.times} kills -9 amid reports, under a parent: usually {usual:.2f} s, "
        f"quickest {min(again):.2f} s, slowest {max(again):.2f} s (goal {options.goal:.0f} s)\n"
        f"a start from nothing: usually {statistics.median(took):.2f} s, quickest {min(took):.2f} s, "
        f"slowest {max(took):.2f} s\n"
        f"with the socket kept by the supervisor: {len(waited)} called while nobody was there, none refused, the "
        f"longest waited {max(waited):.2f} s from the kill\n"
    )
    return 1 if usual > options.goal else 0


@contextlib.contextmanager
def amid_reports(
    base: str, keys: Path, to: Urls, seed: int, process: subprocess.Popen[bytes]
) -> Iterator[None]:
    """Send reports until one is acknowledged, and go on sending while the block runs."""
    load = Load(base, KeyRing.from_file(keys, cipher="sm4-gcm"), to)
    with load.at_work([seed]):
        while not any(each.is_acknowledged for each in load.parcels) and process.poll() is None:
            time.sleep(0.05)
        yield


def from_nothing(settings: Settings, keys: Path, to: Urls, times: int) -> list[float]:
    """The whole server killed, and another one started as an operator does; the first start is not counted."""
    took = []
    for number in range(times + 1):
        with serving(settings, keys, "") as (process, base):
            took.append(wait_ready(base, process))
            with amid_reports(base, keys, to, number, process):
                process.kill()
    return took[1:]


def under_a_parent(settings: Settings, keys: Path, to: Urls, times: int) -> list[float]:
    """The server killed under a parent that keeps the programs loaded; each time from the kill to ready."""
    took = []
    with serving(settings, keys, "", options=["--keep-loaded"]) as (process, base):
        wait_ready(base, process)
        for number in range(times):
            time.sleep(SOON_S if number else 0)  # who dies sooner, again and again, would be given up
            with amid_reports(base, keys, to, number, process):
                os.kill(child_of(process.pid), signal.SIGKILL)
                took.append(wait_ready(base, process))
    return took


def child_of(parent: int) -> int:
    """The one child of a process."""
    (child,) = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(child)


def kept_waiting(settings: Settings, keys: Path, times: int) -> list[float]:
    """Call just after the server was killed, on a socket that outlives it; the seconds until each was answered.

    Raises OSError where somebody is refused.
    """
    waited = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as kept:
        port = kept.getsockname()[1]
        with serving(settings, keys, "", kept) as (process, base):
            wait_ready(base, process)
        for _ in range(times):  # the server of before was killed as its block was left
            killed_at = time.monotonic()
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=240)
            asked.request("GET", READY)
            with contextlib.closing(asked), serving(settings, keys, "", kept):
                if asked.getresponse().status == 200:
                    waited.append(time.monotonic() - killed_at)
    return waited
