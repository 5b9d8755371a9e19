"""`python -m tests.faults failover`: the database dies amid reports; it comes back, or its synchronous standby takes over.

Streaming replication is PostgreSQL's own, set up here on loopback. The house knows both servers by one address that
names them in a row and asks for the one that may write; nobody starts it again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.faults.aftermath import left, retried
from tests.faults.disk import family
from tests.faults.power import CLUSTER, serving, wait_ready
from tests.faults.senders import Load
from tests.platform.engines import as_postgres, cluster, free_port, postgres_programs

WAYS: Final = ("postmaster", "standby")
_STANDBY: Final = "second"
_PEOPLE: Final = 3
_DEAF_S: Final = 3.0
# A database that is back is found again within this, on a machine that has nothing else to do.
_PATIENCE_S: Final = 120.0


@dataclass(slots=True)
class Server:
    """One PostgreSQL, which can be killed and started again on its port."""

    home: Path
    port: int
    wishes: dict[str, str]
    address: str = ""
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> None:
        """Start it, or start it again: what a kill left is recovered."""
        (self.home / "data" / "postmaster.pid").unlink(missing_ok=True)
        wishes = CLUSTER | self.wishes | {"port": str(self.port)}
        self._stack.enter_context(cluster(self.home, **wishes))
        self.address = f"postgresql+psycopg://yixian@127.0.0.1:{self.port}"

    def processes(self) -> list[int]:
        """Its postmaster and everything that came of it."""
        return family(int((self.home / "data" / "postmaster.pid").read_text().split()[0]))

    def kill(self, *, all_of_it: bool) -> None:
        """Kill the postmaster, or all of it at once as when its machine goes dark."""
        pids = self.processes()
        for pid in pids if all_of_it else pids[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}/stat").exists() and not _is_dead(pid) for pid in pids):
            time.sleep(0.02)

    def do(self, statement: str, database: str = "postgres") -> list[Any]:
        """Say something to it."""
        import psycopg

        address = f"{self.address.replace('+psycopg', '')}/{database}"
        with psycopg.connect(address, autocommit=True) as keeper:
            done = keeper.execute(statement.encode())
            return done.fetchall() if done.description else []

    def close(self) -> None:
        """Let it go, dead or alive."""
        self._stack.close()


def _is_dead(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


@dataclass(slots=True)
class Seen:
    """What was seen in one run."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    back_after_s: float = 0.0


@contextlib.contextmanager
def pair(folder: Path, *, has_standby: bool, is_synchronous: bool) -> Iterator[list[Server]]:
    """A database and, where wished, its standby, which has everything before anybody is told yes."""
    first = Server(folder / "first", free_port(), {})
    servers = [first]
    try:
        first.start()
        first.do("create database yixian")
        if has_standby:
            second = Server(folder / "second", free_port(), {})
            _copy(first, second.home)
            second.start()
            servers.append(second)
            wished = f"'{_STANDBY}'" if is_synchronous else "''"
            first.do(f"alter system set synchronous_standby_names = {wished}")
            first.do("select pg_reload_conf()")
            until = time.monotonic() + 60
            kind = "sync" if is_synchronous else "async"
            while first.do("select sync_state from pg_stat_replication") != [(kind,)]:
                if time.monotonic() > until:
                    raise RuntimeError("the standby does not follow")
                time.sleep(0.1)
        yield servers
    finally:
        for each in reversed(servers):
            each.close()


def _copy(first: Server, home: Path) -> None:
    """Make a standby as an operator does: a base backup that knows where it came from."""
    programs = postgres_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed here")
    home.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["chown", "postgres:postgres", str(home)], check=True)
    source = f"host=127.0.0.1 port={first.port} user=yixian application_name={_STANDBY}"
    command = [str(programs / "pg_basebackup"), "-d", source, "-D", str(home / "data"), "-R", "-X", "stream", "-c", "fast"]  # fmt: skip
    subprocess.run([*as_postgres(), *command], check=True, cwd=home, env={"PATH": os.environ["PATH"]})


def address_of(servers: list[Server]) -> str:
    """The one address of both: psycopg asks in turn for the server that takes writes."""
    hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in servers)
    return f"postgresql+psycopg://yixian@/yixian?{hosts}&target_session_attrs=read-write"


