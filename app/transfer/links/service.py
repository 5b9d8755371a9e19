"""What is done to one-time links: issued, tried, ended. Nothing here commits, save `knock`, which says why."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, insert, update

from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform import clock, ids, journal
from app.platform.crypto import KeyRing
from app.platform.db import Database, WriteSession
from app.platform.errors import Refused
from app.platform.journal import Doer
from app.transfer import queries as transfer_queries
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.links import queries, rules
from app.transfer.links.queries import L, S
from app.transfer.links.terms import CODE_DIGITS, SESSION_FOR, TRIES, EndReason, Issued, LinkTooLate
from app.transfer.models import LinkSession, Transfer, TransferLink
from app.transfer.terms import TransferState

ISSUABLE = frozenset({TransferState.SENT, TransferState.ACKNOWLEDGED})
_PURPOSE = "link-code"


def issue(
    session: WriteSession,
    actor: Actor,
    transfer: Transfer,
    *,
    contact_name: str,
    keys: KeyRing,
    grace_days: int,
    now: datetime,
) -> Issued:
    """Issue a link of a transfer to one contact; earlier links of the transfer end."""
    if not actor.may(Verb.TRANSFER_SEND):
        raise Refused(verb=Verb.TRANSFER_SEND.value)
    queries.hold_transfer(session, transfer.id)
    if queries.state_of(session, transfer.id) not in ISSUABLE:
        raise TransferStepRefused(state=transfer.state)
    today = clock.office_date(now)
    expires_on = rules.last_day(transfer.due_on, today, grace_days)
    if expires_on < today:
        raise LinkTooLate
    _end_all(session, actor.doer, transfer, EndReason.REISSUED, now=now)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    fresh = Issued(ids.new(), ids.token(), code, expires_on)
    session.execute(
        insert(TransferLink).values(
            id=fresh.link_id, transfer_id=transfer.id, contact_name=contact_name,
            token_digest=queries.digest_of(fresh.token),
            code_digest=keys.keyed_digest(_PURPOSE, _bound(fresh.link_id, fresh.code)),
            tries_left=TRIES, expires_on=expires_on, issued_by=actor.account_id, issued_at=now,
        )
    )  # fmt: skip
    _record(
        session, actor.doer, "link.issued", fresh.link_id, transfer, now, expires_on=expires_on.isoformat()
    )
    return fresh


def end(session: WriteSession, actor: Actor, transfer: Transfer, *, now: datetime) -> int:
    """End the links of a transfer by hand (a phone was lost, the wrong person was written to); return how many."""
    if not actor.may(Verb.TRANSFER_SEND):
        raise Refused(verb=Verb.TRANSFER_SEND.value)
    queries.hold_transfer(session, transfer.id)
    return _end_all(session, actor.doer, transfer, EndReason.BY_OFFICE, now=now)


def knock(database: Database, keys: KeyRing, token: str, code: str, *, now: datetime) -> str | None:
    """Try a code at a link; return the token of a fresh half hour, or None, whatever was wrong.

    In a short transaction of its own: a wrong try must stay counted although the answer is a refusal.
    """
    with database.write_session() as session:
        link = queries.by_token(session, token)
        if link is None or not _holds(session, link, now):
            return None
        transfer = transfer_queries.by_id(session, link.transfer_id)
        if not _is_right(keys, link, code):
            _count_wrong(session, link, transfer, now=now)
            return None
        return _open(session, link, transfer, now=now)


def leave(session: WriteSession, session_id: str, *, now: datetime) -> None:
    """Close a half hour early: somebody puts the phone away, or hands it on."""
    session.execute(update(LinkSession).where(S.id == session_id).values(expires_at=now))


def _holds(session: WriteSession, link: TransferLink, now: datetime) -> bool:
    return rules.holds(
        is_ended=link.ended_at is not None, tries_left=link.tries_left, expires_on=link.expires_on,
        state=queries.state_of(session, link.transfer_id), today=clock.office_date(now),
    )  # fmt: skip


def _bound(link_id: str, code: str) -> str:
    # With the link's id in it, equal codes of two links have nothing in common.
    return f"{link_id}:{code}"


def _is_right(keys: KeyRing, link: TransferLink, code: str) -> bool:
    # The link does not remember under which key its code was digested; there are never more than a few keys.
    made = [keys.keyed_digest(_PURPOSE, _bound(link.id, code), key_id=key_id) for key_id in keys.ids]
    return any([hmac.compare_digest(each, link.code_digest) for each in made])  # noqa: C419 - all are compared


def _count_wrong(session: WriteSession, link: TransferLink, transfer: Transfer, *, now: datetime) -> None:
    left = link.tries_left - 1
    values = {"tries_left": left} | ({"ended_at": now} if left == 0 else {})
    session.execute(update(TransferLink).where(L.id == link.id).values(**values))
    doer = journal.by_link(link.id)
    _record(session, doer, "link.wrong_code", link.id, transfer, now, tries_left=left)
    if left == 0:
        _record(session, doer, "link.ended", link.id, transfer, now, reason=EndReason.TRIES.value)


def _open(session: WriteSession, link: TransferLink, transfer: Transfer, *, now: datetime) -> str:
    token = ids.token()
    session.execute(delete(LinkSession).where(S.link_id == link.id, S.expires_at <= now))
    # Tries are counted between two right codes: whoever knows the code cannot lock themselves out in two months.
    session.execute(update(TransferLink).where(L.id == link.id).values(tries_left=TRIES))
    session.execute(
        insert(LinkSession).values(
            id=ids.new(), link_id=link.id, token_digest=queries.digest_of(token), opened_at=now,
            expires_at=now + SESSION_FOR,
        )
    )  # fmt: skip
    _record(session, journal.by_link(link.id), "link.opened", link.id, transfer, now)
    return token


def _end_all(
    session: WriteSession, doer: Doer, transfer: Transfer, reason: EndReason, *, now: datetime
) -> int:
    ended = queries.not_ended(session, transfer.id)
    for link in ended:
        session.execute(update(TransferLink).where(L.id == link.id).values(ended_at=now))
        _record(session, doer, "link.ended", link.id, transfer, now, reason=reason.value)
    return len(ended)


def _record(
    session: WriteSession,
    doer: Doer,
    verb: str,
    link_id: str,
    transfer: Transfer,
    now: datetime,
    **facts: str | int,
) -> None:
    journal.record(
        session, doer, verb, "transfer_link", link_id,
        now=now, clue_id=transfer.clue_id, office_id=transfer.office_id,
        facts={"transfer": transfer.id, **facts},
    )  # fmt: skip
