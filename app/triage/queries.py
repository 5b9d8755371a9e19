"""Reads of triage: evaluations, who may handle, the clue somebody names as the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.models import Account, AccountRole, Compartment, CompartmentMember
from app.identity.permissions import GRANTS, Verb
from app.identity.terms import CompartmentKind
from app.platform import clock, ids
from app.platform.db import ReadSession, WriteSession
from app.triage.models import Assignment, Evaluation

AnySession = ReadSession | WriteSession
_HANDLING_ROLES = sorted(role.value for role, verbs in GRANTS.items() if Verb.CLUE_EVALUATE in verbs)


@dataclass(frozen=True, slots=True)
class Handler:
    """Somebody a clue may be assigned to."""

    account_id: str
    name: str


def evaluations(session: AnySession, clue_id: str) -> Sequence[Evaluation]:
    """Return every evaluation of a clue, newest first."""
    return (
        session.execute(
            select(Evaluation).where(Evaluation.clue_id == clue_id).order_by(Evaluation.rowno.desc())  # type: ignore[arg-type, union-attr]
        )
        .scalars()
        .all()
    )


def has_evaluation(session: AnySession, clue_id: str) -> bool:
    """Say whether anybody has evaluated the clue."""
    return (
        session.execute(select(Evaluation.rowno).where(Evaluation.clue_id == clue_id).limit(1)).first()  # type: ignore[call-overload]
        is not None
    )


def handlers(session: AnySession, *, office_id: str, compartment_id: str, now: datetime) -> list[Handler]:
    """Return who may be made responsible: active, in the office, in the clue's circle, with a deciding role today."""
    today = clock.office_date(now)
    rows = session.execute(
        select(Account.id, Account.name, AccountRole.valid_from, AccountRole.valid_to)  # type: ignore[call-overload]
        .join(AccountRole, AccountRole.account_id == Account.id)
        .join(CompartmentMember, CompartmentMember.account_id == Account.id)
        .where(
            Account.office_id == office_id,
            Account.is_active.is_(True),  # type: ignore[attr-defined]
            CompartmentMember.compartment_id == compartment_id,
            AccountRole.role.in_(_HANDLING_ROLES),  # type: ignore[attr-defined]
        )
        .order_by(Account.rowno)
    )
    today_only = {
        account_id: name
        for account_id, name, start, end in rows
        if (start is None or start <= today) and (end is None or end >= today)
    }
    return [Handler(account_id, name) for account_id, name in today_only.items()]


def current_assignment(session: AnySession, clue_id: str) -> Assignment | None:
    """Return the assignment that has not ended."""
    found: Assignment | None = session.execute(
        select(Assignment).where(Assignment.clue_id == clue_id, Assignment.ended_at.is_(None))  # type: ignore[arg-type, union-attr]
    ).scalar_one_or_none()
    return found


def named(session: AnySession, actor: Actor, text: str) -> Clue | None:
    """Return the visible clue somebody names, by its number or its id; None when there is none for this person."""
    wanted = text.strip()
    if not wanted:
        return None
    is_wanted = Clue.id == wanted if ids.is_uuid(wanted) else Clue.number == wanted
    found: Clue | None = session.execute(
        clue_queries.visible_to(actor).where(is_wanted)  # type: ignore[arg-type]
    ).scalar_one_or_none()
    return found


def held(session: WriteSession, actor: Actor, clue_ids: Sequence[str]) -> dict[str, Clue]:
    """Return visible clues as they are now, locked in one order, so that two mergings never cross."""
    rows = session.execute(
        clue_queries.visible_to(actor)
        .where(Clue.id.in_(clue_ids))  # type: ignore[attr-defined]
        .order_by(Clue.rowno)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalars()
    return {clue.id: clue for clue in rows}


def circles(session: AnySession, actor: Actor) -> Sequence[Compartment]:
    """Return where a clue may be moved: the office's standing circles, and named ones this person belongs to."""
    rows = session.execute(
        select(Compartment).where(Compartment.office_id == actor.office_id).order_by(Compartment.rowno)  # type: ignore[arg-type]
    ).scalars()
    return [row for row in rows if row.kind != CompartmentKind.NAMED.value or row.id in actor.compartments]
