"""Identity's sealed fields, sealed anew under today's key."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import update
from sqlmodel import col

from app.identity.duty_contacts import CONTACTS
from app.identity.models import Account
from app.identity.queries import credentials
from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.rekeying import Batch, Sealed, is_stale, resealed, step_rows


def _second_steps(session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
    def change(row: Any) -> bool:
        if not is_stale(row.sealed_totp, keys):
            return False
        sealed = resealed(keys, row.sealed_totp, table="account", row=row.id, field="totp")
        kept = update(Account).where(col(Account.id) == row.id, col(Account.sealed_totp) == row.sealed_totp)
        return bool(session.execute(kept.values(sealed_totp=sealed)).rowcount)  # type: ignore[attr-defined]

    return step_rows(credentials.sealed_second_steps(session, after, limit), change)


SEALED: Final = (Sealed("account", _second_steps), Sealed("org_unit", CONTACTS.step))
