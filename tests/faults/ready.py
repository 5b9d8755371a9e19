"""`python -m tests.faults ready`: kill the server of an office with 100,000 clues, start it, and time until it is ready."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from app import cli
from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.bench.filling import fill
from tests.conftest import make_settings
from tests.faults.power import serving, wait_ready
from tests.faults.senders import Load

GOAL_S = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--clues", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--goal", type=float, default=GOAL_S, help="seconds the usual start may take")


def run(options: argparse.Namespace) -> int:
    """Fill an office, kill it under load, start it again so often; 1 when the usual start took longer than the goal."""
    took = []
    with tempfile.TemporaryDirectory(prefix="yixian-ready-") as name:
        folder, keys = Path(name), Path(name) / "faults.keys"
        make_key_file(keys, key_id="faults")
        settings = make_settings(f"sqlite:///{folder / 'yixian.db'}", folder, key_file=keys, load_cast=True)
        cli.migrate(settings)
        cli.seed(settings)
        fill(settings.database, options.clues)
        to = Urls(create_app(settings))
        waited = kept_waiting(settings, keys, options.times)
        for _ in range(options.times + 1):
            with serving(settings, keys, "") as (process, base):
                took.append(wait_ready(base, process))
                load = Load(base, KeyRing.from_file(keys, cipher="sm4-gcm"), to)
                with load.at_work([len(took)]):
                    while not any(each.is_acknowledged for each in load.parcels) and process.poll() is None:
                        time.sleep(0.05)
                    process.kill()
    usual = statistics.median(took[1:])
    sys.stdout.write(
        f"ready: {options.clues} clues, {options.times} starts after kill -9 amid reports: usually {usual:.2f} s, "
        f"quickest {min(took[1:]):.2f} s, slowest {max(took[1:]):.2f} s (goal {options.goal:.0f} s)\n"
    )
    sys.stdout.write(
        f"with the socket kept by the supervisor: {len(waited)} called while nobody was there, none refused, the "
        f"longest waited {max(waited):.2f} s from the kill\n"
    )
    return 1 if usual > options.goal else 0


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
            asked.request("GET", "/readyz")
            with contextlib.closing(asked), serving(settings, keys, "", kept):
                if asked.getresponse().status == 200:
                    waited.append(time.monotonic() - killed_at)
    return waited
