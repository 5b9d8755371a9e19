"""`python -m tests.faults kill`: kill the office at every step of a report, retry, and count what is there."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections import Counter

from tests.faults.matrix import Outcome, matrix
from tests.faults.mutants import MUTANTS
from tests.platform.engines import ENGINE


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--after", type=int, default=0, help="leave out so many of these points: an earlier run had its turn"
    )
    parser.add_argument(
        "--only", default="", help="only places whose name contains this, such as 'commit' or 'upload:'"
    )
    parser.add_argument(
        "--mutant", choices=sorted(MUTANTS), help="break a promise first; stops when it is caught"
    )
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))


def run(options: argparse.Namespace) -> int:
    """Run, and say what was found."""
    started, figures, worst = time.monotonic(), Counter[str](), list[Outcome]()
    with matrix(options.mutant) as made:
        places = {door: len(names) for door, names in made.places.items()}
        deaths = made.deaths(options.points, options.seed, options.only)[options.after :]
        with contextlib.suppress(KeyboardInterrupt):
            for outcome in made.run(
                deaths, options.workers, is_enough=lambda: bool(options.mutant and worst)
            ):
                said = " ".join(outcome.findings)
                figures.update(
                    points=1, deaths=outcome.died, acknowledged=int(outcome.acknowledged),
                    lost=int("LOST" in said), doubled=int("DOUBLED" in said), faulty=int(bool(outcome.findings)),
                )  # fmt: skip
                if outcome.findings:
                    worst.append(outcome)
    for outcome in worst[:5]:
        sys.stdout.write(f"{outcome.death} ({outcome.place})\n  " + "\n  ".join(outcome.findings) + "\n")
    told = ", ".join(
        f"{figures[key]} {key}" for key in ("points", "deaths", "acknowledged", "lost", "doubled", "faulty")
    )
    ways = ", ".join(f"{number} places by {door}" for door, number in places.items())
    sys.stdout.write(f"kill on {ENGINE}: {told} ({ways}) in {time.monotonic() - started:.0f} s\n")
    return 1 if worst else 0
