"""Who else has a clue before them, in words."""

from __future__ import annotations

from datetime import datetime

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.triage import queries as triage_queries


def others(session: ReadSession | WriteSession, actor: Actor, clue_id: str, *, now: datetime) -> list[str]:
    """Return one sentence for each colleague, those who are deciding first."""
    here = triage_queries.present(session, actor, [clue_id], now=now).get(clue_id, {})
    people = identity_queries.names_of(session, list(here))
    return [
        _("%(name)s正在办理这条线索，您做之前先问一声。", name=people.get(account_id, "—"))
        if is_deciding
        else _("%(name)s正在看这条线索。", name=people.get(account_id, "—"))
        for account_id, is_deciding in sorted(here.items(), key=lambda one: not one[1])
    ]
