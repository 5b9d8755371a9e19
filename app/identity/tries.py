"""Tries at the sign-in door, counted so that nobody can lock somebody else out.

What is counted is the pair of login and source, so a stranger's failures never touch the owner's own machine.
A browser that has signed this login in before carries a stamp and is counted by itself, so that even a stranger
behind the same address cannot shut it out. A right password clears the count; the next hour always does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.platform import ids, rates
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.errors import TooMany
from app.platform.i18n import N_

DEVICE_COOKIE: Final = "yixian_device"
DEVICE_FOR: Final = timedelta(days=180)
_PAIR_DOOR: Final = "sign-in"
_SOURCE_DOOR: Final = "sign-in-any"
_CODE_DOOR: Final = "sign-in-code"
_CODES_PER_HOUR: Final = 10  # of a million codes three fit: a password thief needs years
_LOGINS_PER_SOURCE: Final = 10  # an office behind one address has several people who mistype


class SignInPaused(TooMany):
    """Too many wrong passwords for this login from this source; elsewhere the login works as ever."""

    code = "sign_in_paused"
    text = N_(
        "这里试错的次数太多，请到下一个整点以后再试。账号没有被锁，在您常用的设备上照常可以登录；忘了密码请找安全管理员重置。"
    )


@dataclass(frozen=True, slots=True)
class Knock:
    """Who knocks: the login as a digest, and the source."""

    login_digest: str
    source: str
    is_known_device: bool


def knock(keys: KeyRing, login: str, source: str, device_stamp: str | None, *, now: datetime) -> Knock:
    """Return how a try is counted: by the device where it knows this login, else by the address."""
    digest = login_digest(keys, login)
    facts = keys.read_stamp("device", device_stamp, now=now) if device_stamp else None
    if facts is not None and facts.get("login") == digest:
        return Knock(digest, f"device {facts.get('id')}", is_known_device=True)
    return Knock(digest, source, is_known_device=False)


def login_digest(keys: KeyRing, login: str) -> str:
    """Return the keyed digest under which a login is counted and journalled."""
    return keys.keyed_digest("login", login)


def count(database: Database, keys: KeyRing, tried: Knock, *, limit: int, now: datetime) -> None:
    """Count a try before the password is looked at; raises SignInPaused beyond the limit of the hour."""
    pair = f"{tried.login_digest} {tried.source}"
    if rates.count(database, keys, _PAIR_DOOR, pair, now) > limit:
        raise SignInPaused
    if tried.is_known_device:
        return
    if rates.count(database, keys, _SOURCE_DOOR, tried.source, now) > limit * _LOGINS_PER_SOURCE:
        raise SignInPaused


def count_code(database: Database, keys: KeyRing, tried: Knock, *, now: datetime) -> None:
    """Count a try of the second step; whoever tries knows the password, so unknown devices share few tries."""
    source = tried.source if tried.is_known_device else "elsewhere"
    if rates.count(database, keys, _CODE_DOOR, f"{tried.login_digest} {source}", now) > _CODES_PER_HOUR:
        raise SignInPaused


def clear(database: Database, keys: KeyRing, tried: Knock, *, now: datetime) -> None:
    """Forget the tries of a pair whose password was right."""
    rates.clear(database, keys, _PAIR_DOOR, f"{tried.login_digest} {tried.source}", now)


def device_stamp(keys: KeyRing, login: str, *, now: datetime) -> str:
    """Return the stamp a browser keeps after a right password; it opens nothing by itself."""
    facts = {"login": login_digest(keys, login), "id": ids.new()}
    return keys.stamp("device", facts, expires_at=now + DEVICE_FOR)
