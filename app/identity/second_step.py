"""The second step of signing in: a code of the person's phone, or a printed one where the phone is lost.

The secret lies sealed in the vault, bound to its account; the step last used is kept, so that a code read over a
shoulder does not open twice. Printed codes have 118 random bits each, so that a plain digest of them tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, or_, update
from sqlmodel import col

from app.identity import passkeys, passwords, service, totp
from app.identity.models import Account, RecoveryCode
from app.identity.permissions import ADMIN_ROLES, OFFICE_ROLES
from app.identity.queries import credentials
from app.identity.terms import Role
from app.platform import journal
from app.platform.crypto import KeyRing, Unreadable
from app.platform.db import WriteSession
from app.platform.digest import sha256_hex
from app.platform.journal import Doer

APP: Final = "app"
PRINTED: Final = "printed"
_CODES: Final = 8
_GROUPS: Final = 6  # 118 bits: enough for a plain digest (ASVS 5, 6.5.2)
_PRINTED: Final = re.compile(r"[a-z0-9]{24}")


def is_due(roles: AbstractSet[Role], *, is_required: bool) -> bool:
    """Say whether people of these roles must have a second step: the office's own, and its administrators."""
    return is_required and bool(roles & (OFFICE_ROLES | ADMIN_ROLES))


def pending(keys: KeyRing, account_id: str, secret: str) -> str:
    """Return a secret that is not in force yet, sealed for one account: the form carries it until a code fits."""
    return keys.seal_field(secret, table="account", row=account_id, field="totp_pending")


def pending_secret(keys: KeyRing, account_id: str, sealed: str) -> str | None:
    """Return the secret a form carried, if we sealed it for this account."""
    try:
        return keys.open_field(sealed, table="account", row=account_id, field="totp_pending")
    except (Unreadable, ValueError):
        return None


def set_up(
    session: WriteSession, keys: KeyRing, account: Account, secret: str, typed: str, *, now: datetime
) -> list[str] | None:
    """Put a secret in force once its first code fits; return fresh printed codes, or None when it does not fit."""
    step = totp.matching_step(secret, digits_of(typed), now=now, after=None)
    if step is None:
        return None
    sealed = keys.seal_field(secret, table="account", row=account.id, field="totp")
    _write(session, account, sealed_totp=sealed, last_totp_step=step)
    doer = journal.account(account.id)
    journal.record(
        session, doer, "second_step.set", "account", account.id, office_id=account.office_id, now=now
    )
    return print_codes(session, account, now=now)


def recognise(
    session: WriteSession, keys: KeyRing, account: Account, typed: str, *, now: datetime
) -> str | None:
    """Return by which way a typed code was right, and use it up; None when it was not."""
    if account.sealed_totp is None:
        return None
    if _is_app_code(session, keys, account, digits_of(typed), now=now):
        return APP
    if _is_printed_code(session, account, typed, now=now):
        return PRINTED
    return None


def is_app_code(session: WriteSession, keys: KeyRing, account: Account, typed: str, *, now: datetime) -> bool:
    """Say whether this is the phone's code, and use it up; printed codes are for signing in only."""
    return account.sealed_totp is not None and _is_app_code(session, keys, account, digits_of(typed), now=now)


def note_refusal(session: WriteSession, account: Account, *, now: datetime) -> None:
    """Journal a wrong code: whoever typed it knew the password."""
    journal.record(
        session, journal.SYSTEM, "second_step.refused", "account", account.id, office_id=account.office_id, now=now
    )  # fmt: skip


def print_codes(session: WriteSession, account: Account, *, now: datetime) -> list[str]:
    """Replace a person's printed codes by fresh ones; they are returned once and kept as digests only."""
    codes = [passwords.readable(_GROUPS) for _ in range(_CODES)]
    _forget_codes(session, account.id)
    session.execute(
        insert(RecoveryCode),
        [{"account_id": account.id, "digest": _digest(account.id, one)} for one in codes],
    )
    journal.record(
        session, journal.account(account.id), "recovery_codes.printed", "account", account.id,
        office_id=account.office_id, facts={"count": len(codes)}, now=now,
    )  # fmt: skip
    return codes


def reset(session: WriteSession, doer: Doer, account: Account, *, now: datetime) -> None:
    """Take a second step away (a lost phone), passkeys too: the next sign-in asks for a new one; every session ends."""
    _write(session, account, sealed_totp=None, last_totp_step=None)
    _forget_codes(session, account.id)
    passkeys.remove_all(session, account.id)
    journal.record(
        session, doer, "second_step.reset", "account", account.id, office_id=account.office_id, now=now
    )
    service.end_sessions(session, doer, account.id, now=now)


def digits_of(typed: str) -> str:
    """Return a code as typed without the spaces that apps show in it."""
    return "".join(typed.split())


def _is_app_code(
    session: WriteSession, keys: KeyRing, account: Account, typed: str, *, now: datetime
) -> bool:
    if not (len(typed) == totp.DIGITS and typed.isascii() and typed.isdigit()):
        return False
    try:
        secret = keys.open_field(account.sealed_totp or "", table="account", row=account.id, field="totp")
    except Unreadable:
        return False  # its key is gone: the security administrator resets it
    step = totp.matching_step(secret, typed, now=now, after=account.last_totp_step)
    if step is None:
        return False
    # Two requests with one code: the row is stepped by one of them only.
    used = session.execute(
        update(Account)
        .where(
            col(Account.id) == account.id,
            or_(col(Account.last_totp_step).is_(None), col(Account.last_totp_step) < step),
        )
        .values(last_totp_step=step)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def _is_printed_code(session: WriteSession, account: Account, typed: str, *, now: datetime) -> bool:
    plain = "".join(typed.lower().split()).replace("-", "")
    if not _PRINTED.fullmatch(plain):
        return False
    code = "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))
    used = session.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.account_id) == account.id,
            col(RecoveryCode.digest) == _digest(account.id, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    journal.record(
        session, journal.account(account.id), "recovery_code.used", "account", account.id,
        office_id=account.office_id, facts={"left": credentials.recovery_codes_left(session, account.id)}, now=now,
    )  # fmt: skip
    return True


def _write(session: WriteSession, account: Account, **values: object) -> None:
    changed = session.execute(
        update(Account)
        .where(col(Account.id) == account.id, col(Account.version) == account.version)
        .values(version=account.version + 1, **values)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise service.StaleAccount


def _forget_codes(session: WriteSession, account_id: str) -> None:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def _digest(account_id: str, code: str) -> str:
    return sha256_hex(f"{account_id} {code}".encode())
