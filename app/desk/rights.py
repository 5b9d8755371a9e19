"""Personal-information requests for staff: registered at the counter, decided by a head, fetched once and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.desk import counter
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires, proven
from app.identity.permissions import Verb
from app.intake import queries
from app.intake import service as intake_service
from app.intake.queries import rights
from app.intake.rights import service
from app.intake.rights.copies import copy_of
from app.intake.rights.pages import read_wish, state_of
from app.intake.rights.terms import KNOWN, RIGHTS, Known, Right
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Fault, Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, Shared
from app.platform.web.given import ReadSession as GivenReadSession
from app.platform.web.given import WriteSession as GivenWriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Registrar = Annotated[Actor, Depends(Requires(Verb.RIGHTS_REGISTER))]
ProvenRegistrar = Annotated[Actor, Depends(proven(Verb.RIGHTS_REGISTER))]
ProvenDecider = Annotated[Actor, Depends(proven(Verb.RIGHTS_DECIDE))]
_SHORTEST: Final = 4
_LONGEST: Final = 500
_AT_COUNTER: Final = (Known.BY_PAPERS, Known.BY_PHONE, Known.OTHERWISE)
_FOR_COPY: Final = N_("反映人本人要求查阅、复制")


@dataclass(frozen=True, slots=True)
class Row:
    """A request in a list."""

    href: str
    what: str
    title: str
    number: str
    asked_at: datetime
    due_on: date
    is_late: bool
    state: str
    tone: str


@dataclass(frozen=True)
class RightsPage:
    """What waits, and what was decided."""

    waiting: Sequence[Row]
    decided: Sequence[Row]


@dataclass(frozen=True)
class NewPage:
    """The form of the counter."""

    clue_id: str
    clue_href: str
    title: str
    choices: Sequence[dict[str, str]]
    known: Sequence[dict[str, str]]
    values: dict[str, str]
    errors: Sequence[Fault]
    errors_by_field: dict[str, str]


@dataclass(frozen=True)
class RequestPage:
    """One request: what, how the person was known, the decision."""

    id: str
    row: Row
    clue_href: str
    facts: Sequence[dict[str, str]]
    note: str
    reason: str
    decided_by: str
    may_decide: bool
    is_own: bool
    can_open: bool
    typed: str
    errors: Sequence[Fault]


def waiting(session: ReadSession, actor: Actor) -> int:
    """Return what the menu counts: requests that wait for this person's decision."""
    return rights.waiting(session, actor)


@router.get("/rights", name="desk:rights")
def index(request: Request, actor: Registrar, session: GivenReadSession, now: Now) -> Response:
    """Show the requests about clues this person sees."""
    context = RightsPage(
        [_row(request, *found, now=now) for found in rights.listed(session, actor, is_open=True)],
        [_row(request, *found, now=now) for found in rights.listed(session, actor, is_open=False)],
    )
    return page(request, "desk/rights.html", context)


@router.get("/clues/{clue_id}/rights/new", name="desk:new_right")
def new(request: Request, clue_id: str, actor: Registrar, session: GivenReadSession) -> Response:
    """Show the form for somebody who stands at the counter."""
    clue = clue_queries.get(session, actor, clue_id)
    return page(request, "desk/right_new.html", _new(request, clue))


