"""How the desk sees the links of a transfer."""

from __future__ import annotations

from datetime import date, datetime

from app.identity import queries as identity_queries
from app.platform import clock
from app.platform.i18n import gettext as _
from app.transfer.links import queries, rules
from app.transfer.links.queries import AnySession
from app.transfer.links.terms import LinkShown
from app.transfer.models import Transfer, TransferLink
from app.transfer.terms import TransferState


def of_transfer(session: AnySession, transfer: Transfer, *, now: datetime) -> list[LinkShown]:
    """Return the links of a transfer, newest first, with what became of each."""
    links = queries.of_transfer(session, transfer.id)
    names = identity_queries.names_of(session, [link.issued_by for link in links])
    return [_shown(link, TransferState(transfer.state), names, clock.office_date(now)) for link in links]


def _shown(link: TransferLink, state: TransferState, names: dict[str, str], today: date) -> LinkShown:
    is_live = rules.holds(
        is_ended=link.ended_at is not None, tries_left=link.tries_left, expires_on=link.expires_on,
        state=state, today=today,
    )  # fmt: skip
    if is_live:
        label, tone = _("可以使用"), "done"
    elif link.tries_left == 0:
        label, tone = _("口令输错太多次，已作废"), "stop"
    elif link.ended_at is not None:
        label, tone = _("已作废"), "plain"
    elif today > link.expires_on:
        label, tone = _("已过期"), "plain"
    else:
        label, tone = _("移送已经结束，链接随之失效"), "plain"
    return LinkShown(
        id=link.id, contact_name=link.contact_name, issued_at=link.issued_at,
        issued_by=names.get(link.issued_by, ""), expires_on=link.expires_on, state_label=label,
        state_tone=tone, is_live=is_live,
    )  # fmt: skip
