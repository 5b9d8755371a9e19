"""The darkroom: makes the copies of a picture that may be shown, and never decodes one in this process.

A helper process, loaded once with the decoders, forks for every picture; the fork has limits on memory, CPU
and time, and none of our secrets in its environment (decisions.md 26). Whatever a picture does to its fork,
the caller gets its copies or `Undisplayable`. The original is opened for reading only.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeGuard

from app.evidence.exif import NOTHING, PhotoFacts
from app.evidence.imaging_wire import (
    MAX_PIXELS,
    MAX_SIDE_PX,
    SCREEN_PX,
    THUMB_PX,
    Reason,
    WireBroken,
    fit,
    receive,
    send,
)

__all__ = ["Darkroom", "DarkroomUnavailable", "Developed", "Reason", "Rectangle", "Undisplayable"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_START_S: Final = 20.0
_GRACE_S: Final = 0.5
_DYING_S: Final = 0.1
# In our own copies these marker bytes can only be a segment that must not be there: FF never precedes them
# in coded data (ITU-T T.81 B.1.1.5), and no table or size of ours contains them.
_FORBIDDEN_SEGMENT: Final = re.compile(rb"\xff[\xe1-\xef\xfe]")


class Undisplayable(Exception):
    """There is no copy to show; the original stays what it is. `exif` is what could be read all the same."""

    def __init__(self, reason: Reason, exif: PhotoFacts = NOTHING) -> None:
        """Keep the reason and the facts."""
        super().__init__(reason)
        self.reason, self.exif = reason, exif

    @property
    def is_worth_retrying(self) -> bool:
        """Say whether a less busy machine might succeed, or whether the picture itself is the obstacle."""
        return self.reason in {Reason.TOO_SLOW, Reason.CRASHED}


class DarkroomUnavailable(Exception):
    """The helper does not start: a fault of the installation, not of a picture. Try again later."""


@dataclass(frozen=True, slots=True)
class Developed:
    """What came out of one picture; width and height are the original's, upright."""

    width: int
    height: int
    screen: bytes
    thumb: bytes
    dhash64: int
    exif: PhotoFacts
    format: str

    @property
    def screen_size(self) -> tuple[int, int]:
        """Return the width and height of the screen copy."""
        return fit((self.width, self.height), SCREEN_PX)

    @property
    def thumb_size(self) -> tuple[int, int]:
        """Return the width and height of the thumbnail, which is made from the screen copy."""
        return fit(self.screen_size, THUMB_PX)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part to hide, as fractions (0 to 1) of the upright picture."""

    left: float
    top: float
    right: float
    bottom: float
    is_solid: bool = True
    mark: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no rectangle, so that nobody believes something was hidden that was not."""
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError("not a rectangle within the picture")
        if self.mark and not (self.mark.isascii() and self.mark.isdigit() and len(self.mark) <= 2):  # noqa: PLR2004
            raise ValueError("a mark is a number of one or two digits")


class _HelperDied(Exception):
    """The helper went away while a picture was with it."""


