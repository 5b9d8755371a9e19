"""What is kept in memory is what the database says, at once and after a rollback."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.intake import catalogue
from app.platform import clock
from app.platform.db import Database, WriteSession
from app.reference import memory
from app.reference.models import Category

KEY = "aed_missing"


def name(database: Database) -> str:
    with database.read_session() as session:
        return str(catalogue.form_facts(session, KEY, now=clock.now()).category.name)


def rename(session: WriteSession, to: str) -> None:
    session.execute(update(Category).where(Category.key == KEY).values(name=to))
    memory.raise_version(session)


def test_a_change_is_seen_at_once_by_everybody(database: Database) -> None:
    before = name(database)
    other = Database(database.url)
    assert name(other) == before
    with database.write_session() as session:
        rename(session, "换了名字")
    assert (name(database), name(other)) == ("换了名字", "换了名字")
    other.close()


def test_what_is_remembered_costs_no_second_reading(database: Database) -> None:
    readings: list[int] = []
    for _ in range(3):
        with database.read_session() as session:
            memory.remembered(session, "counted", lambda: readings.append(1))
    assert len(readings) == 1


def test_what_was_rolled_back_is_never_remembered(database: Database) -> None:
    before = name(database)

    def stumble() -> None:
        with database.write_session() as session:
            rename(session, "不该留下")
            assert catalogue.form_facts(session, KEY, now=clock.now()).category.name == "不该留下"
            raise LookupError

    with pytest.raises(LookupError):
        stumble()
    assert name(database) == before
    with database.write_session() as session:
        rename(session, "第二次")  # the same version number as the one rolled back
    assert name(database) == "第二次"
    with database.read_session() as reading:
        assert reading.execute(select(Category.name).where(Category.key == KEY)).scalar_one() == "第二次"
