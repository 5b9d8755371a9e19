"""`python -m tests.deploy container`: an image is built from a signed release and lived through, by the commands of docs/operations.md.

It needs root, podman and mmdebstrap: the base image is a small Debian made here. Names, port and folders are exchanged.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.deploy import kept
from tests.deploy.kept import NAME, Watched, commands
from tests.deploy.trees import Releases, debian, missing, releases
from tests.faults.disk import sh
from tests.faults.power import ROOT
from tests.platform.engines import free_port

_BASE_IMAGE: Final = "localhost/yixian-try-base"
_IMAGE: Final = "localhost/yixian-try"
_NAMED: Final = "yixian-try"
_VOLUME: Final = "yixian-try-data"
_TRIES: Final = 4
_MUTANTS: Final[dict[str, tuple[str, str]]] = {
    "": ("", ""),
    "as_root": ("USER yixian", "USER root"),
    "no_health": ("HEALTHCHECK ", "# HEALTHCHECK "),
    "always_well": ("urllib.request as r; r.urlopen", "urllib.request as r; (lambda *a, **k: 0)"),
    "not_loaded": (', "--keep-loaded"', ""),
    "deaf": ('CMD ["/opt/yixian/current/.venv/bin/python", "-m"', 'CMD ["sh", "-c", "$0 $@ ; true", "/opt/yixian/current/.venv/bin/python", "-m"'),
    "one_source": ("YIXIAN_HOST=0.0.0.0", "YIXIAN_HOST=0.0.0.0 YIXIAN_TRUSTED_PROXIES=192.0.2.1"),
    "forgetful": ("YIXIAN_DATA_DIR=/var/lib/yixian", "YIXIAN_DATA_DIR=/tmp"),
}  # fmt: skip


@dataclass(slots=True)
class Engine:
    """podman, as this machine lets it run."""

    first: tuple[str, ...] = ("podman",)
    limits: tuple[str, ...] = ()

    def run(self, *words: str, is_fine: bool = False) -> str:
        """Say something to it; what it answered. Raises when it fails, unless that is fine."""
        limited = self.limits if words[0] in {"build", "run"} else ()
        done = subprocess.run([*self.first, words[0], *limited, *words[1:]], check=False, capture_output=True, text=True)  # fmt: skip
        if done.returncode and not is_fine:
            raise RuntimeError(f"podman {' '.join(words)[:200]}: {(done.stdout + done.stderr)[-900:]}")
        return done.stdout.strip()

    def code(self, *words: str) -> int:
        """Say something to it; the exit code."""
        return subprocess.run([*self.first, *words], check=False, capture_output=True).returncode


def engine() -> Engine:
    """As it is, or with what a machine needs that is itself a small one: another runtime, no limits above its own."""
    most = min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    calm = (f"--ulimit=nofile={most}:{most}", f"--ulimit=nproc={most}:{most}")
    for found in (Engine(), Engine(limits=calm), Engine(("podman", "--runtime", "runc"), calm)):
        with contextlib.suppress(RuntimeError):
            found.run("run", "--rm", "--network=none", _BASE_IMAGE, "true")
            return found
    raise RuntimeError("podman runs no container on this machine")


@dataclass(slots=True)
class Office(Watched):
    """An installation in a container, and everything that is wrong with it."""

    engine: Engine
    folder: Path
    port: int
    to: Urls

    @property
    def base(self) -> str:
        """Where the host reaches it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Its database, seen from the host."""
        return (
            Path(self.engine.run("volume", "inspect", "--format", "{{.Mountpoint}}", _VOLUME)) / "yixian.db"
        )

    def pid(self) -> int:
        """Its first process, as the host numbers it."""
        return int(self.engine.run("inspect", "--format", "{{.State.Pid}}", _NAMED))

    def build(self, made: Releases, which: int, mutant: str) -> None:
        """Build an image of one of the releases, by the command of the paper and with no network."""
        context = self.folder / "release"
        shutil.rmtree(context, ignore_errors=True)
        shutil.copytree(made.folder, context, ignore=shutil.ignore_patterns("*.key"))
        old, new = _MUTANTS[mutant]
        text = (ROOT / "docs" / "deploy" / "Containerfile").read_text("utf-8")
        if old not in text:
            raise RuntimeError(f"the Containerfile has no {old!r} any more")
        (context / "Containerfile").write_text(text.replace(old, new) if old else text, "utf-8")
        line = next(
            line for line in commands("In a container").splitlines() if line.startswith("podman build")
        )
        line = line.replace("yixian-….tar.gz", (made.first, made.second)[which]).replace(
            "PUBLIC", made.keys[which]
        )
        words = line.replace("-t yixian ", f"-t {_IMAGE}:{which} ").removesuffix(" .").split()[1:]
        words = [
            *words[:-1],
            str(context / words[-1]),
            "--network=none",
            f"--build-arg=BASE={_BASE_IMAGE}",
            str(context),
        ]
        self.engine.run(*words)

    def start(self, which: int) -> float:
        """Run it by the command of the paper; how long until it is ready."""
        line = next(line for line in commands("In a container").splitlines() if line.startswith("podman run"))
        line = line.replace("127.0.0.1:8000:", f"127.0.0.1:{self.port}:").replace(
            "yixian-data:", f"{_VOLUME}:"
        )
        line = line.replace("--name yixian", f"--name {_NAMED}").replace("/etc/yixian/", f"{self.folder}/")
        words = line.split()[1:-1]
        self.engine.run(*words, f"--volume={self.folder}/backups:/backups", f"{_IMAGE}:{which}")
        return self.wait_ready()

    def wait_ready(self, most_s: float = 90.0) -> float:
        """How long it took to be ready; raises when it does not become so."""
        began = time.monotonic()
        while time.monotonic() - began < most_s:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(self.base + self.to("web:ready"), headers={"Host": NAME}).status_code == 200:
                    return time.monotonic() - began
            time.sleep(0.2)
        raise RuntimeError(
            f"it does not become ready: {self.engine.run('logs', '--tail=9', _NAMED, is_fine=True)}"
        )

    def report(self, seconds: float = 3.0) -> None:
        """Let one person report for a while; everything must be taken."""
        load = kept.Reporters(
            self.base, KeyRing.from_file(self.folder / "master.keys", cipher="sm4-gcm"), self.to
        )
        load.live(seconds)
        self.sent += [each for each in load.parcels if each.is_acknowledged]
        self.found += load.refused
        self.expect(any(each.is_acknowledged for each in load.parcels), "nobody could report")

    def holds_everything(self, when: str) -> None:
        """Every report that was acknowledged must be there."""
        lost = kept.lost(self.database, self.sent)
        self.expect(not lost, f"{when}: {lost} of {len(self.sent)} acknowledged reports are not there")


def _confined(office: Office) -> None:
    """Who it runs as, and what it may."""
    status = Path(f"/proc/{office.pid()}/status").read_text("utf-8")
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    office.expect("0" not in told["Uid"].split(), f"it runs as {told['Uid'].split()}")
    office.expect(int(told["CapEff"], 16) == 0 and told["NoNewPrivs"] == "1", "it may more than it needs")
    writes = office.engine.code(
        "exec", _NAMED, "sh", "-c", "touch /opt/yixian/current/app/x || touch /etc/x || touch /x"
    )
    office.expect(writes != 0, "it may write beside its data")
    keys = office.engine.run("run", "--rm", "--network=none", "--entrypoint=find", f"{_IMAGE}:0", "/", "-xdev", "-name", "*.keys", is_fine=True)  # fmt: skip
    office.expect(not keys, f"a key lies in the image: {keys}")


def _well(office: Office) -> None:
    """The health check must say yes to one that works and no to one that is stuck."""
    look = office.engine.run("inspect", "--format", "{{json .Config.Healthcheck}}", _NAMED)
    office.expect("healthz" in look, f"the image has no health check: {look}")
    office.expect(office.engine.code("healthcheck", "run", _NAMED) == 0, "the health check finds it ill")
    stuck = [office.pid(), *_children(office.pid())]
    for pid in stuck:
        os.kill(pid, signal.SIGSTOP)
    try:
        asked = subprocess.run([*office.engine.first, "healthcheck", "run", _NAMED], check=False, capture_output=True, timeout=60)  # fmt: skip
        office.expect(asked.returncode, "the health check finds one well that is stuck")
    finally:
        for pid in stuck:
            os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def _told_apart(office: Office) -> None:
    """People are counted by whom the proxy names, though it calls by the engine's bridge."""
    wrong, door = {"code": "AAAA-BBBB-CCCC-DDDD-EEEE"}, office.base + office.to("intake:open_track")

    def tries(source: str) -> list[int]:
        told = {"Host": NAME, "X-Forwarded-For": source}
        return [httpx2.post(door, data=wrong, headers=told).status_code for _ in range(_TRIES + 1)]

    first, second = tries("203.0.113.5"), tries("203.0.113.6")
    office.expect(first[-1] == second[-1] == 429 and 429 not in first[:-1] + second[:-1], f"two sources hear {first} and {second}")  # fmt: skip


