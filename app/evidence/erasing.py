"""Letting go of a clue's files: rows lose what they tell of people, bytes go when no other clue needs them.

The digest stays, in the item's row, in the blob's tombstone and in the journal (decisions.md 7, 9). The bytes are erased
by a job of the same transaction, so that a crash between commit and erasure leaves work and not photos.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update
from sqlmodel import col

from app.evidence.models import Blob, Bundle, Derivative, EvidenceItem, PictureBand, Redaction
from app.evidence.queries import erasable
from app.evidence.terms import Condition
from app.platform import clock, journal
from app.platform.db import WriteSession
from app.platform.jobs import Handler, Tools, Work
from app.platform.journal import Doer

ERASE: Final = "evidence.erase_blob"
# A blob that was kept again a moment ago may be about to get a row; it is looked at again later.
_UNTOUCHED_S: Final = 3600.0
_AGAIN: Final = timedelta(hours=2)
# Papers of a bundle that are the same in every bundle, and tell of nobody.
_GENERAL: Final = frozenset({"README.txt", "verify.py", "stamps/ca.pem"})


def erase_items(
    session: WriteSession,
    doer: Doer,
    clue_id: str,
    *,
    now: datetime,
    origin_ids: Collection[str] | None = None,
) -> int:
    """Erase a clue's files, or those that certain acts brought; return how many items went."""
    items = erasable.items(session, clue_id, origin_ids)
    for item in items:
        _erase_item(session, doer, item, now=now)
    if items:
        _erase_bundles(session, clue_id, now=now)
    return len(items)


def _erase_item(session: WriteSession, doer: Doer, item: EvidenceItem, *, now: datetime) -> None:
    redacted = erasable.redacted_copies(session, item.id)
    session.execute(delete(PictureBand).where(col(PictureBand.evidence_id) == item.id))
    session.execute(delete(Redaction).where(col(Redaction.evidence_id) == item.id))
    session.execute(
        update(EvidenceItem)
        .where(col(EvidenceItem.id) == item.id)
        .values(
            condition=Condition.ERASED.value, original_name="", declared_type="", photo_facts=None, picture_hash=None,
            phone_lat=None, phone_lon=None, phone_accuracy_m=None, phone_fixed_at=None, is_hidden=False,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    left = erasable.copies_without_a_use(session, item.digest, redacted)
    for copy in left:
        session.execute(delete(Derivative).where(col(Derivative.id) == copy.id))
    let_go(session, [item.digest, *(copy.digest for copy in left)], now=now)
    journal.record(
        session, doer, "evidence.erased", "evidence_item", item.id,
        now=now, clue_id=item.clue_id, office_id=item.office_id, facts={"digest": item.digest},
    )  # fmt: skip


def _erase_bundles(session: WriteSession, clue_id: str, *, now: datetime) -> None:
    """Take a clue's bundles apart; that they were made, by whom and with which digest, stays."""
    for bundle in erasable.bundles(session, clue_id):
        own = [
            str(entry["digest"])
            for entry in bundle.entries
            if entry["name"] not in _GENERAL and not str(entry["name"]).startswith("stamps/")
        ]
        session.execute(update(Bundle).where(col(Bundle.id) == bundle.id).values(entries=[], listed={}))
        let_go(session, own, now=now)


def let_go(session: WriteSession, digests: Collection[str], *, now: datetime) -> None:
    """Ask for the bytes under these digests to be erased, unless something still needs them when it comes to it."""
    for digest in sorted(set(digests)):
        _ask(session, digest, now=now, run_after=now)


def _ask(session: WriteSession, digest: str, *, now: datetime, run_after: datetime) -> None:
    once_key = f"{digest}/{run_after.isoformat()}"
    if not journal.is_asked(session, ERASE, once_key):
        journal.enqueue(
            session, ERASE, once_key=once_key, now=now, payload={"digest": digest}, run_after=run_after
        )


def erase_blob(tools: Tools, work: Work) -> None:
    """Erase one blob that nothing needs; the tombstone keeps its digest. Twice is harmless."""
    digest, now = str(work.payload["digest"]), clock.now()
    with tools.database.write_session() as session:
        if erasable.is_needed(session, digest):
            return
        if not tools.store.erase(digest, untouched_for_s=_UNTOUCHED_S):
            _ask(session, digest, now=now, run_after=now + _AGAIN)
            return
        gone: Any = {"erased_at": now, "damaged_at": None}
        session.execute(update(Blob).where(col(Blob.digest) == digest).values(**gone))


HANDLERS: Final[dict[str, Handler]] = {ERASE: erase_blob}
