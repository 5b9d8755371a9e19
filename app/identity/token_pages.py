"""The security administrator's screen of one contact's tokens: issue, rotate, revoke; a new one is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import queries
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.models import ApiToken
from app.identity.permissions import Verb
from app.identity.tokens import queries as token_queries
from app.identity.tokens import service
from app.identity.tokens.terms import DAYS, SCOPES, Scope, Wish
from app.platform import clock
from app.platform.errors import Fault
from app.platform.i18n import gettext, listed
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.platform.web.shown_once import ShownOnce

router = APIRouter()
Manager = Annotated[Actor, Depends(Requires(Verb.ACCOUNT_MANAGE))]
ProvenManager = Annotated[Actor, Depends(proven(Verb.ACCOUNT_MANAGE))]
_FRESH: Final = ShownOnce("yixian_new_token", "new_token", timedelta(minutes=5))
_NAME: Final = 60


@dataclass(frozen=True)
class TokenRow:
    """One token in the list; never the token."""

    id: str
    name: str
    shown: str
    scopes: str
    issued_at: datetime
    expires_on: date
    used_at: datetime | None
    ends_at: datetime | None
    is_over: bool


@dataclass(frozen=True)
class TokensPage:
    """Everything identity/tokens.html shows."""

    account_id: str
    person: str
    organisation: str
    fresh: str
    rows: Sequence[TokenRow]
    scopes: Sequence[dict[str, str]]
    name: str
    chosen: Sequence[str]
    expires_on: str
    today: str
    errors: Sequence[Fault]

    def error(self, name: str) -> str:
        """Return what is wrong with a field."""
        return next((fault.text for fault in self.errors if fault.field == name), "")


@router.get("/people/{account_id}/tokens", name="identity:tokens")
def show_tokens(
    request: Request, account_id: str, actor: Manager, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show a contact's tokens; a new one once, with the answer the browser forgets it."""
    fresh = _FRESH.carried(request, house, row=account_id, field=actor.session_id, now=now)
    response = _page(request, session, actor, account_id, now=now, fresh=fresh)
    _FRESH.forget(response, request)
    return response


@router.post("/people/{account_id}/tokens", name="identity:issue_token")
def issue_token(
    request: Request,
    account_id: str,
    actor: ProvenManager,
    house: Shared,
    form: Form,
    session: WriteSession,
    now: Now,
) -> Response:
    """Issue a token for a contact."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    wish, faults = _wish(form, clock.office_date(now))
    if faults:
        return _page(request, session, actor, account_id, now=now, form=form, errors=faults, status=422)
    return _to_list(request, house, actor, account_id, service.issue(session, actor, account, wish, now=now))


@router.post("/people/{account_id}/tokens/{token_id}/rotation", name="identity:rotate_token")
def rotate_token(
    request: Request,
    account_id: str,
    token_id: str,
    actor: ProvenManager,
    house: Shared,
    session: WriteSession,
    now: Now,
) -> Response:
    """Issue another in its place; the old one works for a day more."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    token = service.rotate(session, actor, account, token_id, now=now)
    return _to_list(request, house, actor, account_id, token)


@router.post("/people/{account_id}/tokens/{token_id}/revocation", name="identity:revoke_token")
def revoke_token(
    request: Request, account_id: str, token_id: str, actor: ProvenManager, session: WriteSession, now: Now
) -> Response:
    """End a token at once."""
    account = queries.account_of_office(session, actor.office_id, account_id)
    service.revoke(session, actor, account, token_id, now=now)
    return see_other(
        request, "identity:tokens", account_id=account_id, flash=Flash(gettext("接口口令已停用。"))
    )


def _wish(form: LandedForm, today: date) -> tuple[Wish, list[Fault]]:
    name, scopes = form.get("name").strip(), {one for one in form.all("scopes") if one in set(Scope)}
    try:
        expires_on = date.fromisoformat(form.get("expires_on").strip())
    except ValueError:
        expires_on = today - timedelta(days=1)
    wrong = (
        ("name", not name or len(name) > _NAME, gettext("请写用在哪个系统，最多 60 个字。")),
        ("scopes", not scopes, gettext("请至少选一项。")),
        (
            "expires_on", not today < expires_on <= today + timedelta(days=2 * DAYS),
            gettext("请填今天以后、两年以内的日期。"),
        ),
    )  # fmt: skip
    faults = [Fault(field, text) for field, is_wrong, text in wrong if is_wrong]
    return Wish(name, frozenset(Scope(one) for one in scopes), expires_on), faults


def _page(
    request: Request,
    session: ReadSession | WriteSession,
    actor: Actor,
    account_id: str,
    *,
    now: datetime,
    fresh: str = "",
    form: LandedForm | None = None,
    errors: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    account, today = queries.account_of_office(session, actor.office_id, account_id), clock.office_date(now)
    context = TokensPage(
        account_id=account_id,
        person=account.name,
        organisation=queries.org_unit(session, account.org_unit_id).name,
        fresh=fresh,
        rows=[_row(row, now) for row in token_queries.of_account(session, account_id)],
        scopes=[{"value": scope.value, "label": gettext(text)} for scope, text in SCOPES.items()],
        name=form.get("name") if form else "",
        chosen=form.all("scopes") if form else [Scope.FORWARD.value, Scope.READ.value],
        expires_on=form.get("expires_on") if form else (today + timedelta(days=DAYS)).isoformat(),
        today=today.isoformat(),
        errors=errors,
    )
    return page(request, "identity/tokens.html", {"page": context}, status=status)


def _row(row: ApiToken, now: datetime) -> TokenRow:
    is_over = row.expires_on < clock.office_date(now) or (row.ends_at is not None and row.ends_at <= now)
    scopes = listed(gettext(SCOPES[Scope(one)]) for one in row.scopes)
    return TokenRow(
        row.id, row.name, row.shown, scopes, row.issued_at, row.expires_on, row.used_at, row.ends_at, is_over
    )


def _to_list(request: Request, house: House, actor: Actor, account_id: str, token: str) -> Response:
    """Lead to the list; the token travels sealed, for this administrator and this account, for five minutes."""
    response = see_other(request, "identity:tokens", account_id=account_id)
    return _FRESH.carry(
        response, request, house, row=account_id, field=actor.session_id, text=token, now=clock.now()
    )
