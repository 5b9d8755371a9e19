"""A promised photo from its first piece to its place in the clue. Nothing here commits.

The order is that of every file (goals.md R1): the bytes are whole, opened, checked against the promised digest and
durable under it before the transaction that says so begins.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlmodel import col

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.evidence import service as evidence_service
from app.evidence.kinds import FIRST_BYTES, Door
from app.evidence.service import KeptFile
from app.evidence.terms import Fidelity, Origin, PathIn, PhonePosition
from app.intake import masks, queries
from app.intake.models import PromisedPhoto, Report, Upload
from app.intake.terms import REPORT_COMPLETED, PhotoState
from app.platform import journal, rates, sealing
from app.platform.crypto import KeyRing
from app.platform.db import Database, WriteSession
from app.platform.errors import Conflict, Invalid, Refused, TooLarge, TooMany
from app.platform.i18n import N_
from app.platform.landed import LandedFile
from app.platform.pieces import Pieces
from app.platform.sealing import Unopenable
from app.platform.settings import Settings
from app.platform.storage import BlobStore

OPEN_MOST: Final = 24
NOT_NEEDED: Final = "not_needed"


class NotPromised(Refused):
    """The report has promised no photo with this digest."""

    code = "not_promised"
    text = N_("这份反映里没有这张照片。")


class AlreadySettled(Conflict):
    """The photo is held or declined already: nothing more need be sent."""

    code = "already_settled"
    text = N_("这张照片已经处理好，不用再传。")


class DigestDiffers(Invalid):
    """The whole upload does not open, or is not the photo that was promised; it has been removed."""

    code = "digest_differs"
    text = N_("传来的照片和登记的不一致，已经删除，请重新传。")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a phone wants to send."""

    digest: str
    length: int
    is_sealed: bool
    name: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole upload, judged: kept under its digest, or not a file the house keeps."""

    kept: KeptFile | None
    declined: str | None


def begin(
    session: WriteSession,
    keys: KeyRing,
    settings: Settings,
    report: Report,
    wish: Wish,
    *,
    source: str,
    now: datetime,
) -> Upload:
    """Begin an upload, or return the one begun before: a lost answer costs nothing."""
    queries.hold(session, report.id)
    promise = queries.promise(session, report.id, wish.digest)
    if promise is None:
        raise NotPromised
    if promise.state != PhotoState.MISSING:
        raise AlreadySettled
    most = sealing.longest_sealed(promise.size_bytes) if wish.is_sealed else promise.size_bytes
    if wish.length > most:
        raise TooLarge
    found = queries.begun(session, report.id, wish.digest, is_sealed=wish.is_sealed, length=wish.length)
    if found is not None and found.finished_at is None and found.expires_at > now:
        return found
    if found is not None:
        forget(session, found.id)
    _within_quota(session, keys, settings, report, source=source, now=now)
    _learn(session, promise, wish)
    row: dict[str, Any] = {
        "id": secrets.token_hex(16), "report_id": report.id, "digest": wish.digest, "is_sealed": wish.is_sealed,
        "length": wish.length, "settled_bytes": 0, "begun_at": now, "expires_at": now + timedelta(days=settings.upload_days),
    }  # fmt: skip
    session.execute(insert(Upload).values(**row))
    return Upload(**row)


def _within_quota(
    session: WriteSession, keys: KeyRing, settings: Settings, report: Report, *, source: str, now: datetime
) -> None:
    if queries.open_count(session, report.id, now=now) >= OPEN_MOST:
        raise TooMany
    for door, who, limit in (
        ("upload-report", report.id, settings.uploads_per_report),
        ("upload", source, settings.uploads_per_hour),
    ):
        if rates.step(session, keys, door, who, now) > limit:
            raise TooMany


def _learn(session: WriteSession, promise: PromisedPhoto, wish: Wish) -> None:
    """Take a name and type from a client that states them only here."""
    learnt = {
        name: value
        for name, value, known in (("name", wish.name, promise.name), ("media_type", wish.media_type, promise.media_type))
        if value and not known
    }  # fmt: skip
    if learnt:
        session.execute(
            update(PromisedPhoto).where(col(PromisedPhoto.rowno) == promise.rowno).values(**learnt)
        )


def is_news(upload: Upload, offset: int) -> bool:
    """Say whether more of an upload is durable than was noted; nobody notes it for one of an older version."""
    is_open = upload.finished_at is None and upload.settled_bytes is not None
    return is_open and offset > (upload.settled_bytes or 0)


def note_settled(session: WriteSession, upload: Upload, offset: int) -> None:
    """Note how much of an upload is durable, before anybody is told: after a power cut nothing beyond it counts."""
    is_less = (col(Upload.id) == upload.id, col(Upload.settled_bytes) < offset)
    session.execute(update(Upload).where(*is_less).values(settled_bytes=offset))


def noted(database: Database) -> dict[str, int | None]:
    """Return how much of each upload that is not whole was noted as durable."""
    with database.read_session() as session:
        return queries.settled_bytes(session)


def forget(session: WriteSession, upload_id: str) -> None:
    """Forget an upload; its promise stays as it is."""
    session.execute(delete(Upload).where(col(Upload.id) == upload_id))


def judge(store: BlobStore, pieces: Pieces, keys: KeyRing, upload: Upload, promise: PromisedPhoto) -> Whole:
    """Open a whole upload and keep it under its digest; raises DigestDiffers. Writes no row."""
    arrived = pieces.read(upload.id)
    plain: Iterator[bytes] = (
        sealing.opened(keys, arrived, report_id=upload.report_id, what=upload.digest)
        if upload.is_sealed
        else arrived
    )
    first_bytes = b""
    with store.incoming() as incoming:
        try:
            for chunk in plain:
                incoming.write(chunk)
                first_bytes += chunk[: FIRST_BYTES - len(first_bytes)]
        except Unopenable:
            raise DigestDiffers from None
        if incoming.sha256 != upload.digest:
            raise DigestDiffers
        landed = incoming.seal()
    file = LandedFile(
        field="upload",
        name=promise.name,
        declared_type=promise.media_type,
        size_bytes=landed.size_bytes,
        first_bytes=first_bytes,
        landed=landed,
    )
    kept, declined = evidence_service.keep_files(store, [file], door=Door.CITIZEN, limit=1)
    return Whole(kept[0] if kept else None, declined[0].reason if declined else None)


def finish(session: WriteSession, upload: Upload, whole: Whole, *, now: datetime) -> None:
    """Make a whole upload what was promised: evidence, promise, clue and journal together. Twice is harmless."""
    report = queries.get(session, upload.report_id)
    queries.hold(session, report.clue_id)
    promise = queries.promise(session, report.id, upload.digest)
    if promise is None:
        raise NotPromised
    if promise.state == PhotoState.MISSING:
        if whole.kept is None:
            _settle(session, promise, PhotoState.DECLINED, reason=whole.declined)
        else:
            _take_in(session, report, promise, whole.kept, now=now)
        has_picture = whole.kept is not None and whole.kept.is_picture
        _complete(session, report, has_picture=has_picture, now=now)
    session.execute(
        update(Upload)
        .where(col(Upload.id) == upload.id, col(Upload.finished_at).is_(None))
        .values(finished_at=now)
    )


def _take_in(
    session: WriteSession, report: Report, promise: PromisedPhoto, kept: KeptFile, *, now: datetime
) -> None:
    original = queries.promise(session, report.id, promise.preview_of) if promise.preview_of else None
    preview = queries.preview_of(session, report.id, promise.digest)
    file = replace(
        kept,
        path=PathIn(promise.path),
        fidelity=Fidelity(promise.fidelity),
        mark=masks.mark(promise.masking, promise.masked_parts),
        promised_digest=promise.digest,
        position=_position(promise.position),
        replaces_id=preview.evidence_id if preview else None,
        is_hidden=original is not None and original.state == PhotoState.HELD,
    )
    doer = journal.account(report.account_id) if report.account_id else journal.REPORTER
    (taken,) = evidence_service.take_in(
        session, doer, [file], clue_id=report.clue_id, office_id=report.office_id,
        origin_kind=Origin.REPORT, origin_id=report.id, now=now,
    )  # fmt: skip
    _settle(session, promise, PhotoState.HELD, evidence_id=taken.evidence_id)
    if preview is not None and preview.state == PhotoState.MISSING:
        _settle(session, preview, PhotoState.DECLINED, reason=NOT_NEEDED)


def _settle(session: WriteSession, promise: PromisedPhoto, state: PhotoState, **values: Any) -> None:
    settled = update(PromisedPhoto).where(col(PromisedPhoto.rowno) == promise.rowno)
    settled = settled.values(
        state=state.value
    )  # house: allow state-writer (what became of a photo, not of a clue)
    session.execute(settled.values(**values).execution_options(synchronize_session=False))
    session.refresh(promise)


def _complete(session: WriteSession, report: Report, *, has_picture: bool, now: datetime) -> None:
    """Let the clue show what has come; when nothing is missing any more, journal that."""
    clue = clue_queries.by_id(session, report.clue_id)
    is_complete = queries.is_complete(session, report.clue_id)
    has_photo = clue.has_photo or has_picture
    if is_complete and not clue.is_complete:
        journal.record(
            session, journal.SYSTEM, REPORT_COMPLETED, "report", report.id,
            now=now, clue_id=clue.id, office_id=clue.office_id,
        )  # fmt: skip
    if (is_complete, has_photo) != (clue.is_complete, clue.has_photo):
        clue_service.note_photos(session, clue.id, is_complete=is_complete, has_photo=has_photo)


def _position(stated: Mapping[str, Any] | None) -> PhonePosition | None:
    if not stated:
        return None
    fixed_at = stated.get("fixed_at")
    return PhonePosition(
        float(stated["lat"]),
        float(stated["lon"]),
        stated.get("accuracy_m"),
        datetime.fromisoformat(str(fixed_at)) if fixed_at else None,
    )
