"""One moment of the database, taken while people go on working, and put back into an empty place.

SQLite: its own backup interface, into a file beside the database. PostgreSQL: pg_dump over an exported snapshot, so
that what is read beside it (which blobs it speaks of, where the chain ends) is of the very same moment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from app.platform import storage_local as disk
from app.platform.db import Database
from app.platform.settings import Settings
from app.platform.storage import CHUNK_BYTES
from app.upkeep import queries, vault
from app.upkeep.terms import POSTGRESQL, SQLITE, Need, Stopped

# Plaintext for the length of a run, in the data folder: no less protected than the database it is of.
WORK: Final = ".backup-work"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment: the database's bytes, and what it says."""

    engine: str
    pieces: Iterator[bytes]
    migration: str
    seq: int
    head: str
    needs: list[Need]


@contextmanager
def taken(database: Database, settings: Settings) -> Iterator[Snapshot]:
    """Give one moment of the database; its pieces are read once, within the block."""
    if database.is_sqlite:
        with _copied(settings) as copy, _of_file(copy) as session:
            yield _seen(SQLITE, vault.read_pieces(copy), session)
        return
    moment: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.writing.execution_options(**moment).connect() as connection, Session(connection) as session:
        exported = queries.exported_moment(session)
        dump = _run(settings, "pg_dump", "--format=custom", "--compress=0", f"--snapshot={exported}")
        with dump as process:
            yield _seen(POSTGRESQL, _output(process), session)


def _seen(engine: str, pieces: Iterator[bytes], session: Session) -> Snapshot:
    seq, head = queries.chain_end(session)
    return Snapshot(engine, pieces, queries.migration(session), seq, head, queries.needed_blobs(session))


def is_empty(settings: Settings) -> bool:
    """Say whether no database stands where one is to be put."""
    if settings.is_sqlite:
        return not sqlite_file(settings).exists()
    engine = create_engine(settings.database)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def put_back(settings: Settings, pieces: Iterable[bytes]) -> None:
    """Put a database into its empty place: all of it or nothing."""
    if settings.is_sqlite:
        _put_file(sqlite_file(settings), pieces)
        return
    with _run(settings, "pg_restore", "--exit-on-error", "--single-transaction", takes_input=True) as process:
        feed = cast("IO[bytes]", process.stdin)
        try:
            for piece in pieces:
                feed.write(piece)
            feed.close()
        except BrokenPipeError:
            process.wait()
        except BaseException:
            # Killed before its COMMIT: what was altered or cut must not stand there as a whole.
            process.kill()
            raise
        if process.wait():
            raise Stopped("pg_restore could not put the database back; nothing of it was kept")


# -- SQLite -------------------------------------------------------------------------------------------------------
def sqlite_file(settings: Settings) -> Path:
    """Return where the embedded database lies."""
    return Path(make_url(settings.database).database or "")


@contextmanager
def _copied(settings: Settings) -> Iterator[Path]:
    work = settings.data_dir / WORK
    shutil.rmtree(work, ignore_errors=True)  # a run that was killed left it
    work.mkdir(mode=0o700, parents=True)
    copy = work / "copy.db"
    try:
        # All pages in one step: the copy is of one moment, and nobody who writes meanwhile makes it begin anew.
        with (
            closing(sqlite3.connect(sqlite_file(settings))) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            if (said := target.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise Stopped(f"the database is damaged, no backup was made of it: {said}")
            target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        yield copy
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _of_file(path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with looking(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def looking(engine: Engine) -> Iterator[Session]:
    """Give a session that only looks, at a database that is nobody's house."""
    with Session(engine) as session:
        yield session


def _put_file(target: Path, pieces: Iterable[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.restoring")
    part.unlink(missing_ok=True)
    try:
        vault.write_whole(part, pieces)
        with closing(sqlite3.connect(part)) as looking:
            said = looking.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise Stopped(f"the database in the backup is damaged: {said}")
        disk.rename(part, target)
    finally:
        part.unlink(missing_ok=True)
    disk.sync_folder(target.parent)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------
@contextmanager
def _run(
    settings: Settings, name: str, *options: str, takes_input: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of PostgreSQL's programs on the house's database; the password travels in its environment only."""
    url = make_url(settings.database)
    command = [str(program(settings, name)), "--no-owner", "--no-privileges", *options]
    command.append(f"--dbname={_spoken(url)}")
    secret = {"PGPASSWORD": url.password} if url.password else {}
    process = subprocess.Popen(  # noqa: S603 - a program of the operator's, options of our own
        command,
        stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if takes_input else subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", **secret},
    )
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def _output(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    said = cast("IO[bytes]", process.stdout)
    while piece := said.read(CHUNK_BYTES):
        yield piece
    if process.wait():
        raise Stopped("pg_dump came to no good end; no backup was made")


def _spoken(url: URL) -> str:
    """Return the address as PostgreSQL's programs read it, without the password."""
    return URL.create(
        POSTGRESQL,
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query=url.query,
    ).render_as_string(hide_password=False)


def program(settings: Settings, name: str) -> Path:
    """Find one of PostgreSQL's programs: where the setting says, where Debian keeps the newest, or on the path."""
    if settings.postgres_bin is not None:
        told = settings.postgres_bin / name
        if not os.access(told, os.X_OK):
            raise Stopped(f"there is no {name} in YIXIAN_POSTGRES_BIN ({settings.postgres_bin})")
        return told
    found = [path for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if os.access(path, os.X_OK)]
    if found:
        return max(found, key=lambda path: float(path.parent.parent.name))
    if here := shutil.which(name):
        return Path(here)
    raise Stopped(
        f"{name} is not on this machine: install PostgreSQL's client programs (Debian: postgresql-client), "
        "or say where they are with YIXIAN_POSTGRES_BIN"
    )
