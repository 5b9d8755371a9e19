"""Every SELECT on transfers; each begins at `visible_to`. Receivers see what was sent to them, never a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, false, func, or_, select

from app.clues import queries as clue_queries
from app.clues.models import Clue, ClueRespondent
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.reference import queries as reference_queries
from app.transfer.lifecycle import OPEN
from app.transfer.models import (
    Call,
    Letter,
    Revisit,
    SignOff,
    Transfer,
    TransferAnswer,
    TransferAttachment,
    Visit,
)
from app.transfer.reminders import rules
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
PAGE_SIZE = 50
# SQLModel types a column as the value it holds; here columns are columns.
C: Any = Clue
About: Any = ClueRespondent
T: Any = Transfer
Attached: Any = TransferAttachment
Said: Any = TransferAnswer
Decided: Any = SignOff
Made: Any = Letter
Again: Any = Revisit
Seen: Any = Visit
Called: Any = Call


class WorkList(StrEnum):
    """The lists of the transfer room, in the order of the work."""

    DRAFTS = "drafts"
    TO_REVIEW = "to_review"
    TO_SIGN = "to_sign"
    TO_SEND = "to_send"
    UNACKNOWLEDGED = "unacknowledged"
    SOON = "soon"
    DUE = "due"
    TO_CALL = "to_call"
    TO_CHECK = "to_check"
    REVISITS = "revisits"
    ALL = "all"


_STATE_OF: dict[WorkList, TransferState] = {
    WorkList.DRAFTS: TransferState.DRAFT,
    WorkList.TO_REVIEW: TransferState.IN_REVIEW,
    WorkList.TO_SIGN: TransferState.TO_SIGN,
    WorkList.TO_SEND: TransferState.SIGNED,
    WorkList.UNACKNOWLEDGED: TransferState.SENT,
    WorkList.TO_CHECK: TransferState.REPLIED,
}
_WITH_RECEIVER = (TransferState.SENT.value, TransferState.ACKNOWLEDGED.value)


def is_visible(actor: Actor) -> Any:
    """Return the condition of every read: staff through the clue they may see, receivers by address and sending."""
    if actor.is_office_staff:
        return clue_queries.is_visible(actor, is_led_to=True) if actor.may(Verb.TRANSFER_READ) else false()
    if actor.may(Verb.TRANSFER_ANSWER):
        return is_sent_to(actor.org_unit_id)
    return false()


def is_sent_to(org_unit_id: str) -> Any:
    """Return the condition of what a receiver knows of: sent to it, and not about it."""
    return (T.receiver_id == org_unit_id) & T.sent_at.is_not(None) & ~kept_from().exists()


def kept_from() -> Select[Any]:
    """Return the condition under which a receiver is to learn nothing of a transfer."""
    # Nothing is sent to the one a matter is about before service; this holds should something slip through. What
    # was sent before the naming stays: to take it away would tell.
    is_about = (About.clue_id == T.clue_id) & (About.org_unit_id == T.receiver_id)
    return select(About.id).where(is_about, About.ended_at.is_(None), About.named_at <= T.sent_at)


def visible_to(actor: Actor, *columns: Any) -> Select[Any]:
    """Return the base SELECT of what this person may see: whole records, or just the columns named."""
    return (
        select(*(columns or (Transfer,)))
        .select_from(Transfer)
        .join(Clue, C.id == T.clue_id)
        .where(is_visible(actor))
    )


def get(session: AnySession, actor: Actor, transfer_id: str) -> Transfer:
    """Return one transfer; raises Missing when there is none for this person."""
    found: Transfer | None = session.execute(
        visible_to(actor).where(T.id == transfer_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def by_id(session: AnySession, transfer_id: str) -> Transfer:
    """Return one transfer for a door that has checked its own right (a one-time link); raises Missing."""
    found: Transfer | None = session.execute(select(Transfer).where(T.id == transfer_id)).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def for_clue(session: AnySession, actor: Actor, clue_id: str) -> Sequence[Transfer]:
    """Return a clue's transfers in the order they were drafted."""
    if actor.is_office_staff and actor.may(Verb.TRANSFER_READ):
        query = _for_office(clue_queries.scope_of(actor))
    else:
        query = visible_to(actor).where(T.clue_id == bindparam("clue_id")).order_by(T.rowno)
    return session.execute(query, {"clue_id": clue_id}).scalars().all()


@lru_cache(maxsize=64)
def _for_office(scope: clue_queries.Scope) -> Select[Any]:
    """Return the statement of `for_clue` for the office: built once for a scope, because building costs more than running."""
    visible = select(Transfer).join(Clue, C.id == T.clue_id).where(clue_queries.is_visible(scope))
    return visible.where(T.clue_id == bindparam("clue_id")).order_by(T.rowno)


def of_clue(session: AnySession, clue_id: str) -> Sequence[Transfer]:
    """Return every transfer of a clue, for the house itself."""
    return session.execute(select(Transfer).where(T.clue_id == clue_id).order_by(T.rowno)).scalars().all()


