"""Taking files in and making what may be shown of them; nothing here commits.

Order of goals.md R1: `keep_files` puts the bytes under their digests (fsync, rename, folder fsync) before the
write transaction begins; `take_in` writes the rows; derivatives are made after the answer, by a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlmodel import col

from app.evidence import queries
from app.evidence.kinds import Accepted, Door, verdict
from app.evidence.models import Blob, Derivative, EvidenceItem, PictureBand
from app.evidence.queries import custody
from app.evidence.rules import bands
from app.evidence.terms import Condition, DerivativeKind, Fidelity, Mark, Origin, PathIn, PhonePosition
from app.platform import ids, journal
from app.platform.db import WriteSession
from app.platform.digest import canonical_json, sha256_hex
from app.platform.journal import Doer
from app.platform.landed import LandedFile
from app.platform.putting import put
from app.platform.storage import BlobStore

DEVELOP: Final = "evidence.develop"
FORBIDDEN_HERE: Final = "forbidden_here"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes are durable under their digest; its row is not written yet."""

    digest: str
    size_bytes: int
    media_type: str
    declared_type: str
    original_name: str
    path: PathIn
    is_picture: bool
    fidelity: Fidelity = Fidelity.ORIGINAL
    mark: Mark | None = None
    promised_digest: str | None = None
    position: PhonePosition | None = None
    # The small copy that travelled ahead and is hidden now; or this is one that came behind its original.
    replaces_id: str | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class DeclinedFile:
    """A file that is not kept, and why; the report never fails for it."""

    field: str
    name: str
    size_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is now an evidence item."""

    evidence_id: str
    digest: str
    size_bytes: int
    media_type: str
    condition: str


def keep_files(
    store: BlobStore,
    files: Iterable[LandedFile],
    *,
    door: Door,
    limit: int,
    is_forbidden: bool = False,
    path_of: dict[str, PathIn] | None = None,
    marks: Sequence[Mark | None] = (),
) -> tuple[list[KeptFile], list[DeclinedFile]]:
    """Keep what this door accepts, in the order given; the rest is dropped and named with its reason.

    `marks` says, file by file, what was done about personal data before they were sent.
    With `is_forbidden` (military facilities, domain.md 1.6 b) nothing is kept, whatever it is.
    """
    kept: list[KeptFile] = []
    declined: list[DeclinedFile] = []
    for file, mark in zip(files, chain(marks, repeat(None)), strict=False):
        ruling = verdict(file.first_bytes, file.declared_type, file.size_bytes, door)
        reason = file.refused
        if is_forbidden:
            reason = FORBIDDEN_HERE
        elif reason is None and len(kept) >= limit:
            reason = "too_many"
        elif reason is None and not isinstance(ruling, Accepted):
            reason = ruling.reason.value
        if reason is not None or file.landed is None or not isinstance(ruling, Accepted):
            if file.landed is not None:
                store.drop(file.landed)
                file.landed = None
            declined.append(DeclinedFile(file.field, file.name, file.size_bytes, reason or "empty"))
            continue
        digest = store.keep(file.landed)
        file.landed = None
        kept.append(
            KeptFile(
                digest=digest,
                size_bytes=file.size_bytes,
                media_type=ruling.kind.media_type,
                declared_type=file.declared_type,
                original_name=file.name,
                path=(path_of or {}).get(file.field, PathIn.PICKER),
                is_picture=ruling.kind.is_picture,
                fidelity=mark.fidelity if mark else Fidelity.ORIGINAL,
                mark=mark,
            )
        )
    return kept, declined


def note_blob(session: WriteSession, digest: str, *, size_bytes: int, media_type: str, now: datetime) -> None:
    """Write the row of a kept blob unless it is there (the same bytes are the same blob)."""
    there = queries.blob(session, digest)
    if there is None:
        put(
            session, Blob, digest=digest, size_bytes=size_bytes, media_type=media_type, stored_at=now, checked_at=now
        )  # fmt: skip
    else:
        session.execute(update(Blob).where(col(Blob.digest) == digest).values(erased_at=None))


def take_in(
    session: WriteSession,
    doer: Doer,
    files: Sequence[KeptFile],
    *,
    clue_id: str,
    office_id: str,
    origin_kind: Origin,
    origin_id: str,
    now: datetime,
) -> list[Taken]:
    """Make kept files evidence items of a clue; journals `evidence.added` and asks for the derivatives."""
    taken = []
    for file in files:
        note_blob(session, file.digest, size_bytes=file.size_bytes, media_type=file.media_type, now=now)
        evidence_id = ids.new()
        condition = Condition.PENDING if file.is_picture else Condition.FILE
        put(
            session, EvidenceItem, id=evidence_id,
            clue_id=clue_id,
            office_id=office_id,
            origin_kind=origin_kind.value,
            origin_id=origin_id,
            digest=file.digest,
            promised_digest=file.promised_digest,
            size_bytes=file.size_bytes,
            media_type=file.media_type,
            declared_type=file.declared_type,
            original_name=file.original_name,
            path=file.path.value,
            fidelity=file.fidelity.value,
            masking=file.mark.masking.value if file.mark else None,
            masked_parts=file.mark.parts if file.mark else None,
            replaces_id=file.replaces_id,
            is_hidden=file.is_hidden,
            condition=condition.value,
            received_at=now,
            **_phone(file.position),
        )  # fmt: skip
        journal.record(
            session, doer, "evidence.added", "evidence_item", evidence_id,
            now=now, clue_id=clue_id, office_id=office_id, jobs=[DEVELOP] if file.is_picture else [],
            facts={"digest": file.digest, "size_bytes": file.size_bytes, "origin": origin_kind.value} | _marked(file.mark),
        )  # fmt: skip
        if file.replaces_id is not None:
            describe(session, file.replaces_id, is_hidden=True)
        taken.append(Taken(evidence_id, file.digest, file.size_bytes, file.media_type, condition.value))
    return taken


def _marked(mark: Mark | None) -> dict[str, Any]:
    """Return what the journal keeps of the reporter's word about personal data: nothing where there is none."""
    if mark is None:
        return {}
    return {"masking": mark.masking.value} | ({"masked_parts": mark.parts} if mark.parts else {})


