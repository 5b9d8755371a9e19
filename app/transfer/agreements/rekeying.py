"""Who does what under an agreement: people's names and numbers, sealed, and sealed anew under today's key."""

from __future__ import annotations

from typing import Final

from app.platform.rekeying import Sealed
from app.platform.sealed_columns import SealedColumns
from app.transfer.models import Agreement

CONTACTS: Final = SealedColumns(Agreement, ("contacts",), empty="")
SEALED: Final = (Sealed("agreement", CONTACTS.step),)
