"""The team's part of a transfer's page."""

from __future__ import annotations

from collections.abc import Callable

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.transfer.models import PartnerEntry, Transfer
from app.transfer.team import queries
from app.transfer.team.terms import Choice, EntryShown, TeamShown

AnySession = ReadSession | WriteSession
Url = Callable[..., str]


def team_of(session: AnySession, actor: Actor, transfer: Transfer, url: Url) -> TeamShown:
    """Return who has it in hand, who could, and what colleagues noted."""
    found = queries.entries(session, actor, transfer.id)
    able = queries.colleagues(session, actor)
    wanted = {one for row in found for one in (row.account_id, row.assignee_id) if one} - set(able)
    names = able | (identity_queries.names_of(session, sorted(wanted)) if wanted else {})
    holder = next((row.assignee_id for row in reversed(found) if row.assignee_id), "")
    return TeamShown(
        holder=names.get(holder or "", ""),
        chosen=holder if holder in able else actor.account_id,
        colleagues=[Choice(key, name) for key, name in able.items()],
        entries=[
            EntryShown(names.get(row.account_id, "—"), row.written_at, _said(row, names)) for row in found
        ],
        note_href=url("partner:note", transfer_id=transfer.id),
        hand_href=url("partner:hand", transfer_id=transfer.id),
    )


def _said(row: PartnerEntry, names: dict[str, str]) -> str:
    if row.assignee_id is None:
        return row.body
    return _("交给%(name)s经手", name=names.get(row.assignee_id, "—"))
