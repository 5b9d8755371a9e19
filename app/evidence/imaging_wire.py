"""What the darkroom and its helper process say to each other: frames of a small JSON header and bytes.

Nothing is unpickled: the side that decodes hostile pictures is not believed by the side that serves.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol

SCREEN_PX: Final = 1600
THUMB_PX: Final = 400
PRINT_PX: Final = 2400

MAX_PIXELS: Final = 60_000_000
MAX_SIDE_PX: Final = 65_500

_LENGTH: Final = struct.Struct("!I")
_MAX_HEADER_BYTES: Final = 64 * 1024
_MAX_PART_BYTES: Final = 16 * 1024 * 1024
_MAX_PARTS: Final = 4


class Reason(StrEnum):
    """Why a picture cannot be shown. Its original is kept all the same."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    HEIC_OFF = "heic_off"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"


def fit(size: tuple[int, int], box_px: int) -> tuple[int, int]:
    """Return the size within the box that keeps the shape; never larger than the original."""
    scale = min(1.0, box_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


class Connection(Protocol):
    """All that receiving asks of a socket."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill a part of the buffer and say how much; 0 at the end."""


class WireBroken(Exception):
    """The other side ended early, or said something no honest side says."""


def send(peer: socket.socket, header: Mapping[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Send one message; the header tells how long each part is."""
    head = json.dumps({**header, "parts": [len(part) for part in parts]}).encode()
    peer.sendall(_LENGTH.pack(len(head)) + head)
    for part in parts:
        peer.sendall(part)


def receive(peer: Connection) -> tuple[dict[str, Any], list[bytes]]:
    """Receive one message; raises WireBroken for anything too long, cut short or malformed."""
    (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size))
    if length > _MAX_HEADER_BYTES:
        raise WireBroken
    try:
        header = json.loads(_exactly(peer, length))
        lengths = header.pop("parts")
        fits = len(lengths) <= _MAX_PARTS and all(
            type(n) is int and 0 <= n <= _MAX_PART_BYTES for n in lengths
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise WireBroken from None
    if not fits:
        raise WireBroken
    return header, [_exactly(peer, length) for length in lengths]


def _exactly(peer: Connection, size: int) -> bytes:
    received = bytearray(size)
    rest = memoryview(received)
    while rest:
        try:
            count = peer.recv_into(rest)
        except ConnectionError:
            raise WireBroken from None
        if not count:
            raise WireBroken
        rest = rest[count:]
    return bytes(received)
