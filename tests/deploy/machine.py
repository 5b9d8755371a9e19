"""A machine of our own that boots its own systemd: a small Debian in a container with no network but its loopback."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET, for setns(2)
_NAME: Final = "yixian-try"
_CALM: Final = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"]


@dataclass(slots=True)
class Machine:
    """One that runs; `leader` is its first process as this machine numbers it."""

    tree: Path
    leader: int

    def run(self, *words: str, is_fine: bool = True) -> str:
        """Run a program over there as root; what it said. Raises when it fails, unless that is fine."""
        enter = ["nsenter", f"--target={self.leader}", "--all", "--root", "--wdns=/root"]
        done = subprocess.run(
            [*enter, *_CALM, *words], check=False, capture_output=True, text=True, timeout=300
        )
        if done.returncode and is_fine:
            raise RuntimeError(f"{' '.join(words)}: {(done.stdout + done.stderr)[-1500:]}")
        return (done.stdout + done.stderr).strip()

    def shell(self, script: str, *, is_fine: bool = True) -> str:
        """Run lines of a shell over there."""
        return self.run("sh", "-eu", "-c", script, is_fine=is_fine)

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit)

    def there(self, what: Callable[[], Any]) -> Any:
        """Do something on that machine's network, from here."""
        heard: list[Any] = []

        def do() -> None:
            network = os.open(f"/proc/{self.leader}/ns/net", os.O_RDONLY)
            try:
                # A thread moves alone; the rest of this process stays in its own network.
                if ctypes.CDLL(None, use_errno=True).setns(network, _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
                heard.append((what(), None))
            except Exception as problem:  # noqa: BLE001 - raised again where it was asked for
                heard.append((None, problem))
            finally:
                os.close(network)

        thread = threading.Thread(target=do)
        thread.start()
        thread.join()
        seen, problem = heard[0]
        if problem is not None:
            raise problem
        return seen


@contextlib.contextmanager
def booted(tree: Path) -> Iterator[Machine]:
    """Boot it; in the end it is shut down as a machine is, or ended."""
    log = tree.with_suffix(".boot.log")
    command = [
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--private-network",
        "--link-journal=no",
    ]
    command += [f"--machine={_NAME}", f"--directory={tree}", "--boot"]
    with log.open("wb") as said, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as running:  # fmt: skip
        try:
            machine = Machine(tree, _leader(running, log))
            _wait_running(machine)
            yield machine
            machine.run("systemctl", "poweroff", is_fine=False)
            running.wait(120)
        finally:
            for pid in [*_children(running.pid), running.pid] if running.poll() is None else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def _leader(running: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        for pid in _children(running.pid):
            if Path(f"/proc/{pid}/comm").read_text("ascii").strip() == "systemd":
                return pid
        time.sleep(0.1)
    raise RuntimeError(f"it does not boot: {log.read_text(errors='replace')[-900:]}")


def _wait_running(machine: Machine) -> None:
    until = time.monotonic() + 60
    while machine.run("systemctl", "is-system-running", is_fine=False) not in {"running", "degraded"}:
        if time.monotonic() > until:
            raise RuntimeError("it does not come to rest after its boot")
        time.sleep(0.3)
