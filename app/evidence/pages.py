"""Pictures and files for staff. A look at an original is recorded before its first byte leaves (decisions.md 8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from app.evidence import kinds, playing, queries
from app.evidence.queries import custody
from app.evidence.scrub import note_damage
from app.evidence.terms import DerivativeKind
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock, journal
from app.platform.errors import Missing, Unavailable
from app.platform.i18n import N_
from app.platform.storage import StorageProblem
from app.platform.web.given import House, Now, ReadSession, Shared

router = APIRouter()
Reader = Annotated[Actor, Depends(Requires(Verb.CLUE_READ))]
OriginalReader = Annotated[Actor, Depends(Requires(Verb.EVIDENCE_READ_ORIGINAL))]
# A redacted copy belongs to one clue's item, not to the bytes: it has an address of its own.
_SHOWN_KINDS = {kind.value: kind for kind in DerivativeKind if kind is not DerivativeKind.REDACTED}
# A player asks for one film in many pieces: that is one look.
_ONE_LOOK: Final = timedelta(minutes=10)


class FileDamaged(Unavailable):
    """The bytes are not as they came; they are not shown, and it is on record."""

    code = "file_damaged"
    text = N_("这个文件读不出来或者被改动过，没有打开。已经记录下来，请告诉系统管理员从备份里找回。")


@router.get("/evidence/{evidence_id}/original", name="evidence:original")
def show_original(
    evidence_id: str, actor: OriginalReader, session: ReadSession, house: Shared, now: Now
) -> StreamingResponse:
    """Give the untouched original as a download, verified while it is read; the look is journalled first."""
    item = queries.visible_item(session, actor, evidence_id)
    if item.is_erased:
        raise Missing
    _record_look(house, actor, item, now)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(item))}",
        "Content-Length": str(item.size_bytes),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        house.store.stream_verified(item.digest), media_type=item.media_type, headers=headers
    )


@router.get("/evidence/{evidence_id}/play", name="evidence:play")
def play(
    request: Request, evidence_id: str, actor: OriginalReader, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Give sound or moving pictures to the browser's own player, in the pieces it asks for."""
    item = queries.visible_item(session, actor, evidence_id)
    if not item.is_media or item.is_erased:
        raise Missing
    if not custody.was_viewed(session, actor.account_id, item.id, since=now - _ONE_LOOK):
        _record_look(house, actor, item, now)
    if not playing.is_whole(house.store, item.digest):
        note_damage(house.database, house.store, item.digest, now=now)
        raise FileDamaged
    return playing.answer(house.store, item.digest, item.media_type, request.headers.get("Range", ""))


@router.get("/evidence/{evidence_id}/redacted/{redaction_id}", name="evidence:redaction")
def show_redaction(
    evidence_id: str, redaction_id: str, actor: Reader, session: ReadSession, house: Shared
) -> Response:
    """Give a redacted copy of a picture whose clue this person may see."""
    item = queries.visible_item(session, actor, evidence_id)
    copies = {row.id: copy for row, copy in queries.standing_redactions(session, item.id)}
    if redaction_id not in copies:
        raise Missing
    return _picture(house, copies[redaction_id].digest)


@router.get("/evidence/{evidence_id}/{kind}", name="evidence:picture")
def show_picture(evidence_id: str, kind: str, actor: Reader, session: ReadSession, house: Shared) -> Response:
    """Give a derivative (thumb, screen, print) of a picture whose clue this person may see."""
    item = queries.visible_item(session, actor, evidence_id)
    return picture_response(session, house, item.digest, kind)


def picture_response(session: ReadSession, house: House, digest: str, kind: str) -> Response:
    """Answer with a derivative of an original; the caller has checked the right to it."""
    if kind not in _SHOWN_KINDS:
        raise Missing
    return _picture(house, queries.picture(session, digest, _SHOWN_KINDS[kind]))


def _picture(house: House, digest: str) -> Response:
    try:
        content = house.store.read_verified(digest)
    except StorageProblem:
        note_damage(house.database, house.store, digest, now=clock.now())
        raise FileDamaged from None
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _record_look(house: House, actor: Actor, item: queries.Shown, now: datetime) -> None:
    with house.database.write_session() as writing:
        journal.record(
            writing, actor.doer, "original.viewed", "evidence_item", item.id,
            now=now, clue_id=item.clue_id, office_id=actor.office_id, facts={"digest": item.digest},
        )  # fmt: skip


def file_name(item: queries.Shown) -> str:
    """Return a download name that says nothing of the person: the digest's beginning and the detected type."""
    extension = kinds.extension_of(item.media_type)
    return f"{item.short_digest}.{extension}"
