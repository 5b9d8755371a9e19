"""What a clue has beside itself, in one look: most clues have little, and what is not there need not be asked for.

Only for a clue its reader has already been found the right to. That something is there says nothing of who may read it:
each part's own query decides that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Exists, bindparam, exists, or_, select

from app.clues.models import ClueLink, ClueRespondent
from app.evidence.models import EvidenceItem
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.platform.db import ReadSession, UtcDateTime, WriteSession, look_up
from app.transfer.invitations.models import Invitation
from app.transfer.models import Transfer
from app.triage.models import ClueLabel, Evaluation, Presence, Recusal


@dataclass(frozen=True, slots=True)
class Holds:
    """Which parts of a clue's page have anything to show."""

    files: bool
    messages: bool
    evaluations: bool
    transfers: bool
    invitations: bool
    links: bool
    labels: bool
    recusals: bool
    respondents: bool
    company: bool


def of_clue(session: ReadSession | WriteSession, actor: Actor, clue_id: str, *, now: datetime) -> Holds:
    """Return what there is of a clue; `company` is somebody else who has it before them."""
    given = {"clue_id": clue_id, "now": now, "me": actor.account_id}
    return Holds(*map(bool, look_up(session, _HOLDS, given).one()))


def _holds() -> Any:
    this: Any = bindparam("clue_id")
    link, present = _any(ClueLink), _any(Presence)
    return select(
        _has(EvidenceItem, this), intake_queries.has_messages(this), _has(Evaluation, this), _has(Transfer, this),
        _has(Invitation, this),
        # Each column has its own index; SQLite and PostgreSQL both put the two together.
        exists().where(or_(link.master_id == this, link.member_id == this)),
        _has(ClueLabel, this), _has(Recusal, this), _has(ClueRespondent, this),
        exists().where(
            present.clue_id == this, present.until > bindparam("now", type_=UtcDateTime()),
            present.account_id != bindparam("me"),
        ),
    )  # fmt: skip


def _has(table: Any, clue_id: Any) -> Exists:
    return exists().where(table.clue_id == clue_id)


def _any(table: Any) -> Any:
    return table


_HOLDS: Final = _holds()
