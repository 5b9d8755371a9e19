"""Two worlds (goals S2): the same day with and without military matters, and with another reporter's identity.

Every civil role and every partner walks through whatever its pages lead to, in both worlds in step, and must be
answered byte for byte alike. Nothing is normalised: ids and the time are handed out by the test, the rest is as is.
What belongs to the compartment draws its ids from a stream of its own, because ids would differ by chance, not by
what they tell.
"""

from __future__ import annotations

import html
import re
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.clues import queries as clue_queries
from app.clues.terms import ClueState
from app.identity.terms import CompartmentKind
from app.main import create_app
from app.platform import clock, ids
from app.transfer import queries, service
from app.transfer.jointly import service as joint_service
from app.transfer.jointly.terms import JointKind, JointTold
from app.transfer.terms import TransferState as S
from tests import cast
from tests.conftest import HouseClient, make_settings
from tests.intake.test_api import body
from tests.transfer import scenes

if TYPE_CHECKING:
    from tests.platform.engines import Copies

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
# Auditor and security administrator keep the log and the circles themselves: they know by office (domain.md 1.12).
CIVIL = (
    "prosecutor_chen", "assistant_wang", "clerk_liu", "complaints_sun", "case_mgmt_qian", "leader_tang",
    "prosecutor_wu", "agency_water", "agency_health", "volunteer_li", "sysadmin",
)  # fmt: skip
DOORS = (
    "desk:queue",
    "transfer:index",
    "transfer:calls",
    "partner:inbox",
    "reference:agencies",
    "intake:home",
)
MOST_PAGES = 14
# Ends the session; is a file whose name alone is fixed by its content; or counts the links of the whole chain, for
# whoever keeps the machine and its disk.
LEFT_OUT = re.compile(r"/(?:custody|sign-out|static|dist|img|icons|manifest|sw\.js|favicon)")
_HREF = re.compile(r'(?:href|src|hx-get|data-poll)="(/[^"#]*)')
_IDENTITY = (
    {"name": "王小明", "phone": "13904511234", "consent": True},
    {"name": "欧阳静", "phone": "18745009876", "consent": True},
)


@dataclass
class World:
    """One office on one day."""

    client: HouseClient
    has_military: bool
    contact: dict[str, str]

    @property
    def house(self) -> Any:
        """The shared things of the application."""
        return self.client.app.state.house  # type: ignore[attr-defined]