def states_of_clue(session: AnySession, clue_id: str) -> dict[str, TransferState]:
    """Return where each transfer of a clue stands, for the step that has already found the clue."""
    rows = session.execute(select(T.id, T.state).where(T.clue_id == clue_id))
    return {row[0]: TransferState(row[1]) for row in rows}


def hold(session: WriteSession, clue_id: str) -> None:
    """Let steps on the transfers of one clue stand in line; SQLite's writers do so anyway.

    Else two last receivers who refuse at once would each see the other still open, and the clue would wait for ever.
    """
    session.execute(select(T.id).where(T.clue_id == clue_id).order_by(T.rowno).with_for_update()).all()


def was_told(session: AnySession, clue_id: str, kind: str) -> bool:
    """Say whether a transfer of this kind was sent for the clue before, so that nobody is told twice."""
    found = session.execute(
        select(T.id).where(T.clue_id == clue_id, T.kind == kind, T.sent_at.is_not(None)).limit(1)
    ).first()
    return found is not None


def work_list(
    session: AnySession, actor: Actor, which: WorkList, *, today: date, before: int | None = None
) -> Sequence[Transfer]:
    """Return one list, newest first, a page at a time; `before` is the last row of the page before."""
    found = _of(visible_to(actor), which, today, _is_soon(session, today))
    query = found.order_by(T.rowno.desc()).limit(PAGE_SIZE + 1)
    if before is not None:
        query = query.where(T.rowno < before)
    return session.execute(query).scalars().all()


def row_of(session: AnySession, actor: Actor, transfer_id: str) -> int | None:
    """Return where a list goes on after this transfer; None when it is not theirs."""
    found: int | None = session.execute(
        visible_to(actor, T.rowno).where(T.id == transfer_id)
    ).scalar_one_or_none()
    return found


def counts(session: AnySession, actor: Actor, *, today: date) -> dict[WorkList, int]:
    """Return how many transfers stand in each list."""
    rows = session.execute(visible_to(actor, T.state, func.count()).group_by(T.state))
    by_state = {row[0]: row[1] for row in rows}
    found = {which: by_state.get(state.value, 0) for which, state in _STATE_OF.items()}
    found[WorkList.ALL] = sum(by_state.values())
    is_soon = _is_soon(session, today)
    for which in (WorkList.SOON, WorkList.DUE, WorkList.TO_CALL, WorkList.REVISITS):
        asked = _of(visible_to(actor, func.count()), which, today, is_soon)
        found[which] = session.execute(asked).scalar_one()
    return {which: found[which] for which in WorkList}


def _is_soon(session: AnySession, today: date) -> Any:
    """Return the condition that the ladder of its kind has begun and the due day has not passed."""
    due, steps = func.coalesce(T.promised_on, T.due_on), reference_queries.transfer_texts(session, today)
    days = {key: rules.soon_days(rules.ladder(row.reminder_days)) for key, row in steps.items()}
    begun = [(T.kind == key) & (due <= today + timedelta(days=most)) for key, most in days.items() if most]
    return (due >= today) & or_(false(), *begun)


def _of(query: Select[Any], which: WorkList, today: date, is_soon: Any) -> Select[Any]:
    if which is WorkList.SOON:
        return query.where(
            T.state.in_(_WITH_RECEIVER), is_soon, func.coalesce(T.promised_on, T.due_on) > today
        )
    if which is WorkList.DUE:
        is_late = (T.due_on <= today) | (T.promised_on <= today)
        return query.where(T.state.in_(_WITH_RECEIVER), is_late)
    if which is WorkList.TO_CALL:
        # Late, or soon due and nobody there has even taken it; and nobody called, or the day to call again has come.
        waits = select(Called.id).where(Called.transfer_id == T.id, Called.again_on > today)
        is_late = func.coalesce(T.promised_on, T.due_on) < today
        is_unseen = (T.state == TransferState.SENT.value) & is_soon
        return query.where(T.state.in_(_WITH_RECEIVER), is_late | is_unseen, ~waits.exists())
    if which is WorkList.REVISITS:
        is_due = select(Again.id).where(
            Again.transfer_id == T.id, Again.done_at.is_(None), Again.due_on <= today
        )
        return query.where(T.state == TransferState.CLOSED.value, is_due.exists())
    state = _STATE_OF.get(which)
    return query if state is None else query.where(T.state == state.value)


def inbox(session: AnySession, actor: Actor, *, is_open: bool) -> Sequence[Transfer]:
    """Return what was sent to a receiver, newest first: what is still in hand, or what is over."""
    states = [state.value for state in OPEN]
    is_there = T.state.in_(states) if is_open else T.state.not_in(states)
    query = visible_to(actor).where(is_there).order_by(T.sent_at.desc()).limit(200)
    return session.execute(query).scalars().all()


