"""The season: who reports what and when, and the one clock by which all lives go on, step by step in their order."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from app.demo import words
from app.demo.lives import Book, ClueLife, Life
from app.demo.office import Office, chance
from app.demo.reports import Plan
from app.platform import clock, jobs
from app.platform.errors import Problem
from app.platform.jobs import Handler, Tools
from app.reference import queries as reference
from app.reference.models import Category, Town

BEGINS: Final = datetime(2026, 6, 1, tzinfo=UTC)
_SHORTEST: Final = timedelta(days=60)
_PRIORITY_WEIGHT: Final = 4
_PEAKS: Final[Mapping[str, frozenset[int]]] = {
    "ice_venue": frozenset({11, 12, 1, 2}), "ice_environment": frozenset({11, 12, 1, 2, 3}),
    "straw_burning": frozenset({10, 11, 3, 4}), "black_soil_dig": frozenset({5, 6, 7, 8, 9, 10}),
}  # fmt: skip
_CHANNELS: Final = (
    ("web", 46), ("wechat_qr", 24), ("station_qr", 8), ("walk_in", 4), ("phone", 3), ("hotline_12309", 3), ("letter", 1),
    ("patrol", 2), ("volunteer_li", 4), ("liaison_zhao", 3), ("agency_water", 1), ("agency_forestry", 1),
)  # fmt: skip
_NEIGHBOURS: Final = 0.09
_REMEMBERED: Final = 40
_OUTSIDE: Final = 0.03


@dataclass
class Season:
    """Every life under one clock; what is due after `until` has not happened yet."""

    office: Office
    tools: Tools
    handlers: Mapping[str, Handler]
    until: datetime
    stopped: Counter[str] = with_default(default_factory=Counter)
    _due: list[tuple[datetime, int, Life]] = with_default(default_factory=list)
    _count: int = 0

    def start(self, life: Life) -> None:
        """Let a life begin."""
        self._wake(next(life), life)

    def _wake(self, at: datetime, life: Life) -> None:
        if at <= self.until:
            self._count += 1
            heapq.heappush(self._due, (at, self._count, life))

    def run(self) -> None:
        """Take every step that is due, oldest first; pictures are developed as they come in."""
        while self._due:
            at, _order, life = heapq.heappop(self._due)
            try:
                self._wake(life.send(at), life)
            except StopIteration:
                continue
            except Problem as problem:
                # A step the office refuses ends this life where it stands, and is counted for the summary.
                self.stopped[problem.code] += 1
            self.develop()

    def develop(self) -> None:
        """Run the reactions that wait."""
        while jobs.run_one(self.tools, self.handlers):
            pass


def plans(
    office: Office, rng: Random, *, clues: int, until: datetime
) -> list[tuple[datetime, Plan, int | None]]:
    """Return when which report comes, oldest first; some tell of a matter that was told before."""
    with office.house.database.read_session() as session:
        categories = reference.categories(session, clock.office_date(until))
        towns = reference.towns(session)
    begins = min(BEGINS, until - _SHORTEST)
    found: list[tuple[datetime, Plan, int | None]] = []
    for at in sorted(_instant(rng, begins, until) for _clue in range(clues)):
        recent = list(enumerate(found))[-_REMEMBERED:]
        known = [number for number, (_at, plan, master) in recent if _may_repeat(plan, master)]
        if known and chance(rng, _NEIGHBOURS):
            master = rng.choice(known)
            found.append((at, _neighbour(found[master][1], rng), master))
        else:
            found.append((at, _plan(rng, at, categories, towns), None))
    return found


def lives(office: Office, season: Season, rng: Random, *, clues: int) -> None:
    """Start one life per planned report."""
    book = Book({})
    for number, (at, plan, master) in enumerate(plans(office, rng, clues=clues, until=season.until)):
        dice = Random(rng.getrandbits(64))  # noqa: S311 - stories, not secrets
        life = ClueLife(office, plan, dice, number, book, master)
        season.start(life.run(at))


def _instant(rng: Random, begins: datetime, until: datetime) -> datetime:
    """Return a moment: more towards now, in the hours people are about, a burst in the last days."""
    span = (until - begins).total_seconds()
    share = 1 - rng.random() * 0.02 if chance(rng, 0.06) else rng.random() ** 0.75
    at = begins + timedelta(seconds=span * share)
    local = at.astimezone(clock.OFFICE_ZONE).replace(
        hour=min(22, max(6, round(rng.gauss(13.5, 4)))), minute=rng.randint(0, 59)
    )
    return min(local.astimezone(UTC), until - timedelta(minutes=rng.randint(4, 90)))


def _plan(rng: Random, at: datetime, categories: Sequence[Category], towns: Sequence[Town]) -> Plan:
    month = at.astimezone(clock.OFFICE_ZONE).month
    weights = [_weight(category, month) for category in categories]
    category = rng.choices(categories, weights)[0]
    town = rng.choice(towns)
    channel = rng.choices([name for name, _ in _CHANNELS], [weight for _, weight in _CHANNELS])[0]
    is_forwarded = "_" in channel and channel.split("_")[0] in {"volunteer", "liaison", "agency"}
    return Plan(
        category_key=category.key, town_key=town.key, place=words.said(rng, "places", town.key),
        lat=(town.lat or 45.8) + rng.uniform(-0.012, 0.012), lon=(town.lon or 126.55) + rng.uniform(-0.012, 0.012),
        photos=rng.choices((0, 1, 2, 3), (50, 28, 15, 7))[0], forwarder=channel if is_forwarded else None,
        channel="web" if is_forwarded else channel, is_outside=chance(rng, _OUTSIDE),
    )  # fmt: skip


def _weight(category: Category, month: int) -> float:
    peak = _PEAKS.get(category.key)
    if peak is not None and month not in peak:
        return 0.1
    return _PRIORITY_WEIGHT if category.is_priority else 1


def _may_repeat(plan: Plan, master: int | None) -> bool:
    return master is None and plan.forwarder is None and not plan.is_outside


def _neighbour(plan: Plan, rng: Random) -> Plan:
    return Plan(
        category_key=plan.category_key, town_key=plan.town_key, place=plan.place, photos=rng.choice((0, 0, 1, 2)),
        lat=plan.lat + rng.uniform(-0.0003, 0.0003), lon=plan.lon + rng.uniform(-0.0003, 0.0003), channel="wechat_qr",
    )  # fmt: skip
