"""The queue of reactions: done once, retried with patience, parked loudly, and quiet while there is nothing to do."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.platform import clock, jobs, journal
from app.platform.db import Database
from app.platform.jobs import ATTEMPTS_LIMIT, Tools, Work, run_one
from app.platform.records import Job
from app.platform.settings import Settings


def tools_for(settings: Settings, database: Database) -> Tools:
    return Tools(settings, database, keys=None, store=None)


def enqueue(database: Database, key: str = "k") -> None:
    with database.write_session() as session:
        journal.enqueue(session, "test.do", once_key=key, now=clock.now())


def job(database: Database) -> Job:
    with database.read_session() as session:
        return session.execute(select(Job).where(Job.handler == "test.do")).scalar_one()


def test_a_job_is_done_once(settings: Settings, database: Database) -> None:
    enqueue(database)
    done: list[str] = []
    handlers = {"test.do": lambda _tools, work: done.append(work.id)}
    assert run_one(tools_for(settings, database), handlers)
    assert not run_one(tools_for(settings, database), handlers)
    assert len(done) == 1
    assert job(database).done_at is not None


def test_a_failing_job_waits_longer_each_time_and_is_parked_in_the_end(
    settings: Settings, database: Database
) -> None:
    enqueue(database)

    def fail(_tools: Tools, _work: Work) -> None:
        raise LookupError("nothing there")

    for attempt in range(1, ATTEMPTS_LIMIT + 1):
        with database.write_session() as session:
            session.execute(update(Job).values(run_after=clock.now() - timedelta(seconds=1)))
        assert run_one(tools_for(settings, database), {"test.do": fail})
        assert job(database).attempts == attempt
        assert job(database).run_after > clock.now()
    assert job(database).parked_at is not None
    assert "nothing there" in (job(database).last_error or "")


def test_a_lease_that_ran_out_is_claimed_again(settings: Settings, database: Database) -> None:
    enqueue(database)
    now = clock.now()
    with database.write_session() as session:
        assert jobs.claim(session, now=now) is not None
    with database.write_session() as session:
        assert jobs.claim(session, now=now) is None
        assert jobs.claim(session, now=now + jobs.LEASE + timedelta(seconds=1)) is not None


@pytest.mark.only("postgresql")
def test_two_worker_processes_take_each_job_once(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    for number in range(60):
        enqueue(database, str(number))
    children = []
    for name in ("one", "two"):
        child = os.fork()
        if not child:
            own, told = Database(settings.database), (tmp_path / name).open("w")

            def do(_tools: Tools, work: Work, told: Any = told) -> None:
                told.write(work.id + "\n")
                told.flush()
                time.sleep(0.01)

            while run_one(tools_for(settings, own), {"test.do": do}):
                pass
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    done = [(tmp_path / name).read_text("ascii").split() for name in ("one", "two")]
    assert min(map(len, done)) > 5, "both had their part"
    assert len(done[0]) + len(done[1]) == len({*done[0], *done[1]}) == 60


def test_an_idle_worker_writes_nothing_and_a_commit_wakes_it(settings: Settings, database: Database) -> None:
    """An earlier worker woke itself by its own commit and never rested: half a core for nothing."""
    looked: list[float] = []
    done = threading.Event()
    stop = threading.Event()
    handlers = {"test.do": lambda _tools, _work: done.set()}
    worker = threading.Thread(
        target=jobs.run_until,
        args=(tools_for(settings, database), handlers, stop),
        kwargs={"idle": lambda: looked.append(time.monotonic())},
    )
    worker.start()
    try:
        waited = threading.Event()
        waited.wait(1.6)
        assert 1 <= len(looked) <= 8
        enqueue(database)
        assert done.wait(5)
    finally:
        stop.set()
        database.wrote.set()
        worker.join(10)
    assert not worker.is_alive()


def test_a_worker_without_its_tables_tries_ever_more_seldom_and_begins_when_they_are_there(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started before `migrate`, it said so twice a second for as long as that took."""
    asked: list[float] = []
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return self.is_set()

    stop, done = Stop(), threading.Event()
    truly = jobs.run_one

    def run_one(tools: Tools, handlers: dict[str, jobs.Handler]) -> bool:
        asked.append(1.0)
        if len(asked) < 8:
            raise OperationalError("SELECT", {}, Exception("no such table: job"))
        return truly(tools, handlers)

    def end(_tools: Tools, _work: Work) -> None:
        done.set()
        stop.set()

    monkeypatch.setattr(jobs, "run_one", run_one)
    enqueue(database)
    jobs.run_until(tools_for(settings, database), {"test.do": end}, stop)
    assert done.is_set()
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]
