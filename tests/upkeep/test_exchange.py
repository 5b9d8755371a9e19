"""Hosts are exchanged one by one: the first new one migrates, and those of the version before go on, and start again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app import cli
from app.platform import migrations
from tests import cast

if TYPE_CHECKING:
    from app.platform.db import Database
    from app.platform.settings import Settings
    from tests.conftest import HouseClient


def put(database: Database, version: str) -> None:
    """Let the database stand where another version of the program would have left it."""
    with database.write_session() as session:
        session.execute(text("update alembic_version set version_num = :at"), {"at": version})


@pytest.mark.parametrize(("stands_at", "is_ready"), [("9999", True), ("0001", False)])
def test_a_newer_database_is_served_an_older_one_is_not(
    client: HouseClient, database: Database, stands_at: str, *, is_ready: bool
):
    put(database, stands_at)
    answer = client.get(client.to("web:ready"))
    assert answer.json()["migrations"] is is_ready
    assert answer.status_code == (200 if is_ready else 503)
    cast.sign_in(client, "sysadmin")
    shown = client.get(client.to("upkeep:health")).text
    assert ("数据库比这台主机的程序新" in shown) is is_ready
    assert ("数据库结构和程序不一致" in shown) is not is_ready


def test_a_host_of_the_version_before_starts_again_and_leaves_the_database_alone(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
):
    put(database, "9999")
    cli.migrate(settings)
    cli.seed(settings)
    assert "newer (9999)" in capsys.readouterr().out
    with database.read_session() as session:
        assert session.execute(text("select version_num from alembic_version")).scalar_one() == "9999"
    put(database, migrations.newest())
    cli.migrate(settings)
    assert capsys.readouterr().out == ""
