"""The one zip an evidence bundle can be: stored entries, fixed fields, nothing optional (PKWARE APPNOTE 6.3).

Every byte of it follows from names and contents, so that `verify.py` can rebuild each header and compare: no byte
of the container is left that somebody could change unseen. Pure: values in, bytes out.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# 1 January 1980, midnight: the earliest a zip can say. When things happened stands in the manifest.
_DOS_TIME: Final = 0
_DOS_DATE: Final = 0x21
_VERSION: Final = 20
_UNIX: Final = 3 << 8
_MODE: Final = 0o100444 << 16
MOST_BYTES: Final = (1 << 32) - (1 << 20)
"""Beyond this a zip needs the 64-bit format; a clue's files stay far below it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the bundle."""

    name: str
    digest: str
    size_bytes: int
    crc32: int


def crc_of(chunks: Iterable[bytes]) -> int:
    """Return the check sum that a zip's header holds."""
    found = 0
    for chunk in chunks:
        found = zlib.crc32(chunk, found)
    return found


def size_of(entries: Sequence[Entry]) -> int:
    """Return how long the whole zip will be."""
    return 22 + sum(30 + 46 + 2 * len(entry.name.encode()) + entry.size_bytes for entry in entries)


def pieces(entries: Sequence[Entry], content_of: Callable[[str], Iterable[bytes]]) -> Iterator[bytes]:
    """Iterate over the bytes of the zip; contents are asked for one after the other, by digest."""
    offset, directory = 0, []
    for entry in entries:
        name = entry.name.encode("ascii")
        common = struct.pack(
            "<HHHHHIIIHH", _VERSION, 0, 0, _DOS_TIME, _DOS_DATE, entry.crc32, entry.size_bytes, entry.size_bytes,
            len(name), 0,
        )  # fmt: skip
        yield b"PK\x03\x04" + common + name
        yield from content_of(entry.digest)
        made_by, attributes = (
            struct.pack("<H", _VERSION | _UNIX),
            struct.pack("<HHHII", 0, 0, 0, _MODE, offset),
        )
        directory.append(b"PK\x01\x02" + made_by + common + attributes + name)
        offset += 30 + len(name) + entry.size_bytes
    listed = b"".join(directory)
    count = len(entries)
    yield listed + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), offset, 0)
