"""Whom to call at an organisation and where it is reminded: people's names and numbers, sealed in the vault."""

from __future__ import annotations

from typing import Final

from app.identity.models import OrgUnit
from app.platform.crypto import KeyRing
from app.platform.sealed_columns import SealedColumns

CONTACTS: Final = SealedColumns(
    OrgUnit, ("contact_name", "phone", "remind_mail", "remind_mobile", "remind_openid"), empty=None
)


def whom_to_call(keys: KeyRing, unit: OrgUnit) -> list[str]:
    """Return the contact's name and number, those of the two that are known and open."""
    found = (CONTACTS.opened(keys, unit, field) for field in ("contact_name", "phone"))
    return [part for part in found if part]
