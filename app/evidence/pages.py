"""Pictures and files for staff. A look at an original is recorded before its first byte leaves (decisions.md 8)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse

from app.evidence import kinds, queries
from app.evidence.terms import DerivativeKind
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import journal
from app.platform.errors import Missing
from app.platform.web.given import Now, ReadSession, Shared

router = APIRouter()
Reader = Annotated[Actor, Depends(Requires(Verb.CLUE_READ))]
OriginalReader = Annotated[Actor, Depends(Requires(Verb.EVIDENCE_READ_ORIGINAL))]
_SHOWN_KINDS = {kind.value: kind for kind in DerivativeKind}


@router.get("/evidence/{evidence_id}/original", name="evidence:original")
def show_original(
    evidence_id: str, actor: OriginalReader, session: ReadSession, house: Shared, now: Now
) -> StreamingResponse:
    """Give the untouched original as a download, verified while it is read; the look is journalled first."""
    item = queries.visible_item(session, actor, evidence_id)
    with house.database.write_session() as writing:
        journal.record(
            writing, actor.doer, "original.viewed", "evidence_item", item.id,
            now=now, clue_id=item.clue_id, office_id=actor.office_id, facts={"digest": item.digest},
        )  # fmt: skip
    name = file_name(item)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(item.size_bytes),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(
        house.store.stream_verified(item.digest), media_type=item.media_type, headers=headers
    )


@router.get("/evidence/{evidence_id}/{kind}", name="evidence:picture")
def show_picture(evidence_id: str, kind: str, actor: Reader, session: ReadSession, house: Shared) -> Response:
    """Give a derivative (thumb, screen) of a picture whose clue this person may see."""
    item = queries.visible_item(session, actor, evidence_id)
    return picture_response(session, house, item.digest, kind)


def picture_response(session: ReadSession, house: Shared, digest: str, kind: str) -> Response:
    """Answer with a derivative of an original; the caller has checked the right to it."""
    if kind not in _SHOWN_KINDS:
        raise Missing
    made = queries.picture(session, digest, _SHOWN_KINDS[kind])
    return Response(
        house.store.read_verified(made), media_type="image/jpeg", headers={"Cache-Control": "no-store"}
    )


def file_name(item: queries.Shown) -> str:
    """Return a download name that says nothing of the person: the digest's beginning and the detected type."""
    extension = kinds.extension_of(item.media_type)
    return f"{item.short_digest}.{extension}"
