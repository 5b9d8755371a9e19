"""Reads of letting go: what of a clue's files may go, and what another clue still needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, exists, or_, select
from sqlmodel import SQLModel, col

from app.evidence.models import Bundle, Derivative, EvidenceItem, Redaction
from app.evidence.terms import Condition, DerivativeKind
from app.platform.db import BytesHeld, ReadSession, WriteSession

AnySession = ReadSession | WriteSession


def items(session: AnySession, clue_id: str, origin_ids: Collection[str] | None = None) -> list[EvidenceItem]:
    """Return a clue's files that are still there, hidden ones too."""
    found = select(EvidenceItem).where(
        col(EvidenceItem.clue_id) == clue_id, col(EvidenceItem.condition) != Condition.ERASED.value
    )
    if origin_ids is not None:
        found = found.where(col(EvidenceItem.origin_id).in_(origin_ids))
    return list(session.execute(found.order_by(col(EvidenceItem.rowno))).scalars())


def redacted_copies(session: AnySession, evidence_id: str) -> list[str]:
    """Return the copies that were redacted for this item, withdrawn or not."""
    rows = select(col(Redaction.derivative_id)).where(col(Redaction.evidence_id) == evidence_id)
    return list(session.execute(rows).scalars())


def copies_without_a_use(session: AnySession, digest: str, redacted: Collection[str]) -> list[Derivative]:
    """Return the copies of an original that no item needs: all but the redacted ones when no other clue has the bytes."""
    is_shared = _has_item(session, digest)
    found = []
    for copy in session.execute(select(Derivative).where(col(Derivative.source_digest) == digest)).scalars():
        is_own = copy.kind == DerivativeKind.REDACTED.value and copy.id in redacted
        if (is_own or not is_shared) and not _is_shown(session, copy.id):
            found.append(copy)
    return found


def _is_shown(session: AnySession, derivative_id: str) -> bool:
    shown = select(col(Redaction.id)).where(col(Redaction.derivative_id) == derivative_id).limit(1)
    return session.execute(shown).first() is not None


def _has_item(session: AnySession, digest: str) -> bool:
    there = (
        select(col(EvidenceItem.id))
        .where(col(EvidenceItem.digest) == digest, col(EvidenceItem.condition) != Condition.ERASED.value)
        .limit(1)
    )
    return session.execute(there).first() is not None


def is_needed(session: AnySession, digest: str) -> bool:
    """Say whether a row of any room still stands on these bytes: a file that is there, a copy, a letter, a paper.

    Other rooms are not known here: their columns say by their type that they hold bytes.
    """
    uses = [exists().where(column == digest) for column in _columns_that_hold_bytes()]
    uses.append(
        exists().where(
            col(EvidenceItem.digest) == digest, col(EvidenceItem.condition) != Condition.ERASED.value
        )
    )
    return bool(session.execute(select(or_(*uses))).scalar_one())


def _columns_that_hold_bytes() -> list[Column[Any]]:
    return [
        column
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, BytesHeld)
    ]


def bundles(session: AnySession, clue_id: str) -> list[Bundle]:
    """Return the bundles that were made of a clue."""
    return list(session.execute(select(Bundle).where(col(Bundle.clue_id) == clue_id)).scalars())
