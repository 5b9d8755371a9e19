"""The security administrator's screens: people, one person, the printed slip with a one-time password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import accounts, forms, labels, passwords, policy, queries, second_step, service
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.models import Account
from app.identity.permissions import ADMIN_ROLES, OFFICE_ROLES, Verb
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import clock
from app.platform.errors import Missing
from app.platform.i18n import N_, gettext
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.platform.web.shown_once import ShownOnce

router = APIRouter()
Manager = Annotated[Actor, Depends(Requires(Verb.ACCOUNT_MANAGE))]
ProvenManager = Annotated[Actor, Depends(proven(Verb.ACCOUNT_MANAGE))]
_SLIP: Final = ShownOnce("yixian_slip", "slip", timedelta(minutes=5))
_PAGE: Final = 100


@dataclass(frozen=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class PersonRow:
    """One person in the list."""

    id: str
    name: str
    login: str
    org: str
    roles: str
    has_due_password: bool


@dataclass(frozen=True)
class PeoplePage:
    """The people of the office, those who are active or those who are not."""

    rows: Sequence[PersonRow]
    words: str
    is_active: bool
    next_after: str


@dataclass(frozen=True)
class SessionRow:
    """One place where this person is signed in."""

    id: str
    device: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class PersonPage:
    """The form of one person, new or known."""

    wish: forms.Person
    account_id: str
    is_active: bool
    is_self: bool
    units: Sequence[Option]
    office_roles: Sequence[Option]
    outside_roles: Sequence[Option]
    admin_roles: Sequence[Option]
    circles: Sequence[Option]
    sessions: Sequence[SessionRow]
    has_second_step: bool
    has_tokens: bool
    created_at: datetime | None


@dataclass(frozen=True)
class SlipPage:
    """A printed slip: shown once, gone with the next look."""

    name: str
    login: str
    org: str
    password: str
    account_id: str
    holds_until: datetime


@router.get("/people", name="identity:people")
def people(request: Request, actor: Manager, session: ReadSession) -> Response:
    """List the people of one's office."""
    asked = request.query_params
    words, is_active = asked.get("words", "").strip()[:60], asked.get("shut") is None
    found = queries.people(
        session,
        actor.office_id,
        words=words,
        is_active=is_active,
        after=asked.get("after", "")[:64],
        limit=_PAGE + 1,
    )
    next_after = found[_PAGE - 1].login if len(found) > _PAGE else ""
    context = PeoplePage(_rows(session, found[:_PAGE]), words, is_active, next_after)
    return page(request, "identity/people.html", context)


@router.get("/people/new", name="identity:new_person")
def new_person(request: Request, actor: Manager, session: ReadSession) -> Response:
    """Show the empty form of an account."""
    return _person_page(request, session, actor, forms.Person(org_unit_id=actor.office_id))


@router.post("/people", name="identity:add_person")
def add_person(
    request: Request, actor: ProvenManager, house: Shared, form: Form, session: WriteSession, now: Now
) -> Response:
    """Open an account and show its slip."""
    password = passwords.readable()
    password_hash = passwords.hashed(password, cost=house.settings.password_cost)
    wish = forms.person(form, is_new=True)
    wish = wish.but(accounts.faults(session, actor.office_id, _standing(wish), new_login=wish.login))
    if wish.errors:
        return _person_page(request, session, actor, wish, status=422)
    account_id = accounts.add(
        session, actor.doer, actor.office_id, wish.login, _standing(wish), password_hash, now=now
    )
    return _to_slip(
        request, house, actor, account_id, password, gettext("账号已经建好，请打印密码条交给本人。")
    )


@router.get("/people/{account_id}", name="identity:person")
def person(request: Request, account_id: str, actor: Manager, session: ReadSession) -> Response:
    """Show one person's standing."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    return _person_page(request, session, actor, _as_wish(session, account), account=account)


@router.post("/people/{account_id}", name="identity:change_person")
def change_person(
    request: Request, account_id: str, actor: ProvenManager, form: Form, session: WriteSession, now: Now
) -> Response:
    """Write one person's standing anew."""
    wish = forms.person(form, is_new=False)
    account = accounts.managed(session, actor, account_id, version=wish.version)
    wish = wish.but(accounts.faults(session, actor.office_id, _standing(wish)))
    if wish.errors:
        return _person_page(request, session, actor, wish, account=account, status=422)
    accounts.change(session, actor, account_id, _standing(wish), version=wish.version, now=now)
    return see_other(request, "identity:person", account_id=account_id, flash=Flash(gettext("已经保存。")))


