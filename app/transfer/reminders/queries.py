"""Every SELECT of reminding. What the office reads begins at the transfers it may see, the ledger too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.identity.actor import Actor
from app.identity.duty_contacts import CONTACTS
from app.identity.models import OrgUnit
from app.platform.crypto import KeyRing
from app.platform.db import ReadSession, WriteSession
from app.reference import queries as reference_queries
from app.transfer import queries
from app.transfer.models import Reminder, ReminderDelivery, ReminderDigest, Transfer
from app.transfer.queries import T
from app.transfer.reminders import rules
from app.transfer.reminders.terms import Outcome, Way
from app.transfer.terms import TransferState

AnySession = ReadSession | WriteSession
R: Any = Reminder
D: Any = ReminderDigest
L: Any = ReminderDelivery
U: Any = OrgUnit
SHOWN = 100
_FIELDS = {Way.MAIL: "remind_mail", Way.SMS: "remind_mobile", Way.GZH: "remind_openid"}
_WAITING = (TransferState.SENT.value, TransferState.ACKNOWLEDGED.value)


def ladders(session: AnySession, today: date) -> dict[str, tuple[int, ...]]:
    """Return the ladder of each kind of transfer in force on a day."""
    return {
        key: rules.ladder(row.reminder_days)
        for key, row in reference_queries.transfer_texts(session, today).items()
    }


def waiting(session: AnySession) -> Sequence[Transfer]:
    """Return what receivers have in hand, save what a receiver is to learn nothing of."""
    query = select(Transfer).where(T.state.in_(_WAITING), ~queries.kept_from().exists()).order_by(T.rowno)
    return session.execute(query).scalars().all()


def reminded(session: AnySession, transfer_ids: Sequence[str]) -> set[tuple[str, date, int]]:
    """Return which rungs were noted: transfer, the due day it was counted from, the rung."""
    rows = session.execute(
        select(R.transfer_id, R.due_on, R.step_days).where(R.transfer_id.in_(transfer_ids))
    )
    return {(row[0], row[1], row[2]) for row in rows}


def digest(session: AnySession, digest_id: str) -> ReminderDigest | None:
    """Return one digest."""
    found: ReminderDigest | None = session.execute(
        select(ReminderDigest).where(D.id == digest_id)
    ).scalar_one_or_none()
    return found


def address_of(session: AnySession, keys: KeyRing, unit_id: str, way: Way) -> str:
    """Return where a receiver is reached by a way; empty where nobody wrote it down."""
    found = _unit(session, unit_id)
    return CONTACTS.opened(keys, found, _FIELDS[way]) if found is not None else ""


def has_address(session: AnySession, unit_id: str, way: Way) -> bool:
    """Say whether somebody wrote down where a receiver is reached by a way; nothing is opened for that."""
    found = _unit(session, unit_id)
    return found is not None and CONTACTS.is_there(found, _FIELDS[way])


def _unit(session: AnySession, unit_id: str) -> OrgUnit | None:
    found: OrgUnit | None = session.execute(select(OrgUnit).where(U.id == unit_id)).scalar_one_or_none()
    return found


def was_sent(session: AnySession, digest_id: str, way: Way) -> bool:
    """Say whether a digest has left by a way."""
    found = session.execute(
        select(L.id).where(L.digest_id == digest_id, L.way == way.value, L.outcome == Outcome.SENT.value)
    ).first()
    return found is not None


def ledger(session: AnySession, actor: Actor) -> list[tuple[Reminder, Transfer]]:
    """Return the newest reminders about transfers this person may see."""
    seen = queries.visible_to(actor, Reminder, Transfer).join(Reminder, R.transfer_id == T.id)
    return [(row[0], row[1]) for row in session.execute(seen.order_by(R.rowno.desc()).limit(SHOWN))]


def deliveries(session: AnySession, digest_ids: Sequence[str]) -> Mapping[str, list[ReminderDelivery]]:
    """Return every attempt to get these digests out, oldest first, by digest."""
    query = select(ReminderDelivery).where(L.digest_id.in_(digest_ids)).order_by(L.rowno)
    found: dict[str, list[ReminderDelivery]] = {}
    for row in session.execute(query).scalars():
        found.setdefault(row.digest_id, []).append(row)
    return found


def digest_of_day(session: AnySession, receiver_id: str, day: date) -> str | None:
    """Return the digest a receiver got on a day."""
    found: str | None = session.execute(
        select(func.max(D.id)).where(D.receiver_id == receiver_id, D.day == day)
    ).scalar_one()
    return found
