"""The worker's part: once a morning, one digest for each of the office's people who has something to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from app.desk import why
from app.desk.queries import today as queries
from app.identity.actor import Actor
from app.identity.queries.person import staff
from app.platform import clock
from app.platform.db import ReadSession
from app.platform.jobs import Handler, Tools, Work, ask_once
from app.triage.service.digest import keep_digest

DIGEST: Final = "desk.daily_digest"
# From this hour of the office's day; before it the night's runs have the house to themselves.
_MORNING: Final = 7


def ask_daily(tools: Tools, now: datetime) -> None:
    """Ask for today's digests unless they were asked for; called often, does little."""
    if now.astimezone(clock.OFFICE_ZONE).hour >= _MORNING:
        ask_once(tools, DIGEST, clock.office_date(now).isoformat(), now=now)


def make_digests(tools: Tools, _work: Work) -> None:
    """Keep each person's figures of the day, no word of any matter; begun again after a crash it makes none twice."""
    now = clock.now()
    today = clock.office_date(now)
    with tools.database.read_session() as looking:
        found = [
            (person, _counts(looking, person, today), _team(looking, person, today))
            for person in staff(looking, now=now)
        ]
    with tools.database.write_session() as session:
        for person, counts, team in found:
            keep_digest(
                session, person, today, overdue=counts.overdue, due_today=counts.today, soon=counts.soon,
                news=counts.news, team_overdue=team.overdue, team_due_today=team.today, now=now,
            )  # fmt: skip


def _team(session: ReadSession, person: Actor, today: date) -> queries.Counts:
    """Return the figures of the teams somebody leads, beside their own."""
    if not queries.teams_led(session, person, today=today):
        return queries.Counts(0, 0, 0, 0)
    until = today + queries.SOON
    return queries.counts(session, person, today=today, until=until, whose=queries.Whose.TEAMS)


def _counts(session: ReadSession, person: Actor, today: date) -> queries.Counts:
    """Return a person's figures, with what they have to decide as a head."""
    found = queries.counts(session, person, today=today, until=today + queries.SOON)
    ends = [
        why.recusal(one.declared_at, why.calendar(session)).due_on
        for one in queries.undecided(session, person)
    ]
    return replace(
        found, overdue=found.overdue + sum(day < today for day in ends),
        today=found.today + ends.count(today), soon=found.soon + sum(day > today for day in ends),
    )  # fmt: skip


HANDLERS: Final[dict[str, Handler]] = {DIGEST: make_digests}
