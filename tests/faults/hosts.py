"""`python -m tests.faults hosts`: two web hosts, one database, one store; one of them is gone amid the load.

Each host is a network namespace with a `serve` and a `work` of its own. Reporters come to whichever host a proxy
would choose, for every request and every piece of a photo anew; a host that cannot be reached is passed over, as a
proxy does. Everything acknowledged must be there once, whatever was not must heal by being sent again, and one place
of signing in and one count of tries must hold for both hosts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import cli
from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.db import Database
from app.platform.settings import Settings
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.faults import both_hosts
from tests.faults.aftermath import left, retried
from tests.faults.namespaces import Machine, can_have, machines
from tests.faults.power import CLUSTER, READY, ROOT
from tests.faults.senders import Load
from tests.platform.engines import cluster

NAME: Final = "yixian.test"
PORT: Final = 8000
PEOPLE: Final = 3
WAYS: Final = ("cable", "kill")
# What runs on the host that vanishes with a lock in its hand.
_HOLDER: Final = """
import sys, time
from sqlalchemy import text
from app.platform.db import Database
with Database(sys.argv[1]).write_session() as session:
    session.execute(text("lock table report in access exclusive mode"))
    print("held", flush=True)
    time.sleep(3600)
"""
# Keepalive: 10 + 3 x 5 s, and the house's own patience with a lock (platform/db.py).
LOCK_GOAL_S: Final = 35.0


@dataclass(slots=True)
class Host:
    """A machine with a web process and a worker on it."""

    machine: Machine
    settings: Settings
    code: Path = ROOT  # another version of the program, where hosts are exchanged one by one
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start both."""
        wishes = {
            "YIXIAN_HOST": self.machine.address, "YIXIAN_PORT": str(PORT), "YIXIAN_PUBLIC_URL": f"http://{NAME}",
            "YIXIAN_DATABASE_URL": self.settings.database, "YIXIAN_DATA_DIR": str(self.settings.data_dir),
            "YIXIAN_KEY_FILE": str(self.settings.keys), "YIXIAN_TRUSTED_PROXIES": self.machine.gateway,
            "YIXIAN_LOAD_CAST": "true", "YIXIAN_DISK_FLOOR_BYTES": "0", "YIXIAN_DISK_HARD_FLOOR_BYTES": "0",
            "YIXIAN_REPORTS_PER_HOUR": "0", "YIXIAN_PRESSURE_REPORTS_PER_MINUTE": "0", "YIXIAN_PASSWORD_COST": "low",
            "YIXIAN_UPLOADS_PER_HOUR": "1000000000", "YIXIAN_TRIES_PER_HOUR": str(both_hosts.TRIES),
        }  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YIXIAN_")}
        for what in ("serve", "work"):
            command = self.machine.command(sys.executable, "-m", "app", what)
            self.processes.append(
                subprocess.Popen(command, cwd=self.code, env=kept | wishes, stdout=subprocess.DEVNULL)
            )
            if what == "serve":
                self._wait()  # it migrates and seeds first

    def stop(self) -> None:
        """Kill both; they say no word of their own."""
        for each in self.processes:
            each.kill()
            each.wait()
        self.processes.clear()

    def _wait(self, most_s: float = 240.0) -> None:
        until, base = time.monotonic() + most_s, f"http://{self.machine.address}:{PORT}"
        while time.monotonic() < until and self.processes[-1].poll() is None:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(base + READY, headers={"Host": NAME}, timeout=30).status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"a host did not become ready ({self.processes[-1].poll()})")


class Proxy(httpx2.BaseTransport):
    """The way to the hosts: another one for each request; who does not answer the door is passed over."""

    def __init__(self, hosts: Sequence[Host], chance: random.Random) -> None:
        self._hosts, self._chance = hosts, chance
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask one host, and another if nobody opens."""
        order = self._chance.sample(list(self._hosts), len(self._hosts))
        for host in order:
            # The name in the Host header was set before, and stays.
            request.url = request.url.copy_with(host=host.machine.address, port=PORT)
            try:
                return self._inner.handle_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if host is order[-1]:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Hang up."""
        self._inner.close()


