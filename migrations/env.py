"""How a migration is run: one transaction each, a lock so that two starters do not collide, short lock waits."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine, text
from sqlmodel import AutoString

from app.platform.db import BigKey, Id, Json, UtcDateTime, Word
from app.platform.settings import Settings
from app.schema import metadata


def _rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy, so that a migration never imports the app."""
    if kind != "type":
        return False
    if isinstance(item, BigKey):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Json):
        return "sa.Text()"
    if isinstance(item, Word | Id | AutoString):
        return f"sa.String({item.length})"
    return False


def run() -> None:
    """Run what is asked for on the given connection, or on the database of the settings."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run_on(connection)
        return
    engine = create_engine(Settings().database)
    with engine.connect() as own:
        _run_on(own)
        own.commit()


def _run_on(connection: Any) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(7105500)"))
    context.configure(
        connection=connection, target_metadata=metadata, render_item=_rendered,
        render_as_batch=is_sqlite, compare_type=True, transaction_per_migration=False,
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


run()
