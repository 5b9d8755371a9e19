"""Signed heads: what an insider with the whole database could do unseen, a signature in a second place finds."""

# ruff: noqa: S608 - an insider's statements are written out, with places the test itself read
from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.platform import chain, heads, journal
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.heads import Cause
from app.platform.jobs import Tools
from tests.conftest import make_settings
from tests.work import work_off

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KEYS = KeyRing([("k1", bytes(32))])


@pytest.fixture
def tools(database: Database, tmp_path: Path) -> Tools:
    second = tmp_path / "second"
    second.mkdir()
    settings = make_settings(database.url, tmp_path, heads_dir=second)
    return Tools(settings, database, KEYS, store=None)


def write(tools: Tools, count: int = 3, jobs: tuple[str, ...] = ()) -> None:
    with tools.database.write_session() as session:
        for number in range(count):
            journal.record(
                session, journal.SYSTEM, "clue.noted", "clue", "c1", now=NOW, facts={"n": number}, jobs=jobs
            )
    if not tools.database.is_sqlite:  # there the worker seals
        with tools.database.write_session() as session:
            journal.seal_pending(session)


def insider(tools: Tools, *statements: str) -> None:
    """Change what the triggers forbid, as somebody with the disk or the owner's password can."""
    tables = ("journal", "journal_seal", "journal_head")
    with tools.database.write_session() as session:
        for table in tables:
            if tools.database.is_sqlite:
                for verb in ("update", "delete"):
                    session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            else:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))


def whys(tools: Tools, keys: KeyRing = KEYS) -> list[str]:
    with tools.database.read_session() as session:
        return [fault.why for fault in heads.verify(session, keys, tools.settings.heads_dir)[1]]


def lines(tools: Tools) -> list[dict[str, Any]]:
    path = tools.settings.heads_dir / heads.SECOND_PLACE
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_end_of_the_chain_is_signed_once_an_hour_and_only_when_it_grew(tools: Tools) -> None:
    write(tools)
    for minutes, expected in ((0, 1), (1, 1), (61, 1)):
        heads.sign_hourly(tools, NOW + timedelta(minutes=minutes))
        assert len(lines(tools)) == expected
    write(tools, 1)
    heads.sign_hourly(tools, NOW + timedelta(minutes=59))
    assert len(lines(tools)) == 1, "an hour has not passed"
    heads.sign_hourly(tools, NOW + timedelta(minutes=62))
    first, second = lines(tools)
    assert (first["cause"], second["seq"]) == ("hour", first["seq"] + 1)
    assert whys(tools) == []


def test_what_leaves_the_house_has_the_chain_signed_at_once(tools: Tools) -> None:
    write(tools, 1, jobs=(journal.SIGN_HEAD,))
    assert work_off(tools, {journal.SIGN_HEAD: heads.sign_for_work})
    assert [line["cause"] for line in lines(tools)] == [Cause.TRANSFER.value]


def test_a_second_place_that_was_away_is_brought_up_to_date(tools: Tools) -> None:
    place = tools.settings.heads_dir
    write(tools)
    place.rename(place.with_name("unplugged"))
    heads.sign_hourly(tools, NOW)
    write(tools)
    heads.sign_hourly(tools, NOW + timedelta(hours=2))
    place.with_name("unplugged").rename(place)
    heads.put_away(tools)
    heads.put_away(tools)
    assert [line["signed_at"] for line in lines(tools)] == [
        NOW.isoformat(),
        (NOW + timedelta(hours=2)).isoformat(),
    ]


def test_cutting_off_the_end_is_found_though_the_chain_that_is_left_holds(tools: Tools) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    last = lines(tools)[0]["seq"]
    insider(
        tools,
        f"DELETE FROM journal WHERE id IN (SELECT journal_id FROM journal_seal WHERE seq = {last})",
        f"DELETE FROM journal_seal WHERE seq = {last}",
        "DELETE FROM journal_head",
    )
    with tools.database.read_session() as session:
        assert chain.verify(session).faults == ()
    assert whys(tools) == [heads.CUT_OFF]


