"""Making a letter: bytes first, kept under their digests, then the row (house.md 8); no writer waits meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request

from app.evidence import service as evidence_service
from app.identity import queries as identity_queries
from app.identity.actor import Actor
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.storage import BlobStore
from app.platform.web import render
from app.platform.web.given import House
from app.transfer import disclosure, letter_docx, letter_pdf, letters, queries, service
from app.transfer.models import Transfer
from app.transfer.shown import Photo
from app.transfer.terms import LetterKind, Practice, SignDecision

_ATTACHMENTS = "/attachments/"


@dataclass(frozen=True, slots=True)
class LetterPage:
    """Everything transfer/letter_print.html shows."""

    letter: dict[str, Any]
    photos: list[Photo]
    note: str = ""


def fields_of(
    session: ReadSession, transfer: Transfer, practice: Practice, *, now: datetime
) -> dict[str, Any]:
    """Return the fields of a transfer's letter; unsigned, it has neither number nor date."""
    disclosed = disclosure.as_disclosed(session, transfer, feedback_days=practice.feedback_days, now=now)
    approved = [
        row for row in queries.sign_offs(session, transfer.id) if row.decision == SignDecision.APPROVED.value
    ]
    signer = approved[-1].account_id if approved and transfer.signed_at else ""
    dated_on = clock.office_date(transfer.signed_at) if transfer.signed_at else None
    names = identity_queries.names_of(session, [signer] if signer else [])
    return letters.fields_of(disclosed, dated_on=dated_on, signer=names.get(signer, ""))


def make(
    request: Request, house: House, actor: Actor, transfer_id: str, *, practice: Practice, now: datetime
) -> int:
    """Make a signed transfer's letter in every form this machine can; return the document's version."""
    with house.database.read_session() as session:
        transfer = queries.get(session, actor, transfer_id)
        fields = fields_of(session, transfer, practice, now=now)
        attached = queries.attachments(session, transfer_id)
    pictures = {item.id: house.store.read_verified(item.digest) for item in attached}
    docx = letter_docx.docx_bytes(fields, list(pictures.values()))
    pdf = None if letter_pdf.pdf_possible() else _pdf(request, fields, pictures)
    docx_digest = _keep(house.store, docx)
    pdf_digest = None if pdf is None else _keep(house.store, pdf)
    with house.database.write_session() as writing:
        fresh = queries.get(writing, actor, transfer_id)
        _note(writing, docx_digest, docx, letter_docx.MEDIA_TYPE, now)
        if pdf is not None and pdf_digest is not None:
            _note(writing, pdf_digest, pdf, letter_pdf.MEDIA_TYPE, now)
        return service.keep_letter(
            writing, actor, fresh, kind=LetterKind(fields["kind"]), fields=fields,
            docx_digest=docx_digest, pdf_digest=pdf_digest, now=now,
        )  # fmt: skip


def _pdf(request: Request, fields: dict[str, Any], pictures: dict[str, bytes]) -> bytes:
    photos = [
        Photo(src=f"{_ATTACHMENTS}{item_id}", href=None, alt=caption, caption=caption)
        for item_id, caption in zip(pictures, fields["attachments"], strict=True)
    ]
    html = bytes(render.page(request, "transfer/letter_print.html", LetterPage(fields, photos)).body).decode()
    handed = {f"{_ATTACHMENTS}{item_id}": (content, "image/jpeg") for item_id, content in pictures.items()}
    style = request.app.state.environment.globals["asset"]("app.css")
    # The PDF has a sheet of its own, without what only screens know; it stands where the page asks for its style.
    handed[style] = ((render.TEMPLATES / "transfer" / "letter_pdf.css").read_bytes(), "text/css")
    return letter_pdf.pdf_bytes(html, handed)


def _keep(store: BlobStore, content: bytes) -> str:
    with store.incoming() as incoming:
        incoming.write(content)
        return store.keep(incoming.seal())


def _note(session: WriteSession, digest: str, content: bytes, media_type: str, now: datetime) -> None:
    evidence_service.note_blob(session, digest, size_bytes=len(content), media_type=media_type, now=now)