def history(session: AnySession, actor: Actor, *, before: int | None = None) -> Sequence[Transfer]:
    """Return what a receiver has answered, returned or seen ended, newest first, a page and one row more."""
    query = visible_to(actor).where(T.state.not_in(_WITH_RECEIVER)).order_by(T.rowno.desc())
    if before is not None:
        query = query.where(T.rowno < before)
    return session.execute(query.limit(PAGE_SIZE + 1)).scalars().all()


def sent_to(session: AnySession, org_unit_id: str, *, before: int | None, limit: int) -> Sequence[Transfer]:
    """Return what was sent to an organisation, newest first, for its own system."""
    query = select(Transfer).where(is_sent_to(org_unit_id)).order_by(T.rowno.desc()).limit(limit)
    return session.execute(query.where(T.rowno < before) if before is not None else query).scalars().all()


def row_sent_to(session: AnySession, org_unit_id: str, transfer_id: str) -> int | None:
    """Return where that list goes on after this transfer; None when it is not theirs."""
    found: int | None = session.execute(
        select(T.rowno).where(is_sent_to(org_unit_id), T.id == transfer_id)
    ).scalar_one_or_none()
    return found


def attachments(session: AnySession, transfer_id: str) -> Sequence[TransferAttachment]:
    """Return the pictures that go along, in their order."""
    return (
        session.execute(
            select(TransferAttachment).where(Attached.transfer_id == transfer_id).order_by(Attached.sort)
        )
        .scalars()
        .all()
    )


def attachment(session: AnySession, transfer_id: str, attachment_id: str) -> TransferAttachment:
    """Return one picture of a transfer; raises Missing."""
    found: TransferAttachment | None = session.execute(
        select(TransferAttachment).where(
            Attached.transfer_id == transfer_id,
            Attached.id == attachment_id,
        )
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def answers(session: AnySession, transfer_id: str) -> Sequence[TransferAnswer]:
    """Return everything said between the receiver and us, oldest first."""
    return (
        session.execute(select(TransferAnswer).where(Said.transfer_id == transfer_id).order_by(Said.rowno))
        .scalars()
        .all()
    )


def sign_offs(session: AnySession, transfer_id: str) -> Sequence[SignOff]:
    """Return the decisions of the sign-off chain, oldest first."""
    return (
        session.execute(select(SignOff).where(Decided.transfer_id == transfer_id).order_by(Decided.rowno))
        .scalars()
        .all()
    )


def letters(session: AnySession, transfer_id: str) -> Sequence[Letter]:
    """Return the documents made of a transfer, newest first."""
    return (
        session.execute(select(Letter).where(Made.transfer_id == transfer_id).order_by(Made.version.desc()))
        .scalars()
        .all()
    )


def letter(session: AnySession, transfer_id: str, version: int = 0) -> Letter:
    """Return one version of a transfer's document, or with 0 the newest; raises Missing."""
    for made in letters(session, transfer_id):
        if version in {0, made.version}:
            return made
    raise Missing


def newest_letter(session: AnySession, transfer_id: str) -> Letter | None:
    """Return the document as last made."""
    return next(iter(letters(session, transfer_id)), None)


def visits(session: AnySession, transfer_id: str) -> Sequence[Visit]:
    """Return who looked on the ground, oldest first."""
    query = select(Visit).where(Seen.transfer_id == transfer_id).order_by(Seen.rowno)
    return session.execute(query).scalars().all()


def revisits(session: AnySession, transfer_id: str, *, only_open: bool = False) -> Sequence[Revisit]:
    """Return the planned revisits in the order they fall due."""
    query = select(Revisit).where(Again.transfer_id == transfer_id).order_by(Again.due_on, Again.rowno)
    return session.execute(query.where(Again.done_at.is_(None)) if only_open else query).scalars().all()


def calls(session: AnySession, transfer_id: str) -> Sequence[Call]:
    """Return who was called about it, newest first."""
    query = select(Call).where(Called.transfer_id == transfer_id).order_by(Called.rowno.desc())
    return session.execute(query).scalars().all()


def to_call(session: AnySession, actor: Actor, *, today: date, limit: int = 200) -> Sequence[Transfer]:
    """Return what is late, or due soon and not even acknowledged, first due first: the list for the telephone."""
    due = func.coalesce(T.promised_on, T.due_on)
    found = _of(visible_to(actor), WorkList.TO_CALL, today, _is_soon(session, today))
    return session.execute(found.order_by(due, T.rowno).limit(limit)).scalars().all()


@dataclass(frozen=True, slots=True)
class Standing:
    """One transfer among those of its clue, for pages of other rooms."""

    id: str
    receiver_id: str
    state: TransferState


def standings(session: AnySession, actor: Actor, clue_id: str) -> list[Standing]:
    """Return where a clue's transfers stand (the desk's panel)."""
    rows = session.execute(
        visible_to(actor, T.id, T.receiver_id, T.state).where(T.clue_id == clue_id).order_by(T.rowno)
    )
    return [Standing(row[0], row[1], TransferState(row[2])) for row in rows]
