"""SELECTs of what people show to sign in: printed codes, sealed second steps, passkeys, names at a provider of sign-on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from app.identity.models import Account, AccountRole, Passkey, RecoveryCode, SignOnLink
from app.identity.terms import Role
from app.platform.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession


def recovery_codes_left(session: AnySession, account_id: str) -> int:
    """Return how many printed codes of a person are still good."""
    rows = session.execute(
        select(col(RecoveryCode.rowno)).where(
            col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)
        )
    )
    return len(rows.scalars().all())


def sign_on_link(session: AnySession, issuer: str, subject: str) -> SignOnLink | None:
    """Return whose account a provider's name for a person is bound to."""
    query = select(SignOnLink).where(col(SignOnLink.issuer) == issuer, col(SignOnLink.subject) == subject)
    found: SignOnLink | None = session.execute(query).scalar_one_or_none()
    return found


def has_sign_on(session: AnySession, account_id: str, issuer: str) -> bool:
    """Say whether an account is bound to a name of this provider."""
    query = select(col(SignOnLink.rowno)).where(
        col(SignOnLink.account_id) == account_id, col(SignOnLink.issuer) == issuer
    )
    return session.execute(query).first() is not None


def passkeys_of(session: AnySession, account_id: str) -> list[Passkey]:
    """Return a person's passkeys, oldest first."""
    query = select(Passkey).where(col(Passkey.account_id) == account_id).order_by(col(Passkey.rowno))
    return list(session.execute(query).scalars())


def passkey_by_credential(session: AnySession, credential_id: str, *, holds: bool = False) -> Passkey | None:
    """Return the passkey of a credential, locked if it is about to be used."""
    query = select(Passkey).where(col(Passkey.credential_id) == credential_id)
    found: Passkey | None = session.execute(query.with_for_update() if holds else query).scalar_one_or_none()
    return found


def sealed_second_steps(session: AnySession, after: int, limit: int) -> list[Account]:
    """Return accounts that have a sealed second step, in row order (key rotation)."""
    found = (
        select(Account)
        .where(col(Account.sealed_totp).is_not(None), col(Account.rowno) > after)
        .order_by(col(Account.rowno))
        .limit(limit)
    )
    return list(session.execute(found).scalars())


def logins_without_second_step(session: Session, roles: Iterable[Role]) -> list[str]:
    """Return the logins, in order, of active people with one of these roles who have a password and nothing besides."""
    holds = select(col(AccountRole.account_id)).where(
        col(AccountRole.role).in_([role.value for role in roles])
    )
    query = select(col(Account.login)).where(
        col(Account.is_active).is_(True),
        col(Account.sealed_totp).is_(None),
        col(Account.id).in_(holds),
        col(Account.id).not_in(select(col(Passkey.account_id))),
    )
    return list(session.execute(query.order_by(col(Account.login))).scalars())
