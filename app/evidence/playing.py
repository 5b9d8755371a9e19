"""Sound and moving pictures for the browser's own player: whole, or the piece it asks for (RFC 9110, 14).

We never decode them. The bytes are verified as a whole before a player gets the first piece of them, and again
after a while; between that, each piece is read as it lies.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Final

from fastapi.responses import Response, StreamingResponse

from app.platform.storage import CHUNK_BYTES, BlobStore, StorageProblem

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
_TRUSTED_S: Final = 600.0
_MOST_REMEMBERED: Final = 500
_verified: dict[str, float] = {}
_guard = threading.Lock()


def is_whole(store: BlobStore, digest: str) -> bool:
    """Say whether a blob is as it came; what was found whole a moment ago is not read again for each piece."""
    with _guard:
        if time.monotonic() - _verified.get(digest, -_TRUSTED_S) < _TRUSTED_S:
            return True
    try:
        for _ in store.stream_verified(digest):
            pass
    except StorageProblem:
        return False
    with _guard:
        if len(_verified) >= _MOST_REMEMBERED:
            _verified.clear()
        _verified[digest] = time.monotonic()
    return True


def answer(store: BlobStore, digest: str, media_type: str, wanted: str) -> Response:
    """Answer with the whole, with the piece that was asked for, or with the size where there is no such piece."""
    size = store.size(digest)
    headers = {
        "Accept-Ranges": "bytes", "Cache-Control": "no-store", "Content-Disposition": "inline",
    }  # fmt: skip
    piece = piece_of(wanted, size)
    if piece is None:
        return Response(None, 416, headers | {"Content-Range": f"bytes */{size}"})
    first, last = piece
    headers["Content-Length"] = str(last - first + 1)
    if wanted and (first, last) != (0, size - 1):
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return StreamingResponse(_pieces(store, digest, first, last), 206, headers, media_type)
    return StreamingResponse(_pieces(store, digest, first, last), 200, headers, media_type)


def piece_of(wanted: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte that are asked for; None where the piece lies outside.

    A header that cannot be read, or that asks for several pieces, is answered with the whole, as the RFC allows.
    """
    found = _RANGE.match(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return 0, size - 1
    if not found[1]:
        length = int(found[2])
        return (max(0, size - length), size - 1) if length else None
    first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    return (first, last) if first <= last else None


def _pieces(store: BlobStore, digest: str, first: int, last: int) -> Iterator[bytes]:
    with store.open(digest) as file:
        file.seek(first)
        left = last - first + 1
        while left and (chunk := file.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
