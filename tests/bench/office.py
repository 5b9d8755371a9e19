"""A real server in its own process, on a loopback port, with a fresh data folder; its CPU and memory are read from /proc."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx2

ROOT: Final = Path(__file__).resolve().parents[2]
_TICKS: Final = os.sysconf("SC_CLK_TCK")
Beside = Callable[[], float] | None


class Office:
    """One running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path, beside: Beside) -> None:
        self.process, self.folder, self._beside = process, folder, beside
        self.base = f"http://127.0.0.1:{port}"

    def _family(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            if children.exists():
                found += [int(child) for child in children.read_text().split()]
        return found

    def cpu_ms(self) -> float:
        """CPU used so far by the server, its helpers, their dead children, and a database beside it."""
        return spent_ms(self._family()) + (self._beside() if self._beside else 0)

    def memory_mib(self) -> float:
        """Private and shared memory in RAM, shared pages counted by share (PSS), of the whole family."""
        return pss_mib(self._family())


def spent_ms(pids: Iterable[int]) -> float:
    """Return what these processes and their dead children have spent, in CPU-ms."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(fields[at]) for at in (11, 12, 13, 14))
    return 1000 * total / _TICKS


def pss_mib(pids: Iterable[int]) -> float:
    """Return what these processes hold in RAM, shared pages counted by share."""
    total = 0
    for pid in pids:
        with suppress(OSError):  # a helper's child may have ended meanwhile
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


@contextmanager
def office(folder: Path | None = None, *, beside: Beside = None, **settings: str) -> Iterator[Office]:
    """Start a server, wait until it is ready, stop it afterwards; on a folder of its own or on a filled one.

    `beside` says what a database of its own processes has spent: that is part of the price.
    """
    with tempfile.TemporaryDirectory(prefix="yixian-bench-") as made_name:
        name = str(folder or made_name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("YIXIAN_")}
        environment |= {
            "YIXIAN_PORT": str(port),
            "YIXIAN_DATA_DIR": name,
            "YIXIAN_TRIES_PER_HOUR": "100000",
            "YIXIAN_REPORTS_PER_HOUR": "100000000",
            "YIXIAN_PRESSURE_REPORTS_PER_MINUTE": "0",
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        made = Office(process, port, Path(name), beside)
        try:
            for _ in range(300):
                try:
                    if httpx2.get(made.base + "/readyz").status_code == 200:
                        break
                except httpx2.TransportError:
                    time.sleep(0.1)
            else:
                raise RuntimeError("the server did not become ready")
            yield made
        finally:
            process.terminate()
            try:
                process.wait(120)
            except subprocess.TimeoutExpired:  # a machine with much else to do
                process.kill()
                process.wait()
