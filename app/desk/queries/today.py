"""What has a date for one person: their clues with a term, words that came back, answers they wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Date, Select, bindparam, func, literal, select

from app.clues.models import Clue
from app.clues.queries import Scope, scope_of, visible_beside, visible_to
from app.desk.queries.queue import IN_HAND_STATES, MY_HANDS
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import Id, ReadSession, WriteSession, ask
from app.transfer.models import Transfer
from app.transfer.terms import TransferState
from app.triage.models import Recusal, Team, TeamMember

AnySession = ReadSession | WriteSession
# A digest is read in a minute or not at all: so many lines, and how many more there are.
MOST: Final = 30
# Dates of the next days belong to it: what ends on Friday is begun on Tuesday.
SOON: Final = timedelta(days=3)
C: Any = Clue
T: Any = Transfer
R: Any = Recusal
G: Any = Team
M: Any = TeamMember
_UNANSWERED: Final = (TransferState.SENT.value, TransferState.ACKNOWLEDGED.value)


class Whose(StrEnum):
    """Whose day is asked for: one's own, with those one stands in for, or that of the teams one leads beside it."""

    MINE = "mine"
    TEAMS = "teams"


# The teams somebody leads today, or whose lead they stand in for.
_LED: Any = select(G.id).where(G.lead_id.in_(MY_HANDS), G.is_active.is_(True))
_LED_PEOPLE: Any = select(M.account_id).where(M.team_id.in_(_LED))
_NAMES_LED: Any = (
    select(G.name).where(G.id.in_(_LED), G.office_id == bindparam("office_id")).order_by(G.rowno)
)


def _in_hands(whose: Whose) -> Any:
    if whose is Whose.MINE:
        return C.assignee_id.in_(MY_HANDS)
    # What somebody of the team has, and what was given to it and nobody has taken; one's own is told already.
    taken = C.assignee_id.in_(_LED_PEOPLE) & C.assignee_id.not_in(MY_HANDS)
    return taken | (C.assignee_id.is_(None) & C.team_id.in_(_LED))


@dataclass(frozen=True, slots=True)
class Dated:
    """A clue of this person, or of their team, whose term ends soon or has ended."""

    id: str
    number: str | None
    title: str
    state: str
    category_key: str
    received_at: datetime
    registered_at: datetime | None
    due_on: date
    assignee_id: str | None


@dataclass(frozen=True, slots=True)
class Awaited:
    """A transfer of such a clue whose answer is due."""

    id: str
    number: str | None
    title: str
    state: str
    receiver_id: str
    disclosed: dict[str, Any] | None
    sent_at: datetime | None
    due_on: date | None
    promised_on: date | None
    assignee_id: str | None
    ends_on: date


