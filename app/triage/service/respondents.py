"""Whom a matter is about 被监督单位: from the naming until a document is served they learn nothing of it from us.

What was sent to them before stays with them as sent: to take it away would tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import ClueRespondent
from app.clues.terms import RespondentEnd
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.reference import queries as reference_queries
from app.triage.service.opening import NoSuchChoice, allowed, refuse_recused


def name_respondent(
    session: WriteSession, actor: Actor, clue_id: str, *, org_unit_id: str, now: datetime
) -> None:
    """Note that a matter is about an organisation; twice is nothing."""
    allowed(actor, Verb.CLUE_EVALUATE)
    clue = clue_queries.get(session, actor, clue_id)
    refuse_recused(session, actor.account_id, clue_id)
    if org_unit_id not in {unit.id for unit in reference_queries.agencies(session, clue.office_id)}:
        raise NoSuchChoice(field="org_unit_id")
    if any(row.org_unit_id == org_unit_id for row in _unserved(session, clue_id)):
        return
    session.execute(
        insert(ClueRespondent).values(
            id=ids.new(), clue_id=clue_id, org_unit_id=org_unit_id, shown_status=clue.public_status,
            named_by=actor.account_id, named_at=now, document="",
        )
    )  # fmt: skip
    _record(session, actor, "named", clue_id, now, {"respondent": org_unit_id})


def end_respondent(
    session: WriteSession,
    actor: Actor,
    clue_id: str,
    *,
    org_unit_id: str,
    how: RespondentEnd,
    document: str = "",
    served_on: date | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """Let an organisation learn of the matter again: a document was served, somebody decided so, or it was a mistake."""
    allowed(actor, Verb.CLUE_EVALUATE)
    clue_queries.get(session, actor, clue_id)
    refuse_recused(session, actor.account_id, clue_id)
    if not any(row.org_unit_id == org_unit_id for row in _unserved(session, clue_id)):
        raise Missing
    # All of them: two people may have named it at the same moment.
    session.execute(
        update(ClueRespondent)
        .where(
            col(ClueRespondent.clue_id) == clue_id,
            col(ClueRespondent.org_unit_id) == org_unit_id,
            col(ClueRespondent.ended_at).is_(None),
        )
        .values(
            ended_how=how.value,
            ended_by=actor.account_id,
            ended_at=now,
            document=document,
            served_on=served_on,
        )
    )
    facts = {"respondent": org_unit_id, "how": how.value, "document": document}
    _record(session, actor, "opened", clue_id, now, facts, reason)


def _unserved(session: WriteSession, clue_id: str) -> list[ClueRespondent]:
    return [row for row in clue_queries.respondents(session, clue_id) if row.ended_at is None]


def _record(
    session: WriteSession,
    actor: Actor,
    word: str,
    clue_id: str,
    now: datetime,
    facts: Mapping[str, Any],
    note: str = "",
) -> None:
    journal.record(
        session, actor.doer, f"respondent.{word}", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=actor.office_id, note=note, facts=facts,
    )  # fmt: skip
