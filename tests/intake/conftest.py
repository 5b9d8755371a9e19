"""Looking into the house from a test: rows by hand, as no page shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from app.platform.db import Database

Rows = Callable[..., list[Any]]


@pytest.fixture
def rows(database: Database) -> Rows:
    """Answer a statement with its rows, each a mapping."""

    def ask(statement: str, **values: Any) -> list[Any]:
        with database.read_session() as session:
            return [dict(row) for row in session.execute(text(statement), values).mappings()]

    return ask


@pytest.fixture
def change(database: Database) -> Callable[..., None]:
    """Change a row behind everybody's back."""

    def do(statement: str, **values: Any) -> None:
        with database.write_session() as session:
            session.execute(text(statement), values)

    return do