class Given:
    """Ids and time, handed out."""

    def __init__(self) -> None:
        self.at, self.stream, self.counts = START, "civil", dict.fromkeys(("civil", "military"), 0)
        self.walks = 0

    def restart(self) -> None:
        """Begin a world anew."""
        self.at, self.stream, self.counts = START, "civil", dict.fromkeys(("civil", "military"), 0)

    def new(self) -> str:
        """The next id of the open stream; ids of both sort by the time they were made."""
        self.counts[self.stream] += 1
        head = int(self.at.timestamp() * 1000) << 80 | 7 << 76
        tail = (1 if self.stream == "military" else 0) << 56 | self.counts[self.stream]
        return str(uuid.UUID(int=head | 0b10 << 62 | tail))

    def now(self) -> datetime:
        """The instant of the script."""
        return self.at

    @contextmanager
    def military(self) -> Iterator[None]:
        """Draw ids for what lies in the compartment."""
        self.stream = "military"
        yield
        self.stream = "civil"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Ids and time in the hand of the test."""
    handed = Given()
    monkeypatch.setattr(ids, "new", handed.new)
    monkeypatch.setattr(clock, "now", handed.now)
    return handed


def day(world: World, given: Given) -> None:
    """Everything that happens on the day; military matters come in between, so that a counter would tell."""
    given.restart()
    with world.house.database.write_session() as session:
        cast.people(session, world.house.settings)
    for number, (to, state) in enumerate([("health", S.REPLIED), ("water", S.SENT), ("transport", S.DRAFT)]):
        given.at += timedelta(minutes=7)
        report_id = given.new()
        sent = body(contact=world.contact, photos=[], words=f"第{number}处商场从一层到四层都没有看到除颤器")
        answer = world.client.put(world.client.to("intake:api_report", report_id=report_id), json=sent)
        assert answer.status_code == 201, answer.text
        if world.has_military:
            military(world, given, number)
        given.at += timedelta(minutes=7)
        with world.house.database.write_session() as session:
            chief = cast.actor(session, "chief_zhou", world.house.settings)
            clue_id = scenes.clue(session, title=f"商场{number}没有AED")
            transfer = scenes.drafted(session, chief, clue_id, to=to)
            scenes.brought_to(session, chief, transfer, state)


def military(world: World, given: Given, number: int) -> None:
    """A facility matter by the public door, and a rights matter handed to the military procuratorate and back."""
    with given.military():
        report_id = given.new()
        words = "哨所旁边有人倒垃圾，堆了很久没有人管，请线下联系。"
        sent = {
            "category": "mil_facility_env", "secret": "B" * 22, "words": words, "photos": [], "place": {"town": "songbei"},
            "answers": {"nature": "pollution"}, "unknown": ["coarse_area"], "contact": world.contact,
        }  # fmt: skip
        answer = world.client.put(world.client.to("intake:api_report", report_id=report_id), json=sent)
        assert answer.status_code == 201, answer.text
        with world.house.database.write_session() as session:
            chief = cast.actor(session, "chief_zhou", world.house.settings)
            clue_id = scenes.clue(
                session,
                compartment=CompartmentKind.MILITARY,
                title=f"军人乘车优待{number}",
                category="mil_transport",
            )
            transfer = scenes.drafted(session, chief, clue_id, to="mil_procuratorate")
            scenes.brought_to(session, chief, transfer, (S.SENT, S.REPLIED, S.CLOSED)[number])
            liaison = cast.people(session, world.house.settings)["liaison_zhao"]
            scenes.invited(session, chief, clue_id, liaison, now=given.at)
            held = JointTold(
                JointKind.HEARING, clock.office_date(given.at), "本院", "周正", "军事检察院", "已增设窗口"
            )
            joint_service.record(
                session, chief, clue_queries.by_id(session, clue_id), held, files=[], now=given.at
            )


@pytest.fixture
def worlds(copies: Copies, tmp_path: Path, given: Given) -> Iterator[Any]:
    """Make two worlds under one key, the day lived through in each."""
    opened: list[HouseClient] = []

    def make(one: tuple[bool, dict[str, str]], other: tuple[bool, dict[str, str]]) -> tuple[World, World]:
        found = []
        for number, (has_military, contact) in enumerate((one, other)):
            folder = tmp_path / str(number)
            settings = make_settings(
                copies.fresh(), folder, key_file=tmp_path / "master.keys", tries_per_hour=10_000
            )
            client = HouseClient(create_app(settings))
            client.__enter__()
            opened.append(client)
            world = World(client, has_military, contact)
            day(world, given)
            found.append(world)
        return found[0], found[1]

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def walk(one: World, other: World, given: Given, who: str, most: int = MOST_PAGES) -> int:
    """Follow every link in both worlds in step; return how many answers were compared."""
    at = START + timedelta(hours=3)
    given.walks += 1
    for world in (one, other):
        given.at, given.stream, given.counts["civil"] = at, "civil", 1_000_000 * given.walks
        world.client.cookies.clear()
        cast.sign_in(world.client, who)
    waiting = deque([one.client.to(name) for name in DOORS])
    waiting.extend([one.client.to("desk:queue") + "?q=" + word for word in ("哨所", "军人", "除颤器")])
    seen: set[str] = set()
    while waiting and len(seen) < most:
        path = waiting.popleft()
        if path in seen or LEFT_OUT.match(path):
            continue
        seen.add(path)
        given.at = at + timedelta(seconds=len(seen))
        first, second = (ask(world, path, given, len(seen)) for world in (one, other))
        assert first.status_code == second.status_code, f"{who}: {path}"
        assert first.content == second.content, (
            f"{who}: {path} differs:\n{difference(first.text, second.text)}"
        )
        told = [(name, value) for name, value in first.headers.items() if name != "set-cookie"]
        assert told == [(name, value) for name, value in second.headers.items() if name != "set-cookie"], path
        if first.headers.get("content-type", "").startswith("text/html"):
            waiting.extend(html.unescape(found) for found in _HREF.findall(first.text))
    return len(seen)


def ask(world: World, path: str, given: Given, number: int) -> Any:
    """Ask for a page; ids that a page itself draws begin at the same number in both worlds."""
    given.counts["civil"] = 1_000_000 * given.walks + 1_000 * number
    return world.client.get(path)


def difference(one: str, other: str) -> str:
    """The first lines that differ."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"- {a}\n+ {b}" for a, b in pairs if a != b), "one is longer")


