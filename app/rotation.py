"""`python -m app rotate-keys`: a new key in front of the file, then everything sealed lies under it.

Two steps, because a running server knows only the keys it started with: `--add ID` writes the new key, the server is
started again, and the command without it seals anew while people go on working. It may be stopped and run again.
"""

from __future__ import annotations

from typing import Final

from app.identity import rekeying as identity
from app.intake import rekeying as intake
from app.platform import clock, journal
from app.platform.crypto import add_key
from app.platform.rekeying import Done, Sealed, walk
from app.platform.settings import Settings
from app.platform.web.given import House
from app.transfer.agreements import rekeying as agreements
from app.transfer.hooks import rekeying as hooks

SEALED: Final[tuple[Sealed, ...]] = (
    *identity.SEALED, *intake.SEALED, *agreements.SEALED, *hooks.SEALED,
)  # fmt: skip
NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def add(settings: Settings, key_id: str) -> str:
    """Put a new key in front of the key file; raises ValueError when the name is taken or cannot stand there."""
    add_key(settings.keys, key_id=key_id)
    return (
        f"{key_id} now stands first in {settings.keys}. Start the server again, then run "
        "`python -m app rotate-keys`. Keep a copy of the file where the data is not."
    )


def reseal(house: House) -> list[Done]:
    """Seal everything anew under the first key, and journal what was done."""
    done = [walk(house.database, house.keys, table) for table in SEALED]
    facts = {"key_id": house.keys.current_id, "changed": {one.name: one.changed for one in done}}
    with house.database.write_session() as session:
        journal.record(
            session, journal.SYSTEM, "keys.rotated", "installation", NOBODY, facts=facts, now=clock.now()
        )
    house.database.truncate_log()
    return done
