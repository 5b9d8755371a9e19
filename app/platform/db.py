"""Database: two kinds of session, portable column types, one naming convention.

A read session cannot write (SQLite `query_only`, PostgreSQL READ ONLY); a write session begins IMMEDIATE at
its first statement and its writers stand in line inside the process, so that nobody fights for SQLite's one
write lock (goals.md, "what these figures teach"). Commit and rollback happen here and nowhere else.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Integer,
    Row,
    String,
    Text,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

from app.platform import engines
from app.platform.errors import Unavailable
from app.platform.line import Line

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
_LINE_S: Final = 20.0
_STOCK_ROWS: Final = 1000
_OUT_OF_REACH: Final = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL,
})  # fmt: skip
# What a session carries: how it begins, how it ends, and whether its commit has something for the worker.
_BEGINS: Final = "begins"
_ENDS: Final = "ends"
_PLACE: Final = "place"
ASKS_WORKER: Final = "asks_worker"


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


class BytesHeld(TypeDecorator[str]):
    """The SHA-256 of bytes that must stay in the store while this row stands; whoever erases bytes asks every such column."""

    impl = String(64)
    cache_ok = True


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

    def close(self) -> None:
        """End it, on PostgreSQL by a COMMIT: after a ROLLBACK psycopg forgets every statement it had prepared (`look_up`)."""
        try:
            if self.in_transaction() and self.get_bind().dialect.name != "sqlite":
                self.commit()
        except DBAPIError:
            pass  # the line broke, and whatever was to be read is read
        finally:
            super().close()


class WriteSession(Session):
    """A session whose changes are committed when it closes, before the answer leaves."""


def place_of(session: ReadSession | WriteSession) -> str:
    """Return where a session reads, for what is kept in memory of one database."""
    found: str = session.info.get(_PLACE) or str(session.get_bind().engine.url)
    return found


def ask(
    session: ReadSession | WriteSession, statement: Executable, values: Mapping[str, Any] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run a SELECT of plain columns without the ORM, which would look three times as long at what it has no part in."""
    if isinstance(session, WriteSession):
        session.flush()
    return session.connection().execute(statement, values)


def look_up(
    session: ReadSession | WriteSession, statement: Executable, values: Mapping[str, Any]
) -> CursorResult[*tuple[Any, ...]]:
    """Run a SELECT by keys as `ask` does; it finds its rows the same way whatever is asked for.

    PostgreSQL keeps such a statement prepared: to parse and plan one anew costs it several times what the look does.
    """
    if isinstance(session, WriteSession):
        session.flush()
    return session.connection().execute(statement, values, execution_options={engines.BY_KEY: True})