@router.post("/people/{account_id}/password", name="identity:reset_password")
def reset_password(
    request: Request,
    account_id: str,
    actor: ProvenManager,
    house: Shared,
    form: Form,
    session: WriteSession,
    now: Now,
) -> Response:
    """Give somebody a one-time password and show its slip."""
    password = passwords.readable()
    password_hash = passwords.hashed(password, cost=house.settings.password_cost)
    account = accounts.managed(session, actor, account_id, version=forms.version(form))
    accounts.reset_password(session, actor.doer, account, password_hash, now=now)
    return _to_slip(
        request, house, actor, account_id, password, gettext("密码已重置，请打印密码条交给本人。")
    )


@router.post("/people/{account_id}/second-step-reset", name="identity:reset_second_step")
def reset_second_step(
    request: Request, account_id: str, actor: ProvenManager, form: Form, session: WriteSession, now: Now
) -> Response:
    """Take a lost phone out of force: the next sign-in sets up another one."""
    account = accounts.managed(session, actor, account_id, version=forms.version(form))
    second_step.reset(session, actor.doer, account, now=now)
    flash = Flash(gettext("手机验证码已清除，这个人下次登录时会重新设置。"))
    return see_other(request, "identity:person", account_id=account_id, flash=flash)


@router.post("/people/{account_id}/sessions/{session_id}/revocation", name="identity:revoke_of_person")
def revoke_of_person(
    request: Request, account_id: str, session_id: str, actor: ProvenManager, session: WriteSession, now: Now
) -> Response:
    """Sign somebody out of one device."""
    queries.account_of_office(session, actor.office_id, account_id)
    if session_id not in queries.session_ids(session, account_id):
        raise Missing
    service.end_session(session, actor.doer, session_id, now=now)
    flash = Flash(gettext("那台设备已经退出登录。"))
    return see_other(request, "identity:person", account_id=account_id, flash=flash)


@router.post("/people/{account_id}/deactivation", name="identity:deactivate")
def deactivate(
    request: Request, account_id: str, actor: ProvenManager, form: Form, session: WriteSession, now: Now
) -> Response:
    """Shut an account."""
    accounts.deactivate(session, actor, account_id, version=forms.version(form), now=now)
    flash = Flash(gettext("账号已停用，所有设备都已退出登录。"))
    return see_other(request, "identity:person", account_id=account_id, flash=flash)


@router.post("/people/{account_id}/activation", name="identity:reactivate")
def reactivate(
    request: Request, account_id: str, actor: ProvenManager, form: Form, session: WriteSession, now: Now
) -> Response:
    """Open a shut account again."""
    accounts.reactivate(session, actor, account_id, version=forms.version(form), now=now)
    flash = Flash(gettext("账号已恢复。忘了密码的话，请再重置一次。"))
    return see_other(request, "identity:person", account_id=account_id, flash=flash)


