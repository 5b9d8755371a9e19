"""Migrations: numbered, one head that collides in git, up from nothing, down and up again, equal to the models."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from tests.patrol.source import ROOT, Source, sources
from tests.platform.engines import Copies

VERSION = re.compile(r"migrations/versions/(\d{4})_[a-z0-9_]+\.py")


def versions() -> list[Source]:
    """Every migration in the order of its number."""
    return sorted(sources(r"migrations/versions/.+\.py"), key=lambda code: code.path)


def leans_on_the_app(code: Source) -> bool:
    """Whether a migration imports from `app`: a frozen step must not change when the code does."""
    imported = [node for node in ast.walk(code.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [name.name for node in imported if isinstance(node, ast.Import) for name in node.names]
    names += [node.module or "" for node in imported if isinstance(node, ast.ImportFrom)]
    return any(name == "app" or name.startswith("app.") for name in names)


def test_numbered_without_a_gap_and_head_is_named():
    numbers = [(found[1] if (found := VERSION.fullmatch(code.path)) else code.path) for code in versions()]
    assert numbers, "no migration was found"
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    head = (ROOT / "migrations/HEAD").read_text("ascii").strip()
    assert script.get_current_head() == head, "migrations/HEAD names the newest revision"
    assert versions()[-1].path.endswith(f"/{head}.py") or numbers[-1] == head


def test_migrations_stand_alone():
    assert [code.path for code in versions() if leans_on_the_app(code)] == []
    assert leans_on_the_app(Source("migrations/versions/0002_x.py", "from app.clues.models import Clue\n"))


def is_modelled(item: Any, name: str | None, kind: str, *_: object) -> bool:
    """Whether the models should know it: the search indexes are the database's own business (migrations 0006, 0037)."""
    indexes = ("clue_words", "clue_place", "ix_clue_text_words", "ix_clue_point")
    is_index = kind == "column" and (item.table.name, name) == ("clue_text", "words")
    return not (is_index or str(name).startswith(indexes))


def test_models_equal_the_migrated_database(database_url: str):
    from app.schema import metadata

    engine = create_engine(database_url)
    with engine.connect() as connection:
        different = compare_metadata(
            MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": is_modelled}
            ),
            metadata,
        )
    engine.dispose()
    assert len(metadata.tables) > 10
    assert different == [], "write a migration for this"


def test_down_one_and_up_again(copies: Copies, database_url: str):
    from app import cli
    from tests.conftest import make_settings

    settings = make_settings(database_url, ROOT)
    before = tables(database_url)
    assert before
    cli.migrate(settings, "-1")
    cli.migrate(settings)
    assert tables(database_url) == before


@pytest.mark.usefixtures("copies")
def test_up_from_nothing_twice_is_harmless(copies: Copies):
    from app import cli
    from tests.conftest import make_settings

    url = copies.empty()
    try:
        for _ in range(2):
            cli.migrate(make_settings(url, ROOT))
        assert "clue" in tables(url)
    finally:
        copies.drop(url)


def tables(url: str) -> dict[str, list[str]]:
    """Every table with its columns."""
    engine = create_engine(url)
    looked = inspect(engine)
    found = {
        name: sorted(column["name"] for column in looked.get_columns(name))
        for name in looked.get_table_names()
    }
    engine.dispose()
    return found
