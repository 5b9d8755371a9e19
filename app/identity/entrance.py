"""What the doors of identity share: cookies, the sill between one-time password and session, where one lands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from fastapi import Request, Response

from app.identity import forms, passwords, queries, second_step, service, tries
from app.identity.actor import Actor
from app.identity.guards import SESSION_COOKIE
from app.identity.models import Account
from app.identity.permissions import OFFICE_ROLES
from app.identity.policy import OUTSIDE_ROLES
from app.identity.terms import Role
from app.platform import rates
from app.platform.db import WriteSession
from app.platform.errors import ForgedOrigin
from app.platform.i18n import N_
from app.platform.web import cookies, render
from app.platform.web.given import House

SILL_COOKIE: Final = "yixian_sill"
_SILL_FOR: Final = timedelta(minutes=15)
_OLD_IS_WRONG: Final = N_("现在的密码不对，请再写一次。")
_OLD_AGAIN: Final = N_("新密码要和现在的不一样。")
# Where people begin their day, by role; the first door that exists is taken.
_LANDINGS: Final = (
    (OFFICE_ROLES, "desk:queue"),
    (OUTSIDE_ROLES, "partner:inbox"),
    (frozenset({Role.SYSADMIN}), "reference:index"),
    (frozenset({Role.SECADMIN}), "identity:people"),
    (frozenset({Role.AUDITOR}), "identity:journal"),
)
_FALLBACK: Final = "identity:sessions"


def refuse_foreign(request: Request, house: House) -> None:
    """Refuse a sign-in sent from another site: no cookie of ours is there yet to make the threshold ask."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is not None:
        is_own = origin == house.settings.base_url or urlsplit(origin).netloc == request.headers.get("host")
    else:
        is_own = site in {None, "same-origin", "none"}
    if not is_own:
        raise ForgedOrigin


def counted(request: Request, house: House, login: str, now: datetime) -> tries.Knock:
    """Count this try at the sign-in door; raises SignInPaused beyond the limit."""
    stamp = request.cookies.get(cookies.cookie_name(request, tries.DEVICE_COOKIE))
    tried = tries.knock(house.keys, login, rates.source_of(request), stamp, now=now)
    tries.count(house.database, house.keys, tried, limit=house.settings.tries_per_hour, now=now)
    return tried


def count_passkey(request: Request, house: House, now: datetime) -> None:
    """Count a try with a passkey, which names nobody before it is right; raises SignInPaused beyond the limit."""
    _count(request, house, "passkey", now)


def count_sign_on(request: Request, house: House, now: datetime) -> None:
    """Count a way to the provider of sign-on or back, so that nobody makes us ask it without end."""
    _count(request, house, "sign-on", now)


def _count(request: Request, house: House, door: str, now: datetime) -> None:
    source = rates.source_of(request)
    if rates.count(house.database, house.keys, door, source, now) > house.settings.tries_per_hour:
        raise tries.SignInPaused


def opened(
    request: Request,
    house: House,
    session: WriteSession,
    account: Account,
    next_path: str,
    now: datetime,
    *,
    second_step_by: str = "",
) -> Response:
    """Open the door: a new session, or first the sill where a password is replaced or a second step is made."""
    token = request.cookies.get(cookies.cookie_name(request, SESSION_COOKIE))
    service.end_session_of_token(session, token, now=now)
    roles = queries.roles_of(session, account.id, now=now)
    sill = _next_sill(house, account, roles, second_step_by)
    if sill is not None:
        return _on_the_sill(request, house, account, sill, next_path, now)
    response = render.redirect(request, next_path or landing(request, roles))
    begin(response, request, house, session, account, now, second_step_by=second_step_by)
    cookies.forget_cookie(response, request, SILL_COOKIE)
    return response


def begin(
    response: Response,
    request: Request,
    house: House,
    session: WriteSession,
    account: Account,
    now: datetime,
    *,
    second_step_by: str = "",
) -> None:
    """Start a session and hand its cookie over, with the stamp by which this browser is known again."""
    token = service.start_session(
        session, account.id, device=forms.device_of(request.headers.get("user-agent", "")),
        hours=house.settings.session_hours, second_step=second_step_by or "none", now=now,
    )  # fmt: skip
    cookies.set_cookie(response, request, cookies.cookie_name(request, SESSION_COOKIE), token)
    stamp = tries.device_stamp(house.keys, account.login, now=now)
    name = cookies.cookie_name(request, tries.DEVICE_COOKIE)
    cookies.set_cookie(response, request, name, stamp, max_age=int(tries.DEVICE_FOR.total_seconds()))


