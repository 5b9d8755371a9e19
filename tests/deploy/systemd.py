"""`python -m tests.deploy systemd`: a Debian is booted, a signed release installed as docs/operations.md says, and lived through.

The commands are read out of the paper and run as they stand there. It needs root and Debian's systemd-container, mmdebstrap.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from app.main import create_app
from app.platform.crypto import KeyRing
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.deploy import kept
from tests.deploy.kept import NAME, Watched, commands
from tests.deploy.machine import Machine, booted
from tests.deploy.trees import Releases, debian, missing, releases
from tests.faults.disk import sh
from tests.faults.power import ROOT

_BASE: Final = "http://127.0.0.1:8000"
_UNITS: Final = ("yixian.service", "yixian.socket", "yixian-backup.service", "yixian-backup.timer", "yixian-work.service")  # fmt: skip
_EXPOSED_MOST: Final = 2.0
_ENV: Final = f"""YIXIAN_ENV=production
YIXIAN_PUBLIC_URL=https://{NAME}
YIXIAN_KEY_FILE=/etc/yixian/master.keys
YIXIAN_DATA_DIR=/var/lib/yixian
YIXIAN_BACKUP_DIR=/mnt/backups
YIXIAN_BACKUP_KEY=%s
"""
_MUTANTS: Final[dict[str, tuple[str, str, str]]] = {
    "": ("", "", ""),
    "anybody": ("yixian.service", "User=yixian\n", ""),
    "open_house": ("yixian.service", "ProtectSystem=strict", "ProtectSystem=no\nProtectHome=no"),
    "not_again": ("yixian.service", "Restart=always", "Restart=no"),
    "no_socket": ("yixian.service", "Requires=yixian.socket", "Conflicts=yixian.socket"),
    "too_narrow": ("yixian.service", "~@privileged", "~@privileged @resources"),
    "no_place": ("yixian-backup.service", "ReadWritePaths=/mnt/backups", ""),
    "hard_end": ("yixian.service", "TimeoutStopSec=60", "TimeoutStopSec=100ms\nKillSignal=SIGWINCH"),
    "as_root": ("yixian-place.py", "if owner else {}", "if False else {}"),
}


@dataclass(slots=True)
class Office(Watched):
    """An installation on a machine, and everything that is wrong with it."""

    machine: Machine
    made: Releases
    to: Urls

    @property
    def data(self) -> Path:
        """Its data folder, seen from here."""
        return self.machine.tree / "var/lib/yixian"

    def is_ready(self) -> bool:
        """Whether it takes reports in."""
        ready = self.to("web:ready")
        try:
            return httpx2.get(_BASE + ready, headers={"Host": NAME}, timeout=60).status_code == 200
        except httpx2.TransportError:
            return False

    def wait_ready(self, most_s: float = 90.0) -> float:
        """How long it took to be ready; raises when it does not become so."""
        began = time.monotonic()
        while not self.machine.there(self.is_ready):
            if time.monotonic() - began > most_s:
                said = self.machine.run(
                    "journalctl", "--no-pager", "-u", "yixian.service", "-n", "12", "-o", "cat"
                )
                raise RuntimeError(f"the office does not become ready: {said[-1200:]}")
            time.sleep(0.2)
        return time.monotonic() - began

    def report(self, seconds: float = 3.0) -> None:
        """Let one person report for a while; everything must be taken."""
        load = kept.Reporters(_BASE, KeyRing.from_file(self.machine.tree / "etc/yixian/master.keys", cipher="sm4-gcm"), self.to)  # fmt: skip

        self.machine.there(lambda: load.live(seconds))
        self.sent += [each for each in load.parcels if each.is_acknowledged]
        self.found += load.refused
        self.expect(any(each.is_acknowledged for each in load.parcels), "nobody could report")

    @property
    def database(self) -> Path:
        """Its database, seen from here."""
        return self.data / "yixian.db"

    def holds_everything(self, when: str) -> None:
        """Every report that was acknowledged must be there."""
        lost = kept.lost(self.database, self.sent)
        self.expect(not lost, f"{when}: {lost} of {len(self.sent)} acknowledged reports are not there")


def installed(machine: Machine, made: Releases, mutant: str) -> None:
    """Do what the paper says, word for word; only what it leaves to people is filled in."""
    name, old, new = _MUTANTS[mutant]
    carried = machine.tree / "root"
    for path in made.folder.glob("yixian-*"):
        shutil.copy(path, carried)
    for unit in _UNITS:
        shutil.copy(ROOT / "docs" / "deploy" / unit, carried)
    if name:
        spoilt = carried / name
        text = spoilt.read_text("utf-8")
        if old not in text:
            raise RuntimeError(f"{name} has no {old!r} any more")
        spoilt.write_text(text.replace(old, new), "utf-8")
    script = commands("Under systemd").replace("yixian-….tar.gz", made.first).replace("PUBLIC", made.keys[0])
    # The units of the working tree, not those inside the archive, which is of what is committed.
    script = script.replace("docs/deploy/yixian", "/root/yixian")
    before, _, after = script.partition("$EDITOR /etc/yixian/env")
    said = machine.shell(before + "\n.venv/bin/python -m app backup --make-key /root/backup.key")
    public = next(
        line.partition("=")[2] for line in said.splitlines() if line.startswith("YIXIAN_BACKUP_KEY=")
    )
    (machine.tree / "etc/yixian/env").write_text(_ENV % public, "utf-8")
    machine.shell(f"cd /opt/yixian/current\n{after}")


def _confined(office: Office) -> None:
    """Who it runs as, and what it may."""
    machine = office.machine
    said = machine.run("systemd-analyze", "verify", *(f"/etc/systemd/system/{unit}" for unit in _UNITS if unit != "yixian-work.service"))  # fmt: skip
    office.expect(not said, f"systemd-analyze verify: {said}")
    main = machine.show("yixian.service", "MainPID")
    status = machine.run("cat", f"/proc/{main}/status")
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    office.expect("0" not in told["Uid"].split(), f"it runs as {told['Uid'].split()}")
    office.expect(int(told["CapEff"], 16) == 0 and told["NoNewPrivs"] == "1" and told["Seccomp"] == "2", "it may more than it needs")  # fmt: skip
    mounts = machine.run("cat", f"/proc/{main}/mountinfo")
    ours = [line.split()[5] for line in mounts.splitlines() if line.split()[4] in {"/", "/usr", "/etc"}]
    office.expect(
        any(options.startswith("ro") for options in ours), "it may write to the machine's own folders"
    )
    for unit in ("yixian.service", "yixian-backup.service"):
        said = machine.run("systemd-analyze", "security", "--no-pager", unit).splitlines()[-1]
        exposed = float(said.partition(": ")[2].split()[0])
        office.seen.append(f"{unit} exposed {exposed}")
        office.expect(exposed <= _EXPOSED_MOST, f"{unit} is exposed by {exposed}")


def _worked(office: Office) -> None:
    """Photos must be developed within the sandbox."""
    office.report()
    office.found += kept.undeveloped(office.database)


def _killed(office: Office) -> None:
    """The server, then everything is killed; who calls meanwhile is answered."""
    for what, victim in (("the server", "child"), ("parent and server", "all")):
        main = office.machine.show("yixian.service", "MainPID")
        again = int(office.machine.show("yixian.service", "NRestarts"))
        if victim == "child":
            # The server itself: the darkroom's helper is a child too, and its end would prove nothing.
            office.machine.shell(
                f"for pid in $(cat /proc/{main}/task/{main}/children); do "
                "if tr '\\0' ' ' < /proc/$pid/cmdline | grep -q ' app serve'; then kill -9 $pid; exit 0; fi; done; "
                "echo no parent keeps the programs loaded; exit 1"
            )
        else:
            office.machine.run("systemctl", "kill", "--signal=KILL", "yixian.service")
        began, said = time.monotonic(), "nothing"
        with contextlib.suppress(httpx2.TransportError):
            asked = office.machine.there(lambda: httpx2.get(_BASE + office.to("intake:track"), headers={"Host": NAME}, timeout=90))  # fmt: skip
            said = str(asked.status_code)
        took = time.monotonic() - began
        office.seen.append(f"{what} killed: answered after {took:.1f} s")
        office.expect(said == "200", f"{what} was killed, and who calls meanwhile hears {said}")
        office.wait_ready()
        restarts = int(office.machine.show("yixian.service", "NRestarts")) - again
        office.expect(restarts == (victim == "all"), f"{what} was killed: systemd started {restarts} times")
        office.holds_everything(f"after {what} was killed")


def _backed_up(office: Office) -> None:
    """The timer must fire and leave a whole backup."""
    machine = office.machine
    timer = machine.tree / "etc/systemd/system/yixian-backup.timer.d"
    timer.mkdir(exist_ok=True)
    soon = machine.run("date", "--date=+5 seconds", "+%F %T")
    (timer / "soon.conf").write_text(
        f"[Timer]\nOnCalendar=\nOnCalendar={soon}\nRandomizedDelaySec=0\nAccuracySec=100ms\n", "utf-8"
    )
    machine.shell("systemctl daemon-reload; systemctl restart yixian-backup.timer")
    until = time.monotonic() + 90
    while (
        not (ended := machine.show("yixian-backup.service", "ExecMainExitTimestamp"))
        and time.monotonic() < until
    ):
        time.sleep(0.5)
    code = machine.show("yixian-backup.service", "ExecMainStatus") if ended else "no end at all"
    office.expect(code == "0", f"the backup by the timer ended with {code}")
    shutil.rmtree(timer)
    machine.shell("systemctl daemon-reload; systemctl restart yixian-backup.timer")
    said = _as_office(office, "backup --check")
    office.expect(said.endswith("code 0"), f"backup --check: {said[-300:]}")


def _as_office(office: Office, words: str) -> str:
    return office.machine.shell(
        "set -a; . /etc/yixian/env; set +a; cd /opt/yixian/current; code=0; "
        f"runuser -u yixian -- .venv/bin/python -m app {words} || code=$?; echo code $code"
    )


def _exchanged(office: Office) -> None:
    """A newer release and the way back, as root, by the commands of the paper."""
    machine, made = office.machine, office.made
    text = commands("A release on a host")
    lines = [line for line in text.splitlines() if "install" not in line]
    script = "\n".join(lines).replace("yixian-….tar.gz", made.second).replace("PUBLIC", made.keys[1])
    before, _, back = script.partition("python3 yixian-place.py rollback")
    for words in (before, f"python3 yixian-place.py rollback{back}"):
        machine.shell(f"cd /root\n{words}\nsystemctl restart yixian.service")
        office.wait_ready()
        running = machine.run("readlink", "-f", f"/proc/{machine.show('yixian.service', 'MainPID')}/cwd")
        office.seen.append(f"in use: {running.rpartition('/')[2]}")
        office.report(1.0)
    office.expect(
        running.endswith(made.first.removesuffix(".tar.gz")), f"after going back it runs from {running}"
    )
    office.expect("-next" in office.seen[-2], f"after the upgrade it runs from {office.seen[-2]}")
    foreign = machine.run("find", "/var/lib/yixian", "/mnt/backups", "!", "-user", "yixian")
    office.expect(not foreign, f"not the office's own: {foreign[:300]}")
    said = _as_office(office, "backup")
    office.expect(said.endswith("code 0"), f"a backup after the upgrade: {said[-300:]}")
    office.holds_everything("after an upgrade and the way back")


def _stopped(office: Office) -> None:
    """It must end by itself, well within its time."""
    began = time.monotonic()
    office.machine.run("systemctl", "stop", "yixian.socket", "yixian.service")
    took = time.monotonic() - began
    result = office.machine.show("yixian.service", "Result")
    office.seen.append(f"stopped within {took:.1f} s")
    office.expect(result == "success" and took < 30, f"it was stopped by force: {result} after {took:.0f} s")
    said = office.machine.run("journalctl", "--no-pager", "-u", "yixian.service", "-o", "cat")
    office.expect(f"https://{NAME}" in said, "journald has nothing of its start")
    office.expect(
        "Traceback" not in said, f"a traceback lies in the journal: {said[said.find('Traceback') :][:600]}"
    )


def lived(mutant: str) -> tuple[list[str], list[str], int]:
    """Install, live, shut down and boot again; what was found, what was seen, how many reports were kept."""
    with tempfile.TemporaryDirectory(prefix="yixian-machine-") as name:
        made = releases()
        tree, unused = Path(name) / "tree", Path(name) / "unused"
        tree.mkdir()
        unused.mkdir()
        sh("tar", "--extract", "--file", str(debian()), "--directory", str(tree))
        to = Urls(create_app(make_settings(f"sqlite:///{unused / 'unused.db'}", unused)))
        to("intake:submit", category_key="")
        with booted(tree) as machine:
            office = Office(machine, made, to)
            try:
                installed(machine, made, mutant)
                office.seen.append(f"ready after {office.wait_ready():.1f} s")
                for part in (_confined, _worked, _killed, _backed_up, _exchanged, _stopped):
                    part(office)
                    if mutant and office.found:
                        return office.found, office.seen, len(office.sent)
            except (RuntimeError, OSError, sqlite3.Error) as problem:
                office.found.append(str(problem)[-1500:])
                return office.found, office.seen, len(office.sent)
        with booted(tree) as again:
            office.machine = again
            try:
                office.seen.append(f"after a reboot ready after {office.wait_ready():.1f} s")
                office.holds_everything("after a reboot")
            except (RuntimeError, OSError, sqlite3.Error) as problem:
                office.found.append(str(problem)[-1500:])
    return office.found, office.seen, len(office.sent)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument(
        "--mutant", choices=[*_MUTANTS], default="", help="spoil a unit; stops when it is caught"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was found."""
    if why := missing("systemd-nspawn", "mmdebstrap", "nsenter"):
        sys.stdout.write(f"systemd: skipped, {why}\n")
        return 2
    found, seen, reports = lived(options.mutant)
    sys.stdout.write("".join(f"  {each}\n" for each in seen) + "".join(f"FOUND {each}\n" for each in found))
    sys.stdout.write(
        f"systemd ({sh('systemctl', '--version').split()[1]}): {reports} reports kept, {len(found)} findings\n"
    )
    return int(bool(found))
