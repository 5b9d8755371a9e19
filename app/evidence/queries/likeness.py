"""Which other clues hold the same bytes or the same picture: visible ones only, computed for the viewer (decisions.md 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.clues.queries import Scope
from app.evidence import rules
from app.evidence.models import EvidenceItem, PictureBand
from app.evidence.queries import Shown
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession, ask

AnySession = ReadSession | WriteSession
_MOST_CANDIDATES = 2000


@dataclass(slots=True)
class Elsewhere:
    """The other clues in which a file lies as well."""

    same_bytes: list[str] = field(default_factory=list)
    same_picture: list[str] = field(default_factory=list)


def elsewhere(session: AnySession, actor: Actor, items: Sequence[Shown], *, but: str) -> dict[str, Elsewhere]:
    """Return, by item, the visible other clues that hold the same bytes or the same picture."""
    found = {item.id: Elsewhere() for item in items}
    of_digest = _by_digest(session, actor, {item.digest for item in items}, but=but)
    hashed = {item.id: item.picture_hash for item in items if item.picture_hash is not None}
    candidates = _by_band(session, actor, hashed.values(), but=but)
    for item in items:
        held = found[item.id]
        held.same_bytes = of_digest.get(item.digest, [])
        own = hashed.get(item.id)
        if own is not None and rules.bands(own):
            near = {
                clue_id: None
                for clue_id, other in candidates
                if rules.differing_bits(own, other) <= rules.SAME_BITS and clue_id not in held.same_bytes
            }
            held.same_picture = list(near)
    return found


def _visible_others(scope: Scope, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(EvidenceItem)
        .join(Clue, col(Clue.id) == col(EvidenceItem.clue_id))
        .where(col(EvidenceItem.clue_id) != bindparam("but"), clue_queries.is_visible(scope, is_led_to=True))
    )


# Each statement is built once for a scope: building cost the clue's page more than running (docs/performance.md).
@lru_cache(maxsize=64)
def _same_bytes(scope: Scope) -> Any:
    return (
        _visible_others(scope, col(EvidenceItem.digest), col(EvidenceItem.clue_id))
        .where(col(EvidenceItem.digest).in_(bindparam("digests", expanding=True)))
        .distinct()
        .order_by(col(EvidenceItem.clue_id))
    )


@lru_cache(maxsize=64)
def _alike(scope: Scope) -> Any:
    alike = select(col(PictureBand.evidence_id)).where(
        col(PictureBand.key).in_(bindparam("keys", expanding=True))
    )
    return (
        _visible_others(scope, col(EvidenceItem.clue_id), col(EvidenceItem.picture_hash))
        .where(col(EvidenceItem.id).in_(alike), col(EvidenceItem.picture_hash).is_not(None))
        .order_by(col(EvidenceItem.rowno).desc())
        .limit(_MOST_CANDIDATES)
    )


def _by_digest(session: AnySession, actor: Actor, digests: set[str], *, but: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    asked = {"digests": sorted(digests), "but": but}
    for digest, clue_id in ask(session, _same_bytes(clue_queries.scope_of(actor)), asked).all():
        found.setdefault(digest, []).append(clue_id)
    return found


def _by_band(session: AnySession, actor: Actor, hashes: Iterable[int], *, but: str) -> list[tuple[str, int]]:
    keys = sorted({key for one in hashes for key in rules.bands(one)})
    if not keys:
        return []
    rows = ask(session, _alike(clue_queries.scope_of(actor)), {"keys": keys, "but": but}).all()
    return [(row[0], row[1]) for row in rows]
