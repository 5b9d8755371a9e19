"""The scrubber: reads every kept blob again in turn, so that damage is known while a backup still has the bytes.

What is damaged is journalled, shown to the administrator and looked at again every day; nothing is removed. A
damaged copy of our own making is made anew from its original.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col

from app.evidence import queries, service
from app.evidence.models import Blob
from app.evidence.queries import custody
from app.platform import journal, logging
from app.platform.db import Database, WriteSession
from app.platform.jobs import Tools
from app.platform.storage import BlobDamaged, BlobMissing, BlobStore

SLICE_BYTES: Final = 64 * 1024 * 1024
_SLICE_COUNT: Final = 200
_AGAIN: Final = timedelta(days=1)
_log = logging.get("scrub")


def condition_of(store: BlobStore, digest: str) -> str:
    """Read a blob to its end; return "" when it is whole, else what is wrong in one word."""
    try:
        for _ in store.stream_verified(digest):
            pass
    except BlobMissing:
        return "missing"
    except BlobDamaged:
        return "altered"
    except OSError:
        return "unreadable"
    return ""


def scrub(tools: Tools, now: datetime, *, slice_bytes: int = SLICE_BYTES) -> int:
    """Check the blobs that wait longest, up to so many bytes; return how many were checked."""
    with tools.database.read_session() as looking:
        due = custody.blobs_to_check(
            looking,
            whole_before=now - timedelta(days=tools.settings.scrub_days),
            damaged_before=now - _AGAIN,
            limit=_SLICE_COUNT,
        )
    found: list[tuple[Blob, str]] = []
    for blob in due:
        found.append((blob, condition_of(tools.store, blob.digest)))
        slice_bytes -= blob.size_bytes
        if slice_bytes <= 0:
            break
    if found:
        with tools.database.write_session() as session:
            for blob, what in found:
                note_condition(session, blob, what, now=now)
    return len(found)


def note_damage(database: Database, store: BlobStore, digest: str, *, now: datetime) -> None:
    """Write what somebody stumbled over while reading: damage is never silent, whoever meets it first."""
    with database.read_session() as looking:
        blob = queries.blob(looking, digest)
    what = condition_of(store, digest)
    if blob is not None and blob.erased_at is None and what:
        with database.write_session() as session:
            note_condition(session, blob, what, now=now)


def note_condition(session: WriteSession, blob: Blob, what: str, *, now: datetime) -> None:
    """Write what a check found; a change for the worse or the better is a journal row."""
    is_new = bool(what) and blob.damaged_at is None
    is_over = not what and blob.damaged_at is not None
    session.execute(
        update(Blob)
        .where(col(Blob.digest) == blob.digest)
        .values(checked_at=now, damaged_at=(blob.damaged_at or now) if what else None)
    )
    if is_new:
        _log.error("a blob is damaged", digest=blob.digest, what=what)
    if is_new or is_over:
        journal.record(
            session, journal.SYSTEM, "blob.damaged" if is_new else "blob.restored", "blob", blob.digest[:32],
            now=now, facts={"digest": blob.digest, "size_bytes": blob.size_bytes, **({"what": what} if what else {})},
        )  # fmt: skip
    if what:
        service.ask_again(session, blob.digest, now=now)
