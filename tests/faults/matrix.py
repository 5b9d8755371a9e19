"""The kill matrix: the same report into the same fresh office, killed at another place each time, then retried.

Every child is forked from a parent that has imported everything and opened nothing. The application in the
child is the real one, driven through its ASGI door; nothing of it is imitated. kill -9 does not test fsync:
what a dead process had written, the kernel still has. What fsync promises is for the power cut to test.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import random
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from app import cli
from app.platform.crypto import KeyRing, make_key_file
from app.platform.settings import Settings
from tests.conftest import make_settings
from tests.faults import checker
from tests.faults.doors import AT_WORK, DOORS, Letter, letters, opened
from tests.faults.hooks import Hooks, arm_database, arm_store, armed_messages
from tests.faults.mutants import MUTANTS, Late
from tests.faults.upload_way import DIGESTS
from tests.platform.engines import Copies, PostgresCopies, databases

_CHILD_MAY_TAKE_S: Final = 180
_LATEST_US: Final = 4000
NO_CONTENT: Final = 204
# The whole length of an upload tells which photo an answer speaks of.
LENGTHS: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Death:
    """Where the first process dies; perhaps a moment later, and perhaps the retry dies as well."""

    door: str
    number: int
    delay_us: int = 0
    again_at: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one death."""

    death: Death
    place: str
    died: int
    acknowledged: bool
    findings: list[str]


class Matrix:
    """A template of the office, the letters, and how to send them into a process that dies."""

    def __init__(self, folder: Path, copies: Copies, mutant: str | None) -> None:
        self._folder, self._copies, self._mutant = folder, copies, mutant
        self._keys = folder / "faults.keys"
        self._letters: dict[str, Letter] = {}
        self.places: dict[str, list[str]] = {}

    def prepare(self) -> None:
        """Write the letters and count the places on the way of each."""
        make_key_file(self._keys, key_id="faults")
        self._letters = letters(KeyRing.from_file(self._keys, cipher="sm4-gcm"))
        errand = self._letters["upload"].errand
        LENGTHS.update({str(len(one.content)): one.digest for one in errand.parcels} if errand else {})
        for door in DOORS:
            with self._office() as settings:
                said = self._send(settings, self._letters[door], Hooks())
            if "places" not in said:
                raise RuntimeError(f"the counting run ended early: {said}")
            self.places[door] = said["places"]

    @contextlib.contextmanager
    def _office(self) -> Iterator[Settings]:
        url = self._copies.fresh()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield make_settings(url, folder, key_file=self._keys)
        finally:
            self._copies.drop(url)
            shutil.rmtree(folder)

    def _send(self, settings: Settings, letter: Letter, hooks: Hooks) -> dict[str, Any]:
        def live(tell: Callable[..., None]) -> None:
            late = self._mutated()
            arm_store(hooks)

            def arm(app: Any) -> Any:
                arm_database(hooks, app.state.house.database)
                return _late_too(armed_messages(hooks, app, lambda said: tell(**acknowledged(said))), late)

            async def send() -> str:
                async with opened(settings, arm) as client:
                    answer = await client.send(letter)
                    if letter.door == "develop":
                        hooks.at(AT_WORK)
                        await asyncio.to_thread(client.work)
                    return answer.text

            receipt = asyncio.run(send())
            tell(receipt=receipt, places=hooks.passed)

        return forked(live)

    def _mutated(self) -> Late:
        late: Late = []
        if self._mutant:
            MUTANTS[self._mutant](late)
        return late

    def die(self, death: Death) -> Outcome:
        """One point: a death or two, a look, the client's retries, a look at everything."""
        letter, places = self._letters[death.door], self.places[death.door]
        died, told, acknowledged = 0, None, False
        findings: list[str] = []
        held: set[str] = set()

        def left() -> list[str]:
            return checker.before_retry(settings, acknowledged=acknowledged, held=held)

        def late(app: Any) -> Any:
            return _late_too(app, self._mutated())

        def look() -> list[str]:
            return left() + checker.after_retry(settings, letter, told=told, late=late)

        with self._office() as settings:
            deaths = [Hooks(death.number, death.delay_us)]
            if death.again_at is not None:
                deaths.append(Hooks(death.again_at))
            for hooks in deaths:
                said = self._send(settings, letter, hooks)
                findings += [said["fault"]] if "fault" in said else []
                acknowledged |= "received" in said
                held |= {name for name in said if name in DIGESTS}
                told = said.get("receipt") if death.door in {"api", "upload"} and acknowledged else told
                died += said["ended_by"] in {signal.SIGKILL, signal.SIGALRM}
                findings += self._survive(look if hooks is deaths[-1] else left)
        return Outcome(death, places[death.number], died, acknowledged, findings)

    @staticmethod
    def _survive(look: Callable[[], list[str]]) -> list[str]:
        said = forked(lambda tell: tell(findings=look()))
        if "findings" in said:
            return list(said["findings"])
        return [said.get("fault", f"the survivor was ended by signal {said['ended_by']}")]

    def deaths(self, points: int, seed: int, only: str) -> list[Death]:
        """Every place once, shuffled; then, up to the number asked for, deaths in between and double deaths."""
        chance = random.Random(seed)
        every = [
            Death(door, at)
            for door in DOORS
            for at, name in enumerate(self.places[door])
            if only in f"{door}: {name}" and at >= self._begins(door)
        ]
        chance.shuffle(every)
        while len(every) < points:
            one, other = chance.choice(every), chance.randrange(len(self.places["api"]))
            in_between = Death(one.door, one.number, delay_us=chance.randrange(1, _LATEST_US))
            every.append(in_between if len(every) % 2 else Death(one.door, one.number, again_at=other))
        return every[:points]

    def _begins(self, door: str) -> int:
        return self.places[door].index(AT_WORK) if AT_WORK in self.places[door] else 0

    def run(self, deaths: list[Death], workers: int, *, is_enough: Callable[[], bool]) -> Iterator[Outcome]:
        """Die each death, as many at a time as there are workers, until the caller has seen enough."""
        global _matrix  # noqa: PLW0603 - a forked worker inherits it, nothing is pickled
        _matrix = self
        with get_context("fork").Pool(workers, initializer=self._own) as pool:
            for at in range(0, len(deaths), 12 * workers):
                yield from pool.imap_unordered(_die, deaths[at : at + 12 * workers])
                if is_enough():
                    break
            pool.close()
            pool.join()

    def _own(self) -> None:
        """Give a worker its own names for databases and its own connection to make them."""
        self._copies._numbers = count(os.getpid() * 100_000)
        if isinstance(self._copies, PostgresCopies):
            import psycopg

            server = self._copies._address.replace("+psycopg", "") + "/postgres"
            self._inherited = self._copies._keeper  # never closed here: it is the parent's
            self._copies._keeper = psycopg.connect(server, autocommit=True)


