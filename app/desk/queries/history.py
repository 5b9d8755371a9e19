"""A clue's way as the journal tells it, with the words said at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from app.intake.terms import REPORTER_CALLED
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.records import Journal, Note

AnySession = ReadSession | WriteSession
PAPER_RELEASED: Final = "clue.paper_released"


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
    return [Entry(*found) for found in look_up(session, _OF_CLUE, {"clue_id": clue_id}).all()]


def _of_clue() -> Select[Any]:
    row: Any = Journal
    note: Any = Note
    return (
        select(
            row.verb, row.subject_kind, row.subject_id, row.actor_kind, row.actor_id, row.facts, row.recorded_at,
            note.body,
        )
        .outerjoin(note, note.journal_id == row.id)
        .where(row.clue_id == bindparam("clue_id"))
        .order_by(row.rowno)
    )  # fmt: skip


_OF_CLUE = _of_clue()


def last_calls(session: AnySession, clue_ids: Sequence[str]) -> dict[str, Entry]:
    """Return the last call to a reporter for each of these clues, whose reader was found the right to them."""
    row: Any = Journal
    note: Any = Note
    if not clue_ids:
        return {}
    found = session.execute(
        select(
            row.clue_id, row.verb, row.subject_kind, row.subject_id, row.actor_kind, row.actor_id, row.facts,
            row.recorded_at, note.body,
        )
        .outerjoin(note, note.journal_id == row.id)
        .where(row.clue_id.in_(clue_ids), row.verb == REPORTER_CALLED)
        .order_by(row.rowno)
    )  # fmt: skip
    return {clue_id: Entry(*rest) for clue_id, *rest in found}


def was_released(session: AnySession, clue_id: str, paper: str, account_id: str, *, since: datetime) -> bool:
    """Say whether a person has let a paper of a clue past the secrecy gate since then."""
    row: Any = Journal
    found = session.execute(
        select(row.facts).where(
            row.clue_id == clue_id, row.verb == PAPER_RELEASED, row.actor_id == account_id, row.recorded_at >= since
        )
    ).scalars()  # fmt: skip
    return any(facts.get("paper") == paper for facts in found)
