"""Reads of tokens: the one of a request, and the list of an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.identity import queries
from app.identity.models import Account, ApiToken
from app.identity.permissions import Verb, granted
from app.identity.tokens.terms import PREFIX, Bearer, Scope
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.digest import sha256_hex
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession
T: Any = ApiToken
A: Any = Account


def bearer(session: AnySession, token: str, *, now: datetime) -> Bearer | None:
    """Return for whom a token speaks; None once it is over, revoked, or its account may not forward any more."""
    if not token.startswith(PREFIX):
        return None
    found = session.execute(
        select(ApiToken, Account)
        .join(Account, A.id == T.account_id)
        .where(
            T.digest == sha256_hex(token.encode()), or_(T.ends_at.is_(None), T.ends_at > now),
            T.expires_on >= clock.office_date(now), A.is_active.is_(True),
        )
    ).first()  # fmt: skip
    if found is None:
        return None
    row, account = found
    # Whoever moved to another organisation speaks for that one; the token stays with the one it was issued for.
    is_there = account.org_unit_id == row.org_unit_id
    verbs = granted(queries.roles_of(session, account.id, now=now))
    if not is_there or Verb.REPORT_FORWARD not in verbs:
        return None
    return Bearer(row.id, account.id, row.org_unit_id, row.office_id, _scopes(row, verbs))


def _scopes(row: ApiToken, verbs: frozenset[Verb]) -> frozenset[Scope]:
    """Return what a token may do as long as its account has these rights."""
    lost = frozenset() if Verb.TRANSFER_ANSWER in verbs else {Scope.TRANSFERS}
    return frozenset(Scope(one) for one in row.scopes) - lost


def scopes_in_force(
    session: AnySession, account_id: str, org_unit_id: str, *, now: datetime
) -> frozenset[Scope]:
    """Return what a contact's tokens may do together for an organisation: what its system could come and read now."""
    account = session.execute(
        select(Account).where(A.id == account_id, A.is_active.is_(True), A.org_unit_id == org_unit_id)
    ).scalar_one_or_none()
    if account is None:
        return frozenset()
    verbs = granted(queries.roles_of(session, account_id, now=now))
    if Verb.REPORT_FORWARD not in verbs:
        return frozenset()
    found = session.execute(
        select(ApiToken).where(
            T.account_id == account_id, T.org_unit_id == org_unit_id,
            T.expires_on >= clock.office_date(now), or_(T.ends_at.is_(None), T.ends_at > now),
        )
    ).scalars()  # fmt: skip
    return frozenset().union(*(_scopes(row, verbs) for row in found))


def of_account(session: AnySession, account_id: str) -> Sequence[ApiToken]:
    """Return every token issued for an account, newest first."""
    query = select(ApiToken).where(T.account_id == account_id).order_by(T.rowno.desc())
    return session.execute(query).scalars().all()


def one_of(session: AnySession, account_id: str, token_id: str) -> ApiToken:
    """Return one token of an account; raises Missing."""
    found: ApiToken | None = session.execute(
        select(ApiToken).where(T.account_id == account_id, T.id == token_id)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found
