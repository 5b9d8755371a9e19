"""What an installation must have kept, whatever was done to it; and the commands its paper gives."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.faults.power import ROOT
from tests.faults.senders import Load, Parcel

NAME: Final = "clues.example.gov.cn"


def commands(heading: str) -> str:
    """The lines of the first block of a section of docs/operations.md, without what they say beside."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8").partition(f"\n### {heading}\n")[2]
    block = text.partition("\n    ")[2].partition("\n\n")[0]
    lines = [line.partition("  # ")[0].strip() for line in block.splitlines()]
    if not lines or not lines[0]:
        raise RuntimeError(f"docs/operations.md has no commands under {heading!r}")
    return "\n".join(lines)


@dataclass(slots=True, kw_only=True)
class Watched:
    """What is wrong with an installation, what was sent to it, and what was seen of it."""

    found: list[str] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def expect(self, holds: object, otherwise: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.found.append(otherwise)


class Reporters(Load):
    """People who know the office by its name."""

    def client(self, _chance: random.Random) -> httpx2.Client:
        """A phone of theirs."""
        return httpx2.Client(base_url=self.base, timeout=60, headers={"Host": NAME})

    def live(self, seconds: float) -> None:
        """Let one of them report for a while."""
        threading.Timer(seconds, self.is_over.set).start()
        self.work(random.random())


def _asked(database: Path, question: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        return opened.execute(question).fetchall()


def lost(database: Path, sent: Sequence[Parcel]) -> int:
    """How many of the acknowledged reports are not there."""
    known = {str(row[0]).replace("-", "") for row in _asked(database, "select id from report")}
    return sum(each.report_id.replace("-", "") not in known for each in sent)


def undeveloped(database: Path, most_s: float = 60.0) -> list[str]:
    """What is wrong with the photos: each must be developed, within whatever sandbox there is."""
    waiting = "select last_error from job where done_at is null and handler like 'evidence.%'"
    until = time.monotonic() + most_s
    while (left := _asked(database, waiting)) and time.monotonic() < until:
        time.sleep(0.5)
    found = [f"{len(left)} photos wait to be developed: {left[0][0]}"] if left else []
    has_copies = bool(_asked(database, "select 1 from derivative limit 1"))
    return found + ([] if has_copies else ["no photo has a copy for the screen"])
