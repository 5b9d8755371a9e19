"""`python -m tests.faults history`: people report over a hostile line; their histories are held against the store.

The line cuts a request or its answer at any byte, delivers it twice, or long after its sender has given up and
tried again. People retry, tap twice, have two tabs open, send their photos in pieces, and one in ten says something
else under the same id. Each keeps what he was told: ok, refused, unknown. At the end of a batch the store must hold
exactly one report for each history, with every photo bit-identical, and every receipt of it must be the same.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.main import create_app, open_house
from app.platform.crypto import KeyRing, make_key_file
from app.platform.digest import sha256_hex
from app.platform.settings import Settings
from app.platform.storage_local import LocalStore
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.faults import checker
from tests.faults.disk import room
from tests.faults.doors import Letter, letters
from tests.faults.hostile import Answer, Ask, InProcess, Line, Wire
from tests.faults.mutants import MUTANTS
from tests.faults.power import serving, wait_ready
from tests.faults.senders import report_id_of
from tests.faults.upload_way import PHOTOS, SECRET
from tests.intake.sheets import code_on
from tests.platform.engines import ENGINE, Copies, databases

DOORS: Final = ("form", "api", "tus")
BATCH: Final = 250
_AT_ONCE: Final = 16
_HOSTILE_TRIES: Final = 4
_OK: Final = frozenset({200, 201, 204, 303})


@dataclass(slots=True)
class History:
    """One person's report: what was sent, what was heard of it."""

    door: str
    letter: Letter
    report_id: str
    photos: list[bytes]
    rival: Letter | None = None
    heard: list[str] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)
    sent_bytes: int = 0


class GivenUp(Exception):
    """Even over a line that is whole again there was no acknowledgement."""


class Person:
    """Somebody who reports, and does not give up."""

    def __init__(self, line: Line, to: Urls, history: History) -> None:
        self._line, self._to, self._is = line, to, history
        self._chance = line.chance

    async def live(self) -> History:
        """Send the report until it is acknowledged, in one tab or two; then its photos, if they go by themselves."""
        tabs = [self._tab(self._is.letter)]
        if self._is.rival:
            tabs.append(self._tab(self._is.rival))
        elif self._chance.random() < 0.2:
            tabs.append(self._tab(self._is.letter))
        won = await asyncio.gather(*tabs)
        if self._is.rival and sum(won) != 1:
            self._is.findings.append(f"{sum(won)} contents were acknowledged under one id")
        if self._is.door == "tus":
            for content in self._is.photos:
                await self._upload(content)
        return self._is

    async def _tab(self, letter: Letter) -> bool:
        headers = {"Content-Type": letter.media_type, "Sec-Fetch-Site": "same-origin"}
        ask = Ask(letter.method, self._to(letter.route, **letter.parameters), headers, letter.content)
        for tried in itertools.count():
            taps = 2 if self._chance.random() < 0.2 else 1
            answers = await asyncio.gather(*(self._say(ask, tried) for _ in range(taps)))
            for answer in answers:
                if answer and answer.status == 409 and self._is.rival:
                    return False
                if answer and answer.status in _OK:
                    self._is.receipts.add(await self._receipt(letter, answer))
            if any(answer and answer.status in _OK for answer in answers):
                return True
            await asyncio.sleep(self._chance.uniform(0, 0.01))
        return False

    async def _say(self, ask: Ask, tried: int, *fine: int) -> Answer | None:
        answer = await self._line.carry(ask, is_hostile=tried < _HOSTILE_TRIES)
        self._is.sent_bytes += len(ask.content)
        self._is.heard.append(str(answer.status) if answer else "unknown")
        is_fine = answer is None or answer.status in _OK or answer.status in {409, 503, *fine}
        if not is_fine:
            self._is.findings.append(f"{ask.method} {ask.path} was refused with {answer and answer.status}")
        if tried > 40:
            raise GivenUp(f"LOST: never acknowledged: {ask.method} {ask.path} {self._is.heard[-5:]}")
        return answer

    async def _receipt(self, letter: Letter, answer: Answer) -> str:
        if letter.door == "api":
            told = json.loads(answer.content)
            return str(told["query_code"]) + str(told["received_at"])
        cookie = answer.headers["set-cookie"].partition(";")[0]
        shown = await self._line.deliver(Ask("GET", self._to("intake:receipt"), {"Cookie": cookie}), None)
        return code_on(shown.content.decode()) if shown else "no receipt"

    async def _upload(self, content: bytes) -> None:
        """Send one photo in pieces as the phone does: after any failure ask first where it stands."""
        owner = {"Authorization": f"Report {self._is.report_id}.{SECRET}", "Tus-Resumable": "1.0.0"}
        digest = base64.b64encode(sha256_hex(content).encode()).decode()
        begin = owner | {"Upload-Length": str(len(content)), "Upload-Metadata": f"digest {digest}"}
        where, at, tried = "", None, 0
        for tried in itertools.count():
            if not where:
                answer = await self._say(Ask("POST", "/api/v1/uploads", begin), tried)
                if answer and answer.status == 409:
                    return
                where, at = (answer.headers["location"], 0) if answer and answer.status == 201 else ("", None)
            elif at is None:
                answer = await self._say(Ask("HEAD", where, owner), tried, 404)
                if answer and answer.status == 404:
                    where = ""
                elif answer and answer.status == 200:
                    at = int(answer.headers["upload-offset"])
                    if at == len(content):
                        return
            else:
                piece = content[at : at + self._chance.randrange(4000, 40_000)]
                more = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(at)}
                answer = await self._say(Ask("PATCH", where, owner | more, piece), tried, 404)
                is_taken = answer is not None and answer.status == 204
                at = int(answer.headers["upload-offset"]) if answer and is_taken else None
                if at == len(content):
                    return


