"""Reads of evidence. A clue's files are asked for by a room that has already found the clue for its reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence.models import Blob, Bundle, Derivative, EvidenceItem, Redaction
from app.evidence.terms import Condition, DerivativeKind, Origin
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.platform.records import Journal

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as pages show it; the original name and the device stay with staff."""

    id: str
    clue_id: str
    digest: str
    media_type: str
    condition: str
    width: int | None
    height: int | None
    size_bytes: int
    original_name: str
    fidelity: str
    path: str
    origin_kind: str
    origin_id: str
    received_at: datetime
    photo_facts: Mapping[str, Any] | None
    picture_hash: int | None
    fixed_at: datetime | None
    fixed_by: str | None
    fixed_with: str | None

    @property
    def is_picture(self) -> bool:
        """Say whether there is, or will be, a picture to show."""
        return self.condition in {Condition.PENDING, Condition.READY}

    @property
    def is_ready(self) -> bool:
        """Say whether the pictures are made."""
        return self.condition == Condition.READY

    @property
    def short_digest(self) -> str:
        """Return the beginning of the digest, as shown on receipts."""
        return self.digest[:12]


@dataclass(frozen=True, slots=True)
class Copy:
    """A picture made from an original."""

    id: str
    kind: str
    digest: str
    size_bytes: int
    width: int
    height: int
    params: Mapping[str, Any]
    made_at: datetime


_COPY = tuple(getattr(Derivative, name) for name in Copy.__slots__)


def _shown() -> Select[Any]:
    return select(*(getattr(EvidenceItem, name) for name in Shown.__slots__))


def of_clue(session: AnySession, clue_id: str, *, include_hidden: bool = False) -> list[Shown]:
    """Return a clue's files in the order they came."""
    return [
        Shown(*row[:-1])
        for row in session.execute(_OF_CLUE, {"clue_id": clue_id})
        if include_hidden or not row[-1]
    ]


_OF_CLUE = (
    _shown()
    .add_columns(col(EvidenceItem.is_hidden))
    .where(col(EvidenceItem.clue_id) == bindparam("clue_id"))
    .order_by(col(EvidenceItem.rowno))
)


def of_origin(session: AnySession, origin_kind: Origin, origin_id: str) -> list[Shown]:
    """Return the files one act brought (a report, a transfer's answer), without copies that only went ahead."""
    query = (
        _shown()
        .where(
            col(EvidenceItem.origin_kind) == origin_kind.value,
            col(EvidenceItem.origin_id) == origin_id,
            col(EvidenceItem.is_hidden).is_(False),
        )
        .order_by(col(EvidenceItem.rowno))
    )
    return [Shown(*row) for row in session.execute(query)]


def item(session: AnySession, evidence_id: str) -> Shown:
    """Return one file for a room that checks its own right to it; raises Missing."""
    row = session.execute(_shown().where(col(EvidenceItem.id) == evidence_id)).first()
    if row is None:
        raise Missing
    return Shown(*row)


def visible_item(session: AnySession, actor: Actor, evidence_id: str) -> Shown:
    """Return one file if its clue is visible to this person; raises Missing."""
    found = session.execute(
        _shown()
        .join(Clue, col(Clue.id) == col(EvidenceItem.clue_id))
        .where(col(EvidenceItem.id) == evidence_id, clue_queries.is_visible(actor))
    ).first()
    if found is None:
        raise Missing
    return Shown(*found)


def _first_pictures() -> Any:
    first = (
        select(func.min(col(EvidenceItem.rowno)))
        .where(
            col(EvidenceItem.clue_id).in_(bindparam("clue_ids", expanding=True)),
            col(EvidenceItem.condition) == Condition.READY.value,
            col(EvidenceItem.is_hidden).is_(False),
        )
        .group_by(col(EvidenceItem.clue_id))
    )
    return select(col(EvidenceItem.clue_id), col(EvidenceItem.id)).where(col(EvidenceItem.rowno).in_(first))


_FIRST_PICTURES = _first_pictures()


