"""Reads of evidence. A clue's files are asked for by a room that has already found the clue for its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.evidence.models import Blob, Derivative, EvidenceItem, Redaction
from app.evidence.terms import Condition, DerivativeKind, Origin
from app.identity.actor import Actor
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.errors import Missing

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as pages show it; the original name and the device stay with staff."""

    id: str
    clue_id: str
    digest: str
    media_type: str
    condition: str
    width: int | None
    height: int | None
    size_bytes: int
    original_name: str
    fidelity: str
    masking: str | None
    masked_parts: int | None
    path: str
    origin_kind: str
    origin_id: str
    promised_digest: str | None
    received_at: datetime
    photo_facts: Mapping[str, Any] | None
    picture_hash: int | None
    phone_lat: float | None
    phone_lon: float | None
    phone_accuracy_m: float | None
    fixed_at: datetime | None
    fixed_by: str | None
    fixed_with: str | None

    @property
    def is_picture(self) -> bool:
        """Say whether there is, or will be, a picture to show."""
        return self.condition in {Condition.PENDING, Condition.READY}

    @property
    def is_ready(self) -> bool:
        """Say whether the pictures are made."""
        return self.condition == Condition.READY

    @property
    def is_erased(self) -> bool:
        """Say whether the bytes were let go when their time was over."""
        return self.condition == Condition.ERASED

    @property
    def is_media(self) -> bool:
        """Say whether a browser plays it: sound or moving pictures, kept and never decoded by us."""
        return self.media_type.partition("/")[0] in {"audio", "video"}

    @property
    def short_digest(self) -> str:
        """Return the beginning of the digest, as shown on receipts."""
        return self.digest[:12]


@dataclass(frozen=True, slots=True)
class Copy:
    """A picture made from an original."""

    id: str
    kind: str
    digest: str
    size_bytes: int
    width: int
    height: int
    params: Mapping[str, Any]
    made_at: datetime


_COPY = tuple(getattr(Derivative, name) for name in Copy.__slots__)


def _shown() -> Select[Any]:
    return select(*(getattr(EvidenceItem, name) for name in Shown.__slots__))


def of_clue(session: AnySession, clue_id: str, *, include_hidden: bool = False) -> list[Shown]:
    """Return a clue's files in the order they came."""
    return [
        Shown(*row[:-1])
        for row in look_up(session, _OF_CLUE, {"clue_id": clue_id}).all()
        if include_hidden or not row[-1]
    ]


_OF_CLUE = (
    _shown()
    .add_columns(col(EvidenceItem.is_hidden))
    .where(col(EvidenceItem.clue_id) == bindparam("clue_id"))
    .order_by(col(EvidenceItem.rowno))
)


def of_origin(session: AnySession, origin_kind: Origin, origin_id: str) -> list[Shown]:
    """Return the files one act brought (a report, a transfer's answer), without copies that only went ahead."""
    query = (
        _shown()
        .where(
            col(EvidenceItem.origin_kind) == origin_kind.value,
            col(EvidenceItem.origin_id) == origin_id,
            col(EvidenceItem.is_hidden).is_(False),
        )
        .order_by(col(EvidenceItem.rowno))
    )
    return [Shown(*row) for row in session.execute(query)]


def item(session: AnySession, evidence_id: str) -> Shown:
    """Return one file for a room that checks its own right to it; raises Missing."""
    row = session.execute(_shown().where(col(EvidenceItem.id) == evidence_id)).first()
    if row is None:
        raise Missing
    return Shown(*row)


def visible_item(session: AnySession, actor: Actor, evidence_id: str) -> Shown:
    """Return one file if its clue is visible to this person; raises Missing."""
    found = session.execute(
        _shown()
        .join(Clue, col(Clue.id) == col(EvidenceItem.clue_id))
        .where(col(EvidenceItem.id) == evidence_id, clue_queries.is_visible(actor))
    ).first()
    if found is None:
        raise Missing
    return Shown(*found)


def is_first_picture(clue_ids: str) -> Any:
    """Return the condition that a file is the first ready picture of one of the clues bound under a name."""
    first = (
        select(func.min(col(EvidenceItem.rowno)))
        .where(
            col(EvidenceItem.clue_id).in_(bindparam(clue_ids, expanding=True)),
            col(EvidenceItem.condition) == Condition.READY.value,
            col(EvidenceItem.is_hidden).is_(False),
        )
        .group_by(col(EvidenceItem.clue_id))
    )
    return col(EvidenceItem.rowno).in_(first)


_FIRST_PICTURES: Any = select(col(EvidenceItem.clue_id), col(EvidenceItem.id)).where(
    is_first_picture("clue_ids")
)


