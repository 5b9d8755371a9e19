"""What happens to a picture after the answer has left: derivatives, what the photo says, the second digest."""

from __future__ import annotations

import contextlib

from sqlalchemy import update
from sqlmodel import col

from app.evidence import copies, queries, service
from app.evidence.copies import Part
from app.evidence.imaging import Darkroom, Developed, Undisplayable
from app.evidence.imaging_wire import PRINT_PX, fit
from app.evidence.models import Blob
from app.evidence.terms import Condition, DerivativeKind
from app.platform import clock
from app.platform.digest import sm3_of_file
from app.platform.jobs import Handler, Tools, Work
from app.platform.journal import subject_of
from app.platform.storage import BlobStore


def develop_with(darkroom: Darkroom) -> Handler:
    """Return the reaction to `evidence.added`: idempotent, so that a second run changes nothing."""

    def develop(tools: Tools, work: Work) -> None:
        with tools.database.read_session() as reading:
            evidence_id = work.payload.get("evidence_id") or subject_of(reading, work.journal_id or "")
            item = queries.item(reading, evidence_id)
        if item.is_erased:
            return
        made: Developed | None = None
        facts = None
        try:
            with tools.store.borrow(item.digest) as path:
                sm3 = sm3_of_file(path)
                made = darkroom.develop(path)
            facts = made.exif.as_json()
        except Undisplayable as error:
            if error.is_worth_retrying and work.attempts < 3:  # noqa: PLR2004 - a busy machine gets three tries
                raise
            facts = error.exif.as_json()
        kept = [] if made is None else _keep(tools.store, made)
        now = clock.now()
        with tools.database.write_session() as session:
            session.execute(update(Blob).where(col(Blob.digest) == item.digest).values(sm3=sm3))
            for kind, digest, size, size_bytes in kept:
                service.keep_derivative(
                    session,
                    item.digest,
                    kind,
                    digest=digest,
                    size=size,
                    size_bytes=size_bytes,
                    params={},
                    now=now,
                )
            service.describe(
                session,
                item.id,
                condition=(Condition.READY if made else Condition.UNDISPLAYABLE).value,
                width=made.width if made else None,
                height=made.height if made else None,
                picture_hash=made.dhash64 if made else None,
                photo_facts=facts,
            )
            service.note_likeness(session, item.id, made.dhash64 if made else None)

    return develop


def redact_with(darkroom: Darkroom) -> Handler:
    """Return the reaction to a wish for a redacted copy."""

    def redact(tools: Tools, work: Work) -> None:
        with tools.database.read_session() as reading:
            item = queries.item(reading, work.payload["evidence_id"])
        if item.is_erased:
            return
        parts = [Part(**part) for part in work.payload["parts"]]
        with tools.store.borrow(item.digest) as path:
            made = darkroom.redact(path, [part.as_rectangle(n) for n, part in enumerate(parts, start=1)])
        digest = keep_bytes(tools.store, made)
        with tools.database.write_session() as session:
            copies.keep_redaction(
                session, item, (work.id, work.payload), digest=digest, size=_print_size(item),
                size_bytes=len(made), now=clock.now(),
            )  # fmt: skip

    return redact


def print_with(darkroom: Darkroom) -> Handler:
    """Return the reaction to a wish for the copy for paper."""

    def make_print(tools: Tools, work: Work) -> None:
        with tools.database.read_session() as reading:
            item = queries.item(reading, work.payload["evidence_id"])
        if item.is_erased:
            return
        with tools.store.borrow(item.digest) as path:
            made = darkroom.print_copy(path)
        digest = keep_bytes(tools.store, made)
        with tools.database.write_session() as session:
            service.keep_derivative(
                session, item.digest, DerivativeKind.PRINT, digest=digest, size=_print_size(item),
                size_bytes=len(made), params={}, now=clock.now(),
            )  # fmt: skip

    return make_print


def _print_size(item: queries.Shown) -> tuple[int, int]:
    return fit((item.width or PRINT_PX, item.height or PRINT_PX), PRINT_PX)


def _keep(store: BlobStore, made: Developed) -> list[tuple[DerivativeKind, str, tuple[int, int], int]]:
    kept = []
    for kind, content, size in (
        (DerivativeKind.SCREEN, made.screen, made.screen_size),
        (DerivativeKind.THUMB, made.thumb, made.thumb_size),
    ):
        kept.append((kind, keep_bytes(store, content), size, len(content)))
    return kept


def keep_bytes(store: BlobStore, content: bytes) -> str:
    """Keep bytes of our own making; returns their digest."""
    with contextlib.ExitStack() as stack:
        incoming = stack.enter_context(store.incoming())
        incoming.write(content)
        return store.keep(incoming.seal())
