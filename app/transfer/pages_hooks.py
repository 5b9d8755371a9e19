"""The security administrator's screen of one contact's hook: where it goes, what it hears, every attempt, sending again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from app.identity import queries as people
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.permissions import Verb
from app.identity.tokens import queries as token_queries
from app.platform import clock, telling
from app.platform.errors import Fault
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, House, Now, ReadSession, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other
from app.platform.web.shown_once import ShownOnce
from app.transfer.hooks import queries, rules, service
from app.transfer.hooks.models import Hook, HookAttempt, HookEvent
from app.transfer.hooks.terms import KINDS, NEEDS, OUTCOMES, Kind, Outcome

router = APIRouter(prefix="/people/{account_id}/hook")
Manager = Annotated[Actor, Depends(Requires(Verb.ACCOUNT_MANAGE))]
ProvenManager = Annotated[Actor, Depends(proven(Verb.ACCOUNT_MANAGE))]
_FRESH: Final = ShownOnce("yixian_new_hook", "new_hook", timedelta(minutes=5))
AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt in the ledger."""

    at: datetime
    words: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in the ledger."""

    id: str
    kind: str
    made_at: datetime
    label: str
    tone: str
    next_at: datetime | None
    may_send: bool
    tried: Sequence[Tried]


@dataclass(frozen=True)
class HookPage:
    """Everything transfer/hook.html shows."""

    account_id: str
    person: str
    organisation: str
    is_on: bool
    hosts: str
    fresh: str
    has_hook: bool
    label: str
    tone: str
    rests_until: datetime | None
    old_until: datetime | None
    waiting: int
    silent: Sequence[str]
    rows: Sequence[EventRow]
    kinds: Sequence[dict[str, str]]
    url: str
    chosen: Sequence[str]
    errors: Sequence[Fault] = field(default=())

    def error(self, name: str) -> str:
        """Return what is wrong with a field."""
        return next((fault.text for fault in self.errors if fault.field == name), "")


@router.get("", name="partner:hook")
def show_hook(
    request: Request, account_id: str, actor: Manager, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show a contact's hook; a new secret once, with the answer the browser forgets it."""
    fresh = _FRESH.carried(request, house, row=account_id, field=actor.session_id, now=now)
    response = _page(request, house, session, actor, account_id, now=now, fresh=fresh)
    _FRESH.forget(response, request)
    return response


@router.post("", name="partner:set_hook")
def set_hook(
    request: Request,
    account_id: str,
    actor: ProvenManager,
    house: Shared,
    form: Form,
    session: WriteSession,
    now: Now,
) -> Response:
    """Open it, or change where it goes and what it hears."""
    account = people.account_of_office(session, actor.office_id, account_id)
    url, chosen = form.get("url").strip(), set(form.all("kinds"))
    kinds = [kind for kind in NEEDS if kind.value in chosen]
    hosts = telling.hosts(house.settings.hook_hosts)
    faults = []
    if not rules.is_address(url, hosts, is_production=house.settings.is_production):
        faults.append(Fault("url", _("请填 https 开头的网址，主机要在允许的名单里。")))
    if not kinds:
        faults.append(Fault("kinds", _("请至少选一项。")))
    if faults:
        return _page(
            request, house, session, actor, account_id, now=now, form=form, errors=faults, status=422
        )
    secret = service.set_up(session, house.keys, actor, account, url=url, kinds=kinds, now=now)
    return _back(request, house, actor, account_id, secret, _("变动通知已经存下。"))


@router.post("/secret", name="partner:renew_hook")
def renew_hook(
    request: Request, account_id: str, actor: ProvenManager, house: Shared, session: WriteSession, now: Now
) -> Response:
    """Make another secret; for a day both sign."""
    account = people.account_of_office(session, actor.office_id, account_id)
    secret = service.renew(session, house.keys, actor, account, now=now)
    return _back(request, house, actor, account_id, secret, "")


@router.post("/end", name="partner:end_hook")
def end_hook(
    request: Request, account_id: str, actor: ProvenManager, session: WriteSession, now: Now
) -> Response:
    """End it at once."""
    account = people.account_of_office(session, actor.office_id, account_id)
    service.end(session, actor, account, now=now)
    return see_other(request, "partner:hook", account_id=account_id, flash=Flash(_("变动通知已经停用。")))


@router.post("/trial", name="partner:try_hook")
def try_hook(
    request: Request, account_id: str, actor: ProvenManager, session: WriteSession, now: Now
) -> Response:
    """Send one message that is about nothing."""
    account = people.account_of_office(session, actor.office_id, account_id)
    service.try_out(session, actor, account, now=now)
    return _sent(request, account_id)


