"""The table: one line a row with its goal, and where a goal is missed, the sentence why."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final, NamedTuple


class Row(NamedTuple):
    """One line of the table; memory is the server's, helpers included, right after the row."""

    key: str
    what: str
    engine: str
    clues: str
    cpu_ms: float
    floor_ms: float
    p50_ms: float
    p99_ms: float
    memory_mib: float


class Goal(NamedTuple):
    """What goals.md asks of a row; None where it asks nothing."""

    cpu_ms: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None


GOALS: Final = {
    "F1": Goal(2.5), "F2": Goal(None, 25, 60), "F3": Goal(3.5), "F4": Goal(12), "F5": Goal(110), "F8": Goal(3.5),
    "F10": Goal(None, 6, 20), "F11": Goal(1.5), "F12": Goal(0.8), "F13": Goal(None, 15),
}  # fmt: skip
# A million clues and more may cost so much.
AT_A_MILLION: Final = {"F8": Goal(4.0), "F12": Goal(1.2)}
_HTTP: Final = (
    "an empty answer of the framework costs 0.6 to 0.9 CPU-ms, what every page of staff has (session, rights, origin, "
    "headers, counting) as much again; the rest is the page itself"
)
WHY: Final = {
    "F1": "the form is read, checked, sealed, journalled and chained in Python; the ORM's unit of work is what is left",
    "F2": "one interpreter: what F1 costs is the line's length",
    "F3": "as F1, and the statements cross a socket",
    "F4": "the landing of the multipart body in Python",
    "F5": "decoding alone is the floor",
    "F8": _HTTP,
    "F10": "one interpreter serves both: twice F8",
    "F11": _HTTP + "; a clue has fourteen statements",
    "F12": "the rows a box holds are read to see their category",
    "F13": "the page around the rows, as F8; beside a rare filter the newest 20,000 matches are looked through",
}


def goal_of(row: Row) -> Goal | None:
    """Return what is asked of a row of its size."""
    is_large = int(row.clues.replace(",", "") or 0) >= 1_000_000
    return AT_A_MILLION.get(row.key, GOALS.get(row.key)) if is_large else GOALS.get(row.key)


def missed(row: Row) -> bool:
    """Say whether a row stays behind its goal."""
    goal = goal_of(row) or Goal()
    pairs = ((row.cpu_ms, goal.cpu_ms), (row.p50_ms, goal.p50_ms), (row.p99_ms, goal.p99_ms))
    return any(wished is not None and found > wished for found, wished in pairs)


def lines(rows: Iterable[Row]) -> Iterable[str]:
    """Give the table's lines."""
    rows = list(rows)
    yield (
        f"{'key':<5}{'what':<52}{'engine':<11}{'clues':>10}{'CPU-ms':>9}{'floor':>8}{'ratio':>7}"
        f"{'p50 ms':>8}{'p99 ms':>8}{'MiB':>6}  goal"
    )
    for row in rows:
        ratio = f"{row.cpu_ms / row.floor_ms:.1f}" if row.floor_ms else ""
        floor = f"{row.floor_ms:.2f}" if row.floor_ms else ""
        yield (
            f"{row.key:<5}{row.what:<52}{row.engine:<11}{row.clues:>10}{row.cpu_ms:>9.2f}{floor:>8}{ratio:>7}"
            f"{row.p50_ms:>8.1f}{row.p99_ms:>8.1f}{row.memory_mib:>6.0f}  {_verdict(row)}"
        )
    for key in sorted({row.key for row in rows if missed(row)}, key=lambda key: int(key[1:])):
        yield f"     {key} is missed: {WHY[key]}"


def _verdict(row: Row) -> str:
    wished = goal_of(row)
    if wished is None:
        return ""
    told = [
        f"{value:g} {name}"
        for value, name in zip(wished, ("CPU-ms", "p50", "p99"), strict=True)
        if value is not None
    ]
    return f"{'missed' if missed(row) else 'met'} ({', '.join(told)})"


def growth(rows: Iterable[Row]) -> Iterable[str]:
    """F9: give what each row of the desk costs at the largest size, as a multiple of what it costs at the smallest."""
    by: dict[tuple[str, str, str], dict[int, float]] = {}
    for row in rows:
        if row.clues:
            by.setdefault((row.key, row.what, row.engine), {})[int(row.clues.replace(",", ""))] = row.cpu_ms
    for (key, what, engine), found in by.items():
        small, large = min(found), max(found)
        if small != large and found[small]:
            yield (
                f"F9   growth {small:,} to {large:,}: {key:<4}{what:<48}{engine:<11}"
                f"{found[large] / found[small]:.2f} x (goal 1.3)"
            )


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
