"""Reads of triage: evaluations, who may handle, the clue somebody names as the same matter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select

from app.clues import queries as clue_queries
from app.clues.lifecycle import OPEN
from app.clues.models import Clue
from app.identity.actor import Actor
from app.identity.models import Account, AccountRole, Compartment, CompartmentMember, OrgUnit
from app.identity.permissions import GRANTS, Verb
from app.identity.terms import CompartmentKind, OrgKind, Role
from app.platform import clock, ids
from app.platform.db import ReadSession, UtcDateTime, WriteSession, look_up
from app.platform.errors import Missing
from app.triage.models import (
    Absence,
    Assignment,
    BulkRun,
    ClueLabel,
    DailyDigest,
    Evaluation,
    Presence,
    Recusal,
    SavedView,
    TeamMember,
)

AnySession = ReadSession | WriteSession
_HANDLING_ROLES = sorted(role.value for role, verbs in GRANTS.items() if Verb.CLUE_EVALUATE in verbs)

_OPEN = sorted(state.value for state in OPEN)
_INQUIRING_ROLES = sorted({*_HANDLING_ROLES, Role.ASSISTANT.value, Role.CLERK.value})


@dataclass(frozen=True, slots=True)
class Handler:
    """Somebody a clue may be assigned to."""

    account_id: str
    name: str


_EVALUATIONS = (
    select(Evaluation)
    .where(Evaluation.clue_id == bindparam("clue_id"))  # type: ignore[arg-type]
    .order_by(Evaluation.rowno.desc())  # type: ignore[union-attr]
)


def evaluations(session: AnySession, clue_id: str) -> Sequence[Evaluation]:
    """Return every evaluation of a clue, newest first."""
    return session.execute(_EVALUATIONS, {"clue_id": clue_id}).scalars().all()


def has_evaluation(session: AnySession, clue_id: str) -> bool:
    """Say whether anybody has evaluated the clue."""
    return (
        session.execute(select(Evaluation.rowno).where(Evaluation.clue_id == clue_id).limit(1)).first()  # type: ignore[call-overload]
        is not None
    )


def handlers(
    session: AnySession, *, office_id: str, compartment_id: str, now: datetime, clue_id: str = ""
) -> list[Handler]:
    """Return who may be made responsible: active, in the office and the clue's circle, deciding today, not keeping out."""
    found = _handlers(session, office_id, now, circle=compartment_id)
    return _without(found, recused(session, clue_id)) if clue_id else found


_AWAY: Any = Absence
_BACK_ON: Any = (
    select(func.min(_AWAY.to_on))
    .where(
        _AWAY.account_id == Account.id,
        _AWAY.office_id == bindparam("office_id"),
        _AWAY.from_on <= bindparam("today"),
        _AWAY.to_on >= bindparam("today"),
    )
    .scalar_subquery()
)


def _without(found: list[Handler], out: set[str]) -> list[Handler]:
    return [one for one in found if one.account_id not in out] if out else found


def offered(
    session: AnySession, *, office_id: str, compartment_id: str, now: datetime, out: Collection[str]
) -> list[tuple[Handler, date | None]]:
    """Return who may be made responsible but those who keep out, and until when each is away; one look for both."""
    today = clock.office_date(now)
    asked = {
        "office_id": office_id, "circle": compartment_id, "roles": _HANDLING_ROLES, "today": today,
    }  # fmt: skip
    rows = look_up(session, _OFFERED, asked).all()
    found = {
        account_id: (Handler(account_id, name), until)
        for account_id, name, start, end, until in rows
        if (start is None or start <= today) and (end is None or end >= today)
    }
    return [one for key, one in found.items() if key not in out]


def inquirers(
    session: AnySession, *, office_id: str, compartment_id: str, now: datetime, clue_id: str = ""
) -> list[Handler]:
    """Return who may go and look: prosecutors, assistants and clerks of the clue's circle (办案规则 6, 36)."""
    found = _handlers(session, office_id, now, circle=compartment_id, roles=_INQUIRING_ROLES)
    return _without(found, recused(session, clue_id)) if clue_id else found


def handlers_of_office(session: AnySession, *, office_id: str, now: datetime) -> list[Handler]:
    """Return everybody of an office who may be made responsible for something."""
    return _handlers(session, office_id, now)


