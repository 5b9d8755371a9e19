"""Reads of evidence bundles, and of who brought what."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence.models import Bundle
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.platform.records import Journal

AnySession = ReadSession | WriteSession


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
    made = select(Bundle).where(col(Bundle.clue_id) == clue_id).order_by(col(Bundle.rowno).desc()).limit(20)
    return [bundle for bundle in session.execute(made).scalars() if bundle.listed]


def visible_bundle(session: AnySession, actor: Actor, bundle_id: str) -> Bundle:
    """Return a bundle of a clue this person may see; raises Missing."""
    found: Bundle | None = session.execute(
        select(Bundle)
        .join(Clue, col(Clue.id) == col(Bundle.clue_id))
        .where(col(Bundle.id) == bundle_id, clue_queries.is_visible(actor))
    ).scalar_one_or_none()
    # What was taken apart when its clue's time was over has no list any more.
    if found is None or not found.listed:
        raise Missing
    return found