def client(hosts: Sequence[Host], chance: random.Random, source: str) -> httpx2.Client:
    """A phone somewhere out there."""
    return httpx2.Client(
        base_url=f"http://{NAME}",
        transport=Proxy(hosts, chance),
        timeout=httpx2.Timeout(30, connect=2),
        headers={"X-Forwarded-For": source, "Sec-Fetch-Site": "same-origin"},
    )


@dataclass(slots=True)
class Reporters(Load):
    """People who report by the proxy."""

    hosts: Sequence[Host] = ()

    def client(self, chance: random.Random) -> httpx2.Client:
        """The phone of one of them."""
        return client(self.hosts, chance, f"203.0.113.{chance.randrange(1, 250)}")

    def acknowledged(self) -> int:
        """How much they were told is there."""
        photos = sum(photo.is_held for each in list(self.parcels) for photo in each.photos)
        return photos + sum(each.is_acknowledged for each in list(self.parcels))


@dataclass(slots=True)
class Seen:
    """What was seen in one run."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    longest_gap_s: float = 0.0


@contextlib.contextmanager
def province(*, apart: bool, is_started: bool = True) -> Iterator[tuple[list[Host], Settings, KeyRing]]:
    """Two hosts on one database and one shared folder; `apart` gives each a folder of uploads of its own."""
    import psycopg

    with tempfile.TemporaryDirectory(prefix="yixian-hosts-") as name, machines(2) as made:
        folder, keys = Path(name), Path(name) / "hosts.keys"
        folder.chmod(0o755)  # the database's user passes through it
        make_key_file(keys, key_id="faults")
        here = made[0].gateway
        with cluster(folder / "cluster", **CLUSTER | {"listen_addresses": f"127.0.0.1,{here}"}) as local:
            with (folder / "cluster" / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all 198.18.0.0/15 trust\n")
            with psycopg.connect(local.replace("+psycopg", "") + "/postgres", autocommit=True) as keeper:
                keeper.execute("create database yixian")
                keeper.execute("select pg_reload_conf()")
            shared = folder / "shared"
            own = make_settings(f"{local}/yixian", shared, key_file=keys)
            hosts = []
            for at, machine in enumerate(made):
                data = shared if not apart else _apart(folder, shared, at)
                url = f"{local.replace('127.0.0.1', here)}/yixian"
                hosts.append(Host(machine, make_settings(url, data, key_file=keys)))
            try:
                for host in hosts if is_started else ():
                    host.start()
                yield hosts, own, KeyRing.from_file(keys, cipher="sm4-gcm")
            finally:
                for host in hosts:
                    host.stop()


def _apart(folder: Path, shared: Path, at: int) -> Path:
    """A data folder that shares everything but the uploads, as a planted fault."""
    data = folder / f"own-{at}"
    (data / "blobs").mkdir(parents=True)
    for name in ("blobs", "incoming"):
        (shared / "blobs" / name).mkdir(parents=True, exist_ok=True)
        (data / "blobs" / name).symlink_to(shared / "blobs" / name)
    return data


def live(way: str, seconds: float, seed: int, *, apart: bool = False, comes_back: bool = True) -> Seen:
    """Let people report for so long with both hosts, then with one gone, then with it back; look at what is left."""
    seen, chance = Seen(), random.Random(seed)
    with province(apart=apart) as (hosts, own, keys):
        to = Urls(create_app(own))
        to("intake:submit", category_key="")  # fills its table before the threads ask
        seen.findings += both_hosts.findings(hosts, to, client)
        load = Reporters(f"http://{NAME}", keys, to, hosts=hosts)
        with load.at_work(chance.random() for _ in range(PEOPLE)):
            watch(load, seen, "both", seconds)
            _lose(hosts[0], way)
            watch(load, seen, "one", seconds)
            if comes_back:
                hosts[0].stop()
                hosts[0].machine.put_cable_back()
                hosts[0].start()
                watch(load, seen, "back", seconds)
        seen.findings += load.refused
        whole = [photo for each in load.parcels for photo in each.photos if photo.is_held]
        if not whole:
            seen.findings.append("no photo in pieces became whole")
        seen.findings += left(own, load.parcels)
        for host in hosts:
            host.stop()
        seen.findings += asyncio.run(retried(own, load.parcels))
        seen.figures.update(
            sent=len(load.parcels), reports=sum(each.is_acknowledged for each in load.parcels),
            pieced=len(whole), unanswered=sum(not each.is_done for each in load.parcels),
        )  # fmt: skip
    return seen


def lock_left(most_s: float = 120.0) -> float:
    """For how many seconds a lock stays that a host held when its cable was pulled."""
    with province(apart=False, is_started=False) as (hosts, own, _):
        cli.migrate(own)
        machine = hosts[0].machine
        command = machine.command(sys.executable, "-c", _HOLDER, hosts[0].settings.database)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
            try:
                if holder.stdout is None or holder.stdout.readline() != b"held\n":
                    raise RuntimeError("the lock was not taken")
                machine.pull_cable()
                began, house = time.monotonic(), Database(own.database)
                while time.monotonic() - began < most_s:
                    with contextlib.suppress(OperationalError), house.write_session() as session:
                        session.execute(text("lock table report in access exclusive mode"))
                        return time.monotonic() - began
            finally:
                holder.kill()
    return most_s


def _lose(host: Host, way: str) -> None:
    if way == "cable":
        host.machine.pull_cable()
    else:
        host.stop()


def watch(load: Reporters, seen: Seen, when: str, seconds: float) -> None:
    """Count what is acknowledged meanwhile; nobody may have to wait long for the next yes."""
    began = last = time.monotonic()
    first = known = load.acknowledged()
    # A busy machine is slow; that nothing at all is taken for so long is a finding.
    while time.monotonic() - began < seconds or (known == first and time.monotonic() - began < 60):
        time.sleep(0.02)
        if (now_known := load.acknowledged()) != known:
            known, last = now_known, time.monotonic()
        seen.longest_gap_s = max(seen.longest_gap_s, time.monotonic() - last)
    seen.figures[f"with_{when}"] = known - first
    if known == first:
        seen.findings.append(f"nothing was acknowledged with {when} of the hosts")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--seconds", type=float, default=40.0, help="of each of the three stretches")
    parser.add_argument("--way", choices=WAYS, action="append", help="how a host is lost; by default each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--apart", action="store_true", help="plant a fault: uploads not shared between hosts"
    )


def run(options: argparse.Namespace) -> int:
    """Lose a host in each way, and say what was found."""
    if why := can_have():
        sys.stdout.write(f"hosts: no network namespace can be made on this machine ({why})\n")
        return 2
    worst = 0
    if not options.apart:
        lasted = lock_left()
        worst |= lasted > LOCK_GOAL_S
        sys.stdout.write(f"hosts: a lock held by a host whose cable was pulled was free after {lasted:.1f} s (goal {LOCK_GOAL_S:.0f} s)\n")  # fmt: skip
    for way in options.way or WAYS:
        seen: Any = live(way, options.seconds, options.seed, apart=options.apart)
        figures = seen.figures
        sys.stdout.write("".join(f"  {each}\n" for each in seen.findings[:10]))
        sys.stdout.write(
            f"hosts, one lost by {way}: {figures['sent']} reports sent, {figures['reports']} acknowledged, "
            f"{figures['pieced']} photos whole piece by piece across hosts; acknowledged with both "
            f"{figures['with_both']}, with one {figures['with_one']}, with it back {figures['with_back']}; longest "
            f"silence {seen.longest_gap_s:.1f} s; {figures['unanswered']} healed by sending again; "
            f"{len(seen.findings)} findings\n"
        )
        worst |= bool(seen.findings)
    return int(worst)
