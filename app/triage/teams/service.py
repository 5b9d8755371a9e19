"""What is done with teams; nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlmodel import col

from app.clues import service as clue_service
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Missing
from app.platform.putting import put
from app.triage import queries
from app.triage.models import Team, TeamMember
from app.triage.service.keeping import end_assignment
from app.triage.service.opening import NoSuchChoice, allowed, seen
from app.triage.teams import queries as team_queries


def save(
    session: WriteSession,
    actor: Actor,
    *,
    team_id: str,
    name: str,
    members: Sequence[str],
    now: datetime,
    lead_id: str = "",
) -> str:
    """Found a team, or change its name and people; only who may be made responsible can belong to one, or lead it."""
    allowed(actor, Verb.CLUE_ASSIGN)
    able = {one.account_id for one in queries.handlers_of_office(session, office_id=actor.office_id, now=now)}
    if not members or not set(members) <= able:
        raise NoSuchChoice(field="members")
    if lead_id and lead_id not in members:
        raise NoSuchChoice(field="lead_id")
    if team_id and team_queries.one(session, actor.office_id, team_id) is None:
        raise Missing
    if not team_id:
        team_id = ids.new()
        put(session, Team, id=team_id, office_id=actor.office_id, name=name, is_active=True, founded_at=now)
    session.execute(update(Team).where(col(Team.id) == team_id).values(name=name, lead_id=lead_id or None))
    session.execute(delete(TeamMember).where(col(TeamMember.team_id) == team_id))
    session.execute(
        insert(TeamMember), [{"team_id": team_id, "account_id": one} for one in dict.fromkeys(members)]
    )
    journal.record(
        session, actor.doer, "desk.team_saved", "team", team_id, now=now, office_id=actor.office_id,
        facts={"members": sorted(set(members)), "lead": lead_id or None},
    )  # fmt: skip
    return team_id


def dissolve(session: WriteSession, actor: Actor, team_id: str, *, now: datetime) -> None:
    """End a team; what nobody of it has taken is again with nobody, and stands on that list."""
    allowed(actor, Verb.CLUE_ASSIGN)
    if team_queries.one(session, actor.office_id, team_id) is None:
        raise Missing
    session.execute(update(Team).where(col(Team.id) == team_id).values(is_active=False))
    session.execute(
        update(Clue)
        .where(col(Clue.office_id) == actor.office_id, col(Clue.team_id) == team_id)
        .values(team_id=None)
        .execution_options(synchronize_session=False)
    )
    journal.record(
        session, actor.doer, "desk.team_ended", "team", team_id, now=now, office_id=actor.office_id
    )


def give(
    session: WriteSession, actor: Actor, clue_id: str, *, version: int, now: datetime, team_id: str
) -> Clue:
    """Give a clue to a team: it stands on the list of each of its people until one of them takes it."""
    allowed(actor, Verb.CLUE_ASSIGN)
    clue = seen(session, actor, clue_id, version=version)
    team = team_queries.one(session, actor.office_id, team_id)
    if team is None:
        raise NoSuchChoice(field="account_id")
    if clue.team_id == team_id and clue.assignee_id is None:
        return clue
    able = queries.handlers(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now, clue_id=clue.id
    )
    if not set(team.members) & {one.account_id for one in able}:
        raise NoSuchChoice(field="account_id")
    before = clue.assignee_id
    end_assignment(session, clue, now=now)
    clue_service.change(session, clue, version=version, assignee_id=None, team_id=team_id)
    journal.record(
        session, actor.doer, "clue.given_to_team", "clue", clue.id, now=now, clue_id=clue.id,
        office_id=clue.office_id, facts={"team": team_id, "before": before},
    )  # fmt: skip
    return clue
