"""Every SELECT of hooks: what an organisation could read otherwise now than it was told, and what waits to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Subquery, and_, func, or_, select

from app.identity.tokens import queries as token_queries
from app.intake.queries import partner as report_queries
from app.platform import journal
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.transfer import queries
from app.transfer.hooks.models import Hook, HookAttempt, HookEvent, HookTold
from app.transfer.hooks.terms import DELIVER, NEEDS, Kind
from app.transfer.queries import T

AnySession = ReadSession | WriteSession
H: Any = Hook
E: Any = HookEvent
A: Any = HookAttempt
Told: Any = HookTold
# So many changes are noted in one transaction; the rest a minute later.
_BATCH: Final = 500
SHOWN: Final = 50


def live(session: AnySession) -> Sequence[Hook]:
    """Return every hook that is in use."""
    return session.execute(select(Hook).where(H.ended_at.is_(None)).order_by(H.rowno)).scalars().all()


def find(session: AnySession, hook_id: str, *, for_update: bool = False) -> Hook | None:
    """Return one hook that is in use; for update, so that two workers do not note the same change twice."""
    query = select(Hook).where(H.id == hook_id, H.ended_at.is_(None))
    found: Hook | None = session.execute(
        query.with_for_update() if for_update else query
    ).scalar_one_or_none()
    return found


def of_account(session: AnySession, account_id: str) -> Hook | None:
    """Return the hook of a contact."""
    found: Hook | None = session.execute(
        select(Hook).where(H.account_id == account_id, H.ended_at.is_(None))
    ).scalar_one_or_none()
    return found


def of_organisation(session: AnySession, org_unit_id: str) -> Hook | None:
    """Return the hook of an organisation, whichever contact it is bound to."""
    found: Hook | None = session.execute(
        select(Hook).where(H.org_unit_id == org_unit_id, H.ended_at.is_(None))
    ).scalar_one_or_none()
    return found


def may_hear(session: AnySession, hook: Hook, *, now: datetime) -> set[Kind]:
    """Return what a hook may be told now: what it wants, as far as a token in force could read it."""
    scopes = token_queries.scopes_in_force(session, hook.account_id, hook.org_unit_id, now=now)
    return {kind for kind, scope in NEEDS.items() if scope in scopes and kind.value in hook.kinds}


def changes(session: AnySession, hook: Hook, kinds: Collection[Kind]) -> list[tuple[Kind, str, str]]:
    """Return what reads otherwise now than the hook was told: kind, id, how it reads."""
    found: list[tuple[Kind, str, str]] = []
    if Kind.FORWARD in kinds:
        told = _told(hook.id, Kind.FORWARD)
        rows = report_queries.moved(session, hook.org_unit_id, told, limit=_BATCH)
        found += [(Kind.FORWARD, row[0], row[1]) for row in rows]
    if Kind.TRANSFER in kinds:
        told = _told(hook.id, Kind.TRANSFER)
        query = (
            select(T.id, T.state)
            .outerjoin(told, told.c.subject_id == T.id)
            .where(
                queries.is_sent_to(hook.org_unit_id), or_(told.c.status.is_(None), told.c.status != T.state)
            )
            .order_by(T.rowno)
            .limit(_BATCH)
        )
        found += [(Kind.TRANSFER, row[0], row[1]) for row in session.execute(query)]
    return found


def _told(hook_id: str, kind: Kind) -> Subquery:
    query = select(Told.subject_id, Told.status).where(Told.hook_id == hook_id, Told.kind == kind.value)
    return query.subquery()


def _waits() -> Any:
    return E.delivered_at.is_(None) & E.parked_at.is_(None)


def untouched(session: AnySession, hook_id: str, kind: Kind, subject_id: str) -> bool:
    """Say whether the same thing already waits and was never tried: once told, everything is told."""
    found = session.execute(
        select(E.id).where(
            E.hook_id == hook_id, _waits(), E.kind == kind.value, E.subject_id == subject_id, E.attempts == 0
        )
    ).first()
    return found is not None


def due(session: AnySession, hook_id: str, *, now: datetime) -> HookEvent | None:
    """Return what is to be told next; nothing while the other side is left in peace."""
    query = (
        select(HookEvent)
        .join(Hook, E.hook_id == H.id)
        .where(
            H.id == hook_id, H.ended_at.is_(None), or_(H.rests_until.is_(None), H.rests_until <= now),
            _waits(), E.next_at <= now,
        )
        .order_by(E.next_at, E.rowno)
        .limit(1)
    )  # fmt: skip
    found: HookEvent | None = session.execute(query).scalar_one_or_none()
    return found


def is_asked_for(session: AnySession, hook_id: str) -> bool:
    """Say whether a job for this hook waits or runs."""
    return journal.waiting(session, DELIVER, hook_id)[0] > 0


def event(session: AnySession, hook_id: str, event_id: str) -> HookEvent:
    """Return one event of a hook; raises Missing."""
    found: HookEvent | None = session.execute(
        select(HookEvent).where(E.hook_id == hook_id, E.id == event_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def ledger(session: AnySession, hook_id: str) -> Sequence[HookEvent]:
    """Return what was or is to be told, what was given up first, then newest first."""
    query = select(HookEvent).where(E.hook_id == hook_id)
    query = query.order_by(and_(E.parked_at.is_not(None), E.delivered_at.is_(None)).desc(), E.rowno.desc())
    return session.execute(query.limit(SHOWN)).scalars().all()


def waiting_count(session: AnySession, hook_id: str) -> int:
    """Return how many events still wait."""
    return int(
        session.execute(
            select(func.count()).select_from(HookEvent).where(E.hook_id == hook_id, _waits())
        ).scalar_one()
    )


def attempts(session: AnySession, event_ids: Sequence[str]) -> Mapping[str, list[HookAttempt]]:
    """Return every attempt of these events, oldest first."""
    found: dict[str, list[HookAttempt]] = {}
    query = select(HookAttempt).where(A.event_id.in_(event_ids)).order_by(A.rowno)
    for row in session.execute(query).scalars():
        found.setdefault(row.event_id, []).append(row)
    return found


def sealed(session: AnySession, after: int, limit: int) -> list[Hook]:
    """Return the next hooks in row order, for sealing their secrets anew."""
    query = select(Hook).where(H.rowno > after).order_by(H.rowno).limit(limit)
    return list(session.execute(query).scalars())
