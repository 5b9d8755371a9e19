"""The helper process: loaded once with the decoders, one thread, and a fork of itself for every picture.

Run as `python -m app.evidence.imaging_helper DESCRIPTOR`. It never reads a byte of a picture itself: it takes
over a connection and an open file, forks, and kills what lives too long. It ends when its parent does.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from app.evidence import imaging_child
from app.evidence.exif import PhotoFacts
from app.evidence.imaging_wire import Reason, WireBroken, receive, send

_NICENESS: Final = 5
_MOST_FILES: Final = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may use."""

    memory_bytes: int
    cpu_s: int
    wall_s: float


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    deadline: float


def main(descriptor: int) -> None:
    """Load the decoders, say so, and fork for each picture until the parent is gone."""
    control = socket.socket(fileno=descriptor)
    wishes, _ = receive(control)
    limits = Limits(wishes["memory_bytes"], wishes["cpu_s"], wishes["wall_s"])
    imaging_child.prepare(heic=wishes["heic"])
    os.nice(_NICENESS)
    with suppress(OSError):  # where the kernel must choose, a picture goes before the service
        Path("/proc/self/oom_score_adj").write_text("900", encoding="ascii")
    send(control, {"is_ready": True})
    gc.collect()
    gc.freeze()  # the collector would otherwise touch, and so copy, every shared page in each fork
    _serve(control, limits)


def _serve(control: socket.socket, limits: Limits) -> None:
    # A pipe per child whose other end only the child holds: it ends exactly when the child does.
    children: dict[int, _Child] = {}
    while True:
        now = time.monotonic()
        for child in children.values():
            if child.deadline <= now:
                os.kill(child.pid, signal.SIGKILL)
        nearest = min((child.deadline for child in children.values()), default=None)
        # An overdue child was just killed; its pipe ends at once, so the short wait is not a loop.
        timeout = None if nearest is None else max(0.01, nearest - now)
        ready, _, _ = select.select([control.fileno(), *children], [], [], timeout)
        for pipe in ready:
            if pipe == control.fileno():
                if not _accept(control, children, limits):
                    for child in children.values():
                        os.kill(child.pid, signal.SIGKILL)
                        os.waitpid(child.pid, 0)
                    return
            else:
                os.close(pipe)
                os.waitpid(children.pop(pipe).pid, 0)


def _accept(control: socket.socket, children: dict[int, _Child], limits: Limits) -> bool:
    greeting, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    if not greeting:
        return False
    watch, alive = os.pipe()
    pid = os.fork()
    if pid == 0:
        for inherited in (control.detach(), watch, *children):
            os.close(inherited)
        _develop_and_exit(descriptors, limits)
    os.close(alive)
    for descriptor in descriptors:
        os.close(descriptor)
    children[watch] = _Child(pid, time.monotonic() + limits.wall_s)
    return True


def _develop_and_exit(descriptors: list[int], limits: Limits) -> NoReturn:
    """Answer one request and end, without any of Python's farewells."""
    try:
        _confine(limits)
        peer = socket.socket(fileno=descriptors[0])
        with os.fdopen(descriptors[1], "rb") as file:
            try:
                _answer(peer, file)
            except imaging_child.CannotShow as refusal:
                _refuse(peer, refusal.reason, refusal.facts)
            except MemoryError:
                _refuse(peer, Reason.TOO_MUCH_MEMORY)
    except (OSError, WireBroken):
        os._exit(1)  # the one who asked is gone
    finally:
        os._exit(0)


def _answer(peer: socket.socket, file: BinaryIO) -> None:
    request, _ = receive(peer)
    match request["task"]:
        case "develop":
            header, parts = imaging_child.develop(file)
        case "print":
            header, parts = imaging_child.print_copy(file)
        case "redact":
            header, parts = imaging_child.redact(file, request["rectangles"])
        case _:
            raise WireBroken
    send(peer, {"is_shown": True, **header}, parts)


def _refuse(peer: socket.socket, reason: Reason, facts: PhotoFacts | None = None) -> None:
    send(peer, {"is_shown": False, "reason": reason, "exif": facts.as_json() if facts else None})


def _confine(limits: Limits) -> None:
    """Take away what decoding does not need; a decoder's complaints go nowhere."""
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    os.close(silence)
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
    ):
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(int(sys.argv[1]))
