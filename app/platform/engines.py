"""How each of the two databases is opened: what a connection is told, and which statements PostgreSQL prepares."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, make_url

# How long a writer waits for another process's lock, and before that for its place in this process's own line.
BUSY_S: Final = 5.0
# A statement by keys, as `db.look_up` asks it (`execution_options`).
BY_KEY: Final = "is_by_key"
# A connection to SQLite keeps what it knew of the rows' spread when it was opened (`Database.take_stock`).
_DAY_S: Final = 86_400
# A PostgreSQL client or server that says nothing is asked after `idle` seconds, then every `interval`, `count` times.
_ALIVE: Final = (("idle", 10), ("interval", 5), ("count", 3))
_UNREAD_MS: Final = 25_000
_CONNECT_S: Final = 5


def sqlite_engine(url: str, *, is_reader: bool) -> Engine:
    """Open SQLite so that what is acknowledged is durable; a reader cannot write."""
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8 if is_reader else 2,
        max_overflow=32,
        pool_recycle=_DAY_S,
        connect_args={"check_same_thread": False, "timeout": BUSY_S},
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


def postgres_engine(url: str) -> Engine:
    """Open PostgreSQL so that a machine which vanishes is noticed, on whichever end of the line it stood.

    Of a web host without power the database hears nothing: its open transactions would keep their locks for two hours.
    A database machine without power would keep its clients waiting as long, and several addresses would not help.
    """
    options = (
        f"lock_timeout={int(BUSY_S * 1000)}",
        *(f"tcp_keepalives_{name}={value}" for name, value in _ALIVE),
    )
    wishes: dict[str, Any] = {f"keepalives_{name}": value for name, value in _ALIVE}
    wishes |= {"connect_timeout": _CONNECT_S, "tcp_user_timeout": _UNREAD_MS}
    wishes |= {"options": " ".join(f"-c {option}" for option in options)}
    # Not loaded where SQLite is used.
    from psycopg import ServerCursor  # noqa: PLC0415

    stated = make_url(url).query
    engine = create_engine(
        url, hide_parameters=True, pool_size=16, max_overflow=16, pool_pre_ping=True, pool_use_lifo=True,
        connect_args={name: value for name, value in wishes.items() if name == "options" or name not in stated},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Asked so, because its kin do not all know this setting (domain.md 6.7) and would refuse the connection.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'tcp_user_timeout'",
                (str(_UNREAD_MS),),
            )
        connection.commit()

    @event.listens_for(engine, "do_execute")
    def execute(cursor: Any, statement: str, given: Any, context: Any) -> bool:
        # What is prepared is soon planned once for all values: right by keys, and by a hundred times the dearest way
        # where a rare word, a small place or a short list is asked for like a common one.
        is_alike = context.isinsert or context.execution_options.get(BY_KEY, False)
        if is_alike or isinstance(cursor, ServerCursor):
            return False
        cursor.execute(statement, given, prepare=False)
        return True

    return engine
