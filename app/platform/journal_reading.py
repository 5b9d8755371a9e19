"""How an auditor reads the journal: newest first, by verb and day, page by page; ids and facts, never notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, or_, select

from app.platform.clock import OFFICE_ZONE
from app.platform.db import ReadSession
from app.platform.records import Journal, JournalSeal

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Doers:
    """Whose doings are asked for: accounts by id, and kinds of doers that have none (reporter, system, link)."""

    people: Collection[str]
    kinds: Collection[str] = ()


def page_of(
    session: ReadSession,
    office_id: str,
    *,
    verb: str = "",
    by: Doers | None = None,
    about: str = "",
    since: date | None = None,
    until: date | None = None,
    before: str = "",
    limit: int = PAGE,
) -> Sequence[Journal]:
    """Return one page and one row more, if there is more; `before` is the id of the row the last page ended on.

    `about` is the id of a thing or a clue.
    Rows without an office (sessions, the house itself) belong to every office's auditor.
    """
    found = select(Journal).where(or_(Journal.office_id == office_id, Journal.office_id.is_(None)))  # type: ignore[arg-type, union-attr]
    if verb:
        found = found.where(Journal.verb == verb)  # type: ignore[arg-type]
    if by is not None:
        # Asked apart where nobody is meant by kind: then the index by person finds the rows.
        people = Journal.actor_id.in_(by.people)  # type: ignore[union-attr]
        found = found.where(or_(people, Journal.actor_kind.in_(by.kinds)) if by.kinds else people)  # type: ignore[attr-defined]
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
    """Return every word the journal has used: from one to the next by the index, never over the rows between."""
    words = select(func.min(Journal.verb).label("verb")).cte("words", recursive=True)
    following = select(func.min(Journal.verb)).where(Journal.verb > words.c.verb).scalar_subquery()
    words = words.union_all(select(following).where(words.c.verb.is_not(None)))
    found = select(words.c.verb).where(words.c.verb.is_not(None)).order_by(words.c.verb)
    return session.execute(found).scalars().all()


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)


def digest_at(session: ReadSession, seq: int) -> str:
    """Return the digest of the chain at a place; empty where nothing is sealed yet."""
    found = session.execute(select(JournalSeal.sha256).where(JournalSeal.seq == seq)).scalar_one_or_none()  # type: ignore[call-overload]
    return str(found or "")
