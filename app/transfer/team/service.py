"""What the receiver's people do among themselves. It moves nothing of the transfer; nothing here commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.errors import Invalid, Refused
from app.platform.i18n import N_
from app.transfer import queries as transfer_queries
from app.transfer.models import PartnerEntry, Transfer
from app.transfer.team import queries
from app.transfer.team.terms import NOTE_LIMIT


class NoteWords(Invalid):
    """A note says nothing, or too much."""

    code = "note_words"
    text = N_("请写备注，最多 2000 个字。")


class NotAColleague(Invalid):
    """Whoever was chosen does not answer for this organisation."""

    code = "not_a_colleague"
    text = N_("请从名单里选一位同事。")


def note(session: WriteSession, actor: Actor, transfer_id: str, *, words: str, now: datetime) -> None:
    """Write something down for one's colleagues."""
    transfer = _own(session, actor, transfer_id)
    if not words.strip() or len(words) > NOTE_LIMIT:
        raise NoteWords
    _keep(session, actor, transfer, "noted", body=words.strip(), assignee_id=None, now=now)


def hand(session: WriteSession, actor: Actor, transfer_id: str, *, account_id: str, now: datetime) -> None:
    """Say which colleague has a transfer in hand; oneself is a colleague too."""
    transfer = _own(session, actor, transfer_id)
    if account_id not in queries.colleagues(session, actor):
        raise NotAColleague
    if queries.holders(session, actor, [transfer.id]).get(transfer.id) == account_id:
        return
    _keep(session, actor, transfer, "handed", body="", assignee_id=account_id, now=now)


def _own(session: WriteSession, actor: Actor, transfer_id: str) -> Transfer:
    if actor.is_office_staff or not actor.may(Verb.TRANSFER_ANSWER):
        raise Refused(verb=Verb.TRANSFER_ANSWER.value)
    return transfer_queries.get(session, actor, transfer_id)


def _keep(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    word: str,
    *,
    body: str,
    assignee_id: str | None,
    now: datetime,
) -> None:
    session.execute(
        insert(PartnerEntry).values(
            id=ids.new(), transfer_id=transfer.id, org_unit_id=actor.org_unit_id, account_id=actor.account_id,
            body=body, assignee_id=assignee_id, written_at=now,
        )
    )  # fmt: skip
    # Without the clue's id: the office reads its clues' history, and this is none of its business.
    journal.record(
        session, actor.doer, f"partner.{word}", "transfer", transfer.id, now=now, office_id=transfer.office_id,
        facts={"unit": actor.org_unit_id, **({"account": assignee_id} if assignee_id else {})},
    )  # fmt: skip
