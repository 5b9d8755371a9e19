"""Every SELECT on batches; each begins with the organisation that sent it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.identity.actor import Actor
from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.transfer.models import ForwardBatch

AnySession = ReadSession | WriteSession
B: Any = ForwardBatch


def unit_of(actor: Actor) -> str:
    """Return whose table it is: an agency's, or for the office's own people the office's, for its earlier ledger."""
    return actor.office_id if actor.is_office_staff else actor.org_unit_id


def is_ledger(batch: ForwardBatch) -> bool:
    """Say whether a batch is the office's own earlier ledger."""
    return batch.org_unit_id == batch.office_id


def own(session: AnySession, actor: Actor) -> Sequence[ForwardBatch]:
    """Return the batches of a person's organisation, newest first."""
    query = select(ForwardBatch).where(B.org_unit_id == unit_of(actor)).order_by(B.rowno.desc()).limit(50)
    return session.execute(query).scalars().all()


def get(session: AnySession, actor: Actor, batch_id: str) -> ForwardBatch:
    """Return one batch of a person's own organisation; raises Missing."""
    found: ForwardBatch | None = (
        session.execute(
            select(ForwardBatch).where(B.id == batch_id, B.org_unit_id == unit_of(actor))
        ).scalar_one_or_none()
        if ids.is_uuid(batch_id)
        else None
    )
    if found is None:
        raise Missing
    return found


def by_id(session: AnySession, batch_id: str) -> ForwardBatch | None:
    """Return a batch for the worker."""
    found: ForwardBatch | None = session.execute(
        select(ForwardBatch).where(B.id == batch_id)
    ).scalar_one_or_none()
    return found


def remembered(session: AnySession, org_unit_id: str) -> dict[str, int]:
    """Return which column was which the last time an organisation started a batch."""
    found: dict[str, int] | None = session.execute(
        select(B.mapping)
        .where(B.org_unit_id == org_unit_id, B.started_at.is_not(None))
        .order_by(B.rowno.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or {}
