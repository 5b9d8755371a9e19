"""python -m tests.security worlds | timing | receipts | schema: the long forms of the security tests, with their figures printed."""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app import cli
from app.main import create_app
from tests.conftest import make_settings
from tests.security import attack, worlds
from tests.security import scene as scenes
from tests.security.test_matrix import Knocker, be, doors
from tests.security.test_receipts import code, evenness


def house(folder: Path) -> Any:
    """A migrated and seeded application of its own, on SQLite."""
    settings = make_settings(f"sqlite:///{folder}/yixian.db", folder)
    cli.migrate(settings)
    cli.seed(settings)
    return create_app(settings)


def two_worlds(options: argparse.Namespace) -> int:
    """Live sessions in two worlds, so many at once in houses of their own, so that pages stay short."""
    size = options.at_once
    parts = [range(at, min(at + size, options.sessions)) for at in range(0, options.sessions, size)]
    found: list[str] = []
    with multiprocessing.get_context("fork").Pool(options.workers, maxtasksperchild=20) as pool:
        for number, part in enumerate(pool.imap(_part_of_two_worlds, parts)):
            found += part
            if options.sessions > size:
                say(f"{parts[number].stop} sessions lived, {len(found)} differences")
    say(f"{options.sessions} sessions, {len(worlds.OUTSIDERS)} outsiders: {len(found)} differences")
    for line in found[:20]:
        say(f"  {line}")
    return 1 if found else 0


def _part_of_two_worlds(sessions: range) -> list[str]:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        return worlds.differences(
            (house(Path(one)), house(Path(other))), sessions, at_once=max(1, len(sessions))
        )


def timing(options: argparse.Namespace) -> int:
    """Time the answer to a clue of another office, of a closed circle, and of none, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        app = house(Path(folder))
        with Knocker(app) as client:
            scene = scenes.build(app.state.house)
            door = next(door for door in doors(app) if door.key == "GET desk:clue")
            be(client, "prosecutor_chen")
            spent: dict[str, list[float]] = {world: [] for world in scene.unseen}
            for _ in range(options.rounds):
                for world, things in scene.unseen.items():
                    begin = time.process_time_ns()
                    client.get(door.place(things))
                    spent[world].append((time.process_time_ns() - begin) / 1e6)
        medians = {world: statistics.median(times) for world, times in spent.items()}
        noise = statistics.median(statistics.pstdev(times) for times in spent.values())
        for world, times in spent.items():
            cuts = statistics.quantiles(times, n=20)
            say(
                f"{world:10} median {medians[world]:.3f} CPU-ms, 5 % {cuts[0]:.3f}, 95 % {cuts[-1]:.3f}, n {len(times)}"
            )
        gap = max(medians.values()) - min(medians.values())
        say(f"largest gap of medians {gap:.3f} CPU-ms, spread of one answer {noise:.3f}")
        return 1 if gap > max(noise, 0.2) else 0


def receipts(options: argparse.Namespace) -> int:
    """Count the signs of many receipt codes and look for doubles."""
    made = [code(number) for number in range(options.codes)]
    body = [text[:16] for text in made]
    by_place = [evenness([text[at] for text in body]) for at in range(16)]
    say(
        f"{len(made)} codes, {len(made) - len(set(made))} doubles, 80 bits and {len(made[0]) - 16} check signs"
    )
    say(f"chi-square per degree of freedom: all {evenness(body):.3f}, worst place {max(by_place):.3f}")
    return 1 if len(set(made)) != len(made) or max(by_place) > 2 else 0


def promises(options: argparse.Namespace) -> int:
    """Ask every operation of the JSON door many times over, and count the answers."""
    from tests.security import schema

    with tempfile.TemporaryDirectory() as folder:
        seen, found = schema.findings(house(Path(folder)), examples=options.examples)
    for line, count in sorted(seen.items()):
        say(f"{count:6} {line}")
    for fault in found[:20]:
        say(f"  {fault}")
    say(f"{sum(seen.values())} requests, {len(found)} faults")
    return 1 if found else 0


def say(line: str) -> None:
    """Write one line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m tests.security")
    commands = parser.add_subparsers(dest="command", required=True)
    two = commands.add_parser("worlds")
    two.add_argument("--sessions", type=int, default=5000)
    two.add_argument("--at-once", type=int, default=25, help="sessions lived before everybody looks")
    two.add_argument("--workers", type=int, default=1)
    commands.add_parser("timing").add_argument("--rounds", type=int, default=300)
    commands.add_parser("receipts").add_argument("--codes", type=int, default=100_000)
    commands.add_parser("attack").add_argument("--seconds", type=int, default=900)
    commands.add_parser("schema").add_argument("--examples", type=int, default=200)
    options = parser.parse_args()
    does = {
        "attack": attack.run,
        "worlds": two_worlds,
        "timing": timing,
        "receipts": receipts,
        "schema": promises,
    }
    return does[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