def _phone(position: PhonePosition | None) -> dict[str, Any]:
    if position is None:
        return {}
    return {
        "phone_lat": position.lat, "phone_lon": position.lon, "phone_accuracy_m": position.accuracy_m,
        "phone_fixed_at": position.fixed_at,
    }  # fmt: skip


def params_digest_of(params: Mapping[str, Any]) -> str:
    """Return the digest by which copies with other parameters are kept apart."""
    return sha256_hex(canonical_json(params))


def keep_derivative(
    session: WriteSession,
    source_digest: str,
    kind: DerivativeKind,
    *,
    digest: str,
    size: tuple[int, int],
    size_bytes: int,
    params: dict[str, Any],
    now: datetime,
) -> None:
    """Write a derivative's row unless the same one is there; its bytes are kept already."""
    params_digest = params_digest_of(params)
    note_blob(session, digest, size_bytes=size_bytes, media_type="image/jpeg", now=now)
    if queries.is_made(session, source_digest, kind, params_digest):
        # Made again, perhaps by a newer encoder: the row shows the copy that was just kept.
        session.execute(
            update(Derivative)
            .where(
                col(Derivative.source_digest) == source_digest,
                col(Derivative.kind) == kind.value,
                col(Derivative.params_digest) == params_digest,
                col(Derivative.digest) != digest,
            )
            .values(digest=digest, size_bytes=size_bytes)
        )
        return
    put(
        session, Derivative, id=ids.new(), source_digest=source_digest, kind=kind.value, params=params, params_digest=params_digest,
        digest=digest, width=size[0], height=size[1], size_bytes=size_bytes, made_at=now,
    )  # fmt: skip


def ask_again(session: WriteSession, digest: str, *, now: datetime) -> None:
    """Ask for the copies of an original once more (one of them is damaged); at most once a day for each."""
    for evidence_id in custody.sources_of(session, digest):
        once_key = f"again/{evidence_id}/{now:%Y-%m-%d}"
        if not journal.is_asked(session, DEVELOP, once_key):
            journal.enqueue(
                session, DEVELOP, once_key=once_key, now=now, payload={"evidence_id": evidence_id}
            )


def note_likeness(session: WriteSession, evidence_id: str, picture_hash: int | None) -> None:
    """Write the quarters of a picture's hash, by which the same picture is found elsewhere."""
    session.execute(delete(PictureBand).where(col(PictureBand.evidence_id) == evidence_id))
    keys = bands(picture_hash) if picture_hash is not None else ()
    if keys:
        session.execute(insert(PictureBand), [{"evidence_id": evidence_id, "key": key} for key in keys])


def describe(session: WriteSession, evidence_id: str, **values: Any) -> None:
    """Write what was learnt of an item after it was taken in (condition, size, what the photo says)."""
    session.execute(update(EvidenceItem).where(col(EvidenceItem.id) == evidence_id).values(**values))
