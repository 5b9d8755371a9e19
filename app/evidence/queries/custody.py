"""Reads of custody: which blobs wait for their check, which are damaged, what the journal says of the items."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from app.evidence.models import Blob, Derivative, EvidenceItem
from app.platform.db import ReadSession, WriteSession
from app.platform.records import Journal

AnySession = ReadSession | WriteSession


def was_viewed(session: AnySession, account_id: str, evidence_id: str, *, since: datetime) -> bool:
    """Say whether a look of this person at this original is on record since then (a player asks many times)."""
    found = session.execute(
        select(col(Journal.id))
        .where(
            col(Journal.subject_kind) == "evidence_item",
            col(Journal.subject_id) == evidence_id,
            col(Journal.verb) == "original.viewed",
            col(Journal.actor_id) == account_id,
            col(Journal.recorded_at) >= since,
        )
        .limit(1)
    ).first()
    return found is not None


def blobs_to_check(
    session: ReadSession, *, whole_before: datetime, damaged_before: datetime, limit: int
) -> list[Blob]:
    """Return the kept blobs whose last check lies furthest back; those known as damaged come round sooner."""
    due = or_(
        col(Blob.checked_at) < whole_before,
        and_(col(Blob.damaged_at).is_not(None), col(Blob.checked_at) < damaged_before),
    )
    return list(
        session.execute(
            select(Blob).where(col(Blob.erased_at).is_(None), due).order_by(col(Blob.checked_at)).limit(limit)
        ).scalars()
    )


def all_blobs(session: ReadSession) -> Iterator[Blob]:
    """Iterate over every blob's row."""
    rows = session.execute(select(Blob).order_by(col(Blob.digest)).execution_options(yield_per=500))
    yield from rows.scalars()


def known_digests(session: ReadSession) -> set[str]:
    """Return every digest that has a row."""
    return set(session.execute(select(col(Blob.digest))).scalars())


def known_among(session: AnySession, digests: Collection[str]) -> set[str]:
    """Return those of the digests that have a row, erased ones too."""
    rows = select(col(Blob.digest)).where(col(Blob.digest).in_(digests))
    return set(session.execute(rows).scalars())


def items_unlike_the_journal(session: ReadSession) -> Iterator[tuple[str, str]]:
    """Iterate over the items whose bytes are not those that the journal says were taken in."""
    rows = session.execute(
        select(col(EvidenceItem.id), col(EvidenceItem.digest), col(Journal.facts))
        .outerjoin(
            Journal,
            and_(
                col(Journal.subject_kind) == "evidence_item",
                col(Journal.subject_id) == col(EvidenceItem.id),
                col(Journal.verb) == "evidence.added",
            ),
        )
        .order_by(col(EvidenceItem.rowno))
        .execution_options(yield_per=500)
    )
    for evidence_id, digest, facts in rows:
        if facts is None:
            yield evidence_id, "the journal does not tell that it was taken in"
        elif facts.get("digest") != digest:
            yield evidence_id, f"the journal tells of other bytes ({facts.get('digest')})"


def damaged(session: ReadSession) -> list[tuple[Blob, int]]:
    """Return the blobs known as damaged, each with the number of items that need it."""
    needed = (
        select(func.count())
        .select_from(EvidenceItem)
        .where(col(EvidenceItem.digest) == col(Blob.digest))
        .correlate(Blob)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Blob, needed)
        .where(col(Blob.damaged_at).is_not(None))
        .order_by(col(Blob.damaged_at))
        .limit(500)
    )
    return [(row[0], row[1]) for row in rows]


def kept_figures(session: ReadSession) -> tuple[int, int, datetime | None]:
    """Return how many blobs are kept, their bytes, and when the one that waits longest was last read."""
    found = session.execute(
        select(
            func.count(), func.coalesce(func.sum(col(Blob.size_bytes)), 0), func.min(col(Blob.checked_at))
        ).where(col(Blob.erased_at).is_(None))
    ).one()
    return int(found[0]), int(found[1]), found[2]


def sources_of(session: AnySession, digest: str) -> list[str]:
    """Return one evidence item for each original of which this blob is a copy of our making."""
    return list(
        session.execute(
            select(func.min(col(EvidenceItem.id)))
            .join(Derivative, col(Derivative.source_digest) == col(EvidenceItem.digest))
            .where(col(Derivative.digest) == digest)
            .group_by(col(EvidenceItem.digest))
        ).scalars()
    )
