"""What a forwarder sees of what they themselves have reported: their own words and the public status, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.clues import queries as clue_queries
from app.identity.actor import Actor
from app.intake import queries, standstill
from app.intake.models import Report
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.reference import queries as reference_queries
from app.reference.models import Category, PublicWording

AnySession = ReadSession | WriteSession
_BEGINNING = 40


@dataclass(frozen=True, slots=True)
class OwnReport:
    """One report in its forwarder's list. The title is made of their own words, never of the clue's."""

    id: str
    title: str
    category: Category
    received_at: datetime
    public_status: str
    wording: PublicWording


def own_reports(session: AnySession, actor: Actor) -> list[OwnReport]:
    """Return what this person has forwarded, newest first."""
    return [_own(session, report) for report in queries.of_account(session, actor.account_id)]


def own_report(session: AnySession, actor: Actor, report_id: str) -> Report:
    """Return one report this very person has forwarded; raises Missing."""
    found = queries.find(session, report_id)
    if found is None or found.account_id != actor.account_id:
        raise Missing
    return found


def _own(session: AnySession, report: Report) -> OwnReport:
    on = clock.office_date(report.received_at)
    status = standstill.seen(session, report, clue_queries.by_id(session, report.clue_id)).public_status
    words = " ".join(report.words.split())
    return OwnReport(
        id=report.id,
        title=words if len(words) <= _BEGINNING else words[:_BEGINNING] + "…",
        category=reference_queries.category(session, report.category_key, on),
        received_at=report.received_at,
        public_status=status,
        wording=reference_queries.wording(session, status),
    )