class Database:
    """The engine and its two kinds of session."""

    def __init__(self, url: str) -> None:
        """Open the database; makes no table and no connection yet."""
        self.url: Final = url
        self.is_sqlite: Final = url.startswith("sqlite")
        self._line: Final = Line()
        self._failed: Final = threading.Event()
        # Set after a commit of this process that left a job, so that a worker in it need not wait for its next look.
        self.wrote: Final = threading.Event()
        if self.is_sqlite:
            self.reading = engines.sqlite_engine(url, is_reader=True)
            self._glancing = self.reading
            self.writing = engines.sqlite_engine(url, is_reader=False)
        else:
            self.writing = engines.postgres_engine(url)
            # One moment of the data, as SQLite gives it: by itself PostgreSQL shows each statement a moment of its own.
            self.reading = self.writing.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._glancing = self.writing.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let go of every connection; whoever is still at work in a thread gives his to nobody."""
        for engine in (self.reading, self.writing):
            event.listen(engine.pool, "checkin", _let_go)
            engine.dispose()

    def truncate_log(self) -> bool:
        """Empty SQLite's write-ahead log after deletions, so that nothing deleted stays in it; say whether it is empty.

        A reader who is still looking at an older moment keeps it from being emptied: then it is asked again later.
        """
        if not self.is_sqlite:
            return True
        with self.writing.connect() as connection:
            is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        return not is_busy

    def take_stock(self) -> None:
        """Let SQLite learn how its rows are spread, on which its choice of an index rests; PostgreSQL does so by itself.

        A thousand rows of each index are looked at: a third of a second with a million clues, and enough to tell a short
        way from a long one.
        """
        if not self.is_sqlite:
            return
        with self.write_session() as session:
            session.execute(text(f"PRAGMA analysis_limit={_STOCK_ROWS}"))
            session.execute(text("ANALYZE"))
            # Where SQLite was built to keep samples, these would outlive what is erased.
            if session.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'")).first():
                session.execute(text("DELETE FROM sqlite_stat4"))

    @contextmanager
    def read_session(self) -> Iterator[ReadSession]:
        """Give a session that sees one moment of the data and cannot write."""
        session = self.reader()
        try:
            yield session
        finally:
            session.close()

    def glance(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return the rows of one SELECT by keys that needs no session around it: half the price, where that is all there is."""
        with self._glancing.connect() as connection:
            return connection.execute(statement, values, execution_options={engines.BY_KEY: True}).all()

    def reader(self) -> ReadSession:
        """Open a session that cannot write; whoever asks closes it."""
        return ReadSession(
            self.reading,
            expire_on_commit=False,
            autoflush=False,
            info={_BEGINS: _begin_reading, _PLACE: self.url},
        )

    @contextmanager
    def write_session(self) -> Iterator[WriteSession]:
        """Give a session that commits when the block ends well and rolls back otherwise."""
        session = self.writer()
        try:
            yield session
        except BaseException as problem:
            self.give_up(session, problem)
            raise
        self.finish(session)

    def writer(self) -> WriteSession:
        """Open a session that takes its place in the line at its first statement; `finish` or `give_up` ends it."""
        if self.has_failed:
            raise Unavailable
        turn = _Turn(self._line)
        return WriteSession(
            self.writing,
            expire_on_commit=False,
            info={_BEGINS: turn.begin, _ENDS: turn.end, _PLACE: self.url},
        )

    def finish(self, session: WriteSession) -> None:
        """Commit and let the next writer in; what cannot be committed is rolled back and raises."""
        try:
            session.commit()
            if session.info.pop(ASKS_WORKER, False):
                self.wrote.set()
        except BaseException as problem:
            self._note(problem)
            session.rollback()
            raise
        finally:
            session.close()
            session.info[_ENDS]()

    def give_up(self, session: WriteSession, problem: BaseException) -> None:
        """Roll back for a reason and let the next writer in."""
        self._note(problem)
        try:
            session.rollback()
        finally:
            session.close()
            session.info[_ENDS]()

    def _note(self, problem: BaseException) -> None:
        if isinstance(problem, DBAPIError) and _code(problem) == sqlite3.SQLITE_IOERR:
            self._failed.set()

    @property
    def has_failed(self) -> bool:
        """Say whether SQLite's disk has reported an error; PostgreSQL ends itself when that happens to it."""
        return self._failed.is_set()


def _let_go(_connection: Any, record: Any) -> None:
    record.close()


def _code(problem: DBAPIError) -> int:
    """Return SQLite's result code without its refinement; 0 where it is not SQLite's."""
    return int(getattr(problem.orig, "sqlite_errorcode", 0) or 0) & 0xFF


def is_out_of_reach(problem: Exception) -> bool:
    """Say whether the database cannot be used at this moment: locked, full, failing, gone. Not a fault of a statement."""
    if (
        isinstance(problem, DBAPIError)
        and problem.orig is not None
        and hasattr(problem.orig, "sqlite_errorcode")
    ):
        return _code(problem) in _OUT_OF_REACH
    return isinstance(problem, OperationalError | PoolTimeout)


@event.listens_for(Session, "after_begin")
def _begin(session: Session, _transaction: Any, connection: Any) -> None:
    """Begin as the session's kind does on SQLite; one listener for all, because making one a session is dear."""
    begins = session.info.get(_BEGINS)
    if begins is not None and connection.dialect.name == "sqlite":
        begins(connection)


def _begin_reading(connection: Any) -> None:
    # Past SQLAlchemy's own way, which costs ten times the statement; a deferred BEGIN touches nothing and cannot fail.
    connection.connection.driver_connection.execute("BEGIN")


class _Turn:
    """One write session's place in the line: taken at its first statement, left when it closes."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._is_mine = False

    def begin(self, connection: Any) -> None:
        if not self._is_mine:
            if not self._line.take(_LINE_S):
                raise Unavailable
            self._is_mine = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._line.leave()
