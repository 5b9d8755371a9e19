"""Showing again who one is, before a step of weight: an identity, an export, somebody's rights."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.identity import passwords, queries, second_step, service, tries
from app.identity.actor import Actor
from app.platform import rates
from app.platform.i18n import N_
from app.platform.web.given import House

HOLDS: Final = timedelta(minutes=10)
WRONG: Final = N_("密码或验证码不对，请再试一次。")


def stands(house: House, actor: Actor, *, now: datetime) -> bool:
    """Say whether this session was proved a moment ago, or belongs to somebody who has nothing to show."""
    if actor.proved_at is not None and actor.proved_at > now - HOLDS:
        return True
    if not house.settings.has_cast:
        return False
    with house.database.read_session() as reading:
        account = queries.account_by_id(reading, actor.account_id)
    return account.is_cast and account.password_hash is None  # the development cast: it exists nowhere else


def count_tries(house: House, actor: Actor, *, now: datetime) -> None:
    """Count tries of a password by somebody who found a signed-in browser."""
    limit = house.settings.tries_per_hour
    if rates.count(house.database, house.keys, "password", actor.account_id, now) > limit:
        raise tries.SignInPaused


def prove(house: House, actor: Actor, typed: str, *, now: datetime) -> bool:
    """Note a right password or code for this session; say whether it was right."""
    count_tries(house, actor, now=now)
    with house.database.read_session() as reading:
        account = queries.account_by_id(reading, actor.account_id)
    is_right = passwords.check(typed, account.password_hash, cost=house.settings.password_cost).is_right
    with house.database.write_session() as session:
        is_right = is_right or second_step.is_app_code(session, house.keys, account, typed, now=now)
        if is_right:
            service.note_proof(session, actor, now=now)
    return is_right