@router.get("/people/{account_id}/slip", name="identity:slip")
def slip(request: Request, account_id: str, actor: Manager, house: Shared, session: ReadSession) -> Response:
    """Show a one-time password once: with the answer, the browser forgets it."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    password = _SLIP.carried(request, house, row=account_id, field=actor.session_id, now=clock.now())
    context = SlipPage(
        name=account.name,
        login=account.login,
        org=queries.org_unit(session, account.org_unit_id).name,
        password=password,
        account_id=account_id,
        holds_until=(account.password_set_at or account.created_at) + service.SLIP_HOLDS,
    )
    response = page(request, "identity/slip.html", context)
    _SLIP.forget(response, request)
    return response


# -- how they look ----------------------------------------------------------------------------------------------
_ROLE_HINTS: Final = {
    Role.SYSADMIN: N_("管理参考数据和协作单位，看不到线索"),
    Role.SECADMIN: N_("管理账号和权限，看不到线索"),
    Role.AUDITOR: N_("查看日志、校验日志链，看不到线索"),
}
_CIRCLE_HINTS: Final = {
    CompartmentKind.OPEN: N_("本院人员都应在内"),
    CompartmentKind.MILITARY: N_("逐人勾选；不在内的人不知道有这些线索"),
    CompartmentKind.MINORS: N_("逐人勾选；不在内的人不知道有这些线索"),
}


def _rows(session: queries.AnySession, found: Sequence[Account]) -> list[PersonRow]:
    roles = queries.roles_by_account(session, [account.id for account in found])
    orgs = queries.org_names_of(session, [account.org_unit_id for account in found])
    return [
        PersonRow(
            account.id, account.name, account.login, orgs[account.org_unit_id],
            labels.role_labels(roles[account.id]), account.must_change_password,
        )
        for account in found
    ]  # fmt: skip


def _sessions(request: Request, session: queries.AnySession, account: Account) -> list[SessionRow]:
    idle = timedelta(minutes=request.app.state.house.settings.session_idle_minutes)
    found = queries.live_sessions(session, account.id, now=clock.now(), idle=idle)
    return [SessionRow(row.id, row.device, row.created_at, row.last_seen_at) for row in found]


def _standing(wish: forms.Person) -> accounts.Standing:
    return accounts.Standing(wish.name, wish.org_unit_id, wish.roles, wish.circles, wish.expertise)


def _as_wish(session: queries.AnySession, account: Account) -> forms.Person:
    joined = queries.compartments_of(session, account.id)
    return forms.Person(
        login=account.login,
        name=account.name,
        org_unit_id=account.org_unit_id,
        roles=queries.roles_by_account(session, [account.id])[account.id],
        circles=frozenset(
            CompartmentKind(circle.kind)
            for circle in queries.circles(session, account.office_id)
            if circle.id in joined
        ),
        expertise=account.expertise,
        version=account.version,
    )


def _role_options(roles: frozenset[Role]) -> list[Option]:
    return [
        Option(role.value, gettext(label), gettext(_ROLE_HINTS[role]) if role in _ROLE_HINTS else "")
        for role, label in labels.ROLES.items()
        if role in roles
    ]


def _person_page(
    request: Request,
    session: queries.AnySession,
    actor: Actor,
    wish: forms.Person,
    *,
    account: Account | None = None,
    status: int = 200,
) -> Response:
    circles = [
        Option(kind.value, gettext(labels.COMPARTMENTS[kind]), gettext(hint))
        for kind, hint in _CIRCLE_HINTS.items()
    ]
    context = PersonPage(
        wish=wish,
        account_id=account.id if account else "",
        is_active=account.is_active if account else True,
        is_self=account is not None and policy.may_manage(actor.account_id, account.id) is not None,
        units=[
            Option(
                unit.id,
                gettext(
                    "%(name)s（%(kind)s）", name=unit.name, kind=gettext(labels.ORG_KINDS[OrgKind(unit.kind)])
                ),
            )
            for unit in queries.units(session, actor.office_id)
        ],
        office_roles=_role_options(OFFICE_ROLES),
        outside_roles=_role_options(policy.OUTSIDE_ROLES),
        admin_roles=_role_options(ADMIN_ROLES),
        circles=circles if account else circles[1:],
        sessions=_sessions(request, session, account) if account else [],
        has_tokens=Role.AGENCY_CONTACT.value in wish.roles,
        has_second_step=account is not None and account.sealed_totp is not None,
        created_at=account.created_at if account else None,
    )
    return page(request, "identity/person.html", context, status=status)


# -- the slip ---------------------------------------------------------------------------------------------------
def _to_slip(
    request: Request, house: House, actor: Actor, account_id: str, password: str, text: str
) -> Response:
    """Lead to the slip; the password travels sealed, for this administrator and this account, for five minutes."""
    response = see_other(request, "identity:slip", account_id=account_id, flash=Flash(text))
    return _SLIP.carry(
        response, request, house, row=account_id, field=actor.session_id, text=password, now=clock.now()
    )
