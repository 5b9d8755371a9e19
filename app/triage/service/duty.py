"""Who keeps out of a clue, who stands in for whom, and the hand-over of everything somebody had."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.platform.putting import put
from app.triage import queries
from app.triage.models import Absence, Recusal
from app.triage.service import bulk
from app.triage.service.keeping import hand_back
from app.triage.service.opening import NoSuchChoice, allowed
from app.triage.terms import BulkAct

# As many as one step takes; what is left over is handed over by pressing once more.
HANDED_OVER_AT_ONCE: Final = 500


def recuse(session: WriteSession, actor: Actor, clue_id: str, *, reason: str, now: datetime) -> Clue:
    """Declare that one keeps out of a clue 回避; whoever had it has it no longer. Twice is nothing."""
    allowed(actor, Verb.CLUE_MESSAGE)
    clue = clue_queries.get(session, actor, clue_id)
    if actor.account_id in queries.recused(session, clue_id):
        return clue
    if clue.assignee_id == actor.account_id:
        hand_back(
            session, actor, clue_id, version=clue.version, now=now, account_id=None, team_id=clue.team_id
        )
    put(
        session,
        Recusal,
        clue_id=clue_id,
        account_id=actor.account_id,
        declared_at=now,
        lifted_at=None,
        decided_at=None,
    )
    journal.record(
        session, actor.doer, "clue.recused", "clue", clue_id, now=now, clue_id=clue_id,
        office_id=clue.office_id, note=reason, facts={"account": actor.account_id},
    )  # fmt: skip
    return clue


def lift_recusal(
    session: WriteSession, actor: Actor, clue_id: str, *, account_id: str, reason: str, now: datetime
) -> Clue:
    """Decide that somebody need not keep out of a clue; never about oneself."""
    clue = _for_decision(session, actor, clue_id)
    _about(actor, account_id, queries.recused(session, clue_id))
    _decide(session, actor, clue, account_id, "clue.recusal_lifted", note=reason, lifted_at=now, now=now)
    return clue


def confirm_recusal(
    session: WriteSession, actor: Actor, clue_id: str, *, account_id: str, now: datetime
) -> Clue:
    """Decide that somebody keeps out of a clue as they declared; never about oneself. It ends the three days."""
    clue = _for_decision(session, actor, clue_id)
    _about(actor, account_id, queries.undecided_recusals(session, clue_id))
    _decide(session, actor, clue, account_id, "clue.recusal_confirmed", now=now)
    return clue


def _for_decision(session: WriteSession, actor: Actor, clue_id: str) -> Clue:
    allowed(actor, Verb.TRANSFER_REVIEW)
    return clue_queries.get(session, actor, clue_id)


def _about(actor: Actor, account_id: str, declared: Collection[str]) -> None:
    """Refuse to decide about oneself, and about somebody who declared nothing."""
    if account_id == actor.account_id or account_id not in declared:
        raise NoSuchChoice(field="account_id")


def _decide(
    session: WriteSession,
    actor: Actor,
    clue: Clue,
    account_id: str,
    verb: str,
    *,
    note: str = "",
    lifted_at: datetime | None = None,
    now: datetime,
) -> None:
    session.execute(
        update(Recusal)
        .where(
            col(Recusal.clue_id) == clue.id,
            col(Recusal.account_id) == account_id,
            col(Recusal.lifted_at).is_(None),
        )
        .values(lifted_at=lifted_at, decided_at=now)
    )
    journal.record(
        session, actor.doer, verb, "clue", clue.id, now=now, clue_id=clue.id,
        office_id=clue.office_id, note=note, facts={"account": account_id},
    )  # fmt: skip


def be_away(
    session: WriteSession,
    actor: Actor,
    *,
    account_id: str,
    deputy_id: str,
    from_on: date,
    to_on: date,
    now: datetime,
) -> None:
    """Note that somebody is away and who stands in; the deputy sees the other's clues among their own meanwhile."""
    allowed(actor, Verb.CLUE_ASSIGN)
    able = {one.account_id for one in queries.handlers_of_office(session, office_id=actor.office_id, now=now)}
    if account_id not in able:
        raise NoSuchChoice(field="account_id")
    if deputy_id not in able or deputy_id == account_id:
        raise NoSuchChoice(field="deputy_id")
    absence_id = ids.new()
    put(
        session, Absence, id=absence_id, office_id=actor.office_id, account_id=account_id, deputy_id=deputy_id,
        from_on=from_on, to_on=to_on, entered_by=actor.account_id,
    )  # fmt: skip
    journal.record(
        session, actor.doer, "desk.absence_entered", "absence", absence_id, now=now, office_id=actor.office_id,
        facts={"account": account_id, "deputy": deputy_id, "from": str(from_on), "to": str(to_on)},
    )  # fmt: skip


def be_back(session: WriteSession, actor: Actor, absence_id: str, *, now: datetime) -> None:
    """Take an absence back; raises Missing for another office's."""
    allowed(actor, Verb.CLUE_ASSIGN)
    if absence_id not in {one.id for one in queries.absences(session, actor.office_id)}:
        raise Missing
    session.execute(delete(Absence).where(col(Absence.id) == absence_id))
    journal.record(
        session, actor.doer, "desk.absence_ended", "absence", absence_id, now=now, office_id=actor.office_id
    )


def hand_over(session: WriteSession, actor: Actor, *, from_id: str, to_id: str, now: datetime) -> str:
    """Give everything open that somebody has, as far as this person sees it, to another; return the run.

    Each clue goes by itself: what the other may not handle stays where it is and says so.
    """
    allowed(actor, Verb.CLUE_ASSIGN)
    picks = [
        bulk.Pick(clue_id, version)
        for clue_id, version in queries.open_of(session, actor, from_id, limit=HANDED_OVER_AT_ONCE)
    ]
    return bulk.assign_all(session, actor, picks, account_id=to_id, now=now, act=BulkAct.HAND_OVER)
