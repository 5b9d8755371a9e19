"""The doors of identity: signing in and out, one's own account. People: people_pages.py, journal: journal_pages.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import (
    entrance,
    forms,
    journal_pages,
    labels,
    passkey_doors,
    passkeys,
    passwords,
    people_pages,
    proofs,
    queries,
    second_step,
    second_step_pages,
    service,
    sso_doors,
    token_pages,
    tries,
)
from app.identity.actor import Actor
from app.identity.guards import SESSION_COOKIE, Anyone, Requires, proven
from app.identity.permissions import ADMIN_ROLES, OFFICE_ROLES, Verb
from app.identity.queries import credentials
from app.identity.queries.person import actor_by_token
from app.identity.terms import Role
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import N_, gettext
from app.platform.web.cookies import cookie_name, forget_cookie
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
router.include_router(people_pages.router)
router.include_router(token_pages.router)
router.include_router(journal_pages.router)
router.include_router(second_step_pages.router)
router.include_router(passkey_doors.router)
router.include_router(sso_doors.router)
Own = Annotated[Actor, Depends(Requires(Verb.SESSION_OWN))]
OwnProven = Annotated[Actor, Depends(proven(Verb.SESSION_OWN))]


@dataclass(frozen=True)
class CastMember:
    """One button of the development cast."""

    id: str
    name: str
    role: str
    org: str


@dataclass(frozen=True)
class SignInPage:
    """The sign-in page: one form, and in development the cast."""

    wish: forms.SignIn
    groups: Sequence[tuple[str, Sequence[CastMember]]]
    signed_in_name: str
    passkey: passkeys.Ask | None
    sign_on: str


@dataclass(frozen=True)
class NewPasswordPage:
    """A person who came with a one-time password sets their own."""

    name: str
    login: str
    wish: forms.NewPassword
    length_min: int


@dataclass(frozen=True)
class SessionRow:
    """One place where this account is signed in."""

    id: str
    device: str
    started_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True)
class AccountPage:
    """One's own account: who one is, where one is signed in, a new password."""

    layout: str
    person: labels.Person
    login: str
    sessions: Sequence[SessionRow]
    idle_minutes: int
    wish: forms.NewPassword
    length_min: int
    has_password: bool
    has_second_step: bool
    must_have_second_step: bool
    codes_left: int
    has_passkeys: bool
    passkeys: Sequence[passkeys.Line]


