"""`python -m tests.bench scale`: a million clues and three million photos in place, and people at work for ten minutes.

Reporters send (some with a photo), prosecutors read the queue, search, open clues, ask for the same matter and write
notes, agencies read what was sent to them and forward reports; each waits a while between two acts, so that the load
stays what it is and the waits say how the house bears it. Printed each minute: acts, errors, p50 and p99 of each kind.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2

from tests import photos
from tests.bench.desk import sign_in
from tests.bench.filled import Filled, filled
from tests.bench.office import ROOT, Office
from tests.bench.reports import REPORT, WORDS
from tests.bench.table import say

_AGENCY: Final = "何川"
_VIEWS: Final = (
    "/desk", "/desk?category=water_pollution", "/desk?list=overdue", "/desk?list=all&category=wetland",
    "/desk?list=all&q=黑水", "/desk?list=all&q=松浦",
)  # fmt: skip
_SAME: Final = {"Sec-Fetch-Site": "same-origin"}
_PAUSES: Final = {"reporter": 1.0, "prosecutor": 0.7, "agency": 1.5}


@dataclass(slots=True)
class Seen:
    """What was seen: the waits of each kind of act by minute, in ms, and every answer that was not meant."""

    began: float
    waits: dict[tuple[int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def act(self, kind: str, ask: Callable[[], httpx2.Response], meant: frozenset[int]) -> httpx2.Response:
        """Do one thing and note how long it took."""
        started = time.perf_counter()
        answer = ask()
        self.waits[int((time.monotonic() - self.began) / 60), kind].append(
            1000 * (time.perf_counter() - started)
        )
        if answer.status_code not in meant:
            self.errors.append(
                f"{kind}: {answer.request.method} {answer.request.url.path}: {answer.status_code}"
            )
        return answer


_OK: Final = frozenset({200, 304})
_DONE: Final = frozenset({303})


def _reporter(seen: Seen, client: httpx2.Client, chance: random.Random) -> None:
    text = {"words": f"{WORDS} {chance.random()}"}
    if chance.random() < 0.2:
        photo = photos.phone_photo(size=(1200, 900)) + chance.randbytes(16)
        files = {"photos": ("a.jpg", photo, "image/jpeg")}
        seen.act("report with photo", lambda: client.post("/report/water_pollution", data=REPORT | text, files=files), _DONE)  # fmt: skip
    else:
        seen.act("report", lambda: client.post("/report/water_pollution", data=REPORT | text), _DONE)


def _prosecutor(seen: Seen, client: httpx2.Client, chance: random.Random) -> None:
    view = chance.choice(_VIEWS)
    page = seen.act("search" if "q=" in view else "queue", lambda: client.get(view), _OK).text
    found = re.findall(r'/desk/clues/([0-9a-f-]{36})[?"]', page)
    if not found:
        return
    clue = f"/desk/clues/{chance.choice(found)}"
    seen.act("clue", lambda: client.get(clue), _OK)
    seen.act("same matter", lambda: client.get(f"{clue}/likely", headers={"HX-Request": "true"}), _OK)
    if chance.random() < 0.3:
        note = {"note": f"电话联系过举报人，{chance.random()}"}
        seen.act("note", lambda: client.post(f"{clue}/notes", data=note, headers=_SAME), _DONE)


def _agency(seen: Seen, client: httpx2.Client, chance: random.Random) -> None:
    seen.act("agency's list", lambda: client.get("/partner"), _OK)
    if chance.random() < 0.3:
        text = {"words": f"{WORDS} 转来 {chance.random()}"}
        seen.act("agency's report", lambda: client.post("/report/water_pollution", data=REPORT | text, headers=_SAME), _DONE)  # fmt: skip


_ACTS: Final = {"reporter": _reporter, "prosecutor": _prosecutor, "agency": _agency}


def _person(seen: Seen, base: str, kind: str, seed: int) -> None:
    chance = random.Random(seed)
    with httpx2.Client(base_url=base, timeout=120) as client:
        try:
            if kind == "prosecutor":
                sign_in(client)
            if kind == "agency":
                button = re.search(
                    rf'value="([0-9a-f-]{{36}})"><strong>{_AGENCY}', client.get("/sign-in").text
                )
                client.post("/sign-in/cast", data={"account_id": button[1] if button else ""})
            while not seen.is_over.wait(chance.expovariate(1 / _PAUSES[kind])):
                _ACTS[kind](seen, client, chance)
        except Exception as error:  # noqa: BLE001 - a thread's death would be silent
            seen.errors.append(f"{kind}: {type(error).__name__}: {error}")


@contextlib.contextmanager
def _worker(place: Filled) -> Iterator[None]:
    """PostgreSQL's worker is a process of its own; SQLite's is a thread of the server."""
    if place.engine == "sqlite":
        yield
        return
    wishes = {
        "YIXIAN_DATA_DIR": str(place.folder),
        "YIXIAN_DATABASE_URL": place.url,
        "YIXIAN_LOAD_CAST": "true",
    }
    import os

    process = subprocess.Popen(
        [sys.executable, "-m", "app", "work"], cwd=ROOT, env=os.environ | wishes, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


def load(place: Filled, server: Office, minutes: float, people: dict[str, int]) -> Seen:
    """Let people work for so long, saying each minute what was seen."""
    seen = Seen(time.monotonic())
    threads = [
        threading.Thread(target=_person, args=(seen, server.base, kind, 100 * at + len(kind)))
        for kind, count in people.items()
        for at in range(count)
    ]
    with _worker(place):
        spent, told = server.cpu_ms(), 0
        for each in threads:
            each.start()
        while (passed := time.monotonic() - seen.began) < 60 * minutes:
            time.sleep(min(1.0, 60 * minutes - passed))
            if int((time.monotonic() - seen.began) / 60) > told:
                say(_minute(seen, told, server, server.cpu_ms() - spent))
                spent, told = server.cpu_ms(), told + 1
        seen.is_over.set()
        for each in threads:
            each.join()
    return seen


def _minute(seen: Seen, minute: int, server: Office, spent: float) -> str:
    parts = [
        f"{kind} {len(waits)}: {_cut(waits, 50):.0f}; {_cut(waits, 99):.0f}"
        for (at, kind), waits in sorted(seen.waits.items())
        if at == minute
    ]
    return (
        f"  minute {minute + 1}: {len(seen.errors)} errors, {spent / 600:.0f} % of a core, "
        f"{server.memory_mib():.0f} MiB | " + " | ".join(parts)
    )


def _cut(waits: list[float], percent: int) -> float:
    return statistics.quantiles(waits, n=100)[percent - 1] if len(waits) > 1 else waits[0]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--reporters", type=int, default=6)
    parser.add_argument("--prosecutors", type=int, default=4)
    parser.add_argument("--agencies", type=int, default=3)


def run(options: argparse.Namespace) -> int:
    """Run it on each engine; 1 when an answer was not meant."""
    worst, clues = 0, max(options.clues, default=1_000)
    photos_each = 3 if options.photos_each is None else options.photos_each
    people = {
        "reporter": options.reporters, "prosecutor": options.prosecutors, "agency": options.agencies,
    }  # fmt: skip
    for engine in options.engine:
        say(f"{engine}: {clues:,} clues, {clues * photos_each:,} photos, {people}, p50; p99 in ms by minute")
        kept: Path | None = options.kept
        with filled(clues, engine, kept=kept, photos=photos_each) as place, place.served() as server:
            seen = load(place, server, options.minutes, people)
        total = sum(len(waits) for waits in seen.waits.values())
        say(f"{engine}: {total} acts in {options.minutes:g} minutes, {len(seen.errors)} errors")
        for each in seen.errors[:10]:
            say(f"  {each}")
        say(f"{engine}: p99 by third: {_thirds(seen, options.minutes)}")
        worst |= bool(seen.errors) or not total
    return int(worst)


def _thirds(seen: Seen, minutes: float) -> str:
    """The p99 of everything in each third of the run: flat when they are alike."""
    by: dict[int, list[float]] = defaultdict(list)
    last = max(1.0, minutes)
    for (minute, _kind), waits in seen.waits.items():
        by[min(2, int(3 * minute / last))] += waits
    return ", ".join(f"{_cut(by[third], 99):.0f} ms" for third in sorted(by))