def live(way: str, seconds: float, seed: int, *, is_synchronous: bool = True) -> Seen:
    """Let people report, let the database die, wait until reports are taken again, and look at what is there."""
    seen, chance = Seen(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="yixian-failover-") as name:
        folder, keys = Path(name), Path(name) / "failover.keys"
        folder.chmod(0o755)  # the database's user passes through it
        make_key_file(keys, key_id="faults")
        with pair(folder, has_standby=way == "standby", is_synchronous=is_synchronous) as servers:
            settings = make_settings(address_of(servers), folder / "office", key_file=keys)
            to = Urls(create_app(settings))
            to("intake:submit", category_key="")  # fills its table before the threads ask
            with serving(settings, keys, "") as (process, base):
                wait_ready(base, process)
                load = Load(base, KeyRing.from_file(keys, cipher="sm4-gcm"), to)
                with load.at_work(chance.random() for _ in range(_PEOPLE)):
                    _acknowledged(load, process, more=5)
                    time.sleep(seconds)
                    seen.figures["before"] = _count(load)
                    began = _die(servers, way)
                    known = _count(load)
                    if not _acknowledged(load, process, more=1):
                        seen.findings.append("the house did not find its database again")
                    seen.back_after_s = time.monotonic() - began
                    time.sleep(seconds)
                    seen.figures["after"] = _count(load) - known
                if process.poll() is not None:
                    seen.findings.append(f"the house ended by itself with {process.returncode}")
            seen.findings += load.refused + _looked_at(settings, load)
            seen.figures["sent"] = len(load.parcels)
            seen.figures["acknowledged"] = _count(load)
            seen.figures["healed"] = sum(not each.is_done for each in load.parcels)
    return seen


def _looked_at(settings: Settings, load: Load) -> list[str]:
    return left(settings, load.parcels) + asyncio.run(retried(settings, load.parcels))


def _count(load: Load) -> int:
    return sum(each.is_acknowledged for each in list(load.parcels))


def _acknowledged(load: Load, process: Any, *, more: int) -> bool:
    """Wait for so many more acknowledgements; say whether they came."""
    wished, until = _count(load) + more, time.monotonic() + _PATIENCE_S
    while _count(load) < wished and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    return _count(load) >= wished


def _die(servers: list[Server], way: str) -> float:
    """Kill the database: it is started again, or the standby is promoted. Returns the moment of its death."""
    first = servers[0]
    if way == "postmaster":
        first.kill(all_of_it=False)
        died = time.monotonic()
        first.start()
        return died
    second = servers[1]
    # The standby hears nothing of the last moments: nobody may be told yes in them.
    second.do("alter system set primary_conninfo = ''")
    second.do("select pg_reload_conf()")
    time.sleep(_DEAF_S)
    first.kill(all_of_it=True)
    died = time.monotonic()
    second.do("select pg_promote(true, 60)")
    return died


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--seconds", type=float, default=20.0, help="before the death, and after it")
    parser.add_argument("--way", choices=WAYS, action="append", help="by default each")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--asynchronous", action="store_true", help="plant a fault: nobody waits for the standby"
    )


def run(options: argparse.Namespace) -> int:
    """Let it die so often in each way, and say what was found."""
    worst = 0
    for way in options.way or WAYS:
        figures, findings, back = Counter[str](), list[str](), list[float]()
        for at in range(options.times):
            seen = live(way, options.seconds, options.seed + at, is_synchronous=not options.asynchronous)
            figures.update(seen.figures)
            findings += seen.findings
            back.append(seen.back_after_s)
        sys.stdout.write("".join(f"  {each}\n" for each in findings[:10]))
        sys.stdout.write(
            f"failover by {way}: {options.times} deaths, {figures['sent']} reports sent, {figures['acknowledged']} "
            f"acknowledged ({figures['before']} before, {figures['after']} after), {figures['healed']} healed by sending "
            f"again; taken again after at most {max(back):.1f} s; {len(findings)} findings\n"
        )
        worst |= bool(findings)
    return int(worst)
