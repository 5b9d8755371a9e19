"""The door of uploads: tus 1.0.0 (core, creation, checksum, expiration, termination) under /api/v1/uploads.

An upload belongs to whoever holds its report's secret (decisions.md 14) and carries a photo that report has
promised. It never says that it is whole before the photo is held: until then it asks for its last byte again,
so that a client which trusts the offset alone cannot believe in a photo that a crash took away.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.identity.guards import Anyone
from app.intake import queries, uploading
from app.intake import tus_described as told
from app.intake.models import PromisedPhoto, Upload
from app.intake.owning import own_report
from app.intake.uploading import DigestDiffers, Wish
from app.platform import clock, rates
from app.platform.errors import (
    ChecksumDiffers,
    Conflict,
    Gone,
    Invalid,
    Missing,
    OtherVersion,
    Problem,
    TooLarge,
    Unavailable,
    WrongMediaType,
)
from app.platform.i18n import N_
from app.platform.pieces import Elsewhere, Piece
from app.platform.storage import StoreFull
from app.platform.web.given import House, Now, ReadSession, Shared, WriteSession, house_of

router = APIRouter(prefix="/api/v1/uploads")
VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,checksum,expiration,termination"
_MEDIA_TYPE: Final = "application/offset+octet-stream"
_ALGORITHMS: Final = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
_NAME: Final = re.compile(r"[0-9a-f]{32}\Z")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
_NAME_MOST: Final = 255
_TYPE_MOST: Final = 120


class UploadFaulty(Invalid):
    """A header of the upload is missing or cannot be read; details name it."""

    code = "upload_faulty"
    text = N_("上传的请求缺少必要的信息，或者读不懂。")


class OffsetDiffers(Conflict):
    """The upload stands elsewhere: ask where, and go on from there. Nothing was changed."""

    code = "offset_differs"
    text = N_("上传的位置对不上，请先查询已收到多少，再接着传。")
    # A browser whose kept line was cut sends the same piece again by itself, all of it, before any script can ask.
    ends_line = True


class UploadExpired(Gone):
    """The upload was not finished in time; it may be begun anew."""

    code = "upload_expired"
    text = N_("这次上传放得太久，已经失效，请重新开始传。")


class UnknownChecksum(Problem):
    """The checksum's algorithm is not one of ours, or the header cannot be read."""

    code = "unknown_checksum"
    text = N_("不认识的校验方式。")


class CutOff(Problem):
    """The line went dead in the middle; nobody reads this. What arrived is kept."""

    code = "cut_off"
    text = N_("连接中断，已收到的部分保留着。")


@dataclass(slots=True)
class Arrived:
    """An upload after a piece has landed; `is_over` is set when its file is not needed any more."""

    upload: Upload
    promise: PromisedPhoto | None
    offset: int
    is_over: bool = False


def _number(request: Request, header: str) -> int:
    found = request.headers.get(header, "")
    if not _NUMBER.match(found):
        raise UploadFaulty(header=header)
    return int(found)


