"""Every SELECT on invitations: the office through the clue it may see, a guest only what still stands for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.identity.terms import CompartmentKind, Role
from app.platform import ids
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.transfer.invitations.models import Invitation, InvitationAnswer, InvitationPicture
from app.transfer.invitations.terms import GUESTS, InvitationState

AnySession = ReadSession | WriteSession
C: Any = Clue
I: Any = Invitation  # noqa: E741 - one letter a table, as in the other queries
Shown: Any = InvitationPicture
Said: Any = InvitationAnswer


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may be asked."""

    account_id: str
    name: str
    unit: str
    org_unit_id: str
    expertise: str


def guests(session: AnySession, office_id: str, role: Role) -> list[Guest]:
    """Return the people of a role who may be asked, by name."""
    found = [
        identity_queries.account_by_id(session, account_id)
        for account_id in identity_queries.holders(session, office_id, role)
    ]
    units = identity_queries.org_names_of(session, [account.org_unit_id for account in found])
    return sorted(
        (
            Guest(one.id, one.name, units.get(one.org_unit_id, ""), one.org_unit_id, one.expertise)
            for one in found
        ),
        key=lambda guest: (guest.expertise == "", guest.expertise, guest.name, guest.account_id),
    )


def of_clue(session: AnySession, actor: Actor, clue_id: str) -> Sequence[Invitation]:
    """Return a clue's invitations in the order they left, for the office."""
    query = _of_one(clue_queries.scope_of(actor))
    return session.execute(query, {"clue_id": clue_id}).scalars().all()


@lru_cache(maxsize=64)
def _of_one(scope: clue_queries.Scope) -> Select[Any]:
    return _for_office(scope).where(I.clue_id == bindparam("clue_id")).order_by(I.rowno)


def get(session: AnySession, actor: Actor, invitation_id: str) -> Invitation:
    """Return one invitation for the office; raises Missing."""
    found: Invitation | None = session.execute(
        _for_office(actor).where(I.id == invitation_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def _for_office(actor: Actor | clue_queries.Scope) -> Select[Any]:
    return (
        select(Invitation).join(Clue, C.id == I.clue_id).where(clue_queries.is_visible(actor, is_led_to=True))
    )


def of_guest(session: AnySession, actor: Actor, *, today: date) -> Sequence[Invitation]:
    """Return what a guest is asked now, first due first; nothing of what is withdrawn or past its day."""
    if not actor.may(Verb.INVITATION_ANSWER):
        return []
    found = session.execute(_for_guest(actor, today).order_by(I.due_on, I.rowno).limit(200)).scalars().all()
    return [one for one in found if _is_theirs(session, actor, one)]


def own(session: AnySession, actor: Actor, invitation_id: str, *, today: date) -> Invitation:
    """Return one invitation to this very guest while it stands; raises Missing, the same for never and no longer."""
    if not ids.is_uuid(invitation_id):
        raise Missing
    found: Invitation | None = session.execute(
        _for_guest(actor, today).where(I.id == invitation_id)
    ).scalar_one_or_none()
    if found is None or not _is_theirs(session, actor, found):
        raise Missing
    return found


def _for_guest(actor: Actor, today: date) -> Select[Any]:
    return select(Invitation).where(
        I.account_id == actor.account_id,
        I.office_id == actor.office_id,
        I.state != InvitationState.WITHDRAWN.value,
        I.due_on >= today,
    )


def _is_theirs(session: AnySession, actor: Actor, invitation: Invitation) -> bool:
    """Say whether the clue still lies where such a guest is asked: a clue moved into a closed circle is gone for them."""
    clue = clue_queries.by_id(session, invitation.clue_id)
    kind = identity_queries.compartment_kind(session, clue.compartment_id)
    return clue.erased_at is None and GUESTS.get(CompartmentKind(kind)) in actor.roles


def pictures(session: AnySession, invitation_id: str) -> Sequence[InvitationPicture]:
    """Return the pictures a guest sees, in their order."""
    query = select(InvitationPicture).where(Shown.invitation_id == invitation_id).order_by(Shown.sort)
    return session.execute(query).scalars().all()


def picture(session: AnySession, invitation_id: str, picture_id: str) -> InvitationPicture:
    """Return one picture of an invitation; raises Missing."""
    for found in pictures(session, invitation_id):
        if found.id == picture_id:
            return found
    raise Missing


def answers(session: AnySession, invitation_id: str) -> Sequence[InvitationAnswer]:
    """Return what a guest said, oldest first."""
    query = select(InvitationAnswer).where(Said.invitation_id == invitation_id).order_by(Said.rowno)
    return session.execute(query).scalars().all()


def supports(session: AnySession, actor: Actor, clue_id: str) -> list[tuple[InvitationAnswer, Invitation]]:
    """Return the answers of guests that a visit to a clue's place can lean on: those that say where they were taken."""
    return [
        (said, invitation)
        for invitation in of_clue(session, actor, clue_id)
        for said in answers(session, invitation.id)
        if said.phone_lat is not None and not said.is_refusal
    ]


def unanswered(session: WriteSession, *, until: date) -> Sequence[Invitation]:
    """Return what nobody has answered and ends by a day, for the house itself."""
    query = select(Invitation).where(
        I.state == InvitationState.ASKED.value, I.due_on <= until, I.expired_at.is_(None)
    )
    return session.execute(query.order_by(I.rowno)).scalars().all()


def all_of_clue(session: WriteSession, clue_id: str) -> Sequence[Invitation]:
    """Return every invitation of a clue, for the house itself."""
    return session.execute(select(Invitation).where(I.clue_id == clue_id)).scalars().all()
