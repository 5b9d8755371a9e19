"""`python -m tests.faults siege`: thousands of slow clients, and ordinary people reporting meanwhile.

The besiegers are one process of their own: some dribble a header, some a photo's body, some keep an answered
connection open, some never say a word. Whoever is let go comes back within ten seconds. They come from many loopback addresses, so that there are ports enough. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from tests.bench.office import ROOT, Office, office
from tests.intake.sheets import AED, photo

KINDS: Final = ("header", "body", "idle", "silent")
_PORTS_PER_ADDRESS: Final = 2000
_COMING_PER_S: Final = 500
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Siege:
    """What was seen."""

    held: int
    let_go: int
    waits: list[float]
    refused: list[str]
    memory_mib: float
    load: float


def p95(waits: list[float]) -> float:
    """The wait of the slowest twentieth of ordinary reports, in seconds."""
    return sorted(waits)[math.ceil(0.95 * len(waits)) - 1] if waits else math.inf


async def besiege(port: int, number: int, seconds: float, kinds: list[str]) -> None:
    """Hold as many connections as can be held; tell the number held once a second."""
    figures, ends = Counter[str](), time.monotonic() + seconds
    gate = asyncio.Semaphore(200)

    async def one(at: int) -> None:
        kind, chance = kinds[at % len(kinds)], random.Random(at)
        await asyncio.sleep(at / _COMING_PER_S)
        here = f"127.0.{1 + at // _PORTS_PER_ADDRESS // 250}.{2 + at // _PORTS_PER_ADDRESS % 250}"
        while time.monotonic() < ends:
            try:
                async with gate:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", port, local_addr=(here, 0), limit=1024
                    )
            except OSError:
                figures["turned away"] += 1
                await asyncio.sleep(chance.uniform(0, 10))
                continue
            figures["held"] += 1
            try:
                await asyncio.wait_for(drag(kind, reader, writer, chance), ends - time.monotonic())
            except (OSError, TimeoutError):
                pass
            finally:
                figures["held"] -= 1
                figures["let go"] += time.monotonic() < ends
                writer.transport.abort()
            await asyncio.sleep(chance.uniform(0, 10))

    async def tell() -> None:
        while time.monotonic() < ends:
            sys.stdout.write(json.dumps(figures) + "\n")
            sys.stdout.flush()
            await asyncio.sleep(1)

    await asyncio.gather(tell(), *(one(at) for at in range(number)))


async def drag(kind: str, reader: Any, writer: Any, chance: random.Random) -> None:
    """Be slow in one way, until the server has had enough."""
    host = b"Host: 127.0.0.1\r\n"
    starts = {
        "header": b"GET /report HTTP/1.1\r\n" + host,
        "body": b"POST /report/aed_missing HTTP/1.1\r\n" + host + b"Content-Length: 9000000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n',
        "idle": b"GET /healthz HTTP/1.1\r\n" + host + b"\r\n",
        "silent": b"",
    }
    writer.write(starts[kind])
    while not writer.transport.is_closing():
        if kind in {"header", "body"}:
            writer.write(b"X-A: b\r\n" if kind == "header" else b"x")
            await asyncio.sleep(chance.uniform(3, 8))
        elif not await reader.read(1024):
            return


def report(base: str, number: int, client: httpx2.Client) -> None:
    """Report as a person does, on connections of one's own: open the form, send it with a photo."""
    page = client.get(base + "/report/aed_missing")
    fields = dict(_HIDDEN.findall(page.text)) | {"back": ""} | AED | {"words": f"{AED['words']} {number}"}
    picture = photo(1) + number.to_bytes(8)
    answer = client.post(
        base + "/report/aed_missing", data=fields, files={"photos": ("a.jpg", picture, "image/jpeg")}
    )
    if answer.status_code != 303:
        raise RuntimeError(f"answered with {answer.status_code}")


def ordinary(server: Office, seconds: float, first: int = 0) -> tuple[list[float], list[str]]:
    """Report for so long, one report after the other; how long each took, and what went wrong."""
    waits, refused, ends = list[float](), list[str](), time.monotonic() + seconds
    while time.monotonic() < ends:
        started = time.perf_counter()
        try:
            with httpx2.Client(timeout=30) as client:
                report(server.base, first + len(waits), client)
            waits.append(time.perf_counter() - started)
        except (httpx2.HTTPError, RuntimeError) as problem:
            refused.append(repr(problem))
        time.sleep(0.1)
    return waits, refused


def lay(server: Office, number: int, seconds: float, kinds: tuple[str, ...] = KINDS) -> Siege:
    """Besiege a server; report from the moment on at which most of the besiegers stand before it."""
    port = server.base.rpartition(":")[2]
    command = [
        sys.executable,
        "-m",
        "tests.faults.siege",
        port,
        str(number),
        str(number / _COMING_PER_S + seconds + 20),
        *kinds,
    ]
    told: list[dict[str, int]] = [{}]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as besiegers:
        try:
            for line in besiegers.stdout or ():
                told.append(json.loads(line))
                if told[-1].get("held", 0) >= 0.95 * number or len(told) > number / _COMING_PER_S + 10:
                    break
            used, begun = server.cpu_ms(), time.monotonic()
            waits, refused = ordinary(server, seconds)
            memory = server.memory_mib()
            load = (server.cpu_ms() - used) / 1000 / (time.monotonic() - begun)
        finally:
            besiegers.terminate()
        told += [json.loads(line) for line in (besiegers.stdout or ()) if line.endswith("}\n")]
    held = max(each.get("held", 0) for each in told)
    return Siege(
        held, told[-1].get("let go", 0) + told[-1].get("turned away", 0), waits, refused, memory, load
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60, help="how long ordinary people report meanwhile")
    parser.add_argument("--kinds", default=",".join(KINDS), help="how the besiegers are slow")


def run(options: argparse.Namespace) -> int:
    """Besiege a fresh server, say what was seen; 1 when an ordinary report was refused or slow.

    Slow means a p95 over a second, unless the same machine needs half as long in peace: then it is the machine.
    """
    number = options.connections
    with office() as server:
        peace, trouble = ordinary(server, options.seconds / 3, first=10**6)
        seen = lay(server, number, options.seconds, tuple(options.kinds.split(",")))
        sys.stdout.write(
            f"siege: {number} slow connections wished, {seen.held} held at once, {seen.let_go} times one was let go; "
            f"{len(seen.waits)} reports with a photo: p50 {statistics.median(seen.waits or [0]):.2f} s, "
            f"p95 {p95(seen.waits):.2f} s (in peace {statistics.median(peace or [0]):.2f} and {p95(peace):.2f} s), "
            f"{len(seen.refused)} refused {sorted(set(seen.refused))[:3]}; "
            f"server: {seen.memory_mib:.0f} MiB, {seen.load:.2f} of a core\n"
        )
        sys.stdout.flush()
    is_slow = p95(seen.waits) >= max(1.0, 2 * p95(peace))
    return 1 if seen.refused or trouble or is_slow else 0


def open_many(files: int) -> None:
    """Let this process and its children hold many sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(files, hard)), max(hard, files)))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, files), max(hard, files)))


if __name__ == "__main__":
    open_many(int(sys.argv[2]) + 200)
    asyncio.run(besiege(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
