"""The documents: print page, DOCX, PDF, a further version; and the pictures that go along, for the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.storage import BlobStore
from app.platform.web.given import Now, ReadSession, Shared
from app.platform.web.render import Flash, page, see_other
from app.transfer import forms, letter_docx, letter_door, letter_pdf, queries, view_parts
from app.transfer.door import FreshRoute, Typed, practice_of
from app.transfer.models import Letter
from app.transfer.service import steps

router = APIRouter(route_class=FreshRoute)
Reader = Annotated[Actor, Depends(Requires(Verb.TRANSFER_READ))]
Drafter = Annotated[Actor, Depends(Requires(Verb.TRANSFER_DRAFT))]


@router.get("/transfers/{transfer_id}/letter", name="transfer:letter")
def show_letter(
    request: Request, transfer_id: str, actor: Reader, house: Shared, session: ReadSession, now: Now
) -> Response:
    """Show the letter for printing: as last made, or as the draft would give it now."""
    transfer = queries.get(session, actor, transfer_id)
    made = queries.newest_letter(session, transfer_id)
    practice = practice_of(house.settings)
    fields = made.fields if made else letter_door.fields_of(session, transfer, practice, now=now)
    photos = view_parts.pictures(session, transfer, request.app.state.urls, captions=fields["attachments"])
    return page(request, "transfer/letter_print.html", letter_door.LetterPage(fields, photos))


@router.get("/transfers/{transfer_id}/letter.docx", name="transfer:letter_docx")
def download_docx(
    transfer_id: str, actor: Reader, house: Shared, session: ReadSession, version: int = 0
) -> Response:
    """Give the DOCX of a version, the newest by default."""
    queries.get(session, actor, transfer_id)
    made = queries.letter(session, transfer_id, version)
    return download(house.store, made, made.docx_digest, letter_docx.MEDIA_TYPE, "docx")


@router.get("/transfers/{transfer_id}/letter.pdf", name="transfer:letter_pdf")
def download_pdf(
    transfer_id: str, actor: Reader, house: Shared, session: ReadSession, version: int = 0
) -> Response:
    """Give the PDF of a version, the newest by default."""
    queries.get(session, actor, transfer_id)
    made = queries.letter(session, transfer_id, version)
    return download(house.store, made, made.pdf_digest, letter_pdf.MEDIA_TYPE, "pdf")


def download(store: BlobStore, made: Letter, digest: str | None, media_type: str, extension: str) -> Response:
    """Answer with a kept document under a name that says nothing of anybody; the caller has checked the right."""
    if digest is None:
        raise Missing
    headers = {
        "Content-Disposition": f'attachment; filename="letter-{made.id[-12:]}-v{made.version}.{extension}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(store.read_verified(digest), media_type=media_type, headers=headers)


@router.post("/transfers/{transfer_id}/letters", name="transfer:make_letter")
def make_letter(
    request: Request, transfer_id: str, actor: Drafter, house: Shared, form: Typed, now: Now
) -> Response:
    """Make the documents again: a further version, with the same frozen words."""
    with house.database.read_session() as session:
        steps.fresh(queries.get(session, actor, transfer_id), forms.version_of(form))
    made = letter_door.make(request, house, actor, transfer_id, practice=practice_of(house.settings), now=now)
    flash = Flash(_("文书已生成，第 %(n)s 版。", n=made))
    return see_other(request, "transfer:show", flash=flash, transfer_id=transfer_id)


@router.get("/transfers/{transfer_id}/attachments/{attachment_id}", name="transfer:attachment")
def show_attachment(
    transfer_id: str, attachment_id: str, actor: Reader, house: Shared, session: ReadSession
) -> Response:
    """Give one picture that goes along."""
    queries.get(session, actor, transfer_id)
    item = queries.attachment(session, transfer_id, attachment_id)
    return attached(house.store, item.digest)


def attached(store: BlobStore, digest: str) -> Response:
    """Answer with a picture that goes along; the caller has checked the right to it."""
    return Response(
        store.read_verified(digest), media_type="image/jpeg", headers={"Cache-Control": "no-store"}
    )
