"""Photos that do not come are asked for once; uploads nobody finishes are cleared away."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.platform import clock
from tests.intake.sheets import give_code
from tests.intake.uploads import Phone, photo, promise

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.platform.settings import Settings
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
ONE, TWO = photo(1), photo(2)


@pytest.fixture
def phone(client: HouseClient) -> Phone:
    return Phone(client)


@pytest.fixture
def chased(app: FastAPI) -> Any:
    """Run the reminder now, as often as asked."""
    from app import wiring
    from app.intake import jobs
    from app.platform.jobs import run_one

    def run(times: int = 1) -> None:
        tools = wiring.tools_of(app.state.house)
        for _ in range(times):
            with app.state.house.database.write_session() as session:
                session.execute(
                    text("update job set run_after = :past, done_at = null where handler = 'intake.chase'"),
                    {"past": "2026-01-01 00:00:00+00:00"},
                )
            run_one(tools, jobs.HANDLERS)

    return run


def told(rows: Rows) -> list[str]:
    return [row["body"] for row in rows("select body from message where kind = 'note' order by rowno")]


def test_who_sent_half_is_reminded_once_and_in_plain_words(
    phone: Phone, rows: Rows, chased: Any, client: HouseClient
):
    phone.report(promise(ONE, preview=photo(3)), promise(TWO))
    (job,) = rows("select run_after, done_at from job where handler = 'intake.chase'")
    assert job["done_at"] is None
    phone.send(ONE)
    chased(3)
    (body,) = told(rows)
    assert "还差 1 张" in body
    assert len(rows("select * from journal where verb = 'reporter.told'")) == 1
    give_code(client, phone.receipt()["query_code"])
    assert "还差 1 张" in client.get(client.to("intake:track")).text


def test_who_sent_everything_is_left_alone(phone: Phone, rows: Rows, chased: Any):
    phone.report(promise(ONE, preview=photo(3)))
    phone.send(ONE)
    chased()
    assert told(rows) == []


def test_nobody_is_reminded_of_nothing(phone: Phone, rows: Rows):
    phone.report()
    assert rows("select * from job where handler = 'intake.chase'") == []


def test_who_withdrew_is_left_alone(phone: Phone, rows: Rows, chased: Any, database: Any):
    phone.report(promise(ONE))
    with database.write_session() as session:
        session.execute(text("update clue set withdrawn_at = received_at"))
    chased()
    assert told(rows) == []


def test_the_reminder_waits_as_long_as_the_setting_says(phone: Phone, rows: Rows):
    phone.report(promise(ONE))
    (job,) = rows("select run_after from job where handler = 'intake.chase'")
    waited = clock.now() + timedelta(hours=24) - _instant(job["run_after"])
    assert abs(waited) < timedelta(minutes=5)


def _instant(found: Any) -> Any:
    from datetime import UTC, datetime

    found = datetime.fromisoformat(found) if isinstance(found, str) else found
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def test_what_nobody_finishes_is_cleared_away(
    phone: Phone, app: FastAPI, settings: Settings, database: Any, rows: Rows
):
    from app import wiring
    from app.intake.jobs import sweep_uploads

    tools = wiring.tools_of(app.state.house)
    folder = settings.data_dir / "blobs/uploads"
    phone.report(promise(ONE), promise(TWO))
    expired, live = phone.begun(ONE), phone.begun(TWO)
    phone.piece(expired, 0, ONE[:9])
    phone.piece(live, 0, TWO[:9])
    (folder / ("f" * 32)).write_bytes(b"of a finished upload whose process was killed")
    old = time.time() - 7200
    for path in folder.iterdir():
        os.utime(path, (old, old))
    with database.write_session() as session:
        session.execute(
            text("update upload set expires_at = begun_at where id = :id"), {"id": expired.rpartition("/")[2]}
        )
    assert sweep_uploads(tools, clock.now()) == 2
    assert [path.name for path in folder.iterdir()] == [live.rpartition("/")[2]]
    assert len(rows("select * from upload")) == 1
    assert phone.ask(expired).status_code == 404
    assert phone.offset(live) == 9
    assert sweep_uploads(tools, clock.now()) == 0
