"""Duty contacts that still lie open (written before migration 0039, or by a host of the version before): sealed here.

The keys are not the database's, so no migration can do it (docs/decisions/0060).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session

from app.identity.duty_contacts import CONTACTS as OF_UNITS
from app.platform import clock, journal
from app.platform.jobs import Tools
from app.platform.sealed_columns import SealedColumns
from app.transfer.agreements.rekeying import CONTACTS as OF_AGREEMENTS
from app.upkeep.terms import NOBODY

TABLES: Final[tuple[SealedColumns, ...]] = (OF_UNITS, OF_AGREEMENTS)
SEALED: Final = "contacts.sealed"
# Hours of the office's day in which nobody exchanges hosts and nobody is reminded: a host of the version before reads
# only the open columns. The embedded database is served by one program, so there is nobody to wait for.
_QUIET: Final = range(1, 5)


def lying_open(session: Session) -> list[SealedColumns]:
    """Return the tables with contacts that still lie open."""
    return [table for table in TABLES if table.has_open(session)]


def seal(tools: Tools, now: datetime) -> None:
    """Seal what lies open, some rows at a time; called often, and nearly always only a read."""
    if not tools.database.is_sqlite and now.astimezone(clock.OFFICE_ZONE).hour not in _QUIET:
        return
    with tools.database.read_session() as looking:
        tables = lying_open(looking)
    for table in tables:
        while _seal_some(tools, table, now) > 0:
            pass
    if tables:
        tools.database.truncate_log()  # what lay open lies in the log too


def _seal_some(tools: Tools, table: SealedColumns, now: datetime) -> int:
    with tools.database.write_session() as session:
        count = table.seal_open(session, tools.keys)
        if count:
            facts = {"table": table.table, "count": count}
            journal.record(session, journal.SYSTEM, SEALED, "installation", NOBODY, facts=facts, now=now)
    return count
