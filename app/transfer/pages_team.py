"""The receiver's own side: notes and hand-overs among colleagues, everything ever answered, how they do by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, ReadSession, WriteSession
from app.platform.web.render import Flash, page, see_other
from app.transfer import queries
from app.transfer.answer_door import AnswerRoute
from app.transfer.door import Typed
from app.transfer.pages_partner import Receiving, partner_row
from app.transfer.shown import ListRow
from app.transfer.team import queries as team_queries
from app.transfer.team import rules, service
from app.transfer.team.terms import Month

router = APIRouter(route_class=AnswerRoute)
Answerer = Annotated[Actor, Depends(Requires(Verb.TRANSFER_ANSWER))]
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Everything partner/history.html shows."""

    rows: Sequence[ListRow]
    next_href: str | None
    first_href: str | None


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Everything partner/figures.html shows."""

    organisation: str
    months: Sequence[Month]
    total: Month
    day: date


@router.get("/partner/history", name="partner:history")
def show_history(
    request: Request, actor: Answerer, session: ReadSession, now: Now, before: str = ""
) -> Response:
    """Show everything their organisation has answered, a page at a time."""
    url, today = request.app.state.urls, clock.office_date(now)
    start = queries.row_of(session, actor, before) if before else None
    found = queries.history(session, actor, before=start)
    rows, more = found[: queries.PAGE_SIZE], len(found) > queries.PAGE_SIZE
    shown = HistoryPage(
        [partner_row(session, row, url, today) for row in rows],
        url("partner:history", before=rows[-1].id) if more else None,
        url("partner:history") if start is not None else None,
    )
    return page(request, "partner/history.html", {"page": shown})


@router.get("/partner/figures", name="partner:figures")
def show_figures(request: Request, actor: Answerer, session: ReadSession, now: Now) -> Response:
    """Show how their own organisation does, by the month in which something was sent to it."""
    today = clock.office_date(now)
    since = rules.months_back(today, MONTHS)[-1]
    months = rules.figures(team_queries.standings(session, actor, since=since), today=today, months=MONTHS)
    shown = FiguresPage(actor.org_name, months, rules.total(months, today), today)
    return page(request, "partner/figures.html", {"page": shown})


@router.post("/partner/transfers/{transfer_id}/team/notes", name="partner:note")
def note(
    request: Request,
    transfer_id: str,
    actor: Answerer,
    receiver: Receiving,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Write something down for colleagues."""
    del receiver  # what could not be saved is shown again on its page
    service.note(session, actor, transfer_id, words=form.get("note_words"), now=now)
    return see_other(request, "partner:transfer", flash=Flash(_("备注已保存。")), transfer_id=transfer_id)


@router.post("/partner/transfers/{transfer_id}/team/hands", name="partner:hand")
def hand(
    request: Request,
    transfer_id: str,
    actor: Answerer,
    receiver: Receiving,
    form: Typed,
    session: WriteSession,
    now: Now,
) -> Response:
    """Say which colleague has it in hand."""
    del receiver
    service.hand(session, actor, transfer_id, account_id=form.get("account_id")[:36], now=now)
    return see_other(request, "partner:transfer", flash=Flash(_("已记下由谁经手。")), transfer_id=transfer_id)