def test_rewriting_the_chain_from_a_row_on_is_found(tools: Tools) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    last = lines(tools)[0]["seq"]
    insider(
        tools,
        "UPDATE journal SET verb = 'clue.closed' WHERE id IN"
        f" (SELECT journal_id FROM journal_seal WHERE seq = {last})",
        f"DELETE FROM journal_seal WHERE seq = {last}",
        "DELETE FROM journal_head",
    )
    with tools.database.write_session() as session:
        journal.seal_pending(session)
    with tools.database.read_session() as session:
        assert chain.verify(session).faults == ()
    assert whys(tools) == [heads.REWRITTEN]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE journal_head SET seq = seq - 1", heads.BAD_SIGNATURE),
        ("UPDATE journal_head SET sha256 = sm3", heads.BAD_SIGNATURE),
        ("UPDATE journal_head SET signature = 'zz'", heads.BAD_SIGNATURE),
    ],
)
def test_an_altered_head_is_named(tools: Tools, statement: str, why: str) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    insider(tools, statement)
    assert whys(tools) == [why]


def test_a_head_signed_by_another_key_is_a_stranger(tools: Tools) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    assert set(whys(tools, KeyRing([("k1", bytes([1] * 32))]))) == {heads.STRANGE_KEY}
    assert whys(tools, KeyRing([("k2", bytes([1] * 32)), ("k1", bytes(32))])) == [], (
        "an older key still counts"
    )


def test_an_unreadable_line_of_the_second_place_is_named(tools: Tools) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    path = tools.settings.heads_dir / heads.SECOND_PLACE
    path.write_text(path.read_text("utf-8") + "{\n[]\n", "utf-8")
    assert whys(tools) == [heads.UNREADABLE, heads.UNREADABLE]


def test_the_database_refuses_to_change_a_head(tools: Tools) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    with pytest.raises(DBAPIError, match="insert-only"), tools.database.write_session() as session:
        session.execute(text("UPDATE journal_head SET cause = 'x'"))


def test_every_fault_of_the_chain_is_named_not_only_the_first(tools: Tools) -> None:
    write(tools, 8)
    insider(
        tools,
        "UPDATE journal SET verb = 'x' WHERE id IN (SELECT journal_id FROM journal_seal WHERE seq = 2)",
        "DELETE FROM journal WHERE id IN (SELECT journal_id FROM journal_seal WHERE seq = 4)",
        "DELETE FROM journal_seal WHERE seq = 6",
    )
    with tools.database.read_session() as session:
        found = [(fault.seq, fault.why) for fault in chain.verify(session).faults]
    expected = [(2, chain.ALTERED), (4, chain.ROW_MISSING), (6, chain.SEAL_MISSING)]
    assert found[:3] == expected
    # The row whose seal is gone now stands without one; only SQLite never has such rows otherwise.
    assert [why for _, why in found[3:]] == [chain.UNSEALED] * tools.database.is_sqlite


@pytest.mark.parametrize("how", ["rows", "seals"])
def test_a_reordered_row_is_named_with_the_place_it_belongs_to(tools: Tools, how: str) -> None:
    write(tools, 8)
    with tools.database.read_session() as session:
        ids = dict(session.execute(text("SELECT seq, journal_id FROM journal_seal")).all())
    changes = (
        [
            "UPDATE journal_seal SET journal_id = 'swap' WHERE seq = 3",
            f"UPDATE journal_seal SET journal_id = '{ids[3]}' WHERE seq = 5",
            f"UPDATE journal_seal SET journal_id = '{ids[5]}' WHERE seq = 3",
        ]
        if how == "rows"
        else [
            "UPDATE journal_seal SET seq = 1000 WHERE seq = 3",
            "UPDATE journal_seal SET seq = 3 WHERE seq = 5",
            "UPDATE journal_seal SET seq = 5 WHERE seq = 1000",
        ]
    )
    insider(tools, *changes)
    with tools.database.read_session() as session:
        moved = {
            fault.seq: fault.belongs_at for fault in chain.verify(session).faults if fault.why == chain.MOVED
        }
    assert moved == {3: 5, 5: 3}
