"""Every SELECT on agreements; each begins with the office whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from app.identity.actor import Actor
from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.transfer.agreements import rules
from app.transfer.models import Agreement, AgreementParty

AnySession = ReadSession | WriteSession
A: Any = Agreement
P: Any = AgreementParty


def of_office(session: AnySession, office_id: str) -> Sequence[Agreement]:
    """Return an office's agreements, the newest signature first; drafts before all."""
    query = select(Agreement).where(A.office_id == office_id)
    found = session.execute(query.order_by(A.rowno.desc())).scalars().all()
    return sorted(found, key=lambda each: each.signed_on or date.max, reverse=True)


def get(session: AnySession, actor: Actor, agreement_id: str) -> Agreement:
    """Return one agreement of a person's office; raises Missing."""
    found: Agreement | None = (
        session.execute(
            select(Agreement).where(A.id == agreement_id, A.office_id == actor.office_id)
        ).scalar_one_or_none()
        if ids.is_uuid(agreement_id)
        else None
    )
    if found is None:
        raise Missing
    return found


def parties(session: AnySession, agreement_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return with which organisations each agreement is."""
    query = select(P.agreement_id, P.org_unit_id).where(P.agreement_id.in_(list(agreement_ids)))
    found: dict[str, list[str]] = {}
    for agreement_id, unit_id in session.execute(query.order_by(P.rowno)):
        found.setdefault(agreement_id, []).append(unit_id)
    return found


def deciding(
    session: AnySession, office_id: str, org_unit_id: str, category: str, on: date
) -> Agreement | None:
    """Return the agreement in force with an organisation whose term counts for such a matter, if there is one."""
    query = (
        select(Agreement)
        .join(AgreementParty, P.agreement_id == A.id)
        .where(A.office_id == office_id, P.org_unit_id == org_unit_id, A.feedback_days.is_not(None))
        .order_by(A.rowno)
    )
    return rules.deciding(session.execute(query).scalars().all(), category=category, on=on)


def to_review(session: AnySession, office_id: str, until: date) -> Sequence[Agreement]:
    """Return the agreements whose day of review has come or comes by a day, the longest waiting first."""
    query = select(Agreement).where(A.office_id == office_id, A.review_on <= until)
    return session.execute(query.order_by(A.review_on, A.rowno).limit(30)).scalars().all()
