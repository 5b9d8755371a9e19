"""Prints one table: what a report, a photo, the queue and a clue page cost, in CPU-ms of the server, beside a floor.

Every row is measured on a real server over loopback, with everything on, on SQLite and on PostgreSQL, with a thousand,
a hundred thousand and a million clues (ten million by `--clues 10000000`). The floor of a row is measured in the same
run: the least a program must do for the same promise. Times on a busy machine mean nothing, CPU-ms and ratios do.
`python -m tests.bench scale` is the run of many people at once (tests/bench/scale.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import httpx2

from tests.bench import desk, importing, moving, photo, reports, restoring, scale, table
from tests.bench.filled import ENGINES, filled
from tests.bench.table import Row, say

PARTS: Final = ("reports", "photos", "desk", "moving", "restoring", "imports")
_RESTORED: Final = 100_000  # R8 is asked of so many


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("table", "scale"), default="table")
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--lines", type=int, default=importing.LINES)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument(
        "--stored-photos", type=int, default=2_000, help="photos with their bytes, for the restore"
    )
    parser.add_argument("--clues", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument(
        "--photos-each", type=int, help="rows of photos of each filled clue: 3 in a scale run, else none"
    )
    parser.add_argument("--kept", type=Path, help="keep the filled offices here and use them again")
    scale.add_options(parser)
    options = parser.parse_args()
    if options.what == "scale":
        return scale.run(options)
    rows = list(_rows(options))
    for line in chain(table.lines(rows), table.growth(rows), _sentences(options)):
        say(line)
    return 0


def _sentences(options: argparse.Namespace) -> Iterator[str]:
    """Give what has no place in the table."""
    if "desk" in options.part:
        yield from likeness()
    if "photos" in options.part:
        yield from flood(options.photos)
    most = max(options.clues, default=0)
    for engine in options.engine if "moving" in options.part else ():
        yield from moving.lines(most, engine, kept=options.kept, photos=options.photos_each or 0)
    for engine in options.engine if "restoring" in options.part else ():
        yield from restoring.lines(
            min(_RESTORED, most), engine, photos=options.stored_photos, kept=options.kept
        )
    if "imports" in options.part:
        yield from imports(options.lines)


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    for engine in options.engine if "reports" in options.part else ():
        with filled(0, engine) as place, place.served() as server, httpx2.Client(base_url=server.base, timeout=60) as client:  # fmt: skip
            yield reports.reports(server, client, options.reports, place.store)
            yield reports.crowd(server, options.reports, place.store)
            if engine == "sqlite":
                weight, html, styles = reports.first_load(client)
                say(
                    f"F14  report form, first load: {weight / 1024:.1f} KB on the wire, all files (goal 40); "
                    f"F15 page {html / 1024:.1f} KB, styles {styles / 1024:.1f} KB (goals 8; 12)"
                )
    if "photos" in options.part:
        found = photo.received(reports.post_photo, reports.measured, options.photos)
        yield Row("F4", found[0], "sqlite", "", *found[1:], 0.0)
        with (
            filled(0) as place,
            place.served() as server,
            httpx2.Client(base_url=server.base, timeout=60) as client,
        ):
            yield reports.pictures(server, client, options.photos)
    for engine in options.engine if "desk" in options.part else ():
        for size in options.clues:
            for row in desk.rows(size, engine, kept=options.kept, photos=options.photos_each or 0):
                say(next(iter(list(table.lines([row]))[1:])))
                yield row


def likeness() -> Iterator[str]:
    """How well likeness tells the labelled pairs apart, at the two thresholds the desk uses."""
    from app.triage.likeness import LIKELY, THRESHOLD
    from tests.triage import pairs

    total = sum(1 for _ in pairs.judged())
    for threshold in (THRESHOLD, LIKELY):
        found = pairs.quality(threshold)
        yield (
            f"     same matter, {total} labelled pairs, from {threshold:.2f}: "
            f"precision {found.precision:.3f}, recall {found.recall:.3f}"
        )


def flood(photos: int) -> Iterator[str]:
    """F6 and F7."""
    seen = photo.flood(reports.post_photo, photos)
    yield (
        f"F6   photos with their copies, from four phones at once: {seen.rate:.1f} a second "
        f"(floor {seen.rate_floor:.1f}, goal 14)"
    )
    yield (
        f"F7   memory (PSS): {seen.idle_mib:.0f} MiB before anybody came (goal 110), {seen.peak_mib:.0f} MiB at most "
        f"with photos in flight (floor {seen.peak_floor_mib:.0f}, goal 160)"
    )


def imports(lines: int) -> Iterator[str]:
    """F19: tables that come in, and files that go out."""
    for one in importing.rows(lines):
        yield (
            f"F19  {one.what}, {lines} lines: looked at in {one.checked_s:.1f} s, taken in in {one.taken_s:.1f} s, "
            f"{one.cpu_ms:.2f} CPU-ms a line, {one.peak_mib:.0f} MiB at most (goal 20 s)"
        )
    for out in importing.exports():
        yield (
            f"F19  {out.what}: {out.took_s:.1f} s, {out.cpu_s:.1f} CPU-s, "
            f"{out.size_mib:.1f} MiB, {out.peak_mib:.0f} MiB of memory at most (goal 20 s)"
        )


if __name__ == "__main__":
    sys.exit(main())
