"""Who looked at a reporter's contact, and who may: requests, leave given by a second person, what the heads are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues.models import Clue
from app.desk.calls import call_options
from app.desk.clue_terms import Labelled
from app.desk.clue_view import ContactPage
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.permissions import Verb
from app.intake import queries, reveals
from app.intake import service as intake_service
from app.intake.queries import looks as look_queries
from app.platform import clock
from app.platform.db import ReadSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.given import House, Now, Shared, WriteSession
from app.platform.web.given import ReadSession as GivenReadSession
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Looker = Annotated[Actor, Depends(Requires(Verb.CONTACT_REVEAL))]
ProvenLooker = Annotated[Actor, Depends(proven(Verb.CONTACT_REVEAL))]
Head = Annotated[Actor, Depends(Requires(Verb.CONTACT_APPROVE))]
ProvenHead = Annotated[Actor, Depends(proven(Verb.CONTACT_APPROVE))]
_OWN_SINCE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look in a list."""

    id: str
    title: str
    clue_href: str
    who: str
    reason: str
    at: datetime
    until: datetime | None
    state: str
    tone: str
    can_open: bool


@dataclass(frozen=True, slots=True)
class LooksPage:
    """What waits for this person's leave, what they must know of, and what they asked for themselves."""

    to_decide: Sequence[LookRow]
    to_notice: Sequence[LookRow]
    own: Sequence[LookRow]
    is_head: bool
    needs_two: bool


def waiting(session: ReadSession, actor: Actor) -> int:
    """Return what the menu counts: looks that wait for a head."""
    return look_queries.waiting(session, actor, clock.now()) if actor.may(Verb.CONTACT_APPROVE) else 0


@router.get("/looks", name="desk:looks")
def looks(request: Request, actor: Looker, house: Shared, session: GivenReadSession, now: Now) -> Response:
    """Show the looks that concern this person."""
    is_head = actor.may(Verb.CONTACT_APPROVE)
    to_decide = look_queries.listed(session, actor, look_queries.to_decide(actor, now)) if is_head else []
    to_notice = look_queries.listed(session, actor, look_queries.to_notice(actor)) if is_head else []
    own = look_queries.listed(session, actor, look_queries.own_since(actor, now - _OWN_SINCE))
    found = [look for look, _clue in (*to_decide, *to_notice, *own)]
    names = identity_queries.names_of(session, [look.asked_by for look in found])
    reasons = queries.reasons(session, [look.journal_id for look in found])

    def rows(pairs: Sequence[tuple[Any, Clue]]) -> list[LookRow]:
        return [_row(request, look, clue, names, reasons, now) for look, clue in pairs]

    context = LooksPage(rows(to_decide), rows(to_notice), rows(own), is_head, house.settings.reveal_needs_two)
    return page(request, "desk/looks.html", context)


@router.post("/looks/{look_id}/grant", name="desk:grant_look")
def grant(request: Request, look_id: str, actor: ProvenHead, session: WriteSession, now: Now) -> Response:
    """Agree to somebody's look."""
    reveals.decide(session, actor, look_id, is_granted=True, now=now)
    return see_other(request, "desk:looks", flash=Flash(_("已同意，24 小时内可以查看一次。")))


@router.post("/looks/{look_id}/denial", name="desk:deny_look")
def deny(request: Request, look_id: str, actor: Head, session: WriteSession, now: Now) -> Response:
    """Refuse somebody's look."""
    reveals.decide(session, actor, look_id, is_granted=False, now=now)
    return see_other(request, "desk:looks", flash=Flash(_("没有同意。")))


@router.post("/looks/{look_id}/opening", name="desk:open_look")
def open_look(
    request: Request, look_id: str, actor: ProvenLooker, house: Shared, session: WriteSession, now: Now
) -> Response:
    """Open the contact a second person has agreed to show; once."""
    clue, reason = reveals.use(session, actor, look_id, now=now)
    return opened(request, house, session, actor, clue, reason, now=now, is_kept=False)


@router.post("/looks/{look_id}/notice", name="desk:notice_look")
def notice(request: Request, look_id: str, actor: Head, session: WriteSession, now: Now) -> Response:
    """Say that one knows of a look."""
    reveals.notice(session, actor, look_id, now=now)
    return see_other(request, "desk:looks", flash=Flash(_("已记下您知道了。")))


def opened(
    request: Request,
    house: House,
    session: WriteSession,
    actor: Actor,
    clue: Clue,
    reason: str,
    *,
    now: datetime,
    is_kept: bool = True,
) -> Response:
    """Show every contact of a clue once; it is never stored, so there is no page to return to."""
    rows: list[Labelled] = []
    journal_id, dials = "", []
    for report in queries.for_desk(session, clue.id):
        if not report.has_contact:
            continue
        found = intake_service.reveal_contact(session, house.keys, actor, report.id, reason=reason, now=now)
        journal_id = journal_id or found.journal_id
        dials += (
            ["".join(sign for sign in found.phone if sign.isdigit() or sign == "+")] if found.phone else []
        )
        rows += [
            Labelled(label, text)
            for label, text in ((_("称呼"), found.name), (_("电话"), found.phone), (_("说明"), found.words))
            if text
        ]
    if is_kept:
        reveals.note_look(session, actor, clue, journal_id, now=now)
    clue_href = request.app.state.urls("desk:clue", clue_id=clue.id)
    call_href = request.app.state.urls("triage:call", clue_id=clue.id)
    view = ContactPage(clue_href, rows, reason, dials, call_href, call_options())
    return page(request, "desk/contact.html", view)


_STATES: Final = {
    "waits": (N_("等负责人同意"), "time"),
    "granted": (N_("已同意"), "done"),
    "denied": (N_("没有同意"), "stop"),
    "used": (N_("已查看"), "plain"),
    "over": (N_("已过期"), "plain"),
}


def _state(look: Any, now: datetime) -> str:
    if look.used_at is not None:
        return "used"
    if look.is_granted is False:
        return "denied"
    if look.expires_at <= now:
        return "over"
    return "granted" if look.is_granted else "waits"


def _row(request: Request, look: Any, clue: Clue, names: Any, reasons: Any, now: datetime) -> LookRow:
    state = _state(look, now)
    label, tone = _STATES[state]
    return LookRow(
        id=look.id,
        title=clue.title,
        clue_href=request.app.state.urls("desk:clue", clue_id=clue.id),
        who=names.get(look.asked_by, ""),
        reason=reasons.get(look.journal_id, ""),
        at=look.used_at or look.asked_at,
        until=look.expires_at if state in {"waits", "granted"} else None,
        state=_(label),
        tone=tone,
        can_open=state == "granted",
    )
