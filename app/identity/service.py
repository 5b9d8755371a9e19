"""What is done with sessions and one's own password; nothing here commits. Other people's: accounts.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, update
from sqlmodel import col

from app.identity import passwords, queries
from app.identity.actor import Actor
from app.identity.models import Account, LoginSession
from app.platform import ids, journal
from app.platform.db import Database, WriteSession
from app.platform.digest import sha256_hex
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.platform.journal import Doer

# A slip lost on a desk must not open an account for ever (ASVS 5, 6.4.1).
SLIP_HOLDS: Final = timedelta(days=7)
# Failures for a login nobody has are journalled like others, under no account, so that both take as long.
NOBODY: Final = "00000000-0000-0000-0000-000000000000"


class StaleAccount(Conflict):
    """The account was changed since the page was opened."""

    code = "stale_account"
    text = N_("您打开页面之后，这个账号已经有人改过。请看最新情况再决定。")


@dataclass(frozen=True, slots=True)
class Recognised:
    """Somebody whose password was right."""

    account: Account
    upgraded: str | None


# -- sessions ---------------------------------------------------------------------------------------------------
def start_session(
    session: WriteSession,
    account_id: str,
    *,
    device: str,
    hours: int,
    now: datetime,
    second_step: str = "none",
) -> str:
    """Sign a person in: return the cookie's token, of which only the digest is kept."""
    token, session_id = ids.token(), ids.new()
    session.execute(
        insert(LoginSession).values(
            id=session_id, token_digest=sha256_hex(token.encode()), account_id=account_id, device=device[:120],
            created_at=now, proved_at=now, last_seen_at=now, expires_at=now + timedelta(hours=hours),
        )
    )  # fmt: skip
    journal.record(
        session, journal.account(account_id), "session.started", "login_session", session_id,
        facts={"second_step": second_step}, now=now,
    )  # fmt: skip
    return token


def touch_session(session: WriteSession, session_id: str, *, now: datetime) -> None:
    """Note that a session is in use; called at most once a minute (decisions.md 8)."""
    session.execute(update(LoginSession).where(col(LoginSession.id) == session_id).values(last_seen_at=now))


def note_proof(session: WriteSession, actor: Actor, *, now: datetime) -> None:
    """Note that whoever sits at this session has just shown a password or a code again."""
    session.execute(
        update(LoginSession).where(col(LoginSession.id) == actor.session_id).values(proved_at=now)
    )
    journal.record(
        session, actor.doer, "session.proved", "login_session", actor.session_id, office_id=actor.office_id, now=now
    )  # fmt: skip


def end_session(session: WriteSession, doer: Doer, session_id: str, *, now: datetime) -> None:
    """Sign a session out, or revoke it; twice is harmless."""
    ended = session.execute(
        update(LoginSession)
        .where(col(LoginSession.id) == session_id, col(LoginSession.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    if ended.rowcount:  # type: ignore[attr-defined]
        journal.record(session, doer, "session.ended", "login_session", session_id, now=now)


def end_sessions(
    session: WriteSession, doer: Doer, account_id: str, *, now: datetime, but: str | None = None
) -> int:
    """End every session of a person, save one; return how many ended."""
    ending = [found for found in queries.session_ids(session, account_id) if found != but]
    for session_id in ending:
        end_session(session, doer, session_id, now=now)
    return len(ending)


def end_all_sessions(session: WriteSession, *, now: datetime) -> int:
    """End every session of the house after a restore: one that its owner ended since the backup would live again."""
    ended = session.execute(
        update(LoginSession).where(col(LoginSession.revoked_at).is_(None)).values(revoked_at=now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def end_session_of_token(session: WriteSession, token: str | None, *, now: datetime) -> None:
    """End the session a browser brought along: signing in never continues an older one."""
    found = queries.session_of_token(session, token) if token else None
    if found is not None:
        end_session(session, journal.account(found.account_id), found.id, now=now)


# -- recognising ------------------------------------------------------------------------------------------------
def recognise(
    database: Database, login: str, password: str, *, cost: str, now: datetime
) -> Recognised | None:
    """Return whose login and password these are; None, after the same time, for everything that does not fit.

    Reads in a session of its own and hashes outside any, so that no writer waits for Argon2id.
    """
    with database.read_session() as reading:
        account = queries.account_by_login(reading, login)
    stored = account.password_hash if account is not None else None
    checked = passwords.check(password, stored, cost=cost)
    if account is None or not checked.is_right or not account.is_active or is_slip_over(account, now):
        return None
    return Recognised(account, checked.upgraded)


def is_slip_over(account: Account, now: datetime) -> bool:
    """Say whether a one-time password was left unused for too long."""
    return account.must_change_password and (
        account.password_set_at is None or account.password_set_at < now - SLIP_HOLDS
    )


def note_refusal(session: WriteSession, login: str, login_digest: str, *, now: datetime) -> None:
    """Journal a wrong login or password: `sign_in.refused`, the login as a keyed digest only."""
    account = queries.account_by_login(session, login)
    journal.record(
        session, journal.SYSTEM, "sign_in.refused", "account", account.id if account else NOBODY,
        office_id=account.office_id if account else None, facts={"login_digest": login_digest}, now=now,
    )  # fmt: skip


def keep_upgraded(session: WriteSession, found: Recognised) -> None:
    """Store a hash made at today's cost in place of an older one."""
    if found.upgraded is not None:
        session.execute(
            update(Account).where(col(Account.id) == found.account.id).values(password_hash=found.upgraded)
        )


# -- one's own password -----------------------------------------------------------------------------------------
def set_own_password(session: WriteSession, account: Account, password_hash: str, *, now: datetime) -> None:
    """Replace a person's password by one only they know, and end all their sessions; journals the change."""
    store_password(session, account, password_hash, is_slip=False, now=now)
    doer = journal.account(account.id)
    journal.record(
        session, doer, "account.password_changed", "account", account.id, office_id=account.office_id, now=now
    )
    end_sessions(session, doer, account.id, now=now)


def store_password(
    session: WriteSession, account: Account, password_hash: str, *, is_slip: bool, now: datetime
) -> None:
    """Write a password's hash, if the account is still as it was read; a slip's must be changed at once."""
    changed = session.execute(
        update(Account)
        .where(col(Account.id) == account.id, col(Account.version) == account.version)
        .values(
            password_hash=password_hash,
            password_set_at=now,
            must_change_password=is_slip,
            version=account.version + 1,
        )
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise StaleAccount
