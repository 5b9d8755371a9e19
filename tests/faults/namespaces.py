"""Machines of our own: a network namespace each, on one cable to this one, which can be pulled.

What runs in one has its own loopback and its own addresses, and reaches the world by its cable alone. A process that is
killed says goodbye by its kernel; a machine whose cable is pulled says nothing, and that is what is hard to survive.
"""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from tests.faults.disk import sh

# 198.18.0.0/15 is for measuring networks (RFC 2544): nobody's real address.
_PLACES: Final = 60


@dataclass(frozen=True, slots=True)
class Machine:
    """One of them."""

    name: str
    address: str
    gateway: str  # this machine, at the other end of the cable

    def command(self, *words: str) -> list[str]:
        """How a program is run over there."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *words]

    def pull_cable(self) -> None:
        """Take it off the network, without a word to anybody."""
        sh(*self.command("ip", "link", "set", "cable", "down"))

    def put_cable_back(self) -> None:
        """Let it be heard again."""
        sh(*self.command("ip", "link", "set", "cable", "up"))
        sh(*self.command("ip", "route", "replace", "default", "via", self.gateway))


@functools.cache
def can_have() -> str:
    """Why no machine can be made here, found by making one; empty where it can."""
    if os.geteuid():
        return "not root"
    try:
        with machines(1) as (only,):
            sh(*only.command("ip", "route", "get", only.gateway))
    except (OSError, RuntimeError) as problem:
        return str(problem)
    return ""


@contextlib.contextmanager
def machines(number: int) -> Iterator[Sequence[Machine]]:
    """Make so many, and let them go whatever happens."""
    place, made = os.getpid() % _PLACES, list[Machine]()
    try:
        for at in range(number):
            name, net = f"yx{os.getpid()}-{at}", f"198.18.{place + _PLACES * at}"
            made.append(Machine(name, f"{net}.2", f"{net}.1"))
            sh("ip", "netns", "add", name)
            end = f"yx{os.getpid()}c{at}"
            sh("ip", "link", "add", end, "type", "veth", "peer", "name", "cable", "netns", name)
            sh("ip", "address", "add", f"{net}.1/30", "dev", end)
            sh("ip", "link", "set", end, "up")
            sh(*made[-1].command("ip", "address", "add", f"{net}.2/30", "dev", "cable"))
            sh(*made[-1].command("ip", "link", "set", "lo", "up"))
            made[-1].put_cable_back()
        yield made
    finally:
        for each in made:
            # Its end of the cable goes with it, and ours with that one.
            subprocess.run(["ip", "netns", "del", each.name], check=False, stderr=subprocess.DEVNULL)


machine: Final = pytest.mark.machine
