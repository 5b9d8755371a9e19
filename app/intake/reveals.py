"""Looking at who reported: asked with a written reason, by setting agreed to by a second person, told to the heads.

A look is used up by opening it once. Nothing here commits, and nothing but `conversation.reveal_contact` opens a seal.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, update
from sqlmodel import col

from app.clues.models import Clue
from app.identity.actor import Actor
from app.intake import queries
from app.intake.models import ContactLook
from app.intake.queries import looks
from app.intake.terms import CONTACT_ASKED, CONTACT_DENIED, CONTACT_GRANTED, CONTACT_NOTICED
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Conflict, Refused
from app.platform.i18n import N_

ASKED_HOLDS: Final = timedelta(days=7)
GRANTED_HOLDS: Final = timedelta(hours=24)


class NotYourOwnLook(Refused):
    """Somebody tried to agree to their own request."""

    code = "not_your_own_look"
    text = N_("自己的申请要由另一位负责人同意。")


class LookOver(Conflict):
    """The request was decided, used or has run out."""

    code = "look_over"
    text = N_("这个申请已经处理过、用过，或者过期了。需要的话请再申请一次。")


def ask(session: WriteSession, actor: Actor, clue: Clue, *, reason: str, now: datetime) -> str:
    """Ask to look at a reporter's contact; somebody else must agree. Returns the request's id."""
    look_id = ids.new()
    journal_id = journal.record(
        session, actor.doer, CONTACT_ASKED, "contact_look", look_id,
        now=now, clue_id=clue.id, office_id=clue.office_id, note=reason,
    )  # fmt: skip
    session.execute(
        insert(ContactLook).values(
            id=look_id, clue_id=clue.id, journal_id=journal_id, asked_by=actor.account_id, asked_at=now,
            expires_at=now + ASKED_HOLDS,
        )
    )  # fmt: skip
    return look_id


def note_look(session: WriteSession, actor: Actor, clue: Clue, journal_id: str, *, now: datetime) -> None:
    """Keep a look that needed nobody's leave, so that the heads are told of it."""
    session.execute(
        insert(ContactLook).values(
            id=ids.new(), clue_id=clue.id, journal_id=journal_id, asked_by=actor.account_id, asked_at=now,
            expires_at=now, used_at=now,
        )
    )  # fmt: skip


def decide(session: WriteSession, actor: Actor, look_id: str, *, is_granted: bool, now: datetime) -> None:
    """Agree to somebody's look, or refuse it."""
    look, clue = looks.get(session, actor, look_id)
    if look.asked_by == actor.account_id:
        raise NotYourOwnLook
    decided = session.execute(
        update(ContactLook)
        .where(
            col(ContactLook.id) == look_id,
            col(ContactLook.decided_at).is_(None),
            col(ContactLook.used_at).is_(None),
            col(ContactLook.expires_at) > now,
        )
        .values(
            decided_by=actor.account_id,
            decided_at=now,
            is_granted=is_granted,
            expires_at=now + GRANTED_HOLDS if is_granted else now,
        )
    )
    if not decided.rowcount:  # type: ignore[attr-defined]
        raise LookOver
    journal.record(
        session, actor.doer, CONTACT_GRANTED if is_granted else CONTACT_DENIED, "contact_look", look_id,
        now=now, clue_id=clue.id, office_id=clue.office_id,
    )  # fmt: skip


def use(session: WriteSession, actor: Actor, look_id: str, *, now: datetime) -> tuple[Clue, str]:
    """Use up a look that was agreed to; return the clue and the reason that was given."""
    look, clue = looks.get(session, actor, look_id)
    used = session.execute(
        update(ContactLook)
        .where(
            col(ContactLook.id) == look_id,
            col(ContactLook.asked_by) == actor.account_id,
            col(ContactLook.is_granted).is_(True),
            col(ContactLook.used_at).is_(None),
            col(ContactLook.expires_at) > now,
        )
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise LookOver
    return clue, queries.reasons(session, [look.journal_id]).get(look.journal_id, "")


def notice(session: WriteSession, actor: Actor, look_id: str, *, now: datetime) -> None:
    """Let a head say that a look has come to their knowledge; twice is harmless."""
    _look, clue = looks.get(session, actor, look_id)
    noticed = session.execute(
        update(ContactLook)
        .where(
            col(ContactLook.id) == look_id,
            col(ContactLook.used_at).is_not(None),
            col(ContactLook.noticed_at).is_(None),
        )
        .values(noticed_by=actor.account_id, noticed_at=now)
    )
    if noticed.rowcount:  # type: ignore[attr-defined]
        journal.record(
            session, actor.doer, CONTACT_NOTICED, "contact_look", look_id,
            now=now, clue_id=clue.id, office_id=clue.office_id,
        )  # fmt: skip