class Sill(StrEnum):
    """What still lies between a right password and a session."""

    PASSWORD = "identity:new_password"  # noqa: S105 - a route's name
    CODE = "identity:code"
    ENROL = "identity:enrol"


def _next_sill(house: House, account: Account, roles: frozenset[Role], second_step_by: str) -> Sill | None:
    if account.must_change_password:
        return Sill.PASSWORD
    if second_step_by:
        return None
    if account.sealed_totp is not None:
        return Sill.CODE
    is_due = second_step.is_due(roles, is_required=house.settings.asks_second_step)
    return Sill.ENROL if is_due else None


def _on_the_sill(
    request: Request, house: House, account: Account, sill: Sill, next_path: str, now: datetime
) -> Response:
    """Lead to what is still to be done; the stamp is for this one thing and this state of the account only."""
    facts = {"account": account.id, "version": account.version, "next": next_path}
    stamp = house.keys.stamp(f"sill {sill}", facts, expires_at=now + _SILL_FOR)
    response = render.see_other(request, sill)
    name = cookies.cookie_name(request, SILL_COOKIE)
    cookies.set_cookie(response, request, name, stamp, max_age=int(_SILL_FOR.total_seconds()))
    cookies.forget_cookie(response, request, SESSION_COOKIE)
    return response


class OnTheSill(NamedTuple):
    """Somebody whose password was right a moment ago, and where they wanted to go."""

    account: Account
    next_path: str


def on_the_sill(
    request: Request, house: House, session: queries.AnySession, sill: Sill, now: datetime
) -> OnTheSill | None:
    """Return who stands on a sill, if the account is still as it was when its password was right."""
    stamp = request.cookies.get(cookies.cookie_name(request, SILL_COOKIE))
    facts = house.keys.read_stamp(f"sill {sill}", stamp, now=now) if stamp else None
    if facts is None:
        return None
    account = queries.account_by_id(session, str(facts.get("account")))
    is_there = account.is_active and account.version == facts.get("version")
    is_there = is_there and account.must_change_password == (sill is Sill.PASSWORD)
    return OnTheSill(account, forms.own_path(str(facts.get("next", "")))) if is_there else None


def proved(house: House, account: Account, wish: forms.NewPassword) -> forms.NewPassword:
    """Ask for the password that holds now before another may be set."""
    checked = passwords.check(wish.old, account.password_hash, cost=house.settings.password_cost)
    return (
        wish
        if checked.is_right
        else replace(wish, errors=(*forms.errors_of([("old", _OLD_IS_WRONG)]), *wish.errors))
    )


def fresh_password(house: House, account: Account, wish: forms.NewPassword) -> tuple[forms.NewPassword, str]:
    """Return what is wrong with a new password, or its hash; done before the write session's first statement."""
    cost = house.settings.password_cost
    fault = passwords.fault(wish.new, login=account.login, name=account.name)
    if (
        fault is None
        and not wish.errors
        and passwords.check(wish.new, account.password_hash, cost=cost).is_right
    ):
        fault = _OLD_AGAIN
    if fault is not None:
        wish = replace(wish, errors=(*wish.errors, *forms.errors_of([("new", fault)])))
    return wish, "" if wish.errors else passwords.hashed(wish.new, cost=cost)


def layout_of(actor: Actor) -> str:
    """Return the layout of the side of the house this person works on."""
    return "layouts/partner.html" if actor.roles & OUTSIDE_ROLES else "layouts/office.html"


def landing(request: Request, roles: frozenset[Role]) -> str:
    """Return where people of these roles begin their day."""
    wished = [name for of_roles, name in _LANDINGS if roles & of_roles]
    return _first_door(request.app.state.urls, [*wished, _FALLBACK])


def _first_door(urls: Any, names: Iterable[str]) -> str:
    for name in names:
        try:
            return str(urls(name))
        except KeyError:
            continue
    return "/"
