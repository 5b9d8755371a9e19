"""While hosts are exchanged one by one, the version before runs on the new schema: no step may take from it what it uses."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from tests.patrol.source import ROOT
from tests.platform.test_migrations import VERSION, versions

# A step that takes something away all the same: what, and why nobody is hurt by it.
ALLOWED: Final = {
    f"0006: clue has a trigger more (clue_place_{when})": "keeps the index of places; refuses nobody"
    for when in ("insert", "update", "delete")
}
_SIZED: Final = re.compile(r"(\w+)\((\d+)\)\Z")


@dataclass
class Shape:
    """What a program can notice of a schema."""

    columns: dict[tuple[str, str], tuple[str, bool, bool]] = field(
        default_factory=dict
    )  # type, NOT NULL, default
    uniques: set[tuple[str, frozenset[str]]] = field(default_factory=set)
    foreign: set[tuple[str, str, str]] = field(default_factory=set)
    checks: dict[str, int] = field(default_factory=dict)
    triggers: set[tuple[str, str]] = field(default_factory=set)

    @property
    def tables(self) -> set[str]:
        """The names of all tables."""
        return {table for table, _ in self.columns}


def shape(connection: sqlite3.Connection) -> Shape:
    """Look at a schema as it is."""
    found = Shape()
    kinds = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master").fetchall()
    found.triggers = {(table, name) for kind, name, table, _ in kinds if kind == "trigger"}
    for kind, table, _, sql in kinds:
        if kind != "table":
            continue
        found.checks[table] = sql.upper().count("CHECK (") + sql.upper().count("CHECK(")
        for _, name, type_, is_required, default, is_key in connection.execute(
            f"PRAGMA table_info('{table}')"
        ):
            found.columns[table, name] = (
                type_.upper(),
                bool(is_required),
                default is not None or bool(is_key),
            )
        for _, index, is_unique, *_ in connection.execute(f"PRAGMA index_list('{table}')").fetchall():
            if is_unique:
                columns = connection.execute(f"PRAGMA index_info('{index}')").fetchall()
                found.uniques.add((table, frozenset(str(column) for _, _, column in columns)))
        for _, _, target, column, *_ in connection.execute(f"PRAGMA foreign_key_list('{table}')"):
            found.foreign.add((table, column, target))
    return found


def contractions(before: Shape, after: Shape) -> list[str]:
    """Say what the version before can no longer do on the new schema."""
    found = [f"table {table} is gone" for table in sorted(before.tables - after.tables)]
    for (table, name), (kind, is_required, has_default) in after.columns.items():
        if table not in before.tables:
            continue
        if (table, name) not in before.columns:
            if is_required and not has_default:
                found.append(f"{table}.{name} is new and demanded, the version before does not know it")
            continue
        old_kind, was_required, _ = before.columns[table, name]
        if is_required and not was_required:
            found.append(f"{table}.{name} is demanded now")
        if kind != old_kind and not _is_wider(old_kind, kind):
            found.append(f"{table}.{name} was {old_kind} and is {kind}")
    found += [
        f"{table}.{name} is gone"
        for table, name in before.columns.keys() - after.columns.keys()
        if table in after.tables
    ]
    for table, columns in after.uniques - before.uniques:
        may_be_empty = [
            name for name in columns
            if (table, name) not in before.columns and not after.columns.get((table, name), ("", True, False))[1]
        ]  # fmt: skip
        if table in before.tables and not may_be_empty:
            found.append(f"{table} {sorted(columns)} must be unique now")
    found += [
        f"{table}.{column} must point to {target} now"
        for table, column, target in after.foreign - before.foreign
        if (table, column) in before.columns
    ]
    found += [f"{table} has a check more" for table in before.tables & after.tables if after.checks[table] > before.checks[table]]  # fmt: skip
    found += [f"{table} has a trigger more ({name})" for table, name in after.triggers - before.triggers if table in before.tables]  # fmt: skip
    return found


def _is_wider(old: str, new: str) -> bool:
    was, now = _SIZED.match(old), _SIZED.match(new)
    if was is None:
        return False
    return new == "TEXT" or (now is not None and was[1] == now[1] and int(now[2]) >= int(was[2]))


def steps(path: Path) -> Iterator[tuple[str, Shape, Shape]]:
    """Every migration with the schema before and after it."""
    engine = create_engine(f"sqlite:///{path}")
    config, before = Config(str(ROOT / "alembic.ini")), Shape()
    for code in versions():
        number = found[1] if (found := VERSION.fullmatch(code.path)) else code.path
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, number)
        with closing(sqlite3.connect(path)) as looked:
            after = shape(looked)
        yield number, before, after
        before = after
    engine.dispose()


def test_no_step_takes_anything_from_the_version_before(tmp_path: Path):
    found, seen = dict[str, str](), 0
    for number, before, after in steps(tmp_path / "steps.db"):
        seen += 1
        found |= {f"{number}: {each}": "" for each in contractions(before, after)}
    assert seen == len(versions()) > 1
    assert sorted(found.keys() - ALLOWED.keys()) == [], (
        "expand now, contract a release later (script.py.mako)"
    )
    assert ALLOWED.keys() <= found.keys(), "an exception that is none any more"


OLD = """
CREATE TABLE place (id INTEGER PRIMARY KEY, words VARCHAR(32) NOT NULL DEFAULT '');
CREATE TABLE clue (id INTEGER PRIMARY KEY, place_id INTEGER, words VARCHAR(32), old TEXT NOT NULL);
"""
HARMLESS = """
ALTER TABLE clue ADD COLUMN fresh TEXT;
ALTER TABLE clue ADD COLUMN kind TEXT NOT NULL DEFAULT 'a';
CREATE TABLE more (id INTEGER PRIMARY KEY, clue_id INTEGER NOT NULL REFERENCES clue (id), x TEXT NOT NULL UNIQUE);
CREATE INDEX ix ON clue (words);
CREATE UNIQUE INDEX ux ON clue (old, fresh);
"""
TAKES = {
    "DROP TABLE place": "table place is gone",
    "ALTER TABLE clue DROP COLUMN words": "clue.words is gone",
    "ALTER TABLE clue RENAME COLUMN words TO said": "clue.words is gone",
    "CREATE UNIQUE INDEX u ON clue (words)": "clue ['words'] must be unique now",
    "CREATE TRIGGER t BEFORE UPDATE ON clue BEGIN SELECT RAISE(ABORT, 'no'); END": "clue has a trigger more (t)",
}
REMADE = {
    "id INTEGER PRIMARY KEY, place_id INTEGER, words VARCHAR(32) NOT NULL, old TEXT NOT NULL": "clue.words is demanded now",
    "id INTEGER PRIMARY KEY, place_id INTEGER, words VARCHAR(32), old TEXT NOT NULL, n TEXT NOT NULL": "clue.n is new and demanded",
    "id INTEGER PRIMARY KEY, place_id INTEGER, words VARCHAR(16), old TEXT NOT NULL": "clue.words was VARCHAR(32)",
    "id INTEGER PRIMARY KEY, place_id INTEGER REFERENCES place (id), words VARCHAR(32), old TEXT NOT NULL": "clue.place_id must point",
    "id INTEGER PRIMARY KEY, place_id INTEGER, words VARCHAR(32), old TEXT NOT NULL, CHECK (words <> '')": "clue has a check more",
}


def between(then: str) -> list[str]:
    """What is found between the old schema and the same after these statements."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(OLD)
        before = shape(connection)
        connection.executescript(then)
        return contractions(before, shape(connection))


def test_what_only_adds_is_let_through():
    assert between(HARMLESS) == []
    assert between("DROP TABLE clue; CREATE TABLE clue (id INTEGER PRIMARY KEY, place_id INTEGER, words TEXT, old TEXT);") == []  # fmt: skip


@pytest.mark.parametrize(
    ("then", "said"),
    [
        *TAKES.items(),
        *((f"DROP TABLE clue; CREATE TABLE clue ({made})", said) for made, said in REMADE.items()),
    ],
)
def test_a_planted_step_that_takes_something_is_seen(then: str, said: str):
    (found,) = between(then)
    assert found.startswith(said)
