"""A reporter asks for what is theirs, with the code: a copy, a correction, erasure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.clues import queries as clue_queries
from app.identity.guards import Anyone
from app.intake import queries, rules
from app.intake.doors import Returned, Tracked
from app.intake.models import Report, RightsRequest
from app.intake.queries import rights
from app.intake.rights import service
from app.intake.rights.copies import copy_of
from app.intake.rights.terms import RIGHTS, WITH_CODE, Known, Right, Wish
from app.platform import journal
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Fault, Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, Shared
from app.platform.web.given import ReadSession as GivenReadSession
from app.platform.web.given import WriteSession as GivenWriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, page, see_other

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AskedView:
    """One request as the person sees it."""

    id: str
    what: str
    asked_at: datetime
    due_on: date
    state: str
    tone: str
    reason: str
    can_open: bool


@dataclass(frozen=True)
class RightsPage:
    """What may be asked, and what was asked before."""

    choices: Sequence[dict[str, str]]
    asked: Sequence[AskedView]
    values: dict[str, str]
    errors: Sequence[Fault]
    errors_by_field: dict[str, str]
    days: int


@router.get("/track/rights", name="intake:rights")
def show_rights(
    request: Request, _guard: Anyone, report_id: Tracked, session: GivenReadSession, house: Shared, now: Now
) -> Response:
    """Show what a person may ask of their own data."""
    first = queries.find(session, report_id) if report_id else None
    if first is None:
        return see_other(request, "intake:track")
    return page(request, "intake/rights.html", _page(session, first, house.settings.rights_days, now=now))


@router.post("/track/rights", name="intake:ask_right")
def ask_right(
    request: Request, _guard: Anyone, returned: Returned, session: GivenWriteSession, house: Shared, now: Now
) -> Response:
    """Register what a person with the code asks."""
    wish, errors = read_wish(returned.form, known=Known.BY_CODE)
    if wish is None or wish.right not in WITH_CODE:
        shown = _page(
            session, returned.first, house.settings.rights_days, now=now, form=returned.form, errors=errors
        )
        return page(request, "intake/rights.html", shown, status=422)
    service.ask(session, house, returned.first, wish, actor=None, now=now)
    return see_other(request, "intake:rights", flash=Flash(_("收到了您的申请。答复会写在这里。")))


@router.post("/track/rights/{request_id}/copy", name="intake:own_copy")
def own_copy(
    request: Request,
    _guard: Anyone,
    request_id: str,
    returned: Returned,
    session: GivenWriteSession,
    now: Now,
) -> Response:
    """Give the copy that was granted, once; the contact stays sealed, because a code alone must not tell who reported."""
    asked = rights.own(session, returned.first.id, request_id)
    if asked.kind != Right.COPY:
        raise Missing
    clue = clue_queries.by_id(session, asked.clue_id)
    service.fetch(session, asked, journal.REPORTER, clue, now=now)
    back = request.app.state.urls("intake:rights")
    return page(
        request, "intake/rights_copy.html", copy_of(session, clue, contact=[], back_href=back, now=now)
    )


def read_wish(form: LandedForm, *, known: Known, note: str = "") -> tuple[Wish | None, list[Fault]]:
    """Read what is asked; a correction needs something to put in the old one's place, and consent."""
    kind = form.get("right")
    if kind not in set(Right):
        return None, [Fault("right", _("请选一项。"))]
    right = Right(kind)
    wish = Wish(right, known, note=note, told_phone=form.get("told_phone"))
    if right is not Right.CORRECT:
        return wish, []
    name, phone, words = (form.get(f"contact_{part}").strip() for part in ("name", "phone", "words"))
    faults = rules.contact_faults(name, phone, words, has_consent=form.get("contact_consent") == "yes")
    errors = [Fault(fault.field, fault.text) for fault in faults]
    if not (name or phone or words):
        errors = [Fault("contact_name", _("请写新的称呼、电话或者说明，至少一项。"))]
    return (None, errors) if errors else (replace(wish, name=name, phone=phone, words=words), [])


def _page(
    session: ReadSession | WriteSession,
    first: Report,
    days: int,
    *,
    now: datetime,
    form: LandedForm | None = None,
    errors: Sequence[Fault] = (),
) -> RightsPage:
    asked = rights.of_report(session, first.id)
    reasons = service.reasons(session, asked)
    names = ("right", "contact_name", "contact_phone", "contact_words", "contact_consent")
    return RightsPage(
        choices=[{"value": right.value, "label": _(RIGHTS[right])} for right in WITH_CODE],
        asked=[_asked(one, reasons[one.id], now=now) for one in asked],
        values={name: form.get(name) if form else "" for name in names},
        errors=errors,
        errors_by_field={error.field: error.text for error in errors},
        days=days,
    )


def _asked(one: RightsRequest, reason: str, *, now: datetime) -> AskedView:
    label, tone = state_of(one)
    return AskedView(
        one.id, _(RIGHTS[Right(one.kind)]), one.asked_at, one.due_on, label, tone, reason,
        can_open=one.kind == Right.COPY and service.is_open(one, now=now),
    )  # fmt: skip


def state_of(one: RightsRequest) -> tuple[str, str]:
    """Return where a request stands, in words and tone."""
    if one.decided_at is None:
        return _("正在办理"), "time"
    if not one.is_granted:
        return _("没有同意"), "stop"
    return (_("已打开"), "plain") if one.opened_at else (_("已同意"), "done")
