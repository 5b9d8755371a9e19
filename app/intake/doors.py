"""What is given to the handlers of this room: a landed form with its category, and whose code opened the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.intake import catalogue, queries
from app.intake.catalogue import FormFacts
from app.intake.models import Report
from app.intake.terms import Matter
from app.platform import clock
from app.platform.errors import Invalid
from app.platform.i18n import N_
from app.platform.web import landing
from app.platform.web.cookies import cookie_name, forget_cookie, set_cookie
from app.platform.web.given import House, Shared, house_of
from app.platform.web.landing import LandedForm, Limits
from app.reference import queries as reference

TRACK_COOKIE: Final = "yixian_track"
TRACK_FOR: Final = timedelta(minutes=30)


class TrackClosed(Invalid):
    """The half hour that a code opens is over; what was typed is handed back."""

    code = "track_closed"
    text = N_(
        "离上次输入查询码已经超过半小时，为了保密已经关上。请再输入一次查询码；您写的话在下面，可以先复制。"
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report's form as it came, and what its category asks."""

    facts: FormFacts
    form: LandedForm


@dataclass(frozen=True, slots=True)
class Return:
    """What somebody with a code says later: the first report, its category, the form."""

    first: Report
    matter: Matter
    form: LandedForm


@asynccontextmanager
async def _landed(
    request: Request, house: House, *, allows_photos: bool, back: str
) -> AsyncIterator[LandedForm]:
    """Land the body; where photos are forbidden no byte of one touches the disk (domain.md 1.6 b)."""
    settings = house.settings
    limits = Limits(
        file_bytes=settings.photo_max_bytes,
        file_count=2 * settings.photo_limit if allows_photos else 0,
        text_bytes=settings.text_max_bytes,
        free_floor_bytes=settings.disk_floor_bytes,
    )
    try:
        form = await landing.land(request, house.store, limits)
    except Invalid as refusal:
        refusal.details.setdefault("back", back)
        raise
    try:
        yield form
    finally:
        landing.discard(form, house.store)


async def _arrival(
    request: Request, category_key: str, house: Annotated[House, Depends(house_of)]
) -> AsyncIterator[Arrival]:
    def read() -> FormFacts:
        with house.database.read_session() as session:
            return catalogue.form_facts(session, category_key, now=clock.now())

    facts = await run_in_threadpool(read)
    allows_photos = facts.matter.allows_photos
    async with _landed(request, house, allows_photos=allows_photos, back=request.url.path) as form:
        yield Arrival(facts, form)


def tracked(request: Request, house: Shared) -> str | None:
    """Return the report whose code was given within the half hour, or None."""
    cookie = request.cookies.get(cookie_name(request, TRACK_COOKIE))
    facts = house.keys.read_stamp("track", cookie, now=clock.now()) if cookie else None
    return str(facts["report"]) if facts and "report" in facts else None


async def _return(
    request: Request,
    house: Annotated[House, Depends(house_of)],
    report_id: Annotated[str | None, Depends(tracked)],
) -> AsyncIterator[Return]:
    def read() -> tuple[Report, Matter] | None:
        with house.database.read_session() as session:
            first = queries.find(session, report_id) if report_id else None
            if first is None:
                return None
            category = reference.category(session, first.category_key, clock.office_date(first.received_at))
            return first, catalogue.matter_of(category)

    found = await run_in_threadpool(read)
    back = request.app.state.urls("intake:track")
    allows_photos = found is not None and found[1].allows_photos
    async with _landed(request, house, allows_photos=allows_photos, back=back) as form:
        if found is None:
            raise TrackClosed(kept=form.get("words"), back=back)
        yield Return(*found, form)


def open_track(response: Response, request: Request, house: House, report_id: str) -> None:
    """Set the half-hour cookie: it names the report, never the code."""
    stamp = house.keys.stamp("track", {"report": report_id}, expires_at=clock.now() + TRACK_FOR)
    name = cookie_name(request, TRACK_COOKIE)
    set_cookie(response, request, name, stamp, max_age=int(TRACK_FOR.total_seconds()))


def close_track(response: Response, request: Request) -> None:
    """Take the cookie back."""
    forget_cookie(response, request, TRACK_COOKIE)


Arrived = Annotated[Arrival, Depends(_arrival)]
Returned = Annotated[Return, Depends(_return)]
Tracked = Annotated[str | None, Depends(tracked)]
