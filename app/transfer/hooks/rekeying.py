"""The secrets of hooks, sealed anew under today's key."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import update

from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.rekeying import Batch, Sealed, is_stale, resealed, step_rows
from app.transfer.hooks import queries
from app.transfer.hooks.models import Hook
from app.transfer.hooks.queries import H

_FIELDS: Final = {"sealed_secret": "secret", "sealed_old_secret": "old_secret"}


def _secrets(session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
    def change(row: Any) -> bool:
        stale = {column: field for column, field in _FIELDS.items() if is_stale(getattr(row, column), keys)}
        if not stale:
            return False
        values = {
            column: resealed(keys, getattr(row, column), table="hook", row=row.id, field=field)
            for column, field in stale.items()
        }
        kept = update(Hook).where(H.id == row.id, H.sealed_secret == row.sealed_secret)
        return bool(session.execute(kept.values(**values)).rowcount)  # type: ignore[attr-defined]

    return step_rows(queries.sealed(session, after, limit), change)


SEALED: Final = (Sealed("hook", _secrets),)
