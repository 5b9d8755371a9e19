"""The desk's pages: the queue, what came in since, one clue, one picture."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from app.clues import queries as clue_queries
from app.desk import likely, photo, probes, rules
from app.desk.clue_page import Desk, compose
from app.desk.clue_view import CluePage
from app.desk.queries import queue
from app.desk.queries.standing import standing_for
from app.desk.queue_view import FIRST, compose_queue, lists_part
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.intake import codes, trying
from app.intake import queries as intake_queries
from app.platform import ids
from app.platform.errors import Missing
from app.platform.web.given import Form, House, Now, ReadSession, Shared
from app.platform.web.render import Flash, page, see_other

router = APIRouter()
Reader = Annotated[Actor, Depends(Requires(Verb.CLUE_READ))]


def desk_of(request: Request, session: ReadSession, actor: Actor, house: House, now: datetime) -> Desk:
    """Return what every view of the desk is given."""
    return Desk(session, actor, request.app.state.urls, now, house.settings.evaluation_days)


@router.get("/desk", name="desk:queue")
def show_queue(
    request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show the queue, filtered and paged by the address."""
    query = request.query_params
    cursor = rules.read_cursor(query.get("at", ""))
    opened = query.get("clue", "")
    desk = desk_of(request, session, actor, house, now)
    view = compose_queue(
        desk, rules.filters(query), cursor,
        opened=opened if ids.is_uuid(opened) or opened == FIRST else "", has_panel=query.get("panel") == "filters",
        found_odd=probes.for_desk(desk, house.settings),
    )  # fmt: skip
    return page(request, "desk/queue.html", view, block="panel")


@router.post("/desk/find", name="desk:find")
def find_by_code(
    request: Request, actor: Reader, form: Form, session: ReadSession, house: Shared
) -> Response:
    """Open the clue a query code belongs to; a code travels in a body, never in an address (decisions.md 13)."""
    read = trying.read_code(form)
    report = (
        None
        if read.error
        else intake_queries.by_code(session, house.keys, codes.normalised(form.get("code")))
    )
    try:
        clue = clue_queries.get(session, actor, report.clue_id) if report else None
    except Missing:
        clue = None
    if clue is None:
        return see_other(request, "desk:queue", flash=Flash(read.unknown().error, "time"))
    return see_other(request, "desk:clue", clue_id=clue.id)


@router.get("/desk/arrivals", name="desk:arrivals")
def show_arrivals(request: Request, actor: Reader, session: ReadSession, house: Shared, now: Now) -> Response:
    """Say what came in since the page was made, and the counts as they are; 304 while nothing changed."""
    since = rules.read_cursor(request.query_params.get("since", ""))
    if since is None:
        raise Missing
    desk = desk_of(request, session, actor, house, now)
    arrived = queue.arrived_since(session, actor, since)
    filters = rules.filters(request.query_params)
    standing = standing_for(session, actor, today=desk.today)
    part = lists_part(desk, filters, standing, since=since.received_at, arrived=arrived)
    if request.headers.get("If-None-Match") == part.etag:
        return Response(None, 304, {"ETag": part.etag})
    return page(request, "desk/arrivals.html", {"part": part}, block="lists", headers={"ETag": part.etag})


@router.get("/desk/clues/{clue_id}", name="desk:clue")
def show_clue(
    request: Request, clue_id: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show one clue; the queue's right pane asks for the clue alone."""
    view = compose(desk_of(request, session, actor, house, now), clue_id)
    back = request.query_params.get("back", "")
    return page(request, "desk/clue.html", CluePage(view, back), block="pane")


@router.get("/desk/clues/{clue_id}/likely", name="desk:likely")
def show_likely(
    request: Request, clue_id: str, actor: Reader, session: ReadSession, house: Shared, now: Now
) -> HTMLResponse:
    """Show which clues may be the same matter; the clue page asks for it after it stands."""
    back = request.query_params.get("back", "")
    part = likely.compose(desk_of(request, session, actor, house, now), clue_id, back=back)
    clue_href = request.app.state.urls("desk:clue", clue_id=clue_id)
    return page(request, "desk/likely.html", {"part": part, "clue_href": clue_href}, block="part")


@router.get("/desk/clues/{clue_id}/photos/{evidence_id}", name="desk:photo")
def show_photo(
    request: Request,
    clue_id: str,
    evidence_id: str,
    actor: Reader,
    session: ReadSession,
    house: Shared,
    now: Now,
) -> HTMLResponse:
    """Show one picture large, with what is known of it; a waiting page asks for its copies alone."""
    beside = request.query_params.get("beside", "")
    view = photo.compose(desk_of(request, session, actor, house, now), clue_id, evidence_id, beside=beside)
    return page(request, "desk/photo.html", view, block="copies")