@router.post("/clues/{clue_id}/rights", name="desk:register_right")
def register(
    request: Request,
    clue_id: str,
    actor: ProvenRegistrar,
    form: Form,
    session: GivenWriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Register what somebody at the counter asks; another person decides."""
    clue, note, known = (
        clue_queries.get(session, actor, clue_id),
        form.get("note").strip(),
        form.get("known_by"),
    )
    wish, errors = read_wish(
        form, known=Known(known) if known in set(_AT_COUNTER) else Known.OTHERWISE, note=note
    )
    if known not in set(_AT_COUNTER):
        errors = [*errors, Fault("known_by", _("请选怎么核对的身份。"))]
    if not _SHORTEST <= len(note) <= _LONGEST:
        errors = [*errors, Fault("note", _("请写明怎么核对、谁在场，至少四个字。"))]
    reports = queries.of_clue(session, clue.id)
    if not reports:
        raise Missing
    if errors or wish is None:
        return page(request, "desk/right_new.html", _new(request, clue, form=form, errors=errors), status=422)
    request_id = service.ask(session, house, reports[0], wish, actor=actor, now=now)
    told = Flash(_("已登记，请另一位负责人决定。"))
    return see_other(request, "desk:right", request_id=request_id, flash=told)


@router.get("/rights/{request_id}", name="desk:right")
def show(
    request: Request, request_id: str, actor: Registrar, session: GivenReadSession, now: Now
) -> Response:
    """Show one request."""
    return page(request, "desk/right.html", _request(request, session, actor, request_id, now))


@router.post("/rights/{request_id}/decision", name="desk:decide_right")
def decide(
    request: Request,
    request_id: str,
    actor: ProvenDecider,
    form: Form,
    session: GivenWriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Grant or refuse, with a reason the person will read."""
    reason, is_granted = form.get("reason").strip(), form.get("decision") == "grant"
    rights.get(session, actor, request_id)
    if not _SHORTEST <= len(reason) <= _LONGEST or form.get("decision") not in {"grant", "refuse"}:
        wrong = [Fault("reason", _("请写明理由，至少四个字，反映人会看到。"))]
        shown = _request(request, session, actor, request_id, now, typed=reason, errors=wrong)
        return page(request, "desk/right.html", shown, status=422)
    service.decide(session, house, actor, request_id, is_granted=is_granted, reason=reason, now=now)
    told = Flash(_("已同意。") if is_granted else _("没有同意，理由已经写给反映人。"))
    return see_other(request, "desk:right", request_id=request_id, flash=told)


@router.post("/rights/{request_id}/opening", name="desk:fetch_right")
def fetch(
    request: Request,
    request_id: str,
    actor: ProvenRegistrar,
    session: GivenWriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Print what was granted, once: the copy, or the code on a new receipt."""
    asked, clue = rights.get(session, actor, request_id)
    right = service.fetch(session, asked, actor.doer, clue, now=now)
    if right is Right.CODE:
        shown = counter.receipt_of(request, session, house, actor, asked.report_id)
        return page(request, "desk/counter_receipt.html", shown)
    contact: list[tuple[str, str]] = []
    if actor.may(Verb.CONTACT_REVEAL) and queries.has_contact(session, asked.report_id):
        reason = _(_FOR_COPY)
        found = intake_service.reveal_contact(
            session, house.keys, actor, asked.report_id, reason=reason, now=now
        )
        said = ((_("称呼"), found.name), (_("电话"), found.phone), (_("说明"), found.words))
        contact = [(label, text) for label, text in said if text]
    back = request.app.state.urls("desk:right", request_id=request_id)
    shown_copy = copy_of(session, clue, contact=contact, back_href=back, now=now)
    return page(request, "intake/rights_copy.html", shown_copy)


def _row(request: Request, one: Any, clue: Clue, *, now: datetime) -> Row:
    state, tone = state_of(one)
    return Row(
        href=request.app.state.urls("desk:right", request_id=one.id),
        what=_(RIGHTS[Right(one.kind)]),
        title=clue.title,
        number=clue.number or "",
        asked_at=one.asked_at,
        due_on=one.due_on,
        is_late=one.decided_at is None and one.due_on < clock.office_date(now),
        state=state,
        tone=tone,
    )


def _new(
    request: Request, clue: Clue, *, form: LandedForm | None = None, errors: Sequence[Fault] = ()
) -> NewPage:
    names = (
        "right",
        "known_by",
        "note",
        "told_phone",
        "contact_name",
        "contact_phone",
        "contact_words",
        "contact_consent",
    )
    return NewPage(
        clue_id=clue.id,
        clue_href=request.app.state.urls("desk:clue", clue_id=clue.id),
        title=clue.title,
        choices=[{"value": right.value, "label": _(text)} for right, text in RIGHTS.items()],
        known=[{"value": known.value, "label": _(KNOWN[known])} for known in _AT_COUNTER],
        values={name: form.get(name) if form else "" for name in names},
        errors=errors,
        errors_by_field={error.field: error.text for error in errors},
    )


def _request(
    request: Request,
    session: ReadSession | WriteSession,
    actor: Actor,
    request_id: str,
    now: datetime,
    *,
    typed: str = "",
    errors: Sequence[Fault] = (),
) -> RequestPage:
    one, clue = rights.get(session, actor, request_id)
    people = [who for who in (one.asked_by, one.decided_by) if who]
    names = identity_queries.names_of(session, people)
    facts = [
        {"label": _("身份核对"), "value": _(KNOWN[Known(one.known_by)])},
        {"label": _("谁登记的"), "value": names.get(one.asked_by or "", _("反映人自己"))},
    ]
    if one.phone_matches is not None:
        says = _("和留存的一致") if one.phone_matches else _("和留存的不一致")
        facts.append({"label": _("说出的电话"), "value": says})
    is_open, is_own = one.decided_at is None, one.asked_by == actor.account_id
    return RequestPage(
        id=one.id,
        row=_row(request, one, clue, now=now),
        clue_href=request.app.state.urls("desk:clue", clue_id=clue.id),
        facts=facts,
        note=queries.reasons(session, [one.asked_journal_id]).get(one.asked_journal_id, ""),
        reason=service.reasons(session, [one])[one.id],
        decided_by=names.get(one.decided_by or "", ""),
        may_decide=is_open and actor.may(Verb.RIGHTS_DECIDE) and not is_own,
        is_own=is_open and is_own,
        can_open=one.known_by != Known.BY_CODE and service.is_open(one, now=now),
        typed=typed,
        errors=errors,
    )
