"""The person behind a request, as every room sees them: a frozen value, never the account record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.identity.permissions import OFFICE_ROLES, Verb, granted
from app.identity.terms import Role
from app.platform.doers import Doer


@dataclass(frozen=True)
class Actor:
    """Who acts: account, name for the page, roles, place in the organisation, open compartments."""

    account_id: str
    name: str
    roles: frozenset[Role]
    office_id: str
    org_unit_id: str
    office_name: str
    org_name: str
    compartments: frozenset[str]
    session_id: str
    proved_at: datetime | None = None  # when this session last showed a password or a code

    @cached_property
    def verbs(self) -> frozenset[Verb]:
        """Return every verb granted."""
        return granted(self.roles)

    def may(self, verb: Verb) -> bool:
        """Say whether a verb is granted; the situation is asked of the room's policy."""
        return verb in self.verbs

    @property
    def is_office_staff(self) -> bool:
        """Say whether this person works inside the office (only they ever read a clue)."""
        return bool(self.roles & OFFICE_ROLES)

    @property
    def doer(self) -> Doer:
        """Return the name under which the journal records this person."""
        return Doer("account", self.account_id)