def first_pictures(session: AnySession, clue_ids: Sequence[str]) -> dict[str, str]:
    """Return the first ready picture's id for each of some clues (the queue's thumbnails)."""
    if not clue_ids:
        return {}
    rows = session.execute(_FIRST_PICTURES, {"clue_ids": list(clue_ids)})
    return {row[0]: row[1] for row in rows}


def picture(session: AnySession, digest: str, kind: DerivativeKind) -> str:
    """Return the digest of a derivative of an original; raises Missing while it is not made."""
    found: str | None = session.execute(
        select(col(Derivative.digest))
        .where(col(Derivative.source_digest) == digest, col(Derivative.kind) == kind.value)
        .order_by(col(Derivative.rowno).desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def copies_of(session: AnySession, digests: Sequence[str]) -> dict[str, list[Copy]]:
    """Return the copies of some originals, by the original's digest; without the redacted ones, which are a clue's."""
    rows = session.execute(
        select(col(Derivative.source_digest), *_COPY)
        .where(
            col(Derivative.source_digest).in_(set(digests)),
            col(Derivative.kind) != DerivativeKind.REDACTED.value,
        )
        .order_by(col(Derivative.rowno))
    )
    found: dict[str, list[Copy]] = {}
    for source, *copy in rows:
        found.setdefault(source, []).append(Copy(*copy))
    return found


def redactions_of(session: AnySession, evidence_ids: Sequence[str]) -> dict[str, list[Copy]]:
    """Return the redacted copies that stand, by item, the newest last."""
    rows = session.execute(
        select(col(Redaction.evidence_id), *_COPY)
        .join(Derivative, col(Derivative.id) == col(Redaction.derivative_id))
        .where(col(Redaction.evidence_id).in_(set(evidence_ids)), col(Redaction.withdrawn_at).is_(None))
        .order_by(col(Redaction.rowno))
    )
    found: dict[str, list[Copy]] = {}
    for evidence_id, *copy in rows:
        found.setdefault(evidence_id, []).append(Copy(*copy))
    return found


def bringers(session: AnySession, evidence_ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """Return who brought some items, as the journal names them: kind and id."""
    rows = session.execute(
        select(col(Journal.subject_id), col(Journal.actor_kind), col(Journal.actor_id)).where(
            col(Journal.subject_kind) == "evidence_item",
            col(Journal.subject_id).in_(set(evidence_ids)),
            col(Journal.verb) == "evidence.added",
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def bundles_of(session: AnySession, clue_id: str) -> list[Bundle]:
    """Return the bundles made of a clue, newest first."""
    return list(
        session.execute(
            select(Bundle).where(col(Bundle.clue_id) == clue_id).order_by(col(Bundle.rowno).desc()).limit(20)
        ).scalars()
    )


def visible_bundle(session: AnySession, actor: Actor, bundle_id: str) -> Bundle:
    """Return a bundle of a clue this person may see; raises Missing."""
    found: Bundle | None = session.execute(
        select(Bundle)
        .join(Clue, col(Clue.id) == col(Bundle.clue_id))
        .where(col(Bundle.id) == bundle_id, clue_queries.is_visible(actor))
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def same_bytes(session: AnySession, actor: Actor, digest: str, *, but: str) -> list[str]:
    """Return the ids of other visible clues that hold the same bytes; computed for the viewer (decisions.md 4)."""
    rows = session.execute(
        select(col(EvidenceItem.clue_id))
        .join(Clue, col(Clue.id) == col(EvidenceItem.clue_id))
        .where(
            col(EvidenceItem.digest) == digest,
            col(EvidenceItem.clue_id) != but,
            clue_queries.is_visible(actor),
        )
        .distinct()
    )
    return list(rows.scalars())


def blob(session: AnySession, digest: str) -> Blob | None:
    """Return the row of a kept blob."""
    return session.get(Blob, digest)


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


def is_made(session: AnySession, source_digest: str, kind: DerivativeKind, params_digest: str) -> bool:
    """Say whether a derivative with these parameters is there already."""
    found = session.execute(
        select(col(Derivative.id)).where(
            col(Derivative.source_digest) == source_digest,
            col(Derivative.kind) == kind.value,
            col(Derivative.params_digest) == params_digest,
        )
    ).first()
    return found is not None
