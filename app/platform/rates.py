"""How often a source knocks at a door in an hour, without keeping any address (decisions.md 28).

A source is counted under an HMAC whose random key belongs to one day, lies wrapped in one row, and is deleted
with its counters the day after: yesterday's counts can then be tied to nobody. The counters live in the
database so that several processes agree; each count is a short transaction of its own, so call it before the
first statement of a write session.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.platform import clock, proxies
from app.platform.crypto import KeyRing, Unreadable
from app.platform.db import Database, WriteSession
from app.platform.errors import TooMany
from app.platform.records import RateCount, RateKey

_KEY_BYTES: Final = 32
_NETWORK_OF_ONE: Final = 64  # bits of an IPv6 address that one subscriber is given


class _Knock(Protocol):
    """What is needed of a request."""

    @property
    def client(self) -> Any:
        """Return the client's address and port."""


class _Doorway(Protocol):
    """What is needed of the house."""

    @property
    def database(self) -> Database:
        """Return the database."""

    @property
    def keys(self) -> KeyRing:
        """Return the keys that wrap the day's key."""


def source_of(request: _Knock) -> str:
    """Return whom to count: the client the threshold made out (platform/proxies.py); IPv6 by subscriber."""
    address = proxies.address_of(request.client.host if request.client else "")
    if address is None:
        return proxies.UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _NETWORK_OF_ONE), strict=False))
    return str(address)


def count(database: Database, keys: KeyRing, door: str, source: str, now: datetime) -> int:
    """Count one knock and return how many there were at this door from this source in this hour."""
    with database.write_session() as session:
        return step(session, keys, door, source, now)


def step(session: WriteSession, keys: KeyRing, door: str, source: str, now: datetime) -> int:
    """Count one knock within a transaction: if that is refused or fails, the knock has not been counted."""
    key = _row_key(session, keys, door, source, now)
    dialect = _dialect(session)
    added = dialect.insert(RateCount).values(key=key, day=_day(now), tries=1)
    stepped = added.on_conflict_do_update(
        index_elements=["key"],
        set_={"tries": RateCount.__table__.c.tries + 1},  # type: ignore[attr-defined]
    ).returning(RateCount.__table__.c.tries)  # type: ignore[attr-defined]
    tries: int = session.execute(stepped).scalar_one()
    return tries


def clear(database: Database, keys: KeyRing, door: str, source: str, now: datetime) -> None:
    """Forget a source's knocks of this hour: it has shown that it belongs here."""
    with database.write_session() as session:
        key = _row_key(session, keys, door, source, now)
        session.execute(delete(RateCount).where(RateCount.key == key))  # type: ignore[arg-type]


def check(request: _Knock, house: _Doorway, door: str, limit: int) -> None:
    """Count a request at a door; raise TooMany beyond the limit of the hour."""
    if count(house.database, house.keys, door, source_of(request), clock.now()) > limit:
        raise TooMany


def forget_old(session: WriteSession, now: datetime) -> None:
    """Delete the keys and counters of earlier days; also done whenever a new day's key is made."""
    session.execute(delete(RateCount).where(RateCount.day < _day(now)))  # type: ignore[arg-type]
    session.execute(delete(RateKey).where(RateKey.day < _day(now)))  # type: ignore[arg-type]


def _day(now: datetime) -> str:
    return clock.office_date(now).isoformat()


def _dialect(session: WriteSession) -> Any:
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite


def _row_key(session: WriteSession, keys: KeyRing, door: str, source: str, now: datetime) -> str:
    hour = now.strftime("%Y%m%d%H")
    return hmac.new(_day_key(session, keys, now), f"{door}|{hour}|{source}".encode(), sha256).hexdigest()


def _day_key(session: WriteSession, keys: KeyRing, now: datetime) -> bytes:
    day = _day(now)
    wrapped = session.execute(select(RateKey.wrapped).where(RateKey.day == day)).scalar_one_or_none()  # type: ignore[call-overload]
    if wrapped is None:
        forget_old(session, now)
        fresh = keys.seal_field(secrets.token_hex(_KEY_BYTES), table="rate_key", row=day, field="wrapped")
        added = _dialect(session).insert(RateKey).values(day=day, wrapped=fresh)
        session.execute(added.on_conflict_do_nothing(index_elements=["day"]))
        wrapped = session.execute(select(RateKey.wrapped).where(RateKey.day == day)).scalar_one()  # type: ignore[call-overload]
    try:
        return bytes.fromhex(keys.open_field(wrapped, table="rate_key", row=day, field="wrapped"))
    except Unreadable:
        # The master key was changed and the old one is gone: today's counts begin anew.
        session.execute(delete(RateKey).where(RateKey.day == day))  # type: ignore[arg-type]
        session.execute(delete(RateCount).where(RateCount.day == day))  # type: ignore[arg-type]
        return _day_key(session, keys, now)
