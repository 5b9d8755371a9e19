"""What a forwarder sees of what they themselves have reported: their own words and the public status, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Subquery, func, select

from app.clues import rules as clue_rules
from app.clues.models import Clue
from app.clues.terms import ClueState
from app.identity.actor import Actor
from app.intake import queries, standstill
from app.intake.models import Report
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.reference import queries as reference_queries
from app.reference.models import Category, PublicWording

AnySession = ReadSession | WriteSession
R: Any = Report
C: Any = Clue
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
    """Return what this person has forwarded or laid to their account, newest first."""
    reports = queries.of_account(session, actor.account_id)
    statuses, categories = standstill.statuses(session, reports), dict[tuple[str, date], Category]()
    for report in reports:
        key = (report.category_key, clock.office_date(report.received_at))
        if key not in categories:
            categories[key] = reference_queries.category(session, *key)
    return [_own(session, report, statuses[report.id], categories) for report in reports]


def own_report(session: AnySession, actor: Actor, report_id: str) -> Report:
    """Return one report of this very person's; raises Missing."""
    found = queries.find(session, report_id)
    if found is None or not queries.is_own(session, found, actor.account_id):
        raise Missing
    return found


def _own(
    session: AnySession, report: Report, status: str, categories: Mapping[tuple[str, date], Category]
) -> OwnReport:
    words = " ".join(report.words.split())
    return OwnReport(
        id=report.id,
        title=words if len(words) <= _BEGINNING else words[:_BEGINNING] + "…",
        category=categories[report.category_key, clock.office_date(report.received_at)],
        received_at=report.received_at,
        public_status=status,
        wording=reference_queries.wording(session, status),  # the session keeps those it has read
    )


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One report under an organisation's own number, as its system reads it."""

    ref: str
    report_id: str
    category: str
    received_at: datetime
    status: str
    sentence: str


def numbered(
    session: AnySession, org_unit_id: str, *, ref: str, before: int | None, limit: int
) -> list[Forwarded]:
    """Return what an organisation forwarded under its own numbers, newest first, or the one of a number."""
    query = select(Report).where(
        R.org_unit_id == org_unit_id, R.external_ref.is_not(None), R.is_supplement.is_(False)
    )
    query = query.where(R.external_ref == ref) if ref else query
    query = query.where(R.rowno < before) if before is not None else query
    found = session.execute(query.order_by(R.rowno.desc()).limit(limit)).scalars().all()
    statuses = standstill.statuses(session, found)
    return [_forwarded(session, report, statuses[report.id]) for report in found]


def forwarded(session: AnySession, report_id: str) -> Forwarded:
    """Return one report as its forwarder's system reads it."""
    report = queries.get(session, report_id)
    return _forwarded(session, report, standstill.statuses(session, [report])[report.id])


def _forwarded(session: AnySession, report: Report, status: str) -> Forwarded:
    return Forwarded(
        ref=report.external_ref or "", report_id=report.id, category=report.category_key,
        received_at=report.received_at, status=status,
        sentence=reference_queries.wording(session, status).sentence,
    )  # fmt: skip


def rowno_of(session: AnySession, org_unit_id: str, report_id: str) -> int | None:
    """Return where a list goes on after a report of an organisation; None when it is not theirs."""
    found: int | None = session.execute(
        select(R.rowno).where(R.id == report_id, R.org_unit_id == org_unit_id)
    ).scalar_one_or_none()
    return found


def moved(session: AnySession, org_unit_id: str, told: Subquery, *, limit: int) -> list[tuple[str, str]]:
    """Return which of an organisation's numbered reports read otherwise now than it was told: id and status.

    `told` has the columns subject_id and status. What was never told of reads as on the first day. Of a matter that is
    about the organisation itself nothing changes here, as nothing changes where it reads (standstill.py).
    """
    query = (
        select(Report, told.c.status)
        .join(Clue, C.id == R.clue_id)
        .outerjoin(told, told.c.subject_id == R.id)
        .where(
            R.org_unit_id == org_unit_id, R.external_ref.is_not(None), R.is_supplement.is_(False),
            C.public_status != func.coalesce(told.c.status, ClueState.SUBMITTED.value),
            C.public_status != clue_rules.MILITARY_B,
        )
        .order_by(R.rowno)
        .limit(limit)
    )  # fmt: skip
    found = session.execute(query).all()
    statuses = standstill.statuses(session, [report for report, _was in found])
    return [
        (report.id, statuses[report.id])
        for report, was in found
        if statuses[report.id] != (was or ClueState.SUBMITTED.value)
    ]
