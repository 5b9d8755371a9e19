"""The doors of the second step: its code at the sign-in, setting it up, the printed codes, proving oneself again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import entrance, forms, labels, proofs, queries, second_step, totp, tries
from app.identity.actor import Actor
from app.identity.entrance import Sill
from app.identity.guards import Anyone, Requires, proven
from app.identity.models import Account
from app.identity.permissions import Verb
from app.platform import drawing, rates
from app.platform.drawing import Drawing
from app.platform.i18n import N_, gettext
from app.platform.web.cookies import cookie_name, forget_cookie
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, redirect, see_other
from app.platform.web.shown_once import ShownOnce

router = APIRouter()
Own = Annotated[Actor, Depends(Requires(Verb.SESSION_OWN))]
OwnProven = Annotated[Actor, Depends(proven(Verb.SESSION_OWN))]
_CODES: Final = ShownOnce("yixian_codes", "codes", timedelta(minutes=10))
_WRONG_CODE: Final = N_("验证码不对，或者刚刚用过。请等手机上换了下一个数字再填。")
_TYPED_MAX: Final = 64


@dataclass(frozen=True)
class CodePage:
    """Asks for the phone's code, or a printed one."""

    name: str
    wrong: str


@dataclass(frozen=True)
class SetUpPage:
    """How to put the house into a phone: a drawing to scan, or letters to type, and the first code."""

    layout: str
    name: str
    is_signed_in: bool
    action: str
    drawing: Drawing
    secret: str
    pending: str
    wrong: str


@dataclass(frozen=True)
class PrintedCodesPage:
    """The printed codes: shown once, gone with the next look."""

    person: labels.Person
    login: str
    codes: Sequence[str]
    on_href: str


@dataclass(frozen=True)
class ProofPage:
    """Asks who sits here before a reading of weight."""

    layout: str
    next_path: str
    wrong: str


