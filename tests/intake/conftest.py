"""Looking into the house from a test, and letting the office act without its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests import cast
from tests.intake.sheets import AED, files, photo, report

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

Rows = Callable[..., list[Any]]


@pytest.fixture
def rows(database: Database) -> Rows:
    """Answer a statement with its rows, each a mapping."""

    def ask(statement: str, **values: Any) -> list[Any]:
        with database.read_session() as session:
            return [dict(row) for row in session.execute(text(statement), values).mappings()]

    return ask


@pytest.fixture
def code(client: HouseClient) -> str:
    """A report with a photo is in, and the browser has forgotten it; its query code."""
    found = report(client, "aed_missing", AED, photos=files(photo(1)))
    client.cookies.clear()
    return found


@pytest.fixture
def office(database: Database) -> Callable[..., Any]:
    """Let the office take one step with the newest clue."""
    newest = text("select id from clue order by rowno desc limit 1")

    def step(act: Callable[..., Any]) -> Any:
        from app.clues import queries as clue_queries

        with database.write_session() as session:
            clue = clue_queries.by_id(session, session.execute(newest).scalar_one())
            return act(session, clue, cast.actor(session, "prosecutor_chen"))

    return step
