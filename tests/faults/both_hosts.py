"""What must be one thing on two hosts: a session, the end of it, the count of tries, a receipt by its code."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx2
from sqlalchemy import text

from app.identity.guards import SESSION_COOKIE
from app.platform.db import Database
from app.platform.web.render import Urls

TRIES: Final = 6


def findings(
    hosts: Sequence[Any], to: Urls, client: Callable[[Sequence[Any], random.Random, str], httpx2.Client]
) -> list[str]:
    """Say everything in which the two are not one."""
    chance = random.Random(1)
    one, two = (client([host], chance, "203.0.113.251") for host in hosts)
    with one, two:
        return _session(one, two, to, _account(hosts[0].settings.database)) + _tries(one, two, to)


def _account(url: str) -> str:
    # The hosts' own address of the database; this machine reaches it too.
    database = Database(url)
    with database.read_session() as session:
        found = session.execute(text("select id from account where login = 'head_lin'")).scalar_one()
    database.close()
    return str(found)


def _session(one: httpx2.Client, two: httpx2.Client, to: Urls, account: str) -> list[str]:
    """Sign in here, work there, sign out there, be outside here."""
    found = []
    entered = one.post(to("identity:sign_in_cast"), data={"account_id": account})
    token = one.cookies.get(SESSION_COOKIE)
    if entered.status_code != 303 or not token:
        return [f"signing in was answered with {entered.status_code}"]
    for each in (one, two):
        each.cookies.clear()
        each.cookies.set(SESSION_COOKIE, token)
    at_work = [each.get(to("desk:queue")).status_code for each in (one, two)]
    if at_work != [200, 200]:
        found.append(f"a session of one host is answered with {at_work}")
    two.post(to("identity:sign_out"))
    if (after := one.get(to("desk:queue")).status_code) == 200:
        found.append(f"a session ended at one host still works at the other ({after})")
    return found


def _tries(one: httpx2.Client, two: httpx2.Client, to: Urls) -> list[str]:
    """Wrong codes at both hosts in turn are counted together, and another source is not."""
    wrong, doors = {"code": "AAAA-BBBB-CCCC-DDDD-EEEE"}, (one, two)
    said = [doors[at % 2].post(to("intake:open_track"), data=wrong).status_code for at in range(TRIES + 2)]
    if 429 in said[:TRIES] or said[TRIES:] != [429, 429]:
        return [f"{TRIES} tries an hour over two hosts were answered with {said}"]
    other = two.post(
        to("intake:open_track"), data=wrong, headers={"X-Forwarded-For": "203.0.113.252"}
    ).status_code
    return ["a stranger's tries were held against somebody else"] if other == 429 else []
