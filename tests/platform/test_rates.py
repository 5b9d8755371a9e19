from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from app.platform import rates
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.errors import TooMany
from app.platform.records import RateCount, RateKey

NOON = datetime(2026, 11, 23, 12, 5, tzinfo=timezone(timedelta(hours=8)))
KEYS = KeyRing([("k1", b"1" * 32)])


def tables(database: Database) -> tuple[list[Any], list[Any]]:
    with database.read_session() as session:
        return list(session.execute(select(RateKey)).scalars()), list(
            session.execute(select(RateCount)).scalars()
        )


def test_counts_by_door_source_and_hour(database: Database):
    assert [rates.count(database, KEYS, "track", "10.0.0.1", NOON) for _ in range(3)] == [1, 2, 3]
    assert rates.count(database, KEYS, "track", "10.0.0.2", NOON) == 1
    assert rates.count(database, KEYS, "sign-in", "10.0.0.1", NOON) == 1
    assert rates.count(database, KEYS, "track", "10.0.0.1", NOON + timedelta(hours=1)) == 1
    rates.clear(database, KEYS, "track", "10.0.0.1", NOON)
    assert rates.count(database, KEYS, "track", "10.0.0.1", NOON) == 1


def test_no_address_is_stored_and_the_key_is_wrapped(database: Database):
    rates.count(database, KEYS, "track", "10.20.30.40", NOON)
    keys, counts = tables(database)
    kept = repr([key.model_dump() for key in keys] + [count.model_dump() for count in counts])
    assert "10.20.30.40" not in kept
    secret = KEYS.open_field(keys[0].wrapped, table="rate_key", row=keys[0].day, field="wrapped")
    assert secret not in kept
    assert len(bytes.fromhex(secret)) == 32


def test_the_next_day_knows_nothing_of_the_day_before(database: Database):
    rates.count(database, KEYS, "track", "10.0.0.1", NOON)
    rates.count(database, KEYS, "track", "10.0.0.1", NOON + timedelta(days=1))
    keys, counts = tables(database)
    assert [key.day for key in keys] == ["2026-11-24"]
    assert [count.tries for count in counts] == [1]


def test_a_lost_master_key_starts_the_count_anew(database: Database):
    rates.count(database, KEYS, "track", "10.0.0.1", NOON)
    other = KeyRing([("k2", b"2" * 32)])
    assert rates.count(database, other, "track", "10.0.0.1", NOON) == 1
    assert rates.count(database, other, "track", "10.0.0.1", NOON) == 2


def request(peer: str | None) -> Any:
    return SimpleNamespace(client=SimpleNamespace(host=peer) if peer else None)


@pytest.mark.parametrize(
    ("peer", "source"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", "unknown"),
        ("<script>", "unknown"),
        (None, "unknown"),
    ],
)
def test_whom_to_count(peer: str | None, source: str):
    assert rates.source_of(request(peer)) == source


def test_check_refuses_beyond_the_limit_and_nobody_else(database: Database):
    house: Any = SimpleNamespace(database=database, keys=KEYS)
    for _ in range(3):
        rates.check(request("203.0.113.9"), house, "track", 3)
    with pytest.raises(TooMany):
        rates.check(request("203.0.113.9"), house, "track", 3)
    rates.check(request("203.0.113.10"), house, "track", 3)
