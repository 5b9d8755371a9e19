"""A clue's way as the journal tells it, with the words said at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.platform.db import ReadSession, WriteSession
from app.platform.records import Journal, Note

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal with its note, if it has one that was not erased."""

    verb: str
    subject_kind: str
    subject_id: str
    actor_kind: str
    actor_id: str | None
    facts: Mapping[str, Any]
    recorded_at: datetime
    note: str | None


def of_clue(session: AnySession, clue_id: str) -> list[Entry]:
    """Return everything that happened to a clue its reader has already been found the right to, oldest first."""
    row: Any = Journal
    note: Any = Note
    query = (
        select(
            row.verb, row.subject_kind, row.subject_id, row.actor_kind, row.actor_id, row.facts, row.recorded_at,
            note.body,
        )
        .outerjoin(note, note.journal_id == row.id)
        .where(row.clue_id == clue_id)
        .order_by(row.rowno)
    )  # fmt: skip
    return [Entry(*found) for found in session.execute(query)]
