"""How a picked clue is written in a form: its id and the version the list showed."""

from __future__ import annotations

from collections.abc import Sequence

from app.platform import ids
from app.triage.service.bulk import MOST, Pick


def write_pick(clue_id: str, version: int) -> str:
    """Write one picked clue."""
    return f"{clue_id}.{version}"


def read_picks(written: Sequence[str]) -> list[Pick]:
    """Read the picked clues back, each once; what we did not write is left out."""
    found: dict[str, Pick] = {}
    for one in written:
        clue_id, _dot, version = one.partition(".")
        if ids.is_uuid(clue_id) and version.isascii() and version.isdigit() and len(version) < 10:  # noqa: PLR2004
            found[clue_id] = Pick(clue_id, int(version))
    return list(found.values())[:MOST]
