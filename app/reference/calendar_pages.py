"""The calendar's screens: which days rest and which weekend days are worked, year by year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clocks.calendar import published_calendar
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import db
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, Now, ReadSession, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.reference import forms, queries, rules, service, views
from app.reference.inputs import Wrong
from app.reference.views import Link

router = APIRouter()
Editor = Annotated[Actor, Depends(Requires(Verb.REFERENCE_EDIT))]
_YEARS: Final = range(2018, 2100)


@router.get("/reference/calendar", name="reference:calendar")
def show_calendar(request: Request, _actor: Editor, session: ReadSession) -> Response:
    """Show the years of which holidays are known."""
    url = request.app.state.urls
    rows, next_year = views.calendar_rows(session, url)
    menu, crumbs = (
        views.menu(session, url, views.CALENDAR),
        views.crumbs(url, Link(_(views.CALENDAR_TITLE), None)),
    )
    shown = views.CalendarPage(menu, crumbs, rows, url("reference:year", year=next_year), next_year)
    return page(request, "reference/calendar.html", shown)


@router.get("/reference/calendar/{year}", name="reference:year")
def show_year(request: Request, _actor: Editor, session: ReadSession, year: int) -> Response:
    """Show one year's days."""
    known = _known_year(session, year)
    return page(request, "reference/year.html", _year_page(request, session, year, known, [], known.seen))


@router.post("/reference/calendar/{year}", name="reference:set_year")
def set_year(
    request: Request, actor: Editor, session: WriteSession, year: int, form: Form, now: Now
) -> Response:
    """Keep a year's holidays and make-up workdays."""
    known, typed = _known_year(session, year), forms.read_year(form, year)
    is_stale = form.get("seen") != known.seen
    if typed.errors or is_stale:
        shown = _year_page(
            request, session, year, replace(known, **typed.values), typed.errors, known.seen, is_stale
        )
        return page(request, "reference/year.html", shown, status=422 if typed.errors else 409)
    service.set_year(session, actor.doer, year, rests=typed.rests, worked=typed.worked, now=now)
    flash = Flash(_("%(year)s 年的节假日已经保存。", year=year))
    return see_other(request, "reference:calendar", flash=flash)


@dataclass(frozen=True)
class _KnownYear:
    rests: str
    worked: str
    seen: str


def _known_year(session: db.ReadSession | db.WriteSession, year: int) -> _KnownYear:
    if year not in _YEARS:
        raise Missing
    days = queries.calendar_days(session, year)
    rests = [
        str(day) for day, row in sorted(days.items()) if row.kind == "rest" and day.weekday() < forms.SATURDAY
    ]
    worked = [
        str(day)
        for day, row in sorted(days.items())
        if row.kind == "workday" and day.weekday() >= forms.SATURDAY
    ]
    return _KnownYear(
        "\n".join(rests),
        "\n".join(worked),
        rules.digest_of({str(day): row.kind for day, row in days.items()}),
    )


def _year_page(
    request: Request,
    session: db.ReadSession | db.WriteSession,
    year: int,
    known: _KnownYear,
    errors: list[Wrong],
    seen: str,
    is_stale: bool = False,  # noqa: FBT001, FBT002 - one page, two moods
) -> views.YearPage:
    url = request.app.state.urls
    crumbs = views.crumbs(
        url, Link(_(views.CALENDAR_TITLE), url("reference:calendar")), Link(_("%(year)s 年", year=year), None)
    )
    return views.YearPage(
        menu=views.menu(session, url, views.CALENDAR), crumbs=crumbs, year=year,
        action=url("reference:set_year", year=year), values={"rests": known.rests, "worked": known.worked},
        errors=errors, told={error.field: error.text for error in errors},
        is_published=year in published_calendar().published_years, seen=seen, is_stale=is_stale,
    )  # fmt: skip
