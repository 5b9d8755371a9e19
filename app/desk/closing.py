"""What closing a clue needs that triage, which stands before transfer on the path, cannot see."""

from __future__ import annotations

from app.clues import queries as clue_queries
from app.clues.lifecycle import StepRefused
from app.clues.service import StaleClue
from app.identity.actor import Actor
from app.platform.db import WriteSession
from app.transfer import queries as transfer_queries
from app.transfer.lifecycle import OPEN
from app.triage import labels
from app.triage.terms import WhyNot


def refuse_open_transfers(session: WriteSession, actor: Actor, clue_id: str, *, version: int) -> None:
    """Raise while a receiver still has the matter in hand; a stale page is told first that it is stale."""
    clue = clue_queries.get(session, actor, clue_id)
    if clue.version != version:
        raise StaleClue(clue_id=clue_id)
    if any(state in OPEN for state in transfer_queries.states_of_clue(session, clue_id).values()):
        raise StepRefused(
            labels.WHY_NOT[WhyNot.TRANSFERS_OPEN], action="close", reason=WhyNot.TRANSFERS_OPEN.value
        )
