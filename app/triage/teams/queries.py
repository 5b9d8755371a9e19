"""Which teams an office has, who belongs to them, and who of some people could handle which clue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from app.identity.models import CompartmentMember
from app.platform.db import ReadSession, WriteSession, look_up
from app.triage.models import Recusal, Team, TeamMember

AnySession = ReadSession | WriteSession
T: Any = Team
M: Any = TeamMember


@dataclass(frozen=True, slots=True)
class TeamOf:
    """One team with its people."""

    id: str
    name: str
    members: tuple[str, ...]
    lead_id: str | None = None


_OF_OFFICE = (
    select(T.id, T.name, M.account_id, T.lead_id)
    .outerjoin(TeamMember, M.team_id == T.id)
    .where(T.office_id == bindparam("office_id"), T.is_active.is_(True))
    .order_by(T.rowno, M.rowno)
)


def of_office(session: AnySession, office_id: str) -> list[TeamOf]:
    """Return the teams of an office that stand, the oldest first."""
    rows = look_up(session, _OF_OFFICE, {"office_id": office_id}).all()
    found: dict[str, tuple[str, list[str], str | None]] = {}
    for team_id, name, account_id, lead_id in rows:
        members = found.setdefault(team_id, (name, [], lead_id))[1]
        members += [account_id] if account_id else []
    return [TeamOf(key, name, tuple(members), lead_id) for key, (name, members, lead_id) in found.items()]


def one(session: AnySession, office_id: str, team_id: str) -> TeamOf | None:
    """Return one team of an office that stands; None for any other."""
    return next((team for team in of_office(session, office_id) if team.id == team_id), None)


def names_of(session: AnySession, team_ids: Collection[str]) -> dict[str, str]:
    """Return the names of teams, those that ended too."""
    if not team_ids:
        return {}
    rows = session.execute(select(T.id, T.name).where(T.id.in_(set(team_ids))))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Able:
    """Who of some people may handle which clue, read at once for all of them."""

    circles: frozenset[tuple[str, str]]
    recused: frozenset[tuple[str, str]]
    people: tuple[str, ...]

    def any_for(self, clue_id: str, compartment_id: str) -> bool:
        """Say whether one of them at least is in a clue's circle and does not keep out of it."""
        return any(
            (account_id, compartment_id) in self.circles and (account_id, clue_id) not in self.recused
            for account_id in self.people
        )


def able(session: AnySession, account_ids: Sequence[str], clue_ids: Sequence[str]) -> Able:
    """Return who of some people could handle which of some clues: two reads, however many clues there are."""
    member: Any = CompartmentMember
    out: Any = Recusal
    circles = session.execute(
        select(member.account_id, member.compartment_id).where(member.account_id.in_(account_ids))
    )
    recused = session.execute(
        select(out.account_id, out.clue_id).where(
            out.account_id.in_(account_ids), out.clue_id.in_(clue_ids), out.lifted_at.is_(None)
        )
    )
    return Able(
        frozenset((row[0], row[1]) for row in circles), frozenset((row[0], row[1]) for row in recused),
        tuple(account_ids),
    )  # fmt: skip