# -- on the sill ------------------------------------------------------------------------------------------------
@router.get("/sign-in/code", name="identity:code")
def ask_code(request: Request, _guard: Anyone, house: Shared, session: ReadSession, now: Now) -> Response:
    """Ask for the second step; no session exists before."""
    found = entrance.on_the_sill(request, house, session, Sill.CODE, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    return page(request, "identity/code.html", CodePage(found.account.name, ""))


@router.post("/sign-in/code", name="identity:enter_code")
def enter_code(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Let a person in whose password and code were both right."""
    with house.database.read_session() as reading:
        found = entrance.on_the_sill(request, house, reading, Sill.CODE, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    stamp = request.cookies.get(cookie_name(request, tries.DEVICE_COOKIE))
    tried = tries.knock(house.keys, found.account.login, rates.source_of(request), stamp, now=now)
    tries.count_code(house.database, house.keys, tried, now=now)
    typed = form.get("code")[:_TYPED_MAX]
    by = second_step.recognise(session, house.keys, found.account, typed, now=now)
    if by is None:
        second_step.note_refusal(session, found.account, now=now)
        context = CodePage(found.account.name, gettext(_WRONG_CODE))
        return page(request, "identity/code.html", context, status=422)
    return entrance.opened(request, house, session, found.account, found.next_path, now, second_step_by=by)


@router.get("/sign-in/second-step", name="identity:enrol")
def enrol(request: Request, _guard: Anyone, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show how the phone is set up, where the house asks for a second step and none is there yet."""
    found = entrance.on_the_sill(request, house, session, Sill.ENROL, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    return _set_up_page(request, house, found.account, totp.new_secret())


@router.post("/sign-in/second-step", name="identity:set_second_step")
def set_second_step(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Keep the second step, let the person in, and show the printed codes first."""
    with house.database.read_session() as reading:
        found = entrance.on_the_sill(request, house, reading, Sill.ENROL, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    secret = second_step.pending_secret(house.keys, found.account.id, form.get("pending"))
    if secret is None:
        return see_other(request, "identity:enrol")
    typed = form.get("code")[:_TYPED_MAX]
    codes = second_step.set_up(session, house.keys, found.account, secret, typed, now=now)
    if codes is None:
        return _set_up_page(request, house, found.account, secret, is_wrong=True)
    response = see_other(request, "identity:recovery_codes", next=found.next_path)
    entrance.begin(response, request, house, session, found.account, now, second_step_by=second_step.APP)
    forget_cookie(response, request, entrance.SILL_COOKIE)
    return _carrying(response, request, house, found.account.id, codes, now)


# -- one's own account ------------------------------------------------------------------------------------------
@router.get("/account/second-step", name="identity:own_second_step")
def own_second_step(request: Request, actor: Own, house: Shared, session: ReadSession) -> Response:
    """Show how a phone is set up, the first or the next one."""
    account = queries.account_by_id(session, actor.account_id)
    return _set_up_page(request, house, account, totp.new_secret(), actor=actor)


@router.post("/account/second-step", name="identity:replace_second_step")
def replace_second_step(
    request: Request, actor: OwnProven, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Put the new phone in force; the old one's codes are over."""
    account = queries.account_by_id(session, actor.account_id)
    secret = second_step.pending_secret(house.keys, account.id, form.get("pending"))
    if secret is None:
        return see_other(request, "identity:own_second_step")
    typed = form.get("code")[:_TYPED_MAX]
    codes = second_step.set_up(session, house.keys, account, secret, typed, now=now)
    if codes is None:
        return _set_up_page(request, house, account, secret, actor=actor, is_wrong=True)
    response = see_other(request, "identity:recovery_codes")
    return _carrying(response, request, house, account.id, codes, now)


@router.post("/account/recovery-codes", name="identity:print_codes")
def print_codes(
    request: Request, actor: OwnProven, house: Shared, session: WriteSession, now: Now
) -> Response:
    """Print fresh codes; the old ones are over."""
    account = queries.account_by_id(session, actor.account_id)
    if account.sealed_totp is None:
        return see_other(request, "identity:own_second_step")
    codes = second_step.print_codes(session, account, now=now)
    return _carrying(see_other(request, "identity:recovery_codes"), request, house, account.id, codes, now)


@router.get("/account/recovery-codes", name="identity:recovery_codes")
def recovery_codes(request: Request, actor: Own, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show the printed codes once: with the answer, the browser forgets them."""
    context = PrintedCodesPage(
        person=labels.person(actor),
        login=queries.account_by_id(session, actor.account_id).login,
        codes=_CODES.carried(request, house, row=actor.account_id, field="printed", now=now).split(),
        on_href=forms.own_path(request.query_params.get("next", ""))
        or entrance.landing(request, actor.roles),
    )
    response = page(request, "identity/recovery_codes.html", context)
    _CODES.forget(response, request)
    return response


# -- proving oneself again --------------------------------------------------------------------------------------
@router.get("/account/proof", name="identity:proof")
def proof(request: Request, actor: Own) -> Response:
    """Ask for a password or a code before a reading of weight."""
    next_path = forms.own_path(request.query_params.get("next", ""))
    return page(request, "identity/proof.html", ProofPage(entrance.layout_of(actor), next_path, ""))


@router.post("/account/proof", name="identity:prove")
def prove(request: Request, actor: Own, house: Shared, form: Form, now: Now) -> Response:
    """Note the proof and lead back."""
    next_path = forms.own_path(form.get("next"))
    if not proofs.prove(house, actor, form.get("proof"), now=now):
        context = ProofPage(entrance.layout_of(actor), next_path, gettext(proofs.WRONG))
        return page(request, "identity/proof.html", context, status=422)
    if next_path:
        return redirect(request, next_path)
    return see_other(request, "identity:sessions", flash=Flash(gettext("已经确认是您本人。")))


# -- how they look ----------------------------------------------------------------------------------------------
def _set_up_page(
    request: Request,
    house: House,
    account: Account,
    secret: str,
    *,
    actor: Actor | None = None,
    is_wrong: bool = False,
) -> Response:
    urls = request.app.state.urls
    own = totp.address(secret, login=account.login, office=house.settings.office_short)
    context = SetUpPage(
        layout=entrance.layout_of(actor) if actor else "layouts/public.html",
        name=account.name,
        is_signed_in=actor is not None,
        action=urls("identity:replace_second_step" if actor else "identity:set_second_step"),
        drawing=drawing.qr(own),
        secret=totp.grouped(secret),
        pending=second_step.pending(house.keys, account.id, secret),
        wrong=gettext(_WRONG_CODE) if is_wrong else "",
    )
    return page(request, "identity/second_step.html", context, status=422 if is_wrong else 200)


def _carrying(
    response: Response, request: Request, house: House, account_id: str, codes: Sequence[str], now: datetime
) -> Response:
    """Let the answer carry the printed codes to the page that shows them, sealed, for ten minutes."""
    text = " ".join(codes)
    return _CODES.carry(response, request, house, row=account_id, field="printed", text=text, now=now)
