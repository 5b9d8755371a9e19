"""Database: two kinds of session, portable column types, one naming convention.

A read session cannot write (SQLite `query_only`, PostgreSQL READ ONLY); a write session begins IMMEDIATE at
its first statement and its writers stand in line inside the process, so that nobody fights for SQLite's one
write lock (goals.md, "what these figures teach"). Commit and rollback happen here and nowhere else.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, String, Text, create_engine, event
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class BigKey(TypeDecorator[int]):
    """A 64-bit row number; SQLite wants exactly INTEGER for its own row id."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        """Choose the column type of the engine."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, always returns UTC (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a naive datetime must not reach the database"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text and never asked about in SQL (domain.md 6.7)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value as text."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value back."""
        return None if value is None else json.loads(value)


class Word(String):
    """A term of the trade kept as text of 32 characters: no native enums (domain.md 6.7)."""

    def __init__(self, length: int = 32) -> None:
        """Make the column type."""
        super().__init__(length)


class Id(String):
    """A UUID kept as 36 characters (domain.md 6.7)."""

    def __init__(self, length: int = 36) -> None:
        """Make the column type."""
        super().__init__(length)


class ReadSession(Session):
    """A session that cannot write."""


class WriteSession(Session):
    """A session whose changes are committed when it closes, before the answer leaves."""


class _Line:
    """Writers in line, first come first served; taken and left by different threads of one request."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def take(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def _sqlite_engine(url: str, *, is_reader: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8 if is_reader else 2,
        max_overflow=32,
        connect_args={"check_same_thread": False, "timeout": 15},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # SQLAlchemy's own BEGIN is DEFERRED and late; with no isolation level the sessions below begin themselves.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if is_reader:
            connection.execute("PRAGMA query_only=ON")

    return engine


class Database:
    """The engine and its two kinds of session."""

    def __init__(self, url: str) -> None:
        """Open the database; makes no table and no connection yet."""
        self.url: Final = url
        self.is_sqlite: Final = url.startswith("sqlite")
        self._line: Final = _Line()
        # Set after each commit of this process, so that a worker in it need not wait for its next look.
        self.wrote: Final = threading.Event()
        if self.is_sqlite:
            self.reading = _sqlite_engine(url, is_reader=True)
            self.writing = _sqlite_engine(url, is_reader=False)
        else:
            self.writing = create_engine(
                url, hide_parameters=True, pool_size=16, max_overflow=16, pool_pre_ping=True
            )
            self.reading = self.writing.execution_options(postgresql_readonly=True)

    def close(self) -> None:
        """Let go of every connection."""
        self.reading.dispose()
        self.writing.dispose()

    def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log after deletions, so that nothing deleted stays in it; asked again if busy."""
        if self.is_sqlite:
            with self.writing.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def read_session(self) -> Iterator[ReadSession]:
        """Give a session that sees one moment of the data and cannot write."""
        session = ReadSession(self.reading, expire_on_commit=False, autoflush=False)
        if self.is_sqlite:
            event.listen(session, "after_begin", _begin_reading)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def write_session(self) -> Iterator[WriteSession]:
        """Give a session that commits when the block ends well and rolls back otherwise."""
        session = WriteSession(self.writing, expire_on_commit=False)
        turn = _Turn(self._line)
        if self.is_sqlite:
            event.listen(session, "after_begin", turn.begin)
        try:
            yield session
            session.commit()
            self.wrote.set()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
            turn.end()


def _begin_reading(_session: Any, _transaction: Any, connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


class _Turn:
    """One write session's place in the line: taken at its first statement, left when it closes."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self._is_mine = False

    def begin(self, _session: Any, _transaction: Any, connection: Any) -> None:
        if not self._is_mine:
            self._line.take()
            self._is_mine = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._line.leave()