@router.post("/events/{event_id}/again", name="partner:resend_hook")
def resend_hook(
    request: Request, account_id: str, event_id: str, actor: ProvenManager, session: WriteSession, now: Now
) -> Response:
    """Try one event again now, under its own id."""
    account = people.account_of_office(session, actor.office_id, account_id)
    service.send_again(session, actor, account, event_id, now=now)
    return _sent(request, account_id)


def _sent(request: Request, account_id: str) -> Response:
    flash = Flash(_("已经交给系统去发，过几秒刷新这一页看结果。"))
    return see_other(request, "partner:hook", account_id=account_id, flash=flash)


def _back(request: Request, house: House, actor: Actor, account_id: str, secret: str, words: str) -> Response:
    """Lead to the page; a new secret travels sealed, for this administrator and this account, for five minutes."""
    if not secret:
        return see_other(request, "partner:hook", account_id=account_id, flash=Flash(words))
    response = see_other(request, "partner:hook", account_id=account_id)
    return _FRESH.carry(
        response, request, house, row=account_id, field=actor.session_id, text=secret, now=clock.now()
    )


def _page(
    request: Request,
    house: House,
    session: AnySession,
    actor: Actor,
    account_id: str,
    *,
    now: datetime,
    fresh: str = "",
    form: LandedForm | None = None,
    errors: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    account = people.account_of_office(session, actor.office_id, account_id)
    found = queries.of_account(session, account_id)
    label, tone = _standing(found)
    scopes = token_queries.scopes_in_force(session, account_id, account.org_unit_id, now=now)
    wanted = found.kinds if found else [kind.value for kind in NEEDS]
    context = HookPage(
        account_id=account_id,
        person=account.name,
        organisation=people.org_unit(session, account.org_unit_id).name,
        is_on=bool(house.settings.hook_hosts),
        hosts="、".join(_host(one) for one in sorted(telling.hosts(house.settings.hook_hosts))),
        fresh=fresh,
        has_hook=found is not None,
        label=label,
        tone=tone,
        rests_until=found.rests_until if found and found.rests_until and found.rests_until > now else None,
        old_until=found.old_until if found and found.old_until and found.old_until > now else None,
        waiting=queries.waiting_count(session, found.id) if found else 0,
        silent=[_(KINDS[kind]) for kind in NEEDS if kind.value in wanted and NEEDS[kind] not in scopes]
        if found
        else [],
        rows=_rows(session, found) if found else [],
        kinds=[{"value": kind.value, "label": _(KINDS[kind])} for kind in NEEDS],
        url=form.get("url") if form else found.url if found else "",
        chosen=form.all("kinds") if form else wanted,
        errors=errors,
    )
    return page(request, "transfer/hook.html", {"page": context}, status=status)


def _host(found: tuple[str, int]) -> str:
    host, port = found
    return host if port == 443 else f"{host}:{port}"  # noqa: PLR2004 - https


def _standing(found: Hook | None) -> tuple[str, str]:
    if found is None:
        return _("还没有设"), "plain"
    if found.failures:
        return _("对方连不上"), "stop"
    return _("在用"), "done"


def _rows(session: AnySession, hook: Hook) -> list[EventRow]:
    events = queries.ledger(session, hook.id)
    attempts = queries.attempts(session, [one.id for one in events])
    return [_row(one, attempts.get(one.id, [])) for one in events]


def _row(one: HookEvent, attempts: Sequence[HookAttempt]) -> EventRow:
    if one.delivered_at is not None:
        label, tone = _("已送达"), "done"
    elif one.parked_at is not None:
        label, tone = _("放弃了，等人处理"), "stop"
    else:
        label, tone = _("等着发"), "time"
    is_open = one.delivered_at is None
    return EventRow(
        id=one.id, kind=_(KINDS[Kind(one.kind)]), made_at=one.made_at, label=label, tone=tone,
        next_at=one.next_at if is_open and one.parked_at is None and one.attempts else None, may_send=is_open,
        tried=[
            Tried(each.attempted_at, _words(each), each.took_ms) for each in attempts
        ],
    )  # fmt: skip


def _words(attempt: HookAttempt) -> str:
    words = _(OUTCOMES[Outcome(attempt.outcome)])
    return (
        words if attempt.status is None else _("%(words)s（%(status)s）", words=words, status=attempt.status)
    )
