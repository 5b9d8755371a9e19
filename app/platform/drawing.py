"""A QR code as one path: receipts, one-time links, the second step of signing in. What stands in it stays here."""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class Drawing:
    """A square drawing: its path in modules, and how many modules it is wide, quiet zone included."""

    path: str
    size: int


def qr(content: str) -> Drawing:
    """Draw a QR code with medium correction, so that a creased print still reads."""
    code = segno.make(content, error="m", micro=False)
    quiet = 4
    rows = [list(row) for row in code.matrix_iter(border=quiet)]
    runs = [_runs(row, at) for at, row in enumerate(rows)]
    return Drawing("".join(runs), len(rows))


def _runs(row: list[int], y: int) -> str:
    """Write a row's dark modules as as few strokes as there are runs."""
    found, at = [], 0
    while at < len(row):
        if not row[at]:
            at += 1
            continue
        start = at
        while at < len(row) and row[at]:
            at += 1
        found.append(f"M{start} {y}h{at - start}v1H{start}z")
    return "".join(found)
