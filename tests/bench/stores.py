# ruff: noqa: S608 - statements put together from this file's own pieces
"""Where a filled office lies, for filling it and for the floors: a SQLite file or a database of a cluster of our own."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg

from app.platform.db import Database
from tests.bench.office import spent_ms
from tests.faults.disk import family

_BIG: Final = ("clue", "report", "journal", "journal_seal", "clue_text", "blob", "evidence_item")


class Store(Protocol):
    """What filling and floors ask of a database."""

    url: str
    zone: str

    def ask(self, statement: str) -> list[Any]:
        """Read rows."""

    def put(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows of one shape, in bulk."""

    def filling(self) -> Any:
        """Hold back plain indexes and what else makes filling slow; put it in order at the end."""

    def do(self, statement: str) -> None:
        """Carry a statement out."""

    def cpu_ms(self) -> float:
        """Return what the database's own processes have spent; 0 where it runs inside ours."""

    def close(self) -> None:
        """Let go."""


class SqliteStore:
    """An office's file."""

    zone = ""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self.url = f"sqlite:///{path}"
        self._connection = sqlite3.connect(path)

    def ask(self, statement: str) -> list[Any]:
        """Read rows."""
        return self._connection.execute(statement).fetchall()

    def put(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows of one shape."""
        columns = list(rows[0])
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
            [tuple(row.values()) for row in rows],
        )
        # Each heap is folded back into the file: the log of one transaction over a million clues was 9 GB.
        self._connection.commit()

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Drop the plain indexes of the big tables for a while: building them once is several times faster."""
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute("PRAGMA cache_size=-1000000")
        marks = ", ".join(f"'{table}'" for table in _BIG)
        found = self.ask(
            f"SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
        )
        for name, _sql in found:
            self._connection.execute(f"DROP INDEX {name}")
        yield
        for _name, sql in found:
            self._connection.execute(sql)
        self._connection.commit()
        # What the office's own worker would have learnt of it by now.
        database = Database(self.url)
        database.take_stock()
        database.close()

    def do(self, statement: str) -> None:
        """Carry a statement out."""
        self._connection.execute(statement)

    def cpu_ms(self) -> float:
        """It runs in whoever asks."""
        return 0.0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class PostgresStore:
    """A database in a cluster of our own."""

    zone = "+00"  # a bare instant would be read in the cluster's zone

    def __init__(self, url: str) -> None:
        """Connect."""
        self.url = url
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        (place,) = self._connection.execute("SHOW data_directory").fetchone() or ("",)
        self._postmaster = int((Path(place) / "postmaster.pid").read_text().split()[0])

    def ask(self, statement: str) -> list[Any]:
        """Read rows."""
        return self._connection.execute(statement.encode()).fetchall()

    def put(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Copy rows of one shape in."""
        with self._connection.cursor().copy(
            f"COPY {table} ({', '.join(rows[0])}) FROM STDIN".encode()
        ) as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Drop the plain indexes for a while, and ask nothing of foreign keys: what is filled in refers to itself."""
        do = self.do
        do("SET session_replication_role = replica")
        do("SET maintenance_work_mem = '512MB'")
        marks = ", ".join(f"'{table}'" for table in _BIG)
        found = self.ask(
            f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({marks}) "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
        for name, _sql in found:
            do(f"DROP INDEX {name}")
        yield
        for _name, sql in found:
            do(sql)
        for table in _BIG:
            for (sequence,) in self.ask(f"SELECT pg_get_serial_sequence('{table}', a.attname) FROM pg_attribute a WHERE a.attrelid = '{table}'::regclass AND a.attname = 'rowno'"):  # fmt: skip
                if sequence:
                    do(f"SELECT setval('{sequence}', (SELECT COALESCE(MAX(rowno), 1) FROM {table}))")
        do("VACUUM ANALYZE")
        do("CHECKPOINT")

    def do(self, statement: str) -> None:
        """Carry a statement out."""
        self._connection.execute(statement.encode())

    def cpu_ms(self) -> float:
        """Return what postmaster, backends and those that have ended spent."""
        return spent_ms(family(self._postmaster))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def store_of(url: str) -> Store:
    """Return the store behind an address."""
    if url.startswith("sqlite"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")))
    return PostgresStore(url)


def floor(store: Store, statement: str, times: int = 200) -> float:
    """The same rows by the bare library: CPU-ms of this process and of the database."""
    store.ask(statement)
    before = 1000 * time.process_time() + store.cpu_ms()
    for _ in range(times):
        store.ask(statement)
    return (1000 * time.process_time() + store.cpu_ms() - before) / times
