"""The parent that keeps the programs loaded (`serve --keep-loaded`), with children that say who they are."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.only("sqlite")

_BEGINS = """
import os, signal, sys, time
from app import kept_loaded

def says(line):
    sys.stdout.write(line + "\\n"); sys.stdout.flush()

def answers():
    says(str(os.getpid()))
    while True:
        line, _ = sockets[0].accept()
        line.sendall(str(os.getpid()).encode()); line.close()

sockets = kept_loaded.listening("127.0.0.1", 0, backlog=16)
says(str(sockets[0].getsockname()[1]))
sys.exit(kept_loaded.KeptLoaded({serve}, sockets, says).run())
"""


@contextmanager
def parent(serve: str = "answers") -> Iterator[subprocess.Popen[str]]:
    """A parent whose children live as said."""
    command = [sys.executable, "-c", _BEGINS.format(serve=serve)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def soon(is_so: Callable[[], bool], most_s: float = 10.0) -> bool:
    until = time.monotonic() + most_s
    while not is_so() and time.monotonic() < until:
        time.sleep(0.01)
    return is_so()


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_killed_server_is_followed_by_a_fresh_one_and_who_called_meanwhile_is_answered():
    with parent() as process:
        port, first = int(line(process)), int(line(process))
        os.kill(first, signal.SIGSTOP)
        assert soon(lambda: is_stopped(first)), "it could still take the call"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            os.kill(first, signal.SIGKILL)
            assert "ended by SIGKILL" in line(process)
            second = int(line(process))
            assert second != first
            assert caller.recv(20) == str(second).encode()


def test_asked_to_end_it_ends_with_its_child_and_keeps_nobody_waiting():
    with parent() as process:
        port, child = int(line(process)), int(line(process))
        process.terminate()
        assert process.wait(10) == 0
        assert soon(lambda: is_gone(child))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=10)


def test_a_killed_parent_takes_its_child_along():
    """Else the supervisor's new server would find the port taken, and two would serve."""
    with parent() as process:
        line(process)
        child = int(line(process))
        process.kill()
        assert soon(lambda: is_gone(child))


@pytest.mark.parametrize(
    ("serve", "code"), [("lambda: 3", 3), ("lambda: sys.exit(2)", 2), ("lambda: 1 // 0", 1)]
)
def test_who_ends_by_himself_had_a_reason_and_the_supervisor_hears_his_code(serve: str, code: int):
    with parent(serve) as process:
        assert process.wait(10) == code
        assert process.stderr is not None
        assert ("ZeroDivisionError" in process.stderr.read()) == ("//" in serve)


def test_who_dies_again_and_again_is_given_up():
    with parent("lambda: os.kill(os.getpid(), signal.SIGSEGV)") as process:
        assert process.wait(20) == 1
        assert process.stdout is not None
        assert process.stdout.read().count("ended by SIGSEGV") == 4
