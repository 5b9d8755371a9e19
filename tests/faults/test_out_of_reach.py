"""A disk that is full or fails, a database that somebody else holds: the right answer, nothing lost, no hand needed."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import create_engine, text

from app.platform import db, engines, storage_local
from app.platform.db import Database
from tests.conftest import HouseClient, make_settings
from tests.faults import checker
from tests.faults.disk import mountable
from tests.faults.doors import PLAIN, Letter, letters
from tests.platform.engines import ENGINE

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.platform.settings import Settings

pytestmark = pytest.mark.app
ROOT = Path(__file__).resolve().parents[2]


def post(client: Any, to: Any, letter: Letter) -> Any:
    """Send a letter as it is."""
    headers = {"Content-Type": letter.media_type, "Sec-Fetch-Site": "same-origin"}
    path = to(letter.route, **letter.parameters)
    return client.request(letter.method, path, content=letter.content, headers=headers)


def written(app: FastAPI) -> dict[str, Letter]:
    """The letters of one office."""
    return letters(app.state.house.keys)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers that wait for nobody long."""
    monkeypatch.setattr(engines, "BUSY_S", 0.2)
    monkeypatch.setattr(db, "_LINE_S", 0.5)


@contextlib.contextmanager
def held(url: str) -> Iterator[None]:
    """Another process holds the database, as a backup tool or a stuck script does."""
    engine = create_engine(url)
    with engine.connect() as connection:
        if ENGINE == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("LOCK TABLE report IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()
    engine.dispose()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("door", PLAIN)
def test_a_database_held_by_somebody_else_means_come_again(settings: Settings, door: str):
    from app.main import create_app

    app = create_app(settings)
    letter, database = written(app)[door], app.state.house.database
    with HouseClient(app) as client:
        with held(settings.database):
            answer = post(client, client.to, letter)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        assert checker.count(database, "report") == 0
        assert post(client, client.to, letter).status_code in {201, 303}
        assert checker.count(database, "report") == 1
        assert not app.state.house.has_failed


def test_a_writer_behind_a_long_one_is_told_to_come_again_and_the_line_goes_on(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(db, "_LINE_S", 0.3)
    letter, house = written(app)["api"], app.state.house
    with HouseClient(app) as client:
        with house.database.write_session() as session:
            session.execute(text("update clue set version = version"))
            if house.database.is_sqlite:
                assert post(client, client.to, letter).status_code == 503
        assert post(client, client.to, letter).status_code == 201
        assert post(client, client.to, letter).status_code == 200


@pytest.mark.parametrize("step", ["write_some", "sync_file", "sync_folder"])
def test_after_an_error_of_the_disk_nothing_is_acknowledged_any_more(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, step: str
):
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "planted")

    by, database = written(app), app.state.house.database
    with HouseClient(app) as client:
        with monkeypatch.context() as planted:
            planted.setattr(storage_local, step, fail)
            assert post(client, client.to, by["form"]).status_code == 503
        assert app.state.house.has_failed
        assert client.get(client.to("web:ready")).status_code == 503
        assert post(client, client.to, by["form"]).status_code == 503
        assert checker.count(database, "report") == 0


@pytest.mark.only("sqlite")
def test_an_error_of_the_disk_under_a_commit_is_never_acknowledged(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
):
    import sqlite3

    database = app.state.house.database
    real = database.writing.dialect.do_commit

    def fail(connection: Any) -> None:
        problem = sqlite3.OperationalError("disk I/O error")
        problem.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise problem

    with HouseClient(app) as client:
        monkeypatch.setattr(database.writing.dialect, "do_commit", fail)
        assert post(client, client.to, written(app)["api"]).status_code == 503
        monkeypatch.setattr(database.writing.dialect, "do_commit", real)
        assert app.state.house.has_failed
        assert post(client, client.to, written(app)["api"]).status_code == 503
        assert checker.count(database, "report") == 0


def test_the_server_ends_by_itself_when_its_disk_fails_and_a_new_start_takes_the_same_report(
    settings: Settings, app: FastAPI, database: Database
):
    from app.platform.web.render import Urls
    from tests.faults.power import serving, wait_ready

    to, letter = Urls(app), written(app)["form"]
    with serving(settings, settings.keys, "fsync_fails") as (process, base):
        wait_ready(base, process)
        with httpx2.Client(base_url=base, timeout=30) as client:
            assert post(client, to, letter).status_code == 503
        assert process.wait(30) == 1
    assert checker.count(database, "report") == 0
    with serving(settings, settings.keys, "") as (process, base):
        wait_ready(base, process)
        with httpx2.Client(base_url=base, timeout=30) as client:
            assert post(client, to, letter).status_code == 303
    assert checker.count(database, "report") == 1


@mountable
@pytest.mark.only("sqlite")
@pytest.mark.parametrize("door", PLAIN)
def test_a_full_disk_means_come_again_and_nobody_has_to_mend_anything(door: str, tmp_path: Path, copies: Any):
    from app.main import create_app
    from tests.faults.disk import made

    with made(24) as disk:
        url = f"sqlite:///{disk.folder / 'office.db'}"
        os.system(f"cp {copies.fresh().removeprefix('sqlite:///')} {disk.folder / 'office.db'}")  # noqa: S605
        app = create_app(make_settings(url, disk.folder, key_file=tmp_path / "faults.keys"))
        letter, database = written(app)[door], app.state.house.database
        with HouseClient(app) as client:
            assert client.get(client.to("web:ready")).status_code == 200
            filler = disk.folder / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
            refused = post(client, client.to, letter)
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert checker.count(database, "report") == 0
            filler.unlink()
            assert post(client, client.to, letter).status_code in {201, 303}
            assert checker.count(database, "report") == 1
            assert checker.damage(database, app.state.house.store) == []
