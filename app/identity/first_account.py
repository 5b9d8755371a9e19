"""`python -m app account`: makes the first administrator, and lets one back in who is locked out."""

from __future__ import annotations

from app.identity import accounts, passwords, queries, second_step, seeding
from app.identity.permissions import ADMIN_ROLES
from app.identity.terms import Role
from app.platform import clock, journal
from app.platform.db import WriteSession
from app.platform.i18n import gettext
from app.platform.settings import Settings


def make_or_rescue(session: WriteSession, settings: Settings, *, login: str, name: str, role: str) -> str:
    """Return the line that tells the operator the one-time password; SystemExit says what does not fit."""
    now = clock.now()
    password = passwords.readable()
    password_hash = passwords.hashed(password, cost=settings.password_cost)
    office = seeding.office(session, settings, now=now)
    account = queries.account_by_login(session, login)
    if account is None:
        chosen = _admin_role(role)
        standing = accounts.Standing(name or login, office.id, frozenset({chosen}), frozenset())
        accounts.add(session, journal.SYSTEM, office.id, login, standing, password_hash, now=now)
        return gettext(
            "已建立账号 %(login)s。一次性密码：%(password)s（7 天内登录并改掉）",
            login=login,
            password=password,
        )
    if not queries.roles_by_account(session, [account.id])[account.id] & ADMIN_ROLES:
        raise SystemExit(
            f"{login} is not an administrator: a security administrator resets it on the people screen"
        )
    accounts.reopen(session, journal.SYSTEM, account, now=now)
    accounts.reset_password(
        session, journal.SYSTEM, queries.account_by_id(session, account.id), password_hash, now=now
    )
    second_step.reset(
        session, journal.SYSTEM, queries.account_by_id(session, account.id), now=now
    )  # whoever may run this command holds the keys anyway
    return gettext(
        "账号 %(login)s 已恢复。一次性密码：%(password)s（7 天内登录并改掉）", login=login, password=password
    )


def _admin_role(role: str) -> Role:
    if role not in {known.value for known in ADMIN_ROLES}:
        known = ", ".join(sorted(known.value for known in ADMIN_ROLES))
        raise SystemExit(f"the role of a first account is one of: {known}")
    return Role(role)