def _working() -> Any:
    return (
        select(Account.id, Account.name, AccountRole.valid_from, AccountRole.valid_to)  # type: ignore[call-overload]
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(
            Account.office_id == bindparam("office_id"),
            Account.is_active.is_(True),  # type: ignore[attr-defined]
            AccountRole.role.in_(bindparam("roles", expanding=True)),  # type: ignore[attr-defined]
        )
        .order_by(Account.rowno)
    )


_WORKING: Any = _working()
_IN_CIRCLE: Any = select(CompartmentMember.account_id).where(  # type: ignore[call-overload]
    CompartmentMember.compartment_id == bindparam("circle")
)
_WORKING_IN: Any = _WORKING.where(Account.id.in_(_IN_CIRCLE))  # type: ignore[attr-defined]
_OFFERED: Any = _WORKING_IN.add_columns(_BACK_ON)


def _handlers(
    session: AnySession,
    office_id: str,
    now: datetime,
    *,
    circle: str = "",
    roles: Sequence[str] = _HANDLING_ROLES,
) -> list[Handler]:
    today = clock.office_date(now)
    asked = {"office_id": office_id, "roles": list(roles)} | ({"circle": circle} if circle else {})
    rows = look_up(session, _WORKING_IN if circle else _WORKING, asked).all()
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


def superiors(session: AnySession, office_id: str) -> Sequence[OrgUnit]:
    """Return the procuratorates a major clue may be filed with."""
    unit: Any = OrgUnit
    query = select(OrgUnit).where(
        unit.office_id == office_id, unit.kind == OrgKind.PROCURATORATE.value, unit.is_active.is_(True)
    )
    return session.execute(query.order_by(unit.rowno)).scalars().all()


_LABELS_OF: Any = select(ClueLabel.clue_id, ClueLabel.label_key).where(  # type: ignore[call-overload]
    ClueLabel.clue_id.in_(bindparam("clue_ids", expanding=True))  # type: ignore[attr-defined]
)


