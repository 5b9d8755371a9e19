"""How the installation fares: the page for its administrator, the door for Prometheus, the workers' signs of life."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import update

from app.platform import clock, journal, signs
from app.platform.jobs import Tools
from app.platform.records import Job
from app.upkeep import exposition, figures, queries
from tests import cast, make

if TYPE_CHECKING:
    from app.platform.db import Database
    from app.platform.settings import Settings
    from tests.conftest import HouseClient

TOKEN = "0123456789-0123456789"
LINE = re.compile(
    r"yixian_[a-z_]+(?:\{[a-z]+=\"[^\"\n]*\"(?:,[a-z]+=\"[^\"\n]*\")*\})? (?:NaN|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?\d+)?)"
)
QUOTED = "ValueError: 张三 13945127788"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    from tests.conftest import make_settings

    return make_settings(database_url, tmp_path, metrics_token=TOKEN)


def parked(database: Database) -> None:
    """A job that was given up; what went wrong quotes a person."""
    with database.write_session() as session:
        journal.enqueue(session, "evidence.develop", once_key="k", now=clock.now())
        session.execute(update(Job).values(parked_at=clock.now(), attempts=8, last_error=QUOTED))


def samples(text: str) -> dict[str, float]:
    """Every sample by its name and labels; a line that Prometheus could not read fails."""
    found, helped, typed = {}, set(), set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
        elif line.startswith("# TYPE "):
            typed.add(line.split()[2])
        else:
            assert LINE.fullmatch(line), line
            name, _, value = line.rpartition(" ")
            assert name not in found, f"{name} is told twice"
            assert name.partition("{")[0] in helped & typed, name
            found[name] = float(value)
    return found


def told(client: HouseClient, **headers: str) -> dict[str, float]:
    answer = client.get(client.to("upkeep:metrics"), headers={"Authorization": f"Bearer {TOKEN}"} | headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples(answer.text)


@pytest.mark.app
def test_prometheus_reads_how_the_house_fares(client: HouseClient, database: Database):
    with database.write_session() as session:
        make.clue(session, now=clock.now() - timedelta(hours=2))
        journal.enqueue(session, "intake.chase", once_key="late", now=clock.now() - timedelta(minutes=7))
    parked_before = samples_of(database)["yixian_jobs_parked"]
    assert parked_before == 0
    assert client.get(client.to("intake:form", category_key="aed_missing")).status_code == 200
    found = told(client)
    assert found["yixian_clues_waiting"] == 1
    assert 7_000 < found["yixian_oldest_clue_waiting_seconds"] < 7_600
    assert found["yixian_jobs_due"] == 1
    assert 400 < found["yixian_jobs_lag_seconds"] < 600
    assert found["yixian_migrations_at_head"] == 1
    assert found["yixian_backup_age_seconds"] != found["yixian_backup_age_seconds"], "NaN: there is none"
    assert found['yixian_answers_total{route="intake:form",status="2xx"}'] == 1


def samples_of(database: Database, **wishes: Any) -> dict[str, float]:
    from app.platform.web.given import House
    from tests.conftest import make_settings

    house: Any = House(make_settings(database.url, Path(), **wishes), database, None, Room(), None)
    with database.read_session() as looking:
        return samples(exposition.written(figures.taken(looking, house, now=clock.now())))


class Room:
    """A store of which only the room is asked."""

    def free_bytes(self) -> int:
        return 5


@pytest.mark.app
def test_without_the_token_the_door_is_not_there(client: HouseClient):
    for shown in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": TOKEN[:-1]},
    ):
        assert client.get(client.to("upkeep:metrics"), headers=shown).status_code == 404
    # By the machine's number, as one of several processes is asked; nothing else answers there.
    assert told(client, Host="10.0.0.7:8001")
    assert client.get(client.to("web:health"), headers={"Host": "10.0.0.7:8001"}).status_code == 404


def test_labels_are_escaped():
    assert exposition._label('a\\b"c\nd') == r"a\\b\"c\nd"
    assert list(exposition._many("x", "gauge", "a\\b\nc", [({"l": '"'}, 1.5)])) == [
        r"# HELP yixian_x a\\b\nc", "# TYPE yixian_x gauge", r'yixian_x{l="\""} 1.5',
    ]  # fmt: skip


@pytest.mark.app
def test_no_person_is_in_a_figure(client: HouseClient, app: Any):
    """After a whole scene every label is a word of our own, and no text of anybody stands there."""
    from tests.security import scene

    scene.build(app.state.house)
    parked(app.state.house.database)
    client.get("/%E5%BC%A0%E4%B8%89/13945127788")  # house: allow routes-by-name (an address that is no route)
    found = told(client)
    assert any("{" in name for name in found)
    for name in found:
        for value in re.findall(r'"([^"]*)"', name):
            assert re.fullmatch(r"[a-z0-9_:.-]+", value), name
    assert found['yixian_answers_total{route="none",status="4xx"}'] == 1


@pytest.mark.app
def test_the_administrator_sees_what_needs_a_hand(
    client: HouseClient, database: Database, settings: Settings
):
    with database.write_session() as session:
        cast.people(session, settings)
    parked(database)
    cast.sign_in(client, "sysadmin")
    page = client.get(client.to("upkeep:health")).text
    for said in ("后台任务没有在运行", "有 1 个任务做不下去", "还没有做过备份", "做照片的小图", "ValueError"):
        assert said in page
    assert "张三" not in page
    assert "13945127788" not in page
    with database.write_session() as session:
        session.execute(update(Job).values(done_at=clock.now()))
        signs.Life(database)
        journal.record(session, journal.SYSTEM, "backup.made", "backup", "b", facts={}, now=clock.now())
    signs.Life(database).sign(clock.now())
    page = client.get(client.to("upkeep:health")).text
    assert "一切正常" in page
    assert "要处理的事" not in page
    cast.sign_out(client)
    cast.sign_in(client, "prosecutor_chen")
    assert client.get(client.to("upkeep:health")).status_code == 403


def test_a_worker_gives_signs_and_tells_what_its_jobs_cost(database: Database, settings: Settings):
    from app import worker

    with database.write_session() as session:
        for key in ("good", "bad"):
            journal.enqueue(session, f"test.{key}", once_key=key, now=clock.now())
    stop, done = threading.Event(), []

    def fail(_tools: Tools, _work: Any) -> None:
        done.append("bad")
        raise LookupError

    tools: Any = Tools(settings, database, None, None)
    handlers = {"test.good": lambda _tools, _work: done.append("good"), "test.bad": fail}
    thread = threading.Thread(target=worker.run, args=(tools, handlers, stop))
    thread.start()
    for _ in range(400):
        thread.join(0.05)
        with database.read_session() as looking:
            if len(done) == 2 and signs.workers(looking):
                break
    stop.set()
    thread.join(30)
    life = signs.Life(database)
    life._tallies = {"test.good": [3, 1, 0.25]}
    life.sign(clock.now())
    life.sign(clock.now() + timedelta(seconds=1))
    with database.read_session() as looking:
        found = signs.workers(looking)
    assert len(found) == 2
    assert found[0].tallies == {"test.good": [3, 1, 0.25]}
    with database.write_session() as session:
        signs.forget_old(session, clock.now() + timedelta(days=2))
    with database.read_session() as looking:
        assert signs.workers(looking) == []


def test_a_job_is_done_although_its_worker_cannot_sign(
    database: Database, settings: Settings, monkeypatch: Any
):
    from app.platform.errors import Unavailable
    from app.platform.jobs import run_one

    def unreachable(_self: Any, _now: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(signs.Life, "sign", unreachable)
    with database.write_session() as session:
        journal.enqueue(session, "test.good", once_key="k", now=clock.now())
    tools: Any = Tools(settings, database, None, None)
    assert run_one(tools, signs.Life(database).timed({"test.good": lambda _tools, _work: None}))
    with database.read_session() as looking:
        assert queries.due_jobs(looking, now=clock.now() + timedelta(hours=1)) == (0, None)


def test_every_job_has_words():
    """What runs in the house is named on the page in words people read."""
    from app.evidence import copies, erasing, service, strays
    from app.intake import jobs as intake
    from app.keeping import jobs as keeping
    from app.transfer.forwarding import jobs as forwarding
    from app.upkeep.pages import JOBS

    known = {service.DEVELOP, copies.REDACT, copies.PRINT, journal.SIGN_HEAD}
    for room in (erasing, strays, intake, keeping, forwarding):
        known |= set(room.HANDLERS)
    assert known - set(JOBS) == set()


@pytest.mark.app
def test_every_alert_is_about_a_figure_that_is_told(client: HouseClient, database: Database):
    """A rule about a name nobody tells would never fire."""
    from tests.patrol.source import source

    signs.Life(database).sign(clock.now())
    rules = source("docs/alert-rules.yml").text
    named = set(re.findall(r"yixian_[a-z_]+", rules))
    known = {line.split()[2] for line in _lines(client) if line.startswith("# TYPE")}
    assert len(named) > 10
    assert named - known == set()
    names = {route.name for route in iter_route_contexts(client.app.routes)}  # type: ignore[attr-defined]
    doors = re.findall(r'route=~"intake:\(([^)]+)\)\|([^"]+)"', rules)[0]
    assert {f"intake:{door}" for door in doors[0].split("|")} | {doors[1]} <= names


def _lines(client: HouseClient) -> list[str]:
    answer = client.get(client.to("upkeep:metrics"), headers={"Authorization": f"Bearer {TOKEN}"})
    return list(answer.text.splitlines())
