"""The secrecy gate: before anything of a military clue leaves the house, a named person has looked (domain.md 1.6).

Transfers ask for the same lists at both ends of their chain (app/transfer/kinds.py); this is for files.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from app.clues import queries
from app.clues.terms import MILITARY_SECRECY_CHECKS, SECRECY_CHECKS
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.reference import queries as reference_queries
from app.reference.models import Reason

AnySession = ReadSession | WriteSession
# Lists of reference data; every entry is ticked by whoever lets it out.
LISTS: Final = (SECRECY_CHECKS, MILITARY_SECRECY_CHECKS)
UNCHECKED: Final = N_("请逐项核对，每一项都勾选以后再继续。")


def asked(session: AnySession, actor: Actor, clue_ids: Collection[str]) -> list[Reason]:
    """Return what has to be ticked before these clues leave; nothing where none of them lies in the military circle."""
    circle = identity_queries.circle_of(session, actor.office_id, CompartmentKind.MILITARY)
    # Who is outside the circle sees none of its clues, is asked nothing, and waits no longer for it.
    if circle not in actor.compartments or not queries.lie_in(session, circle, clue_ids):
        return []
    return [row for name in LISTS for row in reference_queries.reasons(session, name)]


def is_missing(wanted: Collection[Reason], ticked: Collection[str]) -> bool:
    """Say whether something that has to be ticked was not."""
    return bool({row.key for row in wanted} - set(ticked))