def first_pictures(session: AnySession, clue_ids: Sequence[str]) -> dict[str, str]:
    """Return the first ready picture's id for each of some clues (the queue's thumbnails)."""
    if not clue_ids:
        return {}
    rows = look_up(session, _FIRST_PICTURES, {"clue_ids": list(clue_ids)})
    return {row[0]: row[1] for row in rows}


def picture(session: AnySession, digest: str, kind: DerivativeKind) -> str:
    """Return the digest of a derivative of an original; raises Missing while it is not made."""
    found: str | None = session.execute(
        select(col(Derivative.digest))
        .where(col(Derivative.source_digest) == digest, col(Derivative.kind) == kind.value)
        .order_by(col(Derivative.rowno).desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def copies_of(session: AnySession, digests: Sequence[str]) -> dict[str, list[Copy]]:
    """Return the copies of some originals, by the original's digest; without the redacted ones, which are a clue's."""
    rows = session.execute(
        select(col(Derivative.source_digest), *_COPY)
        .where(
            col(Derivative.source_digest).in_(set(digests)),
            col(Derivative.kind) != DerivativeKind.REDACTED.value,
        )
        .order_by(col(Derivative.rowno))
    )
    found: dict[str, list[Copy]] = {}
    for source, *copy in rows:
        found.setdefault(source, []).append(Copy(*copy))
    return found


def redactions_of(session: AnySession, evidence_ids: Sequence[str]) -> dict[str, list[Copy]]:
    """Return the redacted copies that stand, by item, the newest last."""
    rows = session.execute(
        select(col(Redaction.evidence_id), *_COPY)
        .join(Derivative, col(Derivative.id) == col(Redaction.derivative_id))
        .where(col(Redaction.evidence_id).in_(set(evidence_ids)), col(Redaction.withdrawn_at).is_(None))
        .order_by(col(Redaction.rowno))
    )
    found: dict[str, list[Copy]] = {}
    for evidence_id, *copy in rows:
        found.setdefault(evidence_id, []).append(Copy(*copy))
    return found


def blob(session: AnySession, digest: str) -> Blob | None:
    """Return the row of a kept blob."""
    return session.get(Blob, digest)


def is_made(session: AnySession, source_digest: str, kind: DerivativeKind, params_digest: str) -> bool:
    """Say whether a derivative with these parameters is there already."""
    found = session.execute(
        select(col(Derivative.id)).where(
            col(Derivative.source_digest) == source_digest,
            col(Derivative.kind) == kind.value,
            col(Derivative.params_digest) == params_digest,
        )
    ).first()
    return found is not None


def redaction(session: AnySession, redaction_id: str) -> Redaction | None:
    """Return one redaction, withdrawn or not."""
    return session.execute(select(Redaction).where(col(Redaction.id) == redaction_id)).scalar_one_or_none()


def standing_redactions(session: AnySession, evidence_id: str) -> list[tuple[Redaction, Copy]]:
    """Return the redacted copies of an item that stand, the newest first, with who made them."""
    rows = session.execute(
        select(Redaction, *_COPY)
        .join(Derivative, col(Derivative.id) == col(Redaction.derivative_id))
        .where(col(Redaction.evidence_id) == evidence_id, col(Redaction.withdrawn_at).is_(None))
        .order_by(col(Redaction.rowno).desc())
    )
    return [(row[0], Copy(*row[1:])) for row in rows]


def derivative_id(session: AnySession, source_digest: str, kind: DerivativeKind, params_digest: str) -> str:
    """Return the id of the copy with these parameters; raises Missing."""
    found: str | None = session.execute(
        select(col(Derivative.id)).where(
            col(Derivative.source_digest) == source_digest,
            col(Derivative.kind) == kind.value,
            col(Derivative.params_digest) == params_digest,
        )
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


@dataclass(frozen=True, slots=True)
class Leaving:
    """The picture of an item that may leave the house, and whether it is a redacted one."""

    digest: str
    is_redacted: bool


def leaving(session: AnySession, items: Sequence[Shown]) -> dict[str, Leaving]:
    """Return, by item, the picture that may leave: the newest redacted copy that stands, else the screen copy.

    Items whose pictures are not made have none. Originals never leave this way.
    """
    redacted = redactions_of(session, [item.id for item in items])
    screens = {
        source: copy.digest
        for source, copies in copies_of(session, [item.digest for item in items]).items()
        for copy in copies
        if copy.kind == DerivativeKind.SCREEN
    }
    found = {}
    for item in items:
        if redacted.get(item.id):
            found[item.id] = Leaving(redacted[item.id][-1].digest, is_redacted=True)
        elif item.digest in screens:
            found[item.id] = Leaving(screens[item.digest], is_redacted=False)
    return found
