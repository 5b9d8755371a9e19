"""A report laid to its writer's account by its query code: whoever holds the code may read its way anyhow."""

from __future__ import annotations

from datetime import datetime

from app.identity.actor import Actor
from app.intake import queries
from app.intake.models import LinkedReport, Report
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.putting import put


def link(session: WriteSession, actor: Actor, report: Report, *, now: datetime) -> bool:
    """Lay a report to an account; false when it was theirs already. The desk learns nothing of it.

    The journal says that somebody did this, never with which report: it would name an anonymous reporter.
    """
    if queries.is_own(session, report, actor.account_id):
        return False
    put(session, LinkedReport, account_id=actor.account_id, report_id=report.id, linked_at=now)
    journal.record(
        session, actor.doer, "report.linked", "account", actor.account_id, now=now, office_id=actor.office_id
    )
    return True
