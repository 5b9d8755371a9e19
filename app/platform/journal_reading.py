"""How an auditor reads the journal: newest first, by verb and day, page by page; ids and facts, never notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import or_, select

from app.platform.clock import OFFICE_ZONE
from app.platform.db import ReadSession
from app.platform.records import Journal, JournalSeal

PAGE: Final = 50


def page_of(
    session: ReadSession,
    office_id: str,
    *,
    verb: str = "",
    by: Collection[str] | None = None,
    about: str = "",
    since: date | None = None,
    until: date | None = None,
    before: str = "",
    limit: int = PAGE,
) -> Sequence[Journal]:
    """Return one page and one row more, if there is more; `before` is the id of the row the last page ended on.

    `by` names accounts, or a kind of doer without one (reporter, system, link); `about` the id of a thing or a clue.
    Rows without an office (sessions, the house itself) belong to every office's auditor.
    """
    found = select(Journal).where(or_(Journal.office_id == office_id, Journal.office_id.is_(None)))  # type: ignore[arg-type, union-attr]
    if verb:
        found = found.where(Journal.verb == verb)  # type: ignore[arg-type]
    if by is not None:
        found = found.where(or_(Journal.actor_id.in_(by), Journal.actor_kind.in_(by)))  # type: ignore[attr-defined, union-attr]
    if about:
        found = found.where(or_(Journal.clue_id == about, Journal.subject_id == about))  # type: ignore[arg-type]
    if since is not None:
        found = found.where(Journal.recorded_at >= _start(since))  # type: ignore[arg-type]
    if until is not None:
        found = found.where(Journal.recorded_at < _start(until) + timedelta(days=1))  # type: ignore[arg-type]
    if before:
        place = select(Journal.rowno).where(Journal.id == before).scalar_subquery()  # type: ignore[call-overload]
        found = found.where(Journal.rowno < place)
    return session.execute(found.order_by(Journal.rowno.desc()).limit(limit + 1)).scalars().all()  # type: ignore[union-attr]


def verbs(session: ReadSession) -> Sequence[str]:
    """Return every word the journal has used."""
    return session.execute(select(Journal.verb).distinct().order_by(Journal.verb)).scalars().all()  # type: ignore[call-overload]


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)


def digest_at(session: ReadSession, seq: int) -> str:
    """Return the digest of the chain at a place; empty where nothing is sealed yet."""
    found = session.execute(select(JournalSeal.sha256).where(JournalSeal.seq == seq)).scalar_one_or_none()  # type: ignore[call-overload]
    return str(found or "")