# -- signing in -------------------------------------------------------------------------------------------------
@router.get("/sign-in", name="identity:sign_in")
def sign_in(request: Request, _guard: Anyone, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show the sign-in form; who is signed in already is told so."""
    wish = forms.SignIn(next_path=forms.own_path(request.query_params.get("next", "")))
    token = request.cookies.get(cookie_name(request, SESSION_COOKIE))
    idle = timedelta(minutes=house.settings.session_idle_minutes)
    found = actor_by_token(session, token, now=now, idle=idle) if token else None
    return _sign_in_page(request, house, session, wish, signed_in_name=found[0].name if found else "")


@router.post("/sign-in", name="identity:enter")
def enter(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Let a person in who knows login and password; every other answer is the same one."""
    entrance.refuse_foreign(request, house)
    wish = forms.sign_in(form)
    tried = entrance.counted(request, house, wish.login, now)
    found = service.recognise(
        house.database, wish.login, wish.password, cost=house.settings.password_cost, now=now
    )
    if found is None:
        service.note_refusal(session, wish.login, tried.login_digest, now=now)
        return _sign_in_page(request, house, session, wish.refused(), status=422)
    tries.clear(house.database, house.keys, tried, now=now)
    service.keep_upgraded(session, found)
    return entrance.opened(request, house, session, found.account, wish.next_path, now)


@router.post("/sign-in/cast", name="identity:sign_in_cast")
def sign_in_cast(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Become one of the development cast; this door exists only where the cast does."""
    if not house.settings.has_cast:
        raise Missing
    entrance.refuse_foreign(request, house)
    account = queries.account_by_id(session, form.get("account_id"))
    if not (account.is_cast and account.is_active):
        raise Missing
    next_path = forms.own_path(form.get("next"))
    return entrance.opened(request, house, session, account, next_path, now, second_step_by="cast")


@router.get("/sign-in/new-password", name="identity:new_password")
def new_password(request: Request, _guard: Anyone, house: Shared, session: ReadSession, now: Now) -> Response:
    """Ask for a password of one's own in place of the one-time one; no session exists before."""
    found = entrance.on_the_sill(request, house, session, entrance.Sill.PASSWORD, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    return _new_password_page(request, found.account, forms.NewPassword())


@router.post("/sign-in/new-password", name="identity:set_new_password")
def set_new_password(
    request: Request, _guard: Anyone, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Keep the new password and let the person in."""
    with house.database.read_session() as reading:
        found = entrance.on_the_sill(request, house, reading, entrance.Sill.PASSWORD, now)
    if found is None:
        return see_other(request, "identity:sign_in")
    account = found.account
    wish, password_hash = entrance.fresh_password(house, account, forms.new_password(form))
    if wish.errors:
        return _new_password_page(request, account, wish, status=422)
    service.set_own_password(session, account, password_hash, now=now)
    changed = queries.account_by_id(session, account.id)
    return entrance.opened(request, house, session, changed, found.next_path, now)


@router.post("/sign-out", name="identity:sign_out")
def sign_out(request: Request, actor: Own, session: WriteSession, now: Now) -> Response:
    """End this session and forget its cookie."""
    service.end_session(session, actor.doer, actor.session_id, now=now)
    response = see_other(request, "identity:sign_in", flash=Flash(gettext("您已退出登录。")))
    forget_cookie(response, request, SESSION_COOKIE)
    # The cache only: reports that wait on this phone for a signal stay.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


# -- one's own account ------------------------------------------------------------------------------------------
@router.get("/account", name="identity:sessions")
def sessions(request: Request, actor: Own, house: Shared, session: ReadSession, now: Now) -> Response:
    """Show who one is here and where one is signed in."""
    return _account_page(request, house, session, actor, forms.NewPassword(), now)


@router.post("/account/sessions/{session_id}/revocation", name="identity:revoke")
def revoke(request: Request, session_id: str, actor: OwnProven, session: WriteSession, now: Now) -> Response:
    """End one of one's own sessions; others' sessions are not there."""
    if session_id not in queries.session_ids(session, actor.account_id):
        raise Missing
    service.end_session(session, actor.doer, session_id, now=now)
    if session_id == actor.session_id:
        return see_other(request, "identity:sign_in", flash=Flash(gettext("您已退出登录。")))
    return see_other(request, "identity:sessions", flash=Flash(gettext("那台设备已经退出登录。")))


@router.post("/account/revocation", name="identity:revoke_others")
def revoke_others(request: Request, actor: OwnProven, session: WriteSession, now: Now) -> Response:
    """End every session of one's own but this one."""
    service.end_sessions(session, actor.doer, actor.account_id, now=now, but=actor.session_id)
    return see_other(request, "identity:sessions", flash=Flash(gettext("其他设备都已退出登录。")))


@router.post("/account/password", name="identity:change_password")
def change_password(
    request: Request, actor: Own, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Change one's own password, knowing the old one; every session ends and a new one begins here."""
    proofs.count_tries(house, actor, now=now)
    with house.database.read_session() as reading:
        account = queries.account_by_id(reading, actor.account_id)
    wish = entrance.proved(house, account, forms.new_password(form))
    wish, password_hash = entrance.fresh_password(house, account, wish)
    if wish.errors:
        return _account_page(request, house, session, actor, wish, now, status=422)
    service.set_own_password(session, account, password_hash, now=now)
    response = see_other(
        request, "identity:sessions", flash=Flash(gettext("密码已经改好，其他设备都已退出登录。"))
    )
    entrance.begin(response, request, house, session, account, now)
    return response


# -- how they look ----------------------------------------------------------------------------------------------
_GROUPS: Final = (
    (N_("办公室"), OFFICE_ROLES),
    (N_("协作单位与志愿者"), frozenset({Role.AGENCY_CONTACT, Role.VOLUNTEER})),
    (N_("军地联络"), frozenset({Role.LIAISON})),
    (N_("管理"), ADMIN_ROLES),
)


def _cast_groups(session: queries.AnySession) -> list[tuple[str, Sequence[CastMember]]]:
    members = queries.cast(session)
    roles = queries.roles_by_account(session, [member.id for member in members])
    orgs = queries.org_names_of(session, [member.org_unit_id for member in members])
    offices = queries.org_names_of(session, [member.office_id for member in members])
    home = queries.default_office(session).id
    return [
        (
            gettext(label),
            [
                CastMember(
                    member.id,
                    member.name,
                    labels.role_labels(roles[member.id]),
                    orgs[member.org_unit_id] if member.office_id == home else offices[member.office_id],
                )
                for member in members
                if roles[member.id] & of_group
            ],
        )
        for label, of_group in _GROUPS
    ]


def _sign_in_page(
    request: Request,
    house: House,
    session: queries.AnySession,
    wish: forms.SignIn,
    *,
    signed_in_name: str = "",
    status: int = 200,
) -> Response:
    groups = _cast_groups(session) if house.settings.has_cast else []
    asked = passkeys.ask_to_enter(house.keys, house.settings, now=clock.now())
    sign_on = gettext(house.settings.oidc_name) if house.settings.oidc_issuer else ""
    context = SignInPage(wish, groups, signed_in_name, asked, sign_on)
    return page(request, "identity/sign_in.html", context, status=status)


def _new_password_page(
    request: Request, account: Any, wish: forms.NewPassword, *, status: int = 200
) -> Response:
    context = NewPasswordPage(account.name, account.login, wish, passwords.LENGTH_MIN)
    return page(request, "identity/new_password.html", context, status=status)


def _account_page(
    request: Request,
    house: House,
    session: queries.AnySession,
    actor: Actor,
    wish: forms.NewPassword,
    now: datetime,
    *,
    status: int = 200,
) -> Response:
    idle = timedelta(minutes=house.settings.session_idle_minutes)
    account = queries.account_by_id(session, actor.account_id)
    rows = [
        SessionRow(found.id, found.device, found.created_at, found.last_seen_at, found.id == actor.session_id)
        for found in queries.live_sessions(session, actor.account_id, now=now, idle=idle)
    ]
    context = AccountPage(
        layout=entrance.layout_of(actor),
        person=labels.person(actor),
        login=account.login,
        sessions=rows,
        idle_minutes=house.settings.session_idle_minutes,
        wish=wish,
        length_min=passwords.LENGTH_MIN,
        has_password=account.password_hash is not None,
        has_second_step=account.sealed_totp is not None,
        must_have_second_step=second_step.is_due(actor.roles, is_required=house.settings.asks_second_step),
        codes_left=credentials.recovery_codes_left(session, account.id),
        has_passkeys=passkeys.are_offered(house.settings),
        passkeys=passkeys.lines(session, account.id),
    )
    return page(request, "identity/account.html", context, status=status)
