"""What the doors of identity share: cookies, the sill between one-time password and session, where one lands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request, Response

from app.identity import forms, passwords, queries, service, tries
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


def count_password_tries(house: House, actor: Actor, now: datetime) -> None:
    """Count tries of the old password by somebody who found a signed-in browser."""
    limit = house.settings.tries_per_hour
    if rates.count(house.database, house.keys, "password", actor.account_id, now) > limit:
        raise tries.SignInPaused


def opened(
    request: Request, house: House, session: WriteSession, account: Account, next_path: str, now: datetime
) -> Response:
    """Open the door: a new session, or first the sill where a one-time password is replaced."""
    token = request.cookies.get(cookies.cookie_name(request, SESSION_COOKIE))
    service.end_session_of_token(session, token, now=now)
    if account.must_change_password:
        return _on_the_sill(request, house, account, now)
    roles = queries.roles_of(session, account.id, now=now)
    response = render.redirect(request, next_path or _landing(request, roles))
    begin(response, request, house, session, account, now)
    cookies.forget_cookie(response, request, SILL_COOKIE)
    return response


def begin(
    response: Response, request: Request, house: House, session: WriteSession, account: Account, now: datetime
) -> None:
    """Start a session and hand its cookie over, with the stamp by which this browser is known again."""
    device = forms.device_of(request.headers.get("user-agent", ""))
    token = service.start_session(
        session, account.id, device=device, hours=house.settings.session_hours, now=now
    )
    cookies.set_cookie(response, request, cookies.cookie_name(request, SESSION_COOKIE), token)
    stamp = tries.device_stamp(house.keys, account.login, now=now)
    name = cookies.cookie_name(request, tries.DEVICE_COOKIE)
    cookies.set_cookie(response, request, name, stamp, max_age=int(tries.DEVICE_FOR.total_seconds()))


def _on_the_sill(request: Request, house: House, account: Account, now: datetime) -> Response:
    """Send a person with a one-time password to set their own; the stamp is for this state of the account only."""
    facts = {"account": account.id, "version": account.version}
    stamp = house.keys.stamp("sill", facts, expires_at=now + _SILL_FOR)
    response = render.see_other(request, "identity:new_password")
    name = cookies.cookie_name(request, SILL_COOKIE)
    cookies.set_cookie(response, request, name, stamp, max_age=int(_SILL_FOR.total_seconds()))
    cookies.forget_cookie(response, request, SESSION_COOKIE)
    return response


def account_on_the_sill(
    request: Request, house: House, session: queries.AnySession, now: datetime
) -> Account | None:
    """Return whose one-time password was right a moment ago, if the account is still as it was then."""
    stamp = request.cookies.get(cookies.cookie_name(request, SILL_COOKIE))
    facts = house.keys.read_stamp("sill", stamp, now=now) if stamp else None
    if facts is None:
        return None
    account = queries.account_by_id(session, str(facts.get("account")))
    holds = account.is_active and account.must_change_password and account.version == facts.get("version")
    return account if holds else None


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


def _landing(request: Request, roles: frozenset[Role]) -> str:
    wished = [name for of_roles, name in _LANDINGS if roles & of_roles]
    return _first_door(request.app.state.urls, [*wished, _FALLBACK])


def _first_door(urls: Any, names: Iterable[str]) -> str:
    for name in names:
        try:
            return str(urls(name))
        except KeyError:
            continue
    return "/"
