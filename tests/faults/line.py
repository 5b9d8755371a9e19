"""`python -m tests.faults line`: photos from a real browser over a narrow line that is cut again and again.

Five photos of 4 MB, 32 KiB/s and 20 cuts unless wished otherwise, which takes about eleven minutes; says how many
bytes reached the office beyond those that had to. `tests/browser` holds a smaller case.
"""

from __future__ import annotations

import argparse
import random
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

PIECE = 2048
MOST_TWICE = 0.05
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

    def _carry(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
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


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--photos", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=4.0)
    parser.add_argument("--kib-per-s", type=float, default=32.0)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> int:
    """Send, and say what it cost."""
    from playwright.sync_api import sync_playwright

    from tests.browser import conftest, outbox

    photos = [
        large_photo(number, int(options.megabytes * 1e6), options.seed) for number in range(options.photos)
    ]
    words = "信号又窄又断"
    path = shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        conftest.running(Path(folder)) as site,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=path, args=conftest.CALM)
        with line(int(site.origin.rsplit(":", 1)[1]), options.kib_per_s * 1024) as cable:
            far = replace(site, origin=cable.origin)
            page = browser.new_context(**conftest.PHONE).new_page()
            page.set_default_timeout(120_000)
            outbox.open_form(page, far)
            outbox.fill_in(page, words, *photos)
            cable.begin(cuts(sum(len(one["buffer"]) for one in photos), options.cuts, options.seed))
            started = time.monotonic()
            outbox.hand_in(page)
            page.locator(".outbox-received").wait_for(timeout=3_600_000)
            took = time.monotonic() - started
            needed = sum(part["length"] for part in outbox.stored(page)["outbox"][0]["parts"])
        outbox.expect_once(site, words, *photos)
        browser.close()
    more = cable.sent / needed - 1
    sys.stdout.write(
        f"line: {options.photos} photos, {needed / 1e6:.2f} MB sealed, {cable.cut_count} cuts, {took:.0f} s; "
        f"{cable.sent / 1e6:.2f} MB reached the office, {100 * more:.1f} % more than needed, headers included "
        f"(goal: at most {100 * MOST_TWICE:.0f} %, every cut made)\n"
    )
    return 0 if more <= MOST_TWICE and cable.cut_count == options.cuts else 1


def large_photo(number: int, size: int, seed: int) -> dict[str, Any]:
    """Draw a photo and let the sensor's noise stand behind it, up to the size wished."""
    from tests.photos import phone_photo

    drawn = phone_photo(size=(1600, 1200), seed=seed * 100 + number)
    noise = random.Random(f"{seed} {number}").randbytes(max(0, size - len(drawn)))
    return {"name": f"IMG_{number:04}.jpg", "mimeType": "image/jpeg", "buffer": drawn + noise}