def written(keys: KeyRing, chance: random.Random) -> History:
    """A report that nobody has sent yet."""
    door = chance.choice(DOORS)
    photos = [content[:4000] + chance.randbytes(chance.randrange(1, 60_000)) for content in PHOTOS]
    letter = letters(keys, photos)["form" if door == "form" else "api"]
    rival = None
    if door == "api" and chance.random() < 0.3:
        other = json.loads(letter.content) | {"words": "同一个编号，说的是另一件事。"}
        rival = Letter(
            "api",
            letter.method,
            letter.route,
            letter.parameters,
            json.dumps(other).encode(),
            letter.media_type,
        )
    return History(door, letter, report_id_of(letter, keys), photos, rival)


async def live(line: Line, to: Urls, histories: list[History]) -> None:
    """Let all of them live, some at a time; then let everything arrive that is still on its way."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(history: History) -> None:
        async with gate:
            try:
                await Person(line, to, history).live()
            except GivenUp as why:
                history.findings.append(str(why))

    await asyncio.gather(*(one(each) for each in histories))
    await line.settled()


def held_against(settings: Settings, histories: list[History]) -> list[str]:
    """Compare what people were told with what is there."""
    house, store = open_house(settings), LocalStore(settings.data_dir / "blobs")
    with contextlib.closing(house.database) as database:
        found = checker.damage(database, store)
        there = checker.column(database, "select id from report")
        kept = Counter(checker.column(database, "select digest from evidence_item"))
        received = checker.count(database, "journal where verb = 'report.received'")
    if received != len(histories) or len(there) != len(histories):
        found.append(f"{'LOST' if len(there) < len(histories) else 'DOUBLED'}: {len(there)} reports of {len(histories)}, {received} received")  # fmt: skip
    expected: Counter[str] = Counter()
    for each in histories:
        found += each.findings
        if each.report_id not in there:
            found.append(f"LOST: {each.report_id} by {each.door}, which heard {each.heard}")
        if len(each.receipts) != 1 and not each.rival:
            found.append(f"{len(each.receipts)} different receipts for one report by {each.door}")
        expected.update(sha256_hex(c) for c in each.photos if each.door != "api")
    found += [f"LOST: a photo ({digest[:8]})" for digest in expected - kept]
    return found + [f"DOUBLED: a photo ({digest[:8]})" for digest in kept - expected]


@contextlib.asynccontextmanager
async def line_to(
    settings: Settings, keys: Path, chance: random.Random, *, is_wire: bool
) -> AsyncIterator[tuple[Line, Any]]:
    """Open an office and the line to it."""
    app = create_app(settings)
    to = Urls(app)
    if is_wire:
        app.state.house.database.close()
        with serving(settings, keys, "") as (process, base):
            await asyncio.to_thread(wait_ready, base, process)
            yield Wire(chance, int(base.rpartition(":")[2])), to
        return
    async with app.router.lifespan_context(app):
        yield InProcess(chance, app), to


async def batch(
    copies: Copies, folder: Path, keys: Path, number: int, seed: int, *, is_wire: bool
) -> list[History | str]:
    """So many histories in one fresh office; they, and what was found."""
    chance, url = random.Random(seed), copies.fresh()
    home = folder / str(seed)
    settings = make_settings(url, home, key_file=keys, uploads_per_hour=10**9)
    histories = [written(KeyRing.from_file(keys, cipher="sm4-gcm"), chance) for _ in range(number)]
    async with line_to(settings, keys, chance, is_wire=is_wire) as (line, to):
        await live(line, to, histories)
    found = await asyncio.to_thread(held_against, settings, histories)
    copies.drop(url)
    return [*histories, *found]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--sockets", type=int, default=300, help="so many of them over real sockets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", default="", choices=["", "always_new"])


def run(options: argparse.Namespace) -> int:
    """Let them live, and say what was found."""
    from app import cli

    started, figures, worst = time.monotonic(), Counter[str](), list[str]()
    late: list[Any] = []
    if options.mutant:
        MUTANTS[options.mutant](late)
    with room(256) as folder:
        keys = folder / "faults.keys"
        make_key_file(keys, key_id="faults")

        def migrate(url: str) -> None:
            settings = make_settings(url, folder / "template")
            cli.migrate(settings)
            cli.seed(settings)

        with databases(folder, migrate) as copies:
            left, wired, seed = options.histories, options.sockets, options.seed * 1_000_000
            # Who is tired of waiting still learns what was seen so far.
            with contextlib.suppress(KeyboardInterrupt):
                while left > 0 and not (worst and options.mutant):
                    number, is_wire = (
                        (min(left, BATCH, wired), True) if wired > 0 else (min(left, BATCH), False)
                    )
                    done = asyncio.run(batch(copies, folder, keys, number, seed, is_wire=is_wire))
                    left, wired, seed = left - number, wired - number * is_wire, seed + 1
                    for each in done:
                        if isinstance(each, str):
                            worst.append(each)
                        else:
                            figures.update(each.heard, histories=1, sockets=int(is_wire))
                            figures.update({each.door: 1, "two contents": int(each.rival is not None)})
    lost, doubled = (sum(word in each for each in worst) for word in ("LOST", "DOUBLED"))
    sys.stdout.write("".join(f"  {each}\n" for each in worst[:10]))
    told = ", ".join(
        f"{number} {what}" for what, number in sorted(figures.items(), key=lambda each: -each[1])
    )
    sys.stdout.write(
        f"history on {ENGINE}: {figures['histories']} histories, {lost} lost, {doubled} doubled, "
        f"{len(worst)} findings in {time.monotonic() - started:.0f} s ({told})\n"
    )
    return 1 if worst else 0
