"""An office moves from SQLite to PostgreSQL and from a folder to a bucket: the same rows, chain and photos over there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, insert, text

from app.platform import clock, journal
from app.upkeep import move
from app.upkeep.terms import Stopped
from tests import make
from tests.conftest import make_settings
from tests.platform.buckets import BucketServer, bucket_settings
from tests.platform.engines import Copies
from tests.security import scene
from tests.upkeep.drill import blobs, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.platform.settings import Settings
    from app.platform.web.given import House

pytestmark = pytest.mark.only("postgresql")


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[House]:
    """An office on SQLite with something of everything in it."""
    from app import cli
    from app.main import open_house

    settings = make_settings(
        f"sqlite:///{tmp_path / 'old' / 'yixian.db'}", tmp_path / "old", key_file=tmp_path / "master.keys"
    )
    cli.migrate(settings)
    cli.seed(settings)
    house = open_house(settings)
    scene.build(house)
    yield house
    house.database.close()


@pytest.fixture
def wanted(settled: House, copies: Copies, bucket_server: BucketServer, tmp_path: Path) -> Iterator[Settings]:
    """Where it goes, as an operator writes it down; the database over there is migrated and empty."""
    from app import cli

    url = copies.empty()
    named = bucket_settings(bucket_server, tmp_path)
    lines = [
        f"YIXIAN_DATABASE_URL={url}",
        f"YIXIAN_DATA_DIR={tmp_path / 'new'}",
        f"YIXIAN_S3_PREFIX={named.s3_prefix}",
    ]
    lines += [
        f"YIXIAN_S3_BUCKET={named.s3_bucket}",
        f"YIXIAN_S3_ENDPOINT={named.s3_endpoint}",
        "YIXIAN_S3_KEY_ID=x",
    ]
    (tmp_path / "to.env").write_text("# the new house\n" + "\n".join([*lines, "YIXIAN_S3_SECRET=y"]), "utf-8")
    to = move.target_settings(settled.settings, tmp_path / "to.env")
    cli.migrate(to)
    yield to
    copies.drop(url)


def carried(settled: House, wanted: Settings, said: list[str] | None = None) -> tuple[House, list[str]]:
    from app.main import open_house

    target = open_house(wanted)
    return target, move.carry(settled, target, now=clock.now(), say=(said if said is not None else []).append)


def assert_same(settled: House, target: House) -> None:
    old, new = rows(settled.settings.database), rows(target.settings.database)
    for name, expected in old.items():
        assert new[name][: len(expected)] == expected, name
        assert len(new[name]) - len(expected) == (1 if name == "journal" else 0), name
    assert blobs(target) == blobs(settled)
    with target.database.read_session() as session:
        assert journal.verify(session).broken_at is None


def test_everything_is_there_and_goes_on(settled: House, wanted: Settings):
    said: list[str] = []
    target, faults = carried(settled, wanted, said)
    assert faults == []
    assert_same(settled, target)
    assert any(line.startswith("ok    clue: ") for line in said)
    assert any(line.startswith("ok    chain: row ") for line in said)
    with target.database.write_session() as session:
        make.clue(session)  # the counters go on behind what was carried
    with target.database.read_session() as session:
        found = session.execute(text("SELECT count(*) FROM clue_text WHERE words IS NOT NULL")).scalar_one()
    assert found
    assert move.left_for(settled.settings), "nobody opens the old one by mistake"
    assert not move.left_for(wanted)
    target.database.close()


def dies_at(lot: int, settled: House, wanted: Settings) -> bool:
    """Move in a process of its own that is killed at the numbered insert; say whether it came so far."""
    from app.main import open_house

    child = os.fork()
    if not child:
        done = [0]

        def counted(table: Any) -> Any:
            done[0] += 1
            if done[0] == lot:
                os.kill(os.getpid(), signal.SIGKILL)
            return insert(table)

        for name, value in (("insert", counted), ("_LOT", 3)):
            setattr(move, name, value)
        carried(open_house(settled.settings), wanted)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def test_killed_on_the_way_it_goes_on_and_doubles_nothing(settled: House, wanted: Settings):
    assert dies_at(9, settled, wanted)
    assert dies_at(40, settled, wanted)
    assert not move.left_for(settled.settings), "it is not moved yet"
    target, faults = carried(settled, wanted)
    assert faults == []
    assert_same(settled, target)
    target.database.close()


def test_a_row_that_differs_is_named_and_the_old_office_stays(
    settled: House, wanted: Settings, monkeypatch: Any
):
    comparing = move._compared

    def disturbed(here: Any, there: Any, say: Callable[[str], None]) -> Any:
        engine = create_engine(wanted.database)
        with engine.begin() as connection:
            connection.execute(text("UPDATE clue SET title = 'x' WHERE rowno = 1"))
        engine.dispose()
        return comparing(here, there, say)

    monkeypatch.setattr(move, "_compared", disturbed)
    target, faults = carried(settled, wanted)
    assert faults == ["clue: the rows are not the same"]
    assert not move.left_for(settled.settings)
    target.database.close()


def test_a_database_with_an_office_in_it_is_left_alone(settled: House, wanted: Settings, copies: Copies):
    full = wanted.model_copy(update={"database_url": copies.fresh()})
    with pytest.raises(Stopped, match="is not empty"):
        carried(settled, full)
    copies.drop(full.database_url)