async def _speaks_tus(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise OtherVersion


def _own_upload(
    session: ReadSession | WriteSession, request: Request, upload_id: str, now: datetime
) -> Upload:
    """Return the caller's upload; a foreign one is as missing as one that never was."""
    report = own_report(session, request.headers.get("authorization", ""))
    found = queries.upload(session, upload_id) if _NAME.match(upload_id) else None
    if found is None or found.report_id != report.id:
        raise Missing
    if found.expires_at <= now and found.finished_at is None:
        raise UploadExpired
    return found


def _offset(house: House, upload: Upload) -> int:
    """Return how much of an upload counts as received; only a finished one counts as whole."""
    if upload.finished_at is not None:
        return upload.length
    return min(house.pieces.settled(upload.id), upload.length - 1)


def _headers(upload: Upload, offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


Tus = Depends(_speaks_tus)


@router.options("", name="intake:upload_options", openapi_extra=told.OPTIONS, status_code=204)
@router.options("/{upload_id}", name="intake:upload_options_of", include_in_schema=False)
def show_options(_guard: Anyone, house: Shared) -> Response:
    """Say what this door speaks."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
            "Tus-Max-Size": str(house.settings.photo_max_bytes),
        },
    )


@router.post(
    "",
    name="intake:upload_begin",
    dependencies=[Tus],
    responses=told.REFUSED,
    openapi_extra=told.BEGIN,
    status_code=201,
)
def begin_upload(
    _guard: Anyone, request: Request, session: WriteSession, house: Shared, now: Now
) -> Response:
    """Begin the upload of a promised photo; the same again gives the same upload."""
    with house.database.read_session() as reading:
        report = own_report(reading, request.headers.get("authorization", ""))
    _refuse_full(house)
    wish = _wish(request)
    upload = uploading.begin(
        session, house.keys, house.settings, report, wish, source=rates.source_of(request), now=now
    )
    where = request.app.state.urls("intake:upload_state", upload_id=upload.id)
    headers = {"Location": where, "Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}
    return Response(status_code=201, headers=headers)


@router.head(
    "/{upload_id}",
    name="intake:upload_state",
    dependencies=[Tus],
    responses=told.REFUSED,
    openapi_extra=told.STATE,
    status_code=200,
)
def show_state(
    _guard: Anyone, request: Request, upload_id: str, session: ReadSession, house: Shared, now: Now
) -> Response:
    """Say how much has been received."""
    upload = _own_upload(session, request, upload_id, now)
    if uploading.is_news(upload, offset := _offset(house, upload)):
        with house.database.write_session() as noting:
            uploading.note_settled(noting, upload, offset)
    headers = _headers(upload, offset)
    return Response(headers=headers | {"Upload-Length": str(upload.length), "Cache-Control": "no-store"})


@router.delete(
    "/{upload_id}",
    name="intake:upload_end",
    dependencies=[Tus],
    responses=told.REFUSED,
    openapi_extra=told.END,
    status_code=204,
)
def end_upload(
    _guard: Anyone, request: Request, upload_id: str, session: WriteSession, house: Shared, now: Now
) -> Response:
    """Forget an upload; what was promised stays promised."""
    with house.database.read_session() as reading:
        upload = _own_upload(reading, request, upload_id, now)
    uploading.forget(session, upload.id)
    house.pieces.drop(upload.id)
    return Response(status_code=204)


async def _arrived(
    request: Request, upload_id: str, house: Annotated[House, Depends(house_of)]
) -> AsyncIterator[Arrived]:
    """Land one piece before the transaction begins; a finished upload's file goes when the answer has left."""

    def find() -> Arrived:
        with house.database.read_session() as session:
            upload = _own_upload(session, request, upload_id, clock.now())
            promise = queries.promise(session, upload.report_id, upload.digest)
        return Arrived(upload, promise, _offset(house, upload))

    if request.headers.get("content-type") != _MEDIA_TYPE:
        raise WrongMediaType
    at = _number(request, "upload-offset")
    arrived = await run_in_threadpool(find)
    if at != arrived.offset:
        raise OffsetDiffers
    arrived.offset = await _land(request, house, arrived.upload, at)
    yield arrived
    # Reached only when the transaction has been committed: a failure of it is raised at the line above.
    if arrived.is_over:
        house.pieces.drop(arrived.upload.id)


async def _land(request: Request, house: House, upload: Upload, at: int) -> int:
    """Write the body where it belongs and make it durable; return where the upload stands then."""
    room = upload.length - at
    if int(request.headers.get("content-length") or 0) > room:
        raise TooLarge
    if not room:
        return at
    _refuse_full(house)
    checksum = request.headers.get("upload-checksum")
    try:
        with await run_in_threadpool(house.pieces.open, upload.id, upload.length) as piece:
            if checksum is None:
                return await _land_as_it_comes(request, piece, at, room)
            return await _land_checked(request, house, upload, piece, at, checksum)
    except Elsewhere:
        raise OffsetDiffers from None
    except StoreFull as error:
        raise Unavailable from error
    except ClientDisconnect:
        raise CutOff from None


async def _land_as_it_comes(request: Request, piece: Piece, at: int, room: int) -> int:
    end = at + room
    async for chunk in request.stream():
        if at + len(chunk) > end:
            raise TooLarge
        if chunk:
            piece.append(at, chunk)
            at += len(chunk)
    await run_in_threadpool(piece.sync)
    return at


async def _land_checked(
    request: Request, house: House, upload: Upload, piece: Piece, at: int, checksum: str
) -> int:
    """Hold a piece aside until its checksum is known to hold; one that does not leaves no trace."""
    running, expected = _checksum(checksum)
    size = 0
    with ExitStack() as stack:
        path = stack.enter_context(house.pieces.aside(upload.id))
        file = stack.enter_context(path.open("xb"))
        async for chunk in request.stream():
            size += len(chunk)
            if at + size > upload.length:
                raise TooLarge
            running.update(chunk)
            await run_in_threadpool(file.write, chunk)
        file.close()
        if not hmac.compare_digest(running.digest(), expected):
            raise ChecksumDiffers
        return await run_in_threadpool(_append_file, piece, at, path)


def _append_file(piece: Piece, at: int, path: Path) -> int:
    with path.open("rb") as file:
        while chunk := file.read(1 << 18):
            piece.append(at, chunk)
            at += len(chunk)
    piece.sync()
    return at


def _checksum(header: str) -> tuple[Any, bytes]:
    name, _, value = header.partition(" ")
    try:
        expected = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise UnknownChecksum from None
    running = _ALGORITHMS[name]() if name in _ALGORITHMS else None
    if running is None or len(expected) != running.digest_size:
        raise UnknownChecksum
    return running, expected


@router.patch(
    "/{upload_id}",
    name="intake:upload_piece",
    dependencies=[Tus],
    responses=told.REFUSED,
    openapi_extra=told.PIECE,
    status_code=204,
)
def add_piece(
    _guard: Anyone,
    arrived: Annotated[Arrived, Depends(_arrived)],
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Take a piece; the one that completes the photo makes it part of the clue before it is answered."""
    upload, promise = arrived.upload, arrived.promise
    if arrived.offset == upload.length and upload.finished_at is None and promise is not None:
        try:
            whole = uploading.judge(house.store, house.pieces, house.keys, upload, promise)
        except DigestDiffers:
            if not _is_finished(house, upload.id):
                with house.database.write_session() as forgetting:
                    uploading.forget(forgetting, upload.id)
                house.pieces.drop(upload.id)
                raise
        else:
            uploading.finish(session, upload, whole, now=now)
        arrived.is_over = True
    elif uploading.is_news(upload, arrived.offset):
        uploading.note_settled(session, upload, arrived.offset)
    return Response(status_code=204, headers=_headers(upload, arrived.offset))


def _is_finished(house: House, upload_id: str) -> bool:
    """Say whether a twin of this request has finished meanwhile: its file is gone, so what was read proves nothing."""
    with house.database.read_session() as session:
        found = queries.upload(session, upload_id)
    return found is not None and found.finished_at is not None


def _refuse_full(house: House) -> None:
    """Let uploads of received reports go on far below the mark at which new reports are put off."""
    free_bytes = house.store.free_bytes()
    if free_bytes is not None and free_bytes < house.settings.disk_hard_floor_bytes:
        raise Unavailable


def _wish(request: Request) -> Wish:
    stated = _metadata(request.headers.get("upload-metadata", ""))
    digest, length = stated.get("digest", ""), _number(request, "upload-length")
    if not _DIGEST.match(digest):
        raise UploadFaulty(header="upload-metadata")
    if length < 1:
        raise UploadFaulty(header="upload-length")
    wish = Wish(digest, length, is_sealed=stated.get("sealed") == "1")
    return replace(
        wish,
        name=stated.get("filename", "")[-_NAME_MOST:],
        media_type=stated.get("filetype", "")[:_TYPE_MOST],
    )


def _metadata(header: str) -> Mapping[str, str]:
    """Read `key base64, key base64`; what is not UTF-8 or holds what no text can hold is left out."""
    found = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8").replace("\x00", "")
        except (ValueError, binascii.Error):
            continue
    return found
