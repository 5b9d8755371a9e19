"""Texts of a table that lie sealed, each beside the column in which it lay open before migration 0039.

While hosts are exchanged one by one the version before still reads and writes the open columns. So a text that lies open
counts before the sealed one (it was written later), and is sealed and emptied by the next step over the table: a chore of
the worker, or `rotate-keys`. Docs: decisions/0060.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlmodel import Session

from app.platform import logging
from app.platform.crypto import KeyRing, Unreadable
from app.platform.db import WriteSession
from app.platform.rekeying import BATCH, Batch, is_stale, resealed, step_rows

_log: Final = logging.get("sealed")


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """Which texts of a model are sealed: `sealed_x` holds x, `plain_x` is its open column; `empty` is what that is then."""

    model: Any
    fields: tuple[str, ...]
    empty: str | None

    @property
    def table(self) -> str:
        """Return the table's name: what lies sealed in it is bound to that."""
        return str(self.model.__tablename__)

    def opened(self, keys: KeyRing, row: Any, field: str) -> str:
        """Return one text; empty where there is none, and where its key is gone, which the log then says."""
        open_text = getattr(row, f"plain_{field}")
        sealed = getattr(row, f"sealed_{field}")
        if open_text or not sealed:
            return open_text or ""
        try:
            return keys.open_field(sealed, table=self.table, row=row.id, field=field)
        except (Unreadable, ValueError):
            _log.warning("a sealed text does not open", table=self.table, row=row.id, field=field)
            return ""

    def is_there(self, row: Any, field: str) -> bool:
        """Say whether there is a text, without opening it."""
        return bool(getattr(row, f"plain_{field}") or getattr(row, f"sealed_{field}"))

    def is_lost(self, keys: KeyRing, row: Any) -> bool:
        """Say whether something here does not open: its key is not in the file."""
        return any(self.is_there(row, field) and not self.opened(keys, row, field) for field in self.fields)

    def values(
        self, keys: KeyRing, row_id: str, texts: Mapping[str, str | None], *, held: Any = None
    ) -> dict[str, str | None]:
        """Return what the columns are to hold for these texts: sealed ones, and nothing in the open.

        An empty text takes away what the held row has, save what does not open: nobody has read it, so nobody can have
        meant to take it away.
        """
        found: dict[str, str | None] = {}
        for field in self.fields:
            text = texts.get(field)
            is_unread = held is not None and self.is_there(held, field) and not self.opened(keys, held, field)
            if not text and is_unread:
                continue
            found[f"plain_{field}"] = self.empty
            found[f"sealed_{field}"] = self._sealed(keys, row_id, field, text) if text else None
        return found

    def has_open(self, session: Session) -> bool:
        """Say whether any text of the table still lies open."""
        lying = [self._lies_open(field) for field in self.fields]
        return session.execute(select(self.model.rowno).where(or_(*lying)).limit(1)).first() is not None

    def step(self, session: WriteSession, keys: KeyRing, after: int, limit: int) -> Batch:
        """Seal what lies open, and anew what lies under an older key, in the next rows."""
        rows = select(self.model).where(self.model.rowno > after).order_by(self.model.rowno).limit(limit)
        return step_rows(list(session.execute(rows).scalars()), lambda row: self._change(session, keys, row))

    def seal_open(self, session: WriteSession, keys: KeyRing) -> int:
        """Seal some rows with texts that lie open; return how many: none means that all lies sealed."""
        lying = or_(*[self._lies_open(field) for field in self.fields])
        rows: Sequence[Any] = (
            session.execute(select(self.model).where(lying).order_by(self.model.rowno).limit(BATCH))
            .scalars()
            .all()
        )
        return sum(self._change(session, keys, row) for row in rows)

    def _change(self, session: WriteSession, keys: KeyRing, row: Any) -> bool:
        values: dict[str, str | None] = {}
        unchanged = [self.model.id == row.id]
        for field in self.fields:
            open_text, sealed = getattr(row, f"plain_{field}"), getattr(row, f"sealed_{field}")
            if open_text:
                fresh = self._sealed(keys, row.id, field, open_text)
            elif is_stale(sealed, keys):
                fresh = resealed(keys, sealed, table=self.table, row=row.id, field=field)
            else:
                continue
            values |= {f"sealed_{field}": fresh, f"plain_{field}": self.empty}
            # Somebody may write the row at the same time: then it is theirs, and the next run looks again.
            for name, seen in ((f"plain_{field}", open_text), (f"sealed_{field}", sealed)):
                column = getattr(self.model, name)
                unchanged.append(column.is_(None) if seen is None else column == seen)
        if not values:
            return False
        kept = update(self.model).where(*unchanged).values(**values)
        kept = kept.execution_options(synchronize_session=False)
        return bool(session.execute(kept).rowcount)  # type: ignore[attr-defined]

    def _lies_open(self, field: str) -> Any:
        return getattr(self.model, f"plain_{field}") != ""

    def _sealed(self, keys: KeyRing, row_id: str, field: str, text: str) -> str:
        return keys.seal_field(text, table=self.table, row=row_id, field=field)
