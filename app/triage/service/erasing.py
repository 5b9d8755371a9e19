"""Letting go of what triage wrote about a clue: the grade and its scores stay for the statistics, the words go."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col

from app.platform.db import WriteSession
from app.triage.models import Evaluation


def erase_words(session: WriteSession, clue_id: str) -> None:
    """Erase why a clue was judged as it was."""
    session.execute(update(Evaluation).where(col(Evaluation.clue_id) == clue_id).values(reason=""))
