"""A bad line between a phone and the office: narrow, and cut off in the middle; and the tool that sends photos over it.

`python -m tests.faults line` sends one report with five photos of 4 MB from a real browser over 32 KiB/s with 20
cuts and says how many bytes the office received twice. It takes about eleven minutes; `tests/browser` holds a
smaller case.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 2048
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no farewell, as when a tunnel begins


@dataclass
class Line:
    """What passed towards the office, how fast it may, and where the line is cut."""

    port: int
    to: int
    bytes_per_s: float
    sent: int = 0
    cuts: list[int] = field(default_factory=list)
    cut_count: int = 0
    is_down: bool = False
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _free_at: float = 0.0

    @property
    def origin(self) -> str:
        """Return the address under which a browser reaches the office over this line."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self, cuts: list[int]) -> None:
        """Count from here, and cut at these numbers of bytes."""
        with self._lock:
            self.sent, self.cut_count, self.cuts = 0, 0, sorted(cuts)

    def take_down(self) -> None:
        """Cut everything and let nobody through."""
        self.is_down = True
        self._cut()

    def put_up(self) -> None:
        """Let everybody through again."""
        self.is_down = False

    def serve(self, door: socket.socket) -> None:
        """Take in connections until the door is closed."""
        while True:
            try:
                phone, _ = door.accept()
            except OSError:
                return
            if self.is_down:
                _reset(phone)
                continue
            try:
                office = socket.create_connection(("127.0.0.1", self.to), timeout=10)
            except OSError:
                _reset(phone)
                continue
            with self._lock:
                self._open |= {phone, office}
            for way in ((phone, office, True), (office, phone, False)):
                threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:  # noqa: FBT001 - the way
        try:
            while piece := source.recv(PIECE if is_up else 65536):
                if is_up:
                    self._wait(len(piece))
                target.sendall(piece)
                if is_up and self._is_cut(len(piece)):
                    self._cut()
                    return
        except OSError:
            pass
        finally:
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
                with self._lock:
                    self._open.discard(end)

    def _wait(self, size: int) -> None:
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self.bytes_per_s
            pause = self._free_at - now
        time.sleep(max(0.0, pause))

    def _is_cut(self, size: int) -> bool:
        with self._lock:
            self.sent += size
            if not self.cuts or self.sent < self.cuts[0]:
                return False
            self.cuts.pop(0)
            self.cut_count += 1
            return True

    def _cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _reset(end)


def _reset(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    # Shut before closed: another thread waits on it, and closing alone would not wake that one.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def line(to: int, bytes_per_s: float) -> Iterator[Line]:
    """Open a line to a port of this machine."""
    with socket.socket() as door:
        # Small on purpose: what the line holds when it is cut was sent for nothing.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PIECE)
        door.bind(("127.0.0.1", 0))
        door.listen(64)
        made = Line(door.getsockname()[1], to, bytes_per_s)
        threading.Thread(target=made.serve, args=(door,), daemon=True).start()
        yield made
        made.take_down()


def cuts(total: int, count: int, seed: int) -> list[int]:
    """Choose where to cut: anywhere within the first nineteen twentieths, so that each cut hurts."""
    chance = random.Random(seed)
    return sorted(chance.randrange(total // 50, total * 95 // 100) for _ in range(count))