@dataclass(frozen=True, slots=True)
class Undecided:
    """Somebody's declaration to keep out of a clue, on which nobody has decided yet."""

    clue_id: str
    number: str | None
    title: str
    account_id: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is, as a message outside may say it: figures, no word of any matter."""

    overdue: int
    today: int
    soon: int
    news: int

    @property
    def total(self) -> int:
        """Return how much there is in all."""
        return self.overdue + self.today + self.soon + self.news


@lru_cache(maxsize=64)
def _dated(scope: Scope, whose: Whose) -> Select[Any]:
    columns = [getattr(C, name) for name in Dated.__slots__]
    return (
        visible_to(scope, *columns)
        .where(_in_hands(whose), C.state.in_(IN_HAND_STATES), C.due_on <= bindparam("until"))
        .order_by(C.due_on, C.rowno)
        .limit(MOST + 1)
    )


@lru_cache(maxsize=64)
def _awaited(scope: Scope, whose: Whose) -> Select[Any]:
    ends_on = func.coalesce(T.promised_on, T.due_on, type_=Date()).label("ends_on")
    columns = [getattr(C if name in {"title", "assignee_id"} else T, name) for name in Awaited.__slots__[:-1]]
    return (
        visible_to(scope, *columns, ends_on)
        .select_from(C).join(Transfer, T.clue_id == C.id)
        .where(
            _in_hands(whose), T.state.in_(_UNANSWERED), T.office_id == scope.office_id,
            T.compartment_id.in_(scope.compartments), ends_on <= bindparam("until"),
        )
        .order_by(ends_on, T.rowno)
        .limit(MOST + 1)
    )  # fmt: skip


@lru_cache(maxsize=64)
def _news(scope: Scope) -> Select[Any]:
    return (
        visible_to(scope, C.id, C.number, C.title, C.state)
        .where(C.assignee_id.in_(MY_HANDS), C.has_news.is_(True))
        .order_by(C.rowno)
        .limit(MOST + 1)
    )


@lru_cache(maxsize=64)
def _counts(scope: Scope, whose: Whose) -> Select[Any]:
    def clues(*conditions: Any) -> Any:
        found = visible_to(scope, literal(1)).where(_in_hands(whose), *conditions).subquery()
        return select(func.count()).select_from(found).scalar_subquery()

    def awaited(*conditions: Any) -> Any:
        found = (
            visible_to(scope, literal(1))
            .select_from(C).join(Transfer, T.clue_id == C.id)
            .where(
                _in_hands(whose), T.state.in_(_UNANSWERED), T.office_id == scope.office_id,
                T.compartment_id.in_(scope.compartments), *conditions,
            )
            .subquery()
        )  # fmt: skip
        return select(func.count()).select_from(found).scalar_subquery()

    in_hand = C.state.in_(IN_HAND_STATES)
    ends_on = func.coalesce(T.promised_on, T.due_on, type_=Date())
    today, until = bindparam("today", type_=Date()), bindparam("until", type_=Date())
    return select(
        clues(in_hand, C.due_on < today) + awaited(ends_on < today),
        clues(in_hand, C.due_on == today) + awaited(ends_on == today),
        clues(in_hand, C.due_on > today, C.due_on <= until) + awaited(ends_on > today, ends_on <= until),
        clues(C.has_news.is_(True)),
    )


@lru_cache(maxsize=64)
def _undecided(scope: Scope) -> Select[Any]:
    return (
        visible_beside(scope, C.id, C.number, C.title, R.account_id, R.declared_at)
        .select_from(C)
        .join(Recusal, R.clue_id == C.id)
        .where(R.lifted_at.is_(None), R.decided_at.is_(None), R.account_id != bindparam("me", type_=Id()))
        .order_by(R.declared_at)
        .limit(MOST)
    )


def undecided(session: AnySession, actor: Actor) -> list[Undecided]:
    """Return the declarations this person may decide on, the oldest first; nobody decides on their own."""
    if not actor.may(Verb.TRANSFER_REVIEW):
        return []
    rows = session.execute(_undecided(scope_of(actor)), {"me": actor.account_id})
    return [Undecided(*row) for row in rows]


def _given(actor: Actor, today: date, until: date) -> dict[str, Any]:
    return {"me": actor.account_id, "today": today, "until": until}


def teams_led(session: AnySession, actor: Actor, *, today: date) -> list[str]:
    """Return the names of the teams whose day is this person's, too; nothing for nearly everybody."""
    asked = {**_given(actor, today, today), "office_id": actor.office_id}
    return list(ask(session, _NAMES_LED, asked).scalars())


def dated(
    session: AnySession, actor: Actor, *, today: date, until: date, whose: Whose = Whose.MINE
) -> list[Dated]:
    """Return clues whose term ends by a day, the longest overdue first, and one more than is shown."""
    rows = ask(session, _dated(scope_of(actor), whose), _given(actor, today, until))
    return [Dated(*row) for row in rows]


def awaited(
    session: AnySession, actor: Actor, *, today: date, until: date, whose: Whose = Whose.MINE
) -> list[Awaited]:
    """Return transfers whose answer is due by a day, the longest overdue first."""
    rows = ask(session, _awaited(scope_of(actor), whose), _given(actor, today, until))
    return [Awaited(*row) for row in rows]


def news(session: AnySession, actor: Actor, *, today: date) -> list[tuple[str, str | None, str, str]]:
    """Return clues to which the reporter answered: id, number, title, state."""
    rows = session.execute(_news(scope_of(actor)), _given(actor, today, today))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def counts(
    session: AnySession, actor: Actor, *, today: date, until: date, whose: Whose = Whose.MINE
) -> Counts:
    """Return how much there is for a person, or for the teams they lead."""
    return Counts(*ask(session, _counts(scope_of(actor), whose), _given(actor, today, until)).one())
