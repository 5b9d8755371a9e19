"""What stands beside the rows of a list, in one look for the whole page: labels, who is at work on them, first pictures.

Only for clues their reader has already been found the right to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, literal, select, union_all

from app.desk.terms import Row
from app.evidence import queries as evidence_queries
from app.evidence.models import EvidenceItem
from app.identity.actor import Actor
from app.platform.db import ReadSession, UtcDateTime, WriteSession, look_up
from app.triage.models import ClueLabel, Presence

_LABEL, _DECIDING, _PICTURE = range(3)


@dataclass(frozen=True, slots=True)
class Beside:
    """By clue: the keys of its labels, the accounts of others who are deciding on it, its first picture's id."""

    labels: Mapping[str, list[str]] = field(default_factory=dict)
    deciding: Mapping[str, list[str]] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)


def of_rows(
    session: ReadSession | WriteSession, actor: Actor, rows: Sequence[Row], *, now: datetime
) -> Beside:
    """Return what stands beside these rows."""
    if not rows:
        return Beside()
    labels: dict[str, list[str]] = {}
    deciding: dict[str, list[str]] = {}
    pictures: dict[str, str] = {}
    given = {
        "clue_ids": [row.id for row in rows], "photographed": [row.id for row in rows if row.has_photo],
        "now": now, "me": actor.account_id,
    }  # fmt: skip
    for kind, clue_id, found in look_up(session, _BESIDE, given):
        if kind == _PICTURE:
            pictures[clue_id] = found
        else:
            (labels if kind == _LABEL else deciding).setdefault(clue_id, []).append(found)
    return Beside(labels, deciding, pictures)


def _beside() -> Any:
    label: Any = ClueLabel
    present: Any = Presence
    item: Any = EvidenceItem
    rows: Any = bindparam("clue_ids", expanding=True)
    return union_all(
        select(literal(_LABEL), label.clue_id, label.label_key).where(label.clue_id.in_(rows)),
        select(literal(_DECIDING), present.clue_id, present.account_id).where(
            present.clue_id.in_(rows),
            present.until > bindparam("now", type_=UtcDateTime()),
            present.account_id != bindparam("me"),
            present.is_deciding.is_(True),
        ),
        select(literal(_PICTURE), item.clue_id, item.id).where(
            evidence_queries.is_first_picture("photographed")
        ),
    )


_BESIDE: Final = _beside()
