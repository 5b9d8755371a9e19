"""Into whose hands a clue may be given: a person or a team, as one choice in every form that assigns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.clues.models import Clue
from app.desk.queries import history
from app.desk.step_terms import Option
from app.identity.actor import Actor
from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.when import shown_date
from app.triage import queries as triage_queries
from app.triage.teams import queries as team_queries
from app.triage.teams.queries import TeamOf

AnySession = ReadSession | WriteSession
# Before a team's id in the value of a choice; an account's id never begins so.
_TEAM: Final = "team:"


@dataclass(frozen=True, slots=True)
class Hands:
    """Everybody of an office who may be given a clue, and every team, by the value of the choice."""

    people: Mapping[str, str]
    teams: Mapping[str, TeamOf]

    def options(self) -> list[Option]:
        """Return the choices, teams after people."""
        return [
            *(Option(key, name) for key, name in self.people.items()),
            *(Option(f"{_TEAM}{key}", team_words(team)) for key, team in self.teams.items()),
        ]

    def named(self, value: str) -> str:
        """Return what a chosen value is called."""
        team = self.teams.get(team_of(value))
        return team_name(team.name) if team else self.people.get(value, "—")

    def accounts(self, value: str) -> Sequence[str]:
        """Return whom a chosen value means."""
        team = self.teams.get(team_of(value))
        return team.members if team else (value,)


def team_of(value: str) -> str:
    """Return the team's id of a chosen value; nothing where a person was chosen."""
    key = value.removeprefix(_TEAM)
    return key if value.startswith(_TEAM) and ids.is_uuid(key) else ""


def team_value(team_id: str) -> str:
    """Return the value by which a team is chosen."""
    return f"{_TEAM}{team_id}"


def team_name(name: str) -> str:
    """Return a team's name as the desk says it."""
    return _("办案组：%(name)s", name=name)


def team_words(team: TeamOf) -> str:
    """Return a team as a choice."""
    return _("办案组：%(name)s（%(n)s 人）", name=team.name, n=len(team.members))


def of_office(session: AnySession, actor: Actor, *, now: datetime) -> Hands:
    """Return who may be given something in a person's office."""
    able = triage_queries.handlers_of_office(session, office_id=actor.office_id, now=now)
    teams = team_queries.of_office(session, actor.office_id)
    return Hands({one.account_id: one.name for one in able}, {team.id: team for team in teams})


def offered(
    session: AnySession, actor: Actor, clue: Clue, *, now: datetime, out: Collection[str]
) -> list[Option]:
    """Return to whom a clue may be given: oneself first, who is away with until when, then teams who could take it.

    `out` are those who keep out of it.
    """
    able = triage_queries.offered(
        session, office_id=clue.office_id, compartment_id=clue.compartment_id, now=now, out=out
    )

    def said(one: triage_queries.Handler, until: date | None) -> str:
        if until is not None:
            return _("%(name)s（外出到%(day)s）", name=one.name, day=shown_date(until))
        return _("%(name)s（我）", name=one.name) if one.account_id == actor.account_id else one.name

    ordered = sorted(able, key=lambda one: one[0].account_id != actor.account_id)
    people = [Option(one.account_id, said(one, until)) for one, until in ordered]
    there = {one.account_id for one, _until in able}
    teams = [
        team for team in team_queries.of_office(session, clue.office_id) if there.intersection(team.members)
    ]
    return people + [Option(team_value(team.id), team_words(team)) for team in teams]


def in_hands(session: AnySession, clue: Clue, people: Mapping[str, str]) -> str:
    """Return who has a clue: a person, a person for their team, a team that waits, or nobody."""
    team = team_queries.names_of(session, [clue.team_id]).get(clue.team_id) if clue.team_id else None
    person = people.get(clue.assignee_id, "—") if clue.assignee_id else ""
    if team is None:
        return person or _("还没有人承办")
    if person:
        return _("%(name)s（%(team)s）", name=person, team=team)
    return _("办案组：%(name)s，还没有人接", name=team)


def team_names(session: AnySession, entries: Sequence[history.Entry]) -> dict[str, str]:
    """Return the names of the teams a history speaks of."""
    wanted = [str(entry.facts["team"]) for entry in entries if entry.verb == "clue.given_to_team"]
    return team_queries.names_of(session, wanted)
