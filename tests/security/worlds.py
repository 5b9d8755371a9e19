"""The same random sessions lived by two different reporters: whoever stands outside must see the same bytes (goals S2).

What differs between two runs by nature (ids, digests, stamps, the time of day) is numbered in the order it appears, so
that a value which stands where another stood before is still noticed.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction
from app.intake import service as intake_service
from app.intake.models import Report
from app.intake.terms import Matter, ReportCommand, StatedContact, StatedPlace
from app.platform import ids, journal
from app.transfer.terms import TransferState
from tests import cast
from tests.security.test_matrix import Door, Knocker, be, doors, held
from tests.transfer import scenes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

OUTSIDERS = (
    "",
    "agency_health",
    "agency_water",
    "liaison_zhao",
    "volunteer_li",
    "sysadmin",
    "secadmin",
    "auditor",
)
REPORTERS = (
    StatedContact("林小雨", "13904519876", "晚上能接", "2026-1"),
    StatedContact("欧阳震", "18645120001", "", "2026-1"),
)
MATTER = Matter(
    key="aed_missing", field_key="public_health_security", name="公共场所没有配置AED", compartment_kind="open",
    sla_days=15, is_priority=True, allows_photos=True, allows_position=True,
)  # fmt: skip
PLACE = StatedPlace(
    lat=45.81, lon=126.53, accuracy_m=12.0, source="browser", words="正门东侧", town_key="taiyangdao",
    town_name="太阳岛街道", standing="inside",
)  # fmt: skip
BY_NATURE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{40,64}|[\w-]{16,}=*\.\w+\.[\w-]{16,}"
    r"|data-sealing-key=\"[^\"]+\""
)
TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?|刚刚|\d+ 分钟前")


@dataclass(frozen=True)
class Step:
    """What happens to one report of a session."""

    words: str
    to: str
    until: TransferState | None
    forwarder: bool


def session_of(seed: int) -> list[Step]:
    """The steps of one random session: the same in both worlds."""
    rng = random.Random(seed)
    states = [
        None,
        TransferState.SENT,
        TransferState.ACKNOWLEDGED,
        TransferState.REPLIED,
        TransferState.CLOSED,
    ]
    return [
        Step(f"第{rng.randrange(1000)}处没有除颤器，找了很久也没有看到", rng.choice(["health", "water"]),
             rng.choice(states), rng.random() < 0.3)
        for _ in range(rng.randint(1, 2))
    ]  # fmt: skip


def live(app: FastAPI, reporter: StatedContact | None, steps: list[Step]) -> list[str]:
    """Let one reporter live a session; the ids of the transfers that left."""
    house = app.state.house
    left = []
    for step in steps:
        with house.database.write_session() as session:
            cast.people(session, house.settings)
            chief = cast.actor(session, "chief_zhou", house.settings)
            command = ReportCommand(
                report_id=ids.new(), matter=MATTER, words=step.words, answers=(), place=PLACE, contact=reporter,
                channel="web", forwarder=None, consent_version="2026-1", is_urgent=False,
            )  # fmt: skip
            received = intake_service.receive(
                session, house, command, kept=[], declined=[], actor=None, now=scenes.NOW
            )
            clue = clue_queries.by_id(session, received.clue_id)
            if step.forwarder:
                volunteer = cast.people(session, house.settings)["volunteer_li"]
                session.execute(update(Report).where(Report.clue_id == clue.id).values(account_id=volunteer))  # type: ignore[arg-type]
            numbering = Numbering("松检公线〔{year}〕{seq:04d}号", "松检", 1)
            clue_service.register(
                session, journal.SYSTEM, clue, numbering=numbering, compartment_kind="open", now=scenes.NOW
            )
            clue_service.advance(session, journal.SYSTEM, clue, ClueAction.START_EVALUATION, now=scenes.NOW)
            if step.until is not None:
                transfer = scenes.drafted(session, chief, clue.id, to=step.to)
                scenes.brought_to(session, chief, transfer, step.until)
                left.append(transfer.id)
    return left


def seen(client: Knocker, pages: list[Door], transfers: list[str]) -> Iterator[tuple[str, str]]:
    """Everything an outsider can look at, each with a name."""
    nothing = dict.fromkeys(("clue", "transfer", "look", "evidence", "account", "report", "agency"), "none")
    for who in OUTSIDERS:
        be(client, who) if who else cast.sign_out(client)
        mine = held(who) if who else set()
        for door in (door for door in pages if door.verb == "anyone" or door.verb in mine):
            places = (
                [nothing | {"transfer": one} for one in transfers]
                if "{transfer_id}" in door.path
                else [nothing]
            )
            for number, things in enumerate(places):
                answer = client.get(door.place(things))
                yield (
                    f"{who or 'nobody'} {door.key} {number}",
                    f"{answer.status_code} {numbered(answer.text)}",
                )


def numbered(text: str) -> str:
    """A text with what differs by nature numbered in the order it appears."""
    known: dict[str, str] = {}
    text = BY_NATURE.sub(lambda found: known.setdefault(found[0], f"<{len(known)}>"), text)
    return TIME.sub("<time>", text)  # which of two falls into the same minute is chance


def differences(
    apps: tuple[Any, Any], sessions: range, *, reporters: Any = REPORTERS, at_once: int = 1
) -> list[str]:
    """Live sessions in two worlds, look after every `at_once` of them, and name every page that differs for somebody outside."""
    found: list[str] = []
    with Knocker(apps[0]) as one, Knocker(apps[1]) as other:
        pages = [
            door for door in doors(apps[0])
            if door.method == "GET" and door.path.startswith(("/partner", "/journal", "/people", "/agencies", "/track", "/open311", "/custody"))
            and not door.path.endswith(("docx", "pdf", "/chain", "new"))
        ]  # fmt: skip
        for first in range(sessions.start, sessions.stop, at_once):
            now = range(first, min(first + at_once, sessions.stop))
            left: list[list[str]] = [
                [one for seed in now for one in live(app, who, session_of(seed))]
                for app, who in zip(apps, reporters, strict=True)
            ]
            worlds = [
                list(seen(client, pages, ids_)) for client, ids_ in zip((one, other), left, strict=True)
            ]
            assert len(worlds[0]) == len(worlds[1]) > len(OUTSIDERS)
            found += [f"session {now[-1]}: {a[0]}" for a, b in zip(*worlds, strict=True) if a != b]
    return found
