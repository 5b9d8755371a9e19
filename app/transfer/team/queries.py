"""Every SELECT of the receiver's own side; each asks for the viewer's own organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select

from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import GRANTS, Verb
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.transfer import queries
from app.transfer.models import PartnerEntry
from app.transfer.queries import Said, T
from app.transfer.team.terms import Standing
from app.transfer.terms import AnswerKind, TransferState

AnySession = ReadSession | WriteSession
P: Any = PartnerEntry
_ANSWERING = frozenset(role for role, verbs in GRANTS.items() if Verb.TRANSFER_ANSWER in verbs)
_WAITING = frozenset({TransferState.SENT.value, TransferState.ACKNOWLEDGED.value})


def colleagues(session: AnySession, actor: Actor) -> dict[str, str]:
    """Return the people of the viewer's organisation who may answer, names by account."""
    found = identity_queries.people_of_unit(session, actor.org_unit_id)
    roles = identity_queries.roles_by_account(session, [one.id for one in found])
    return {one.id: one.name for one in found if roles[one.id] & _ANSWERING}


def entries(session: AnySession, actor: Actor, transfer_id: str) -> Sequence[PartnerEntry]:
    """Return what the viewer's organisation noted about a transfer, oldest first."""
    query = select(PartnerEntry).where(P.transfer_id == transfer_id, P.org_unit_id == actor.org_unit_id)
    return session.execute(query.order_by(P.rowno)).scalars().all()


def holders(session: AnySession, actor: Actor, transfer_ids: Sequence[str]) -> dict[str, str]:
    """Return who of the viewer's organisation has which of these transfers in hand, account by transfer."""
    newest = (
        select(func.max(P.rowno))
        .where(
            P.org_unit_id == actor.org_unit_id, P.transfer_id.in_(transfer_ids), P.assignee_id.is_not(None)
        )
        .group_by(P.transfer_id)
    )
    rows = session.execute(select(P.transfer_id, P.assignee_id).where(P.rowno.in_(newest)))
    return {row[0]: row[1] for row in rows}


def standings(session: AnySession, actor: Actor, *, since: date) -> list[Standing]:
    """Return how everything sent to the viewer's organisation since a day stands."""
    return [one for found in by_receiver(session, actor, since=since).values() for one in found]


def by_receiver(session: AnySession, actor: Actor, *, since: date) -> dict[str, list[Standing]]:
    """Return how everything this person may see that was sent since a day stands, by receiver."""
    start = datetime.combine(since, time(), tzinfo=clock.OFFICE_ZONE)
    # A letter counts by the day it came in, not by the day somebody here typed it.
    came_in = (
        select(func.max(Said.received_on))
        .where(Said.transfer_id == T.id, Said.kind == AnswerKind.REPLIED.value)
        .scalar_subquery()
    )
    columns = (T.sent_at, T.due_on, T.answered_at, T.state, came_in, T.receiver_id)
    found: dict[str, list[Standing]] = {}
    for row in session.execute(queries.visible_to(actor, *columns).where(T.sent_at >= start)):
        found.setdefault(row[5], []).append(
            Standing(
                sent_on=clock.office_date(row[0]), due_on=row[1],
                answered_on=row[4] or (clock.office_date(row[2]) if row[2] else None), is_waiting=row[3] in _WAITING,
                is_refused=row[3] == TransferState.REFUSED.value,
                is_withdrawn=row[3] == TransferState.WITHDRAWN.value,
            )
        )  # fmt: skip
    return found
