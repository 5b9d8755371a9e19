"""Flip single bytes of a bundle at random places; each must be found, and the place named.

`python -m tests.evidence.flips` makes a small bundle and flips ten thousand bytes (goals R9); the suite does 300.
"""

from __future__ import annotations

import re
import struct
import sys
import tempfile
from pathlib import Path
from random import Random

from tests.evidence.bundles import faults

_RANGE = re.compile(r"zip bytes (\d+)-(\d+)")


def regions(raw: bytes) -> list[tuple[int, int, str]]:
    """Every part of the zip: from, to, the name of the entry it belongs to."""
    found, at = [], 0
    while raw[at : at + 4] == b"PK\3\4":
        size, length = struct.unpack_from("<IH", raw, at + 22)
        name = raw[at + 30 : at + 30 + length].decode("ascii")
        found.append((at, at + 30 + length + size, name))
        at += 30 + length + size
    return [*found, (at, len(raw), "directory")]


def is_named(told: list[str], at: int, name: str) -> bool:
    """Whether one of the faults names the entry, or a stretch of bytes, that holds the flipped one."""
    stretches = [(int(found[1]), int(found[2])) for text in told for found in _RANGE.finditer(text)]
    return any(name in text for text in told) or any(start <= at < end for start, end in stretches)


def flip(raw: bytes, count: int, seed: int = 20261125) -> list[str]:
    """Flip `count` bytes, one at a time; return what was not found or not named (nothing, one hopes)."""
    chance, parts = Random(seed), regions(raw)
    wrong = []
    for _ in range(count):
        at, by = chance.randrange(len(raw)), chance.randrange(1, 256)
        told = faults(raw[:at] + bytes([raw[at] ^ by]) + raw[at + 1 :])
        name = next(name for start, end, name in parts if start <= at < end)
        if not is_named(told, at, name):
            wrong.append(f"byte {at} ({name}) xor {by}: {told}")
    return wrong


def main(count: int) -> int:
    """Make a bundle in a house of its own and flip."""
    from app import cli
    from app.evidence.imaging import Darkroom
    from app.main import create_app
    from tests.conftest import HouseClient, make_settings
    from tests.evidence.bundles import clue_with_photos, made, taken

    with tempfile.TemporaryDirectory() as folder, Darkroom() as darkroom:
        settings = make_settings(f"sqlite:///{folder}/flips.db", Path(folder))
        cli.migrate(settings)
        cli.seed(settings)
        with HouseClient(create_app(settings)) as client:
            raw = taken(client, made(client, clue_with_photos(client, darkroom, count=1, size=(160, 120))))
    wrong = flip(raw, count)
    for line in wrong:
        print(line)  # noqa: T201 - a tool speaks
    print(f"{count} flips in a bundle of {len(raw)} bytes: {count - len(wrong)} found and named")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