def labels_of(session: AnySession, clue_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the office's words on clues whose reader has already been found the right to, by clue."""
    found: dict[str, list[str]] = {}
    if clue_ids:
        for clue_id, key in look_up(session, _LABELS_OF, {"clue_ids": list(clue_ids)}).all():
            found.setdefault(clue_id, []).append(key)
    return found


def marked(session: AnySession, *, after: int, limit: int) -> Sequence[Clue]:
    """Return clues with a label or a number elsewhere, in order, for the house itself."""
    unit: Any = Clue
    labelled: Any = select(ClueLabel.clue_id)  # type: ignore[call-overload]
    # house: allow scope-first (the house indexes for everybody; who finds what is asked when searching)
    query = select(Clue).where(  # house: allow scope-first (documented above)
        unit.rowno > after, or_(unit.case_number.is_not(None), unit.id.in_(labelled))
    )
    return session.execute(query.order_by(unit.rowno).limit(limit)).scalars().all()


def bulk_run(session: AnySession, actor: Actor, run_id: str, *, holds: bool = False) -> BulkRun:
    """Return a step this person took for several clues, locked if it is to be taken back; raises Missing."""
    unit: Any = BulkRun
    query = select(BulkRun).where(unit.id == run_id, unit.account_id == actor.account_id)
    found: BulkRun | None = session.execute(query.with_for_update() if holds else query).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def bulk_runs(session: AnySession, actor: Actor, *, most: int = 20) -> Sequence[BulkRun]:
    """Return the latest steps this person took for several clues, newest first."""
    unit: Any = BulkRun
    query = select(BulkRun).where(unit.account_id == actor.account_id).order_by(unit.rowno.desc())
    return session.execute(query.limit(most)).scalars().all()


_VIEW: Any = SavedView
_VIEWS: Any = (
    select(_VIEW.id, _VIEW.account_id, _VIEW.name, _VIEW.filters, _VIEW.is_shared)
    .where(
        SavedView.office_id == bindparam("office_id"),  # type: ignore[arg-type]
        or_(SavedView.account_id == bindparam("me"), SavedView.is_shared.is_(True)),  # type: ignore[arg-type, attr-defined]
    )
    .order_by(SavedView.rowno)  # type: ignore[arg-type]
)


def saved_views(session: AnySession, actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return one's own views and those lent to the office, oldest first: what a list of them shows."""
    return look_up(session, _VIEWS, {"office_id": actor.office_id, "me": actor.account_id}).all()


def own_view(session: AnySession, actor: Actor, view_id: str) -> SavedView:
    """Return one's own view; raises Missing for anybody else's."""
    unit: Any = SavedView
    query = select(SavedView).where(unit.id == view_id, unit.account_id == actor.account_id)
    found: SavedView | None = session.execute(query).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


_PRESENT: Any = select(Presence.clue_id, Presence.account_id, Presence.is_deciding).where(  # type: ignore[call-overload]
    Presence.clue_id.in_(bindparam("clue_ids", expanding=True)),  # type: ignore[attr-defined]
    Presence.until > bindparam("now", type_=UtcDateTime()),
    Presence.account_id != bindparam("me"),
)


def present(
    session: AnySession, actor: Actor, clue_ids: Sequence[str], *, now: datetime
) -> dict[str, dict[str, bool]]:
    """Return who else has these clues before them, by clue and person, and whether they are deciding."""
    found: dict[str, dict[str, bool]] = {}
    if clue_ids:
        given = {"clue_ids": list(clue_ids), "now": now, "me": actor.account_id}
        for clue_id, account_id, is_deciding in look_up(session, _PRESENT, given):
            found.setdefault(clue_id, {})[account_id] = is_deciding
    return found


_RECUSED: Any = select(Recusal.account_id).where(  # type: ignore[call-overload]
    Recusal.clue_id == bindparam("clue_id"),
    Recusal.lifted_at.is_(None),  # type: ignore[union-attr]
)


def recused(session: AnySession, clue_id: str) -> set[str]:
    """Return who keeps out of a clue."""
    return set(look_up(session, _RECUSED, {"clue_id": clue_id}).scalars())


_UNDECIDED: Any = select(Recusal.account_id).where(  # type: ignore[call-overload]
    Recusal.clue_id == bindparam("clue_id"),
    Recusal.lifted_at.is_(None),  # type: ignore[union-attr]
    Recusal.decided_at.is_(None),  # type: ignore[union-attr]
)


def undecided_recusals(session: AnySession, clue_id: str) -> set[str]:
    """Return who declared to keep out of a clue and waits for the decision."""
    return set(look_up(session, _UNDECIDED, {"clue_id": clue_id}).scalars())


_ABSENCE: Any = Absence
_ABSENCES: Any = (
    select(Absence)
    .where(_ABSENCE.office_id == bindparam("office_id"))
    .order_by(_ABSENCE.to_on.desc(), _ABSENCE.rowno)
    .limit(100)
)


def absences(session: AnySession, office_id: str) -> Sequence[Absence]:
    """Return every absence of an office, the latest first."""
    return session.execute(_ABSENCES, {"office_id": office_id}).scalars().all()


def away(session: AnySession, office_id: str, on: date) -> dict[str, Absence]:
    """Return who is away on a day, by account."""
    return {one.account_id: one for one in absences(session, office_id) if one.from_on <= on <= one.to_on}


def team_people(session: AnySession, team_id: str) -> set[str]:
    """Return who belongs to a team."""
    member: Any = TeamMember
    return set(session.execute(select(member.account_id).where(member.team_id == team_id)).scalars())


_TOLD: Any = DailyDigest
_DIGEST: Any = select(
    _TOLD.overdue, _TOLD.due_today, _TOLD.soon, _TOLD.news, _TOLD.team_overdue, _TOLD.team_due_today
).where(
    DailyDigest.account_id == bindparam("me"),  # type: ignore[arg-type]
    DailyDigest.on_date == bindparam("on_date"),  # type: ignore[arg-type]
)


def digest_of(session: AnySession, account_id: str, on: date) -> Row[*tuple[Any, ...]] | None:
    """Return the figures somebody was told on a day; None where there was nothing to tell."""
    return look_up(session, _DIGEST, {"me": account_id, "on_date": on}).one_or_none()


def open_of(session: AnySession, actor: Actor, account_id: str, *, limit: int) -> list[tuple[str, int]]:
    """Return the visible open clues of somebody with their versions, oldest first."""
    unit: Any = Clue
    rows = session.execute(
        clue_queries.visible_to(actor, unit.id, unit.version)
        .where(unit.assignee_id == account_id, unit.state.in_(_OPEN))
        .order_by(unit.rowno)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def open_counts(session: AnySession, actor: Actor) -> dict[str, int]:
    """Return how many visible open clues each person has."""
    unit: Any = Clue
    rows = session.execute(
        clue_queries.visible_to(actor, unit.assignee_id, func.count())
        .where(unit.assignee_id.is_not(None), unit.state.in_(_OPEN))
        .group_by(unit.assignee_id)
    )
    return {row[0]: row[1] for row in rows}
