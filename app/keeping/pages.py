"""What will be erased and when, told before it happens; holding a matter back; letting a stopped run go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import labels as clue_labels
from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.permissions import Verb
from app.keeping import queries, rules, service
from app.keeping.terms import Part, Standing
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Fault
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.platform.web.given import Form, Now, Shared
from app.platform.web.given import ReadSession as GivenReadSession
from app.platform.web.given import WriteSession as GivenWriteSession
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Keeper = Annotated[Actor, Depends(Requires(Verb.RETENTION_HOLD))]
Head = Annotated[Actor, Depends(Requires(Verb.RETENTION_RELEASE))]
ProvenHead = Annotated[Actor, Depends(proven(Verb.RETENTION_RELEASE))]
PARTS: Final = {Part.CONTACT: N_("反映人的联系方式"), Part.CONTENT: N_("反映的内容")}
_SHORTEST: Final = 4
_LONGEST: Final = 500
_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A matter in a list."""

    href: str
    title: str
    number: str
    state: str
    tone: str
    part: str
    day: date | None
    is_due: bool
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """What will go, what is held back, and what has stopped."""

    going: Sequence[Row]
    held: Sequence[Row]
    count: int
    stopped: int
    cap: int
    notice_days: int
    is_head: bool
    is_set: bool
    reason: str
    errors: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of a matter: what it is, and what becomes of it."""

    name: str
    says: str
    day: date | None


@dataclass(frozen=True, slots=True)
class CluePage:
    """One matter: its parts, and the form that holds it or lets it go."""

    clue_id: str
    clue_href: str
    title: str
    parts: Sequence[PartView]
    is_held: bool
    is_gone: bool
    may_let_go: bool
    reason: str
    errors: Sequence[Fault]


def stopped(session: ReadSession, actor: Actor) -> int:
    """Return what the menu counts: parts whose day has come and that did not go, because a run stopped."""
    if not actor.may(Verb.RETENTION_RELEASE):
        return 0
    return sum(queries.waiting(session, actor, clock.office_date(clock.now())).values())


@router.get("/keeping", name="keeping:index")
def index(request: Request, actor: Keeper, session: GivenReadSession, house: Shared, now: Now) -> Response:
    """Show what will go, and what is held back."""
    return page(request, "keeping/index.html", _index(request, session, actor, house.settings, now))


@router.post("/keeping/release", name="keeping:release")
def release(
    request: Request, actor: ProvenHead, form: Form, session: GivenWriteSession, house: Shared, now: Now
) -> Response:
    """Let a stopped run go on, for as many as this person was shown."""
    reason, count = form.get("reason").strip(), form.get("count")
    wrong = _too_short("reason", reason)
    if wrong:
        context = _index(request, session, actor, house.settings, now, reason=reason, errors=wrong)
        return page(request, "keeping/index.html", context, status=422)
    shown = int(count) if count.isascii() and count.isdigit() and len(count) < _DIGITS else 0
    service.release(session, actor, count=shown, cap=house.settings.retention_cap, reason=reason, now=now)
    return see_other(request, "keeping:index", flash=Flash(_("已放行。下一次运行时清除。")))


@router.get("/keeping/clues/{clue_id}", name="keeping:clue")
def show(request: Request, clue_id: str, actor: Keeper, session: GivenReadSession, now: Now) -> Response:
    """Show how long one matter is kept."""
    clue = clue_queries.get(session, actor, clue_id)
    return page(request, "keeping/clue.html", _clue(request, session, actor, clue, now))


@router.post("/keeping/clues/{clue_id}/hold", name="keeping:hold")
def hold(
    request: Request, clue_id: str, actor: Keeper, form: Form, session: GivenWriteSession, now: Now
) -> Response:
    """Hold a matter back, whatever its term says."""
    clue, reason = clue_queries.get(session, actor, clue_id), form.get("reason").strip()
    if wrong := _too_short("reason", reason):
        context = _clue(request, session, actor, clue, now, reason=reason, errors=wrong)
        return page(request, "keeping/clue.html", context, status=422)
    service.hold(session, actor, clue, reason=reason, now=now)
    return see_other(request, "keeping:clue", clue_id=clue_id, flash=Flash(_("已保全，到期也不会清除。")))


@router.post("/keeping/clues/{clue_id}/end-hold", name="keeping:end_hold")
def end_hold(
    request: Request, clue_id: str, actor: ProvenHead, form: Form, session: GivenWriteSession, now: Now
) -> Response:
    """End a hold; the notice runs anew."""
    clue, reason = clue_queries.get(session, actor, clue_id), form.get("reason").strip()
    if wrong := _too_short("reason", reason):
        context = _clue(request, session, actor, clue, now, reason=reason, errors=wrong)
        return page(request, "keeping/clue.html", context, status=422)
    service.end_hold(session, actor, clue, reason=reason, now=now)
    return see_other(request, "keeping:clue", clue_id=clue_id, flash=Flash(_("已解除保全。")))


def _too_short(field: str, text: str) -> list[Fault]:
    if _SHORTEST <= len(text) <= _LONGEST:
        return []
    return [Fault(field, _("请写明理由，至少四个字。"))]


def _index(
    request: Request,
    session: ReadSession | WriteSession,
    actor: Actor,
    settings: Settings,
    now: datetime,
    *,
    reason: str = "",
    errors: Sequence[Fault] = (),
) -> IndexPage:
    today, cap = clock.office_date(now), settings.retention_cap
    waiting = queries.waiting(session, actor, today)
    return IndexPage(
        going=[
            _row(request, clue, _(PARTS[Part(notice.part)]), notice.due_on, today=today)
            for notice, clue in queries.listed(session, actor)
        ],
        held=[_row(request, clue, "", None, today=today) for clue in queries.held(session, actor)],
        count=queries.announced(session, actor),
        stopped=sum(count for count in waiting.values() if rules.is_runaway(count, cap)),
        cap=cap,
        notice_days=settings.retention_notice_days,
        is_head=actor.may(Verb.RETENTION_RELEASE),
        is_set=any(term.is_confirmed for term in queries.terms(session, today)),
        reason=reason,
        errors=errors,
    )


def _row(request: Request, clue: Clue, part: str, day: date | None, *, today: date) -> Row:
    state = ClueState(clue.state)
    return Row(
        href=request.app.state.urls("keeping:clue", clue_id=clue.id),
        title=clue.title,
        number=clue.number or "",
        state=_(clue_labels.STATES[state]),
        tone=clue_labels.TONES.get(state, "plain"),
        part=part,
        day=day,
        is_due=day is not None and day <= today,
        held_at=clue.held_at,
    )


def _clue(
    request: Request,
    session: ReadSession | WriteSession,
    actor: Actor,
    clue: Clue,
    now: datetime,
    *,
    reason: str = "",
    errors: Sequence[Fault] = (),
) -> CluePage:
    return CluePage(
        clue_id=clue.id,
        clue_href=request.app.state.urls("desk:clue", clue_id=clue.id),
        title=clue.title,
        parts=[
            _part(one, is_held=clue.held_at is not None) for one in service.standing(session, clue, now=now)
        ],
        is_held=clue.held_at is not None,
        is_gone=clue.erased_at is not None,
        may_let_go=actor.may(Verb.RETENTION_RELEASE),
        reason=reason,
        errors=errors,
    )


def _part(one: Standing, *, is_held: bool) -> PartView:
    name = _(PARTS[one.part])
    if one.is_gone:
        return PartView(name, _("已经清除。"), None)
    if is_held:
        return PartView(name, _("保全期间不清除。"), None)
    if one.goes_on is not None:
        return PartView(name, _("清除的日子："), one.goes_on)
    if one.ends_on is not None:
        return PartView(name, _("保管期限到："), one.ends_on)
    return PartView(name, _("一直保留：事情没有办完，或者还没有定期限。"), None)
