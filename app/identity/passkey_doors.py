"""The doors of passkeys: signing in with one, making one for one's own account, forgetting one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.identity import entrance, forms, passkeys, queries
from app.identity.actor import Actor
from app.identity.guards import Anyone, Requires, proven
from app.identity.passkeys import Ask
from app.identity.permissions import Verb
from app.identity.queries import credentials
from app.platform.errors import Missing
from app.platform.i18n import gettext
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Own = Annotated[Actor, Depends(Requires(Verb.SESSION_OWN))]
OwnProven = Annotated[Actor, Depends(proven(Verb.SESSION_OWN))]


@dataclass(frozen=True)
class PasskeyPage:
    """Makes a passkey for one's own account."""

    layout: str
    ask: Ask
    name: str
    wrong: str


@router.post("/sign-in/passkey", name="identity:enter_with_passkey")
def enter(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Let somebody in whose passkey answered; every other answer is the same one."""
    if not passkeys.are_offered(house.settings):
        raise Missing
    entrance.refuse_foreign(request, house)
    entrance.count_passkey(request, house, now)
    account = passkeys.recognise(
        session, house.keys, house.settings,
        stamp=form.get("stamp"), answer=form.get("answer"), now=now,
    )  # fmt: skip
    if account is None:
        told = Flash(gettext("通行密钥没有对上，请再试一次，或者用密码登录。"), "stop")
        return see_other(request, "identity:sign_in", flash=told)
    next_path = forms.own_path(form.get("next"))
    return entrance.opened(request, house, session, account, next_path, now, second_step_by=passkeys.BY)


@router.get("/account/passkeys/new", name="identity:new_passkey")
def new(request: Request, actor: Own, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show how a passkey is made."""
    return _new(request, actor, house, session, now)


@router.post("/account/passkeys", name="identity:add_passkey")
def add(
    request: Request, actor: OwnProven, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Keep the passkey that was just made."""
    if not passkeys.are_offered(house.settings):
        raise Missing
    account = queries.account_by_id(session, actor.account_id)
    is_kept = passkeys.add(
        session, house.keys, house.settings, account,
        stamp=form.get("stamp"), answer=form.get("answer"), name=_name(request, form), now=now,
    )  # fmt: skip
    if not is_kept:
        wrong = gettext("没有建成，请再试一次。")
        return _new(request, actor, house, session, now, wrong=wrong)
    return see_other(request, "identity:sessions", flash=Flash(gettext("通行密钥建好了，下次可以用它登录。")))


@router.post("/account/passkeys/{passkey_id}/removal", name="identity:remove_passkey")
def remove(request: Request, passkey_id: str, actor: OwnProven, session: WriteSession, now: Now) -> Response:
    """Forget one of one's own passkeys."""
    passkeys.remove(session, queries.account_by_id(session, actor.account_id), passkey_id, now=now)
    return see_other(request, "identity:sessions", flash=Flash(gettext("通行密钥已删除，用它不能再登录。")))


def _name(request: Request, form: LandedForm) -> str:
    return (
        form.get("name").strip()
        or forms.device_of(request.headers.get("user-agent", ""))
        or gettext("通行密钥")
    )


def _new(
    request: Request,
    actor: Actor,
    house: House,
    session: queries.AnySession,
    now: datetime,
    *,
    wrong: str = "",
) -> Response:
    if not passkeys.are_offered(house.settings):
        raise Missing
    account = queries.account_by_id(session, actor.account_id)
    own = credentials.passkeys_of(session, account.id)
    context = PasskeyPage(
        layout=entrance.layout_of(actor),
        ask=passkeys.ask_to_add(house.keys, house.settings, account, own, now=now),
        name=forms.device_of(request.headers.get("user-agent", "")),
        wrong=wrong,
    )
    return page(request, "identity/passkey.html", context, status=422 if wrong else 200)
