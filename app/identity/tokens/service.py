"""Tokens are issued, rotated and revoked by the security administrator; nothing here commits.

The token itself is shown once and kept nowhere: 256 random bits need no slow digest.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import insert, update

from app.identity.actor import Actor
from app.identity.models import Account, ApiToken
from app.identity.permissions import Verb, granted
from app.identity.queries import roles_of
from app.identity.terms import Role
from app.identity.tokens import queries
from app.identity.tokens.queries import T
from app.identity.tokens.terms import OVERLAP, PREFIX, SHOWN, Bearer, Wish
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.digest import sha256_hex
from app.platform.errors import Conflict, Refused
from app.platform.i18n import N_


class NoToken(Refused):
    """Tokens are for contacts of agencies; nobody inside the office has one."""

    code = "no_token"
    text = N_("接口口令只发给协作单位的联络员账号，而且账号要在用。")


class TokenOver(Conflict):
    """A token that is over can be neither rotated nor revoked."""

    code = "token_over"
    text = N_("这个接口口令已经停用。")


def issue(session: WriteSession, actor: Actor, account: Account, wish: Wish, *, now: datetime) -> str:
    """Issue a token for a contact's account; return it, for the only time."""
    roles = roles_of(session, account.id, now=now)
    is_contact = Role.AGENCY_CONTACT in roles and Verb.CLUE_READ not in granted(roles)
    if not is_contact or not account.is_active or account.office_id != actor.office_id:
        raise NoToken
    token = PREFIX + secrets.token_urlsafe(32)
    token_id = ids.new()
    session.execute(
        insert(ApiToken).values(
            id=token_id, office_id=account.office_id, org_unit_id=account.org_unit_id, account_id=account.id,
            name=wish.name, scopes=sorted(wish.scopes), shown=token[:SHOWN], digest=sha256_hex(token.encode()),
            issued_by=actor.account_id, issued_at=now, expires_on=wish.expires_on,
        )
    )  # fmt: skip
    _record(session, actor, "issued", account, token_id, now)
    return token


def rotate(session: WriteSession, actor: Actor, account: Account, token_id: str, *, now: datetime) -> str:
    """Issue another in place of a token, which works on for a day; return the new one."""
    old = queries.one_of(session, account.id, token_id)
    wish = Wish(old.name, frozenset(old.scopes), old.expires_on)  # type: ignore[arg-type]
    _end(session, old, at=now + OVERLAP)
    return issue(session, actor, account, wish, now=now)


def revoke(session: WriteSession, actor: Actor, account: Account, token_id: str, *, now: datetime) -> None:
    """End a token at once."""
    _end(session, queries.one_of(session, account.id, token_id), at=now, only_later_than=now)
    _record(session, actor, "revoked", account, token_id, now)


def _end(
    session: WriteSession, row: ApiToken, *, at: datetime, only_later_than: datetime | None = None
) -> None:
    """Set the instant at which a token ends; a rotated one may still be revoked before its day is over."""
    is_open = T.ends_at.is_(None)
    if only_later_than is not None:
        is_open = is_open | (T.ends_at > only_later_than)
    changed = session.execute(update(ApiToken).where(T.id == row.id, is_open).values(ends_at=at))
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise TokenOver


def _record(
    session: WriteSession, actor: Actor, word: str, account: Account, token_id: str, now: datetime
) -> None:
    journal.record(
        session, actor.doer, f"token.{word}", "account", account.id,
        now=now, office_id=account.office_id, facts={"token": token_id},
    )  # fmt: skip


def note_use(session: WriteSession, bearer: Bearer, *, now: datetime) -> None:
    """Note when a token last brought something."""
    session.execute(update(ApiToken).where(T.id == bearer.token_id).values(used_at=now))
