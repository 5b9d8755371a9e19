"""Reads of evidence. A clue's files are asked for by a room that has already found the clue for its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence.models import Blob, Derivative, EvidenceItem
from app.evidence.terms import Condition, DerivativeKind, Origin
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing

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


def _shown() -> Select[Any]:
    return select(*(getattr(EvidenceItem, name) for name in Shown.__slots__))


def of_clue(session: AnySession, clue_id: str, *, include_hidden: bool = False) -> list[Shown]:
    """Return a clue's files in the order they came."""
    query = _shown().where(EvidenceItem.clue_id == clue_id).order_by(EvidenceItem.rowno)  # type: ignore[arg-type]
    if not include_hidden:
        query = query.where(EvidenceItem.is_hidden.is_(False))  # type: ignore[attr-defined]
    return [Shown(*row) for row in session.execute(query)]


def of_origin(session: AnySession, origin_kind: Origin, origin_id: str) -> list[Shown]:
    """Return the files one act brought (a report, a transfer's answer)."""
    query = (
        _shown()
        .where(EvidenceItem.origin_kind == origin_kind.value, EvidenceItem.origin_id == origin_id)  # type: ignore[arg-type]
        .order_by(EvidenceItem.rowno)  # type: ignore[arg-type]
    )
    return [Shown(*row) for row in session.execute(query)]


def item(session: AnySession, evidence_id: str) -> Shown:
    """Return one file for a room that checks its own right to it; raises Missing."""
    row = session.execute(_shown().where(EvidenceItem.id == evidence_id)).first()  # type: ignore[arg-type]
    if row is None:
        raise Missing
    return Shown(*row)


def visible_item(session: AnySession, actor: Actor, evidence_id: str) -> Shown:
    """Return one file if its clue is visible to this person; raises Missing."""
    found = session.execute(
        _shown()
        .join(Clue, Clue.id == EvidenceItem.clue_id)  # type: ignore[arg-type]
        .where(EvidenceItem.id == evidence_id, clue_queries.is_visible(actor))  # type: ignore[arg-type]
    ).first()
    if found is None:
        raise Missing
    return Shown(*found)


def first_pictures(session: AnySession, clue_ids: Sequence[str]) -> dict[str, str]:
    """Return the first ready picture's id for each of some clues (the queue's thumbnails)."""
    if not clue_ids:
        return {}
    first = (
        select(func.min(EvidenceItem.rowno))
        .where(
            EvidenceItem.clue_id.in_(clue_ids),  # type: ignore[attr-defined]
            EvidenceItem.condition == Condition.READY.value,
            EvidenceItem.is_hidden.is_(False),  # type: ignore[attr-defined]
        )
        .group_by(EvidenceItem.clue_id)
    )
    rows = session.execute(
        select(EvidenceItem.clue_id, EvidenceItem.id).where(EvidenceItem.rowno.in_(first))  # type: ignore[call-overload, union-attr]
    )
    return {row[0]: row[1] for row in rows}


def picture(session: AnySession, digest: str, kind: DerivativeKind) -> str:
    """Return the digest of a derivative of an original; raises Missing while it is not made."""
    found: str | None = session.execute(
        select(Derivative.digest)  # type: ignore[call-overload]
        .where(Derivative.source_digest == digest, Derivative.kind == kind.value)
        .order_by(Derivative.rowno.desc())  # type: ignore[union-attr]
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def same_bytes(session: AnySession, actor: Actor, digest: str, *, but: str) -> list[str]:
    """Return the ids of other visible clues that hold the same bytes; computed for the viewer (decisions.md 4)."""
    rows = session.execute(
        select(EvidenceItem.clue_id)  # type: ignore[call-overload]
        .join(Clue, Clue.id == EvidenceItem.clue_id)
        .where(EvidenceItem.digest == digest, EvidenceItem.clue_id != but, clue_queries.is_visible(actor))
        .distinct()
    )
    return list(rows.scalars())


def blob(session: AnySession, digest: str) -> Blob | None:
    """Return the row of a kept blob."""
    return session.get(Blob, digest)