def _killed(office: Office) -> None:
    """The server is killed within; a fresh one must take its place without the container ending."""
    # Another child is the darkroom's: killed, it would prove nothing.
    first = office.pid()
    child = [
        pid for pid in _children(first) if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    office.expect(child, "no parent keeps the programs loaded")
    for pid in child:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    said = httpx2.get(office.base + office.to("intake:track"), headers={"Host": NAME}, timeout=60).status_code if child else 200  # fmt: skip
    office.seen.append(f"the server killed: answered after {time.monotonic() - began:.1f} s")
    office.expect(said == 200 and office.pid() == first, f"the server was killed: {said}")
    office.holds_everything("after the server was killed")


def _stopped(office: Office) -> None:
    """It must end by itself, well within its time, and be there again with everything."""
    began = time.monotonic()
    office.engine.run("stop", _NAMED)
    took, code = (
        time.monotonic() - began,
        office.engine.run("inspect", "--format", "{{.State.ExitCode}}", _NAMED),
    )
    office.seen.append(f"stopped within {took:.1f} s")
    office.expect(code == "0" and took < 30, f"stopped after {took:.0f} s with exit code {code}")
    office.engine.run("start", _NAMED)
    office.seen.append(f"started again, ready after {office.wait_ready():.1f} s")
    office.holds_everything("after it was stopped and started")


def _exchanged(office: Office, made: Releases) -> None:
    """A backup from within, then the next image and the one before on the same volume."""
    said = office.engine.run("exec", _NAMED, ".venv/bin/python", "-m", "app", "backup")
    office.expect(list((office.folder / "backups").iterdir()), f"there is no backup: {said[-200:]}")
    office.build(made, 1, "")
    for which in (1, 0):
        office.engine.run("rm", "-f", "-t", "60", _NAMED)
        office.start(which)
        office.report(1.0)
        office.holds_everything(f"on image {which}")


def _furnished(folder: Path, made: Releases) -> None:
    """What the host has: a key file, the settings, a place for backups."""
    make_key_file(folder / "master.keys", key_id="k1")
    os.chown(folder / "master.keys", 10001, 10001)
    (folder / "backups").mkdir()
    os.chown(folder / "backups", 10001, 10001)
    said = sh(sys.executable, "-m", "app", "backup", "--make-key", str(folder / "backup.key"))
    public = next(
        line.partition("=")[2] for line in said.splitlines() if line.startswith("YIXIAN_BACKUP_KEY=")
    )
    (folder / "env").write_text(
        f"YIXIAN_PUBLIC_URL=https://{NAME}\nYIXIAN_TRUSTED_PROXIES=10.88.0.1\nYIXIAN_TRIES_PER_HOUR={_TRIES}\n"
        f"YIXIAN_BACKUP_DIR=/backups\nYIXIAN_BACKUP_KEY={public}\n", "utf-8",
    )  # fmt: skip


@contextlib.contextmanager
def _based() -> Iterator[None]:
    """The base image, and everything away in the end."""
    sh("podman", "import", "--quiet", str(debian()), _BASE_IMAGE)
    try:
        yield
    finally:
        for words in (("rm", "-f", "-t", "5", _NAMED), ("volume", "rm", "-f", _VOLUME), ("rmi", "-f", f"{_IMAGE}:0", f"{_IMAGE}:1", _BASE_IMAGE)):  # fmt: skip
            Engine().run(*words, is_fine=True)


def lived(mutant: str) -> Office:
    """Build, run and exchange it; what was found and seen."""
    made = releases()
    with tempfile.TemporaryDirectory(prefix="yixian-image-") as name, _based():
        folder, unused = Path(name), Path(name) / "unused"
        unused.mkdir()
        to = Urls(create_app(make_settings(f"sqlite:///{unused / 'unused.db'}", unused)))
        to("intake:submit", category_key="")
        office = Office(engine(), folder, free_port(), to)
        try:
            _furnished(folder, made)
            office.build(made, 0, mutant)
            if mutant == "one_source":
                _forget_proxies(folder / "env")
            office.seen.append(f"ready after {office.start(0):.1f} s")
            for part in (_confined, _well, Office.report, _developed, _told_apart, _killed, _stopped):
                part(office)
                if mutant and office.found:
                    return office
            _exchanged(office, made)
        except (RuntimeError, OSError, httpx2.HTTPError, sqlite3.Error) as problem:
            office.found.append(str(problem)[-900:])
    return office


def _forget_proxies(env: Path) -> None:
    lines = env.read_text("utf-8").splitlines(keepends=True)
    env.write_text("".join(line for line in lines if "TRUSTED" not in line), "utf-8")


def _developed(office: Office) -> None:
    office.found += kept.undeveloped(office.database)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument(
        "--mutant", choices=[*_MUTANTS], default="", help="spoil the image; stops when it is caught"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was found."""
    if why := missing("podman", "mmdebstrap"):
        sys.stdout.write(f"container: skipped, {why}\n")
        return 2
    office = lived(options.mutant)
    sys.stdout.write(
        "".join(f"  {each}\n" for each in office.seen) + "".join(f"FOUND {each}\n" for each in office.found)
    )
    sys.stdout.write(
        f"container ({sh('podman', '--version')}): {len(office.sent)} reports kept, {len(office.found)} findings\n"
    )
    return int(bool(office.found))