class Darkroom:
    """Thread-safe; one helper, `hands` pictures at a time. Starts by itself, also after a helper's death."""

    def __init__(
        self,
        *,
        heic: bool = True,
        hands: int = 2,
        memory_bytes: int = 500 * 1024 * 1024,
        wall_s: float = 4.5,
    ) -> None:
        """Remember the limits of one picture; nothing runs before `start` or the first picture."""
        self._wishes = {
            "heic": heic,
            "memory_bytes": memory_bytes,
            "cpu_s": max(1, int(wall_s)),
            "wall_s": wall_s,
        }
        self._wall_s = wall_s
        self._hands = threading.BoundedSemaphore(hands)
        self._lock = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Start the helper and wait until it is ready; does nothing if it runs."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """End the helper and whatever it is working on; twice is harmless."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        """Start and return itself."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def develop(self, source: Path, *, want_exif: bool = True) -> Developed:
        """Make the screen and the thumbnail copy and read what the photo says; raises Undisplayable."""
        header, parts = self._ask(source, {"task": "develop"}, copies=2)
        width, height, dhash = header.get("width"), header.get("height"), header.get("dhash")
        if not (
            _is_size(width) and _is_size(height) and width * height <= MAX_PIXELS and _fits_64_bits(dhash)
        ):
            raise Undisplayable(Reason.CRASHED)
        return Developed(
            width=width,
            height=height,
            screen=parts[0],
            thumb=parts[1],
            dhash64=dhash,
            exif=PhotoFacts.from_json(header.get("exif")) if want_exif else NOTHING,
            format=str(header.get("format"))[:16],
        )

    def print_copy(self, source: Path) -> bytes:
        """Make the copy for paper; raises Undisplayable."""
        return self._ask(source, {"task": "print"}, copies=1)[1][0]

    def redact(self, source: Path, rectangles: Iterable[Rectangle]) -> bytes:
        """Make a copy at print size with the rectangles hidden beyond recovery; raises Undisplayable."""
        wanted = [
            {
                "left": each.left,
                "top": each.top,
                "right": each.right,
                "bottom": each.bottom,
                "is_solid": each.is_solid,
                "mark": each.mark,
            }
            for each in rectangles
        ]
        return self._ask(source, {"task": "redact", "rectangles": wanted}, copies=1)[1][0]

    def _ask(
        self, source: Path, request: dict[str, Any], *, copies: int
    ) -> tuple[dict[str, Any], list[bytes]]:
        with source.open("rb") as file, self._hands:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
                raise Undisplayable(Reason.EMPTY)
            try:
                header, parts = self._try(file.fileno(), request)
            except _HelperDied:  # killed from outside, so the picture deserves a second helper
                try:
                    header, parts = self._try(file.fileno(), request)
                except _HelperDied:
                    raise Undisplayable(Reason.CRASHED) from None
        if header.get("is_shown") is not True:
            raise Undisplayable(_reason(header.get("reason")), PhotoFacts.from_json(header.get("exif")))
        if len(parts) != copies or not all(_is_bare_jpeg(part) for part in parts):
            raise Undisplayable(Reason.CRASHED)
        return header, parts

    def _try(self, descriptor: int, request: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Give the open file to the helper and wait for the answer, but never longer than the limit."""
        helper, peer = self._hand_over(descriptor)
        began = time.monotonic()
        with peer:
            try:
                peer.settimeout(self._wall_s)
                send(peer, request)
                return receive(_Patient(peer, began + self._wall_s + _GRACE_S))
            except TimeoutError:
                with self._lock:  # a helper that does not even kill in time is replaced
                    if self._helper is helper:
                        self._end()
                raise Undisplayable(Reason.TOO_SLOW) from None
            except (WireBroken, OSError):
                if time.monotonic() - began >= self._wall_s:
                    raise Undisplayable(Reason.TOO_SLOW) from None
                with suppress(subprocess.TimeoutExpired):
                    helper.wait(_DYING_S)
                    raise _HelperDied from None
                raise Undisplayable(Reason.CRASHED) from None

    def _hand_over(self, descriptor: int) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Send the open file and one end of a new connection, starting the helper anew if it died."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                for _attempt in range(2):
                    helper, control = self._running()
                    try:
                        socket.send_fds(control, [b"."], [theirs.fileno(), descriptor])
                    except OSError:
                        self._end()
                        continue
                    return helper, ours
                raise DarkroomUnavailable  # noqa: TRY301 - the one place that closes `ours` is below
        except BaseException:
            ours.close()
            raise

    def _running(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        if self._helper is not None and self._control is not None and self._helper.poll() is None:
            return self._helper, self._control
        self._end()
        ours, theirs = socket.socketpair()
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)]),
            # One heap, since each further arena reserves 64 MB of the fork's address space; in large pages,
            # which a new process gets with a tenth less work.
            "MALLOC_ARENA_MAX": "1",
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        }
        with theirs:
            self._helper = subprocess.Popen(  # noqa: S603 - our own module by our own interpreter
                [sys.executable, "-m", "app.evidence.imaging_helper", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        self._control = ours
        try:
            send(ours, self._wishes)
            receive(_Patient(ours, time.monotonic() + _START_S))
        except (WireBroken, OSError) as problem:
            self._end()
            raise DarkroomUnavailable from problem
        return self._helper, ours

    def _end(self) -> None:
        """Close the connection, which ends the helper and its forks; one that stays is killed with its group."""
        helper, control, self._helper, self._control = self._helper, self._control, None, None
        if control is not None:
            control.close()
        if helper is None:
            return
        try:
            helper.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(helper.pid, signal.SIGKILL)
            helper.wait()


class _Patient:
    """A connection that waits until a moment, not for a time that starts again with every byte."""

    def __init__(self, peer: socket.socket, deadline: float) -> None:
        self._peer, self._deadline = peer, deadline

    def recv_into(self, buffer: memoryview, /) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._peer.settimeout(left)
        return self._peer.recv_into(buffer)


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value <= MAX_SIDE_PX


def _fits_64_bits(value: object) -> TypeGuard[int]:
    return type(value) is int and -(1 << 63) <= value < 1 << 63


def _is_bare_jpeg(copy: bytes) -> bool:
    """Check what leaves: a JPEG from its first byte to its last, and no segment that could tell on anybody."""
    return copy[:3] == b"\xff\xd8\xff" and copy[-2:] == b"\xff\xd9" and not _FORBIDDEN_SEGMENT.search(copy)


def _reason(value: object) -> Reason:
    try:
        return Reason(str(value))
    except ValueError:
        return Reason.CRASHED
