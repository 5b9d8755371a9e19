"""The ledger of reminders: which transfer reached which rung, and whether its digest got out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.given import ReadSession, Shared
from app.platform.web.render import page
from app.transfer.models import ReminderDelivery
from app.transfer.reminders import queries, ways
from app.transfer.reminders.terms import WAYS, Outcome, Way

router = APIRouter()
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder."""

    href: str
    subject: str
    receiver: str
    when: datetime
    step: str
    out: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RemindersPage:
    """Everything transfer/reminders.html shows."""

    rows: Sequence[ReminderRow]
    ways: str


@router.get("/transfers/reminders", name="transfer:reminders")
def show_reminders(request: Request, actor: Reader, house: Shared, session: ReadSession) -> Response:
    """Show the newest reminders about what this person may see."""
    found, url = queries.ledger(session, actor), request.app.state.urls
    names = identity_queries.org_names_of(session, [transfer.receiver_id for _one, transfer in found])
    tried = queries.deliveries(session, [one.digest_id for one, _transfer in found])
    shown = RemindersPage(
        rows=[
            ReminderRow(
                url("transfer:show", transfer_id=transfer.id), transfer.subject, names[transfer.receiver_id],
                one.noted_at, step_words(one.step_days), _out(tried.get(one.digest_id, ())),
            )
            for one, transfer in found
        ],
        ways=listed(_(WAYS[way]) for way in ways.configured(house.settings)),
    )  # fmt: skip
    return page(request, "transfer/reminders.html", {"page": shown})


def step_words(days: int) -> str:
    """Return which rung it was."""
    if days < 0:
        return _("到期前 %(n)s 天", n=-days)
    return _("逾期 %(n)s 天", n=days) if days else _("到期当天")


def _out(tried: Sequence[ReminderDelivery]) -> list[tuple[str, str]]:
    """Return one line a way: sent, or how often it was tried in vain."""
    found = []
    for way in Way:
        mine = [row for row in tried if row.way == way.value]
        if any(row.outcome == Outcome.SENT.value for row in mine):
            found.append((_("%(way)s已发", way=_(WAYS[way])), "done"))
        elif mine:
            found.append((_("%(way)s没有发出，试了 %(n)s 次", way=_(WAYS[way]), n=len(mine)), "stop"))
    return found