def test_nobody_outside_can_tell_whether_there_are_military_matters(worlds: Any, given: Given):
    one, other = worlds((False, _IDENTITY[0]), (True, _IDENTITY[0]))
    compared = {who: walk(one, other, given, who) for who in CIVIL}
    assert min(compared.values()) > len(DOORS), compared
    plant(other, given)
    with pytest.raises(AssertionError, match="differs"):
        walk(one, other, given, "prosecutor_chen")


def test_nobody_can_tell_one_reporter_from_another(worlds: Any, given: Given):
    one, other = worlds((True, _IDENTITY[0]), (True, _IDENTITY[1]))
    compared = {who: walk(one, other, given, who) for who in CIVIL}
    assert min(compared.values()) > len(DOORS), compared


def plant(world: World, given: Given) -> None:
    """A trace: one matter more, outside the compartment. A comparison that does not see it sees nothing."""
    with world.house.database.write_session() as session, given.military():
        assert scenes.clue(session, title="不在专区里的一条")


def test_the_day_is_as_told(worlds: Any, given: Given):
    """A comparison of two empty offices would pass too."""
    one, other = worlds((False, _IDENTITY[0]), (True, _IDENTITY[0]))
    for world, wanted in ((one, 0), (other, 6)):
        with world.house.database.write_session() as session:
            chief = cast.actor(session, "chief_zhou", world.house.settings)
            rows = session.execute(clue_queries.visible_to(chief)).scalars().all()
            military = [row for row in rows if row.compartment_id != rows[0].compartment_id]
            assert len(military) == wanted
            assert {row.state for row in rows} >= {ClueState.TRANSFER_OUT.value}


def test_a_transfer_out_of_the_compartment_is_seen_by_its_receiver_alone(worlds: Any, given: Given):
    """The one who is handed a military matter knows of it, as sent; another partner beside it knows nothing."""
    one, other = worlds((False, _IDENTITY[0]), (True, _IDENTITY[0]))
    with other.house.database.write_session() as session, given.military():
        chief = cast.actor(session, "chief_zhou", other.house.settings)
        clue_id = scenes.clue(session, compartment=CompartmentKind.MILITARY, category="mil_medical")
        content = replace(scenes.CONTENT, subject="医院没有军人优先窗口")
        transfer = scenes.drafted(session, chief, clue_id, to="health", content=content)
        scenes.brought_to(session, chief, transfer, S.SIGNED)
        scenes.letter(session, chief, transfer)
        service.send(
            session, chief, transfer, checks=scenes.CHECKS, version=transfer.version, now=clock.now()
        )
        assert queries.by_id(session, transfer.id).number is not None
    assert walk(one, other, given, "agency_water") > len(DOORS)
    with pytest.raises(AssertionError, match="differs"):
        walk(one, other, given, "agency_health")
