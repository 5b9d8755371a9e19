"""`python -m app move`: carries an office from SQLite to PostgreSQL, and its photos from the folder to a bucket.

The old database is held against writing for as long as it takes, so what is compared in the end is what was there.
Rows go table by table in the order of their keys, some at a time, each lot in one transaction; photos go one by one.
What was interrupted goes on behind the last row and photo that arrived. Nothing of the old office is removed: it stays
as it is, marked, so that nobody opens it by mistake and takes reports where nobody looks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, Integer, Table, create_engine, insert
from sqlmodel import SQLModel

from app.evidence.scrub import condition_of
from app.platform import journal, migrations
from app.platform import storage_local as disk
from app.platform.db import BigKey
from app.platform.settings import Settings
from app.platform.web.given import House
from app.upkeep import queries, snapshot, vault
from app.upkeep.terms import Stopped

MOVED: Final = "installation.moved"
_MARK: Final = "MOVED-TO-ANOTHER-DATABASE"
_BEGUN: Final = "MOVE-NOT-FINISHED"
_LOT: Final = 1000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """One table as it is here and there."""

    name: str
    rows: int
    is_same: bool


def left_for(settings: Settings) -> str:
    """Return where the office of this SQLite file has gone, or nothing; with other settings the folder may live on."""
    try:
        return (settings.data_dir / _MARK).read_text("utf-8") if settings.is_sqlite else ""
    except FileNotFoundError:
        return ""


def target_settings(settings: Settings, file: Path) -> Settings:
    """Return the settings the office will have: those of now, changed by the lines of a file."""
    wishes: dict[str, Any] = {}
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        name, is_set, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        field = name.removeprefix("YIXIAN_").lower()
        if not is_set or field not in Settings.model_fields:
            raise Stopped(f"{file}, line {number}: expected YIXIAN_…=value")
        wishes[field] = value
    if not str(wishes.get("database_url", "")).startswith("postgresql"):
        raise Stopped(f"{file} names no PostgreSQL in YIXIAN_DATABASE_URL")
    return Settings(**settings.model_dump() | wishes)


def carry(source: House, target: House, *, now: datetime, say: Say) -> list[str]:
    """Carry everything over and compare it; return every fault by name. What was begun is gone on with."""
    if not source.settings.is_sqlite:
        raise Stopped("YIXIAN_DATABASE_URL names no SQLite file: only an office on SQLite is carried over")
    here, there = create_engine(source.settings.database), create_engine(target.settings.database)
    try:
        with _held(source.settings):
            _begin(source.settings, here, there)
            for table in _tables():
                _copy(here, there, table)
            faults = [
                f"{one.name}: the rows are not the same"
                for one in _compared(here, there, say)
                if not one.is_same
            ]
            _set_counters(there)
            faults += _carry_photos(source, target, say)
            faults += _checked_chain(target, here, say)
            if not faults:
                _end(source, target, now=now)
    finally:
        here.dispose()
        there.dispose()
    return faults


@contextmanager
def _held(settings: Settings) -> Iterator[None]:
    """Keep everybody from writing here: whoever still serves answers 503, and phones keep what they have."""
    path = snapshot.sqlite_file(settings)
    if not path.is_file():
        raise Stopped(f"there is no database at {path}")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        yield


def _tables() -> list[Table]:
    return list(SQLModel.metadata.sorted_tables)


def _begin(settings: Settings, here: Engine, there: Engine) -> None:
    with here.connect() as old, there.connect() as new:
        stands = [str(each.execute(migrations.STANDS_AT).scalar_one()) for each in (old, new)]
    if stands[0] != stands[1]:
        raise Stopped(
            f"the databases stand at different migrations ({stands[0]}, {stands[1]}): run `migrate` on both"
        )
    mark, name = settings.data_dir / _BEGUN, there.url.render_as_string(hide_password=True)
    if mark.exists():
        if mark.read_text("utf-8") != name:
            raise Stopped(
                f"a move to {mark.read_text('utf-8')} was begun and not finished: remove {mark} to begin anew"
            )
        return
    with there.begin() as new:
        jobs = SQLModel.metadata.tables["job"]
        full = [table.name for table in _tables() if table is not jobs and _count(new, table)]
        if full:
            raise Stopped(
                f"the database over there is not empty ({', '.join(full[:5])}): an office moves into an empty one"
            )
        new.execute(jobs.delete())  # migrations ask for jobs of their own; ours come along
    part = mark.with_name(f"{_BEGUN}.part")
    part.unlink(missing_ok=True)
    vault.write_whole(part, [name.encode()])
    disk.rename(part, mark)
    disk.sync_folder(mark.parent)


def _count(connection: Any, table: Table) -> int:
    return int(connection.execute(queries.count_of(table)).scalar_one())


def _copy(here: Engine, there: Engine, table: Table) -> None:
    """Copy what is not there yet, behind the last key that is: a lot arrives whole or not at all."""
    (key,) = table.primary_key
    with there.connect() as new:
        last = new.execute(queries.last_key(key)).scalar_one()
    with here.connect() as old:
        rows = old.execution_options(yield_per=_LOT).execute(queries.rows_behind(table, key, last))
        for lot in rows.mappings().partitions(_LOT):
            with there.begin() as new:
                new.execute(insert(table), [dict(row) for row in lot])


def _compared(here: Engine, there: Engine, say: Say) -> Iterator[Compared]:
    for table in _tables():
        found = []
        for engine in (here, there):
            with engine.connect() as connection:
                found.append(_digest(connection, table))
        same = Compared(table.name, found[0][0], found[0] == found[1])
        if same.rows or not same.is_same:
            say(
                f"{'ok   ' if same.is_same else 'FAULT'} {table.name}: {found[0][0]} rows here, {found[1][0]} there"
            )
        yield same


def _digest(connection: Any, table: Table) -> tuple[int, str]:
    (key,) = table.primary_key
    running, count = sha256(), 0
    rows = connection.execution_options(yield_per=_LOT).execute(queries.rows_behind(table, key, None))
    for row in rows:
        running.update(repr(tuple(row)).encode())
        count += 1
    return count, running.hexdigest()


def _set_counters(there: Engine) -> None:
    """Let the database count on behind the rows it was given."""
    with there.begin() as new:
        for table in _tables():
            (key,) = table.primary_key
            if isinstance(key.type, BigKey | Integer):
                counter = new.execute(queries.counter_of(table.name, key.name)).scalar_one()
                last = new.execute(queries.last_key(key)).scalar_one()
                if counter and last is not None:
                    new.execute(queries.counted_on(counter, int(last)))


def _carry_photos(source: House, target: House, say: Say) -> list[str]:
    """Carry every blob the database counts on; where both name one folder there is nothing to carry, only to read."""
    is_same_place = not target.settings.s3_bucket and source.settings.data_dir == target.settings.data_dir
    with source.database.read_session() as session:
        needs = queries.needed_blobs(session)
    carried, faults = 0, []
    for need in needs:
        if condition_of(target.store, need.digest):
            if is_same_place or (why := condition_of(source.store, need.digest)):
                faults.append(f"blob {need.digest}: {why if not is_same_place else 'missing or altered'}")
                continue
            with target.store.incoming() as coming:
                for piece in source.store.stream_verified(need.digest):
                    coming.write(piece)
                target.store.keep(coming.seal())
            carried += 1
    say(f"{'FAULT' if faults else 'ok   '} blobs: {len(needs)} read over there, {carried} carried now")
    return faults


def _checked_chain(target: House, here: Engine, say: Say) -> list[str]:
    with target.database.read_session() as session:
        found = journal.verify(session)
        there_end = queries.chain_end(session)
    with snapshot.looking(here) as session:
        here_end = queries.chain_end(session)
    say(f"{'ok   ' if here_end == there_end else 'FAULT'} chain: row {there_end[0]}, head {there_end[1]}")
    faults = [f"journal {fault.seq}: {fault.why}" for fault in found.faults]
    return faults if here_end == there_end else [*faults, "the chain ends elsewhere over there"]


def _end(source: House, target: House, *, now: datetime) -> None:
    with target.database.write_session() as session:
        facts = {"seq": queries.chain_end(session)[0]}
        journal.record(session, journal.SYSTEM, MOVED, "backup", "move", facts=facts, now=now)
    folder = source.settings.data_dir
    disk.rename(folder / _BEGUN, folder / _MARK)
    disk.sync_folder(folder)