_matrix: Matrix | None = None


def _die(death: Death) -> Outcome:
    assert _matrix is not None
    return _matrix.die(death)


def acknowledged(said: Any) -> dict[str, bool]:
    """What a client may rely on from an answer: the report, or the photo whose last piece was taken."""
    if said["status"] != NO_CONTENT:
        return {"received": True} if said["status"] in {200, 201, 303} else {}
    headers = {name.decode(): value.decode() for name, value in said["headers"]}
    return {LENGTHS[headers["upload-offset"]]: True} if headers.get("upload-offset") in LENGTHS else {}


def _late_too(app: Any, late: Late) -> Any:
    """Do what a mutant put off until the answer had left."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        while late:
            late.pop()()

    return wrapped


def forked(work: Callable[[Callable[..., None]], None]) -> dict[str, Any]:
    """Run work in a child of its own; what it told before it ended, and the signal that ended it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(_CHILD_MAY_TAKE_S)
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)

        def tell(**told: Any) -> None:
            os.write(writing, json.dumps(told).encode() + b"\n")

        try:
            work(tell)
        except BaseException:  # noqa: BLE001 - whatever it was, the parent is told
            tell(fault=traceback.format_exc()[-1500:])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().splitlines()
    said: dict[str, Any] = {"ended_by": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1}
    for line in lines:
        said |= json.loads(line)
    return said


@contextlib.contextmanager
def matrix(mutant: str | None = None) -> Iterator[Matrix]:
    """Make the template of the office once, in a child, so that this process has opened nothing when it forks."""
    with tempfile.TemporaryDirectory(prefix="yixian-kill-") as name:
        folder = Path(name)

        def migrate(url: str) -> None:
            def fill(_tell: Any) -> None:
                settings = make_settings(url, folder)
                cli.migrate(settings)
                cli.seed(settings)

            said = forked(fill)
            if "fault" in said:
                raise RuntimeError(said["fault"])

        with databases(folder, migrate) as copies:
            made = Matrix(folder, copies, mutant)
            made.prepare()
            gc.freeze()
            yield made
