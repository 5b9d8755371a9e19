"""Through which channel a report comes: the public's, a poster's, or a signed-in forwarder's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.identity.actor import Actor
from app.identity.terms import Role
from app.intake.catalogue import WEB, FormFacts
from app.intake.terms import Forwarder
from app.platform.crypto import KeyRing

STAMP_FOR: Final = timedelta(days=30)
_CHANNELS: Final = (
    (Role.LIAISON, "mil_liaison"),
    (Role.AGENCY_CONTACT, "partner_agency"),
    (Role.VOLUNTEER, "yixin_volunteer"),
)


def source_stamp(keys: KeyRing, actor: Actor | None, *, now: datetime) -> str:
    """Return the stamp by which a report sent later keeps its forwarder (decisions.md 14); empty for citizens."""
    found = forwarder_of(actor)
    if found is None:
        return ""
    facts = {"account": found.account_id, "unit": found.org_unit_id, "channel": found.channel}
    return keys.stamp("source", facts, expires_at=now + STAMP_FOR)


def forwarder_of(actor: Actor | None) -> Forwarder | None:
    """Return a signed-in agency contact, liaison or volunteer as the forwarder of a report."""
    if actor is None:
        return None
    channel = next((channel for role, channel in _CHANNELS if role in actor.roles), None)
    return Forwarder(actor.account_id, actor.org_unit_id, channel) if channel else None


def stamped_forwarder(keys: KeyRing, stamp: str, *, now: datetime) -> Forwarder | None:
    """Return the forwarder a stamp names, if it is ours."""
    facts = keys.read_stamp("source", stamp, now=now) if stamp else None
    return Forwarder(str(facts["account"]), str(facts["unit"]), str(facts["channel"])) if facts else None


def public_channel(typed: str, facts: FormFacts) -> str:
    """Return the public channel a link names, or the web."""
    return typed if typed in facts.public_channels else WEB
