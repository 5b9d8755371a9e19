"""Calling a reporter: that it was done, how it went and what was said stand in the clue's history. Nothing here commits."""

from __future__ import annotations

from datetime import datetime

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.intake import queries
from app.intake.terms import REPORTER_CALLED, CallEnd
from app.platform import journal
from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused


def record_call(
    session: WriteSession, actor: Actor, clue_id: str, *, end: CallEnd, words: str, now: datetime
) -> Clue:
    """Note a call to a reporter; it moves nothing, so it makes nobody's page stale. Missing where nobody left a phone."""
    if not actor.may(Verb.CONTACT_REVEAL):
        raise Refused(verb=Verb.CONTACT_REVEAL.value)
    clue = clue_queries.get(session, actor, clue_id)
    if not any(report.has_contact for report in queries.for_desk(session, clue_id)):
        raise Missing
    journal.record(
        session, actor.doer, REPORTER_CALLED, "clue", clue_id,
        now=now, clue_id=clue_id, office_id=clue.office_id, facts={"end": end.value}, note=words,
    )  # fmt: skip
    return clue
