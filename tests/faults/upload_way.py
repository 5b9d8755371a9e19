"""The way of photos that arrive in pieces: a sealed report, one photo sealed and one plain, each in two pieces.

The client does what the page's does: after whatever happened it puts the report again, asks the receipt which
photos are missing, begins each (the same upload comes back), asks for its offset and goes on from there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from app.platform import ids, sealing
from app.platform.crypto import KeyRing
from app.platform.digest import sha256_hex
from app.platform.web.render import Urls
from tests.intake.sheets import AED, photo

SECRET: Final = "AAAAAAAAAAAAAAAAAAAAAA"
PHOTOS: Final = (photo(1), photo(2))
DIGESTS: Final = tuple(sha256_hex(content) for content in PHOTOS)
_STREAMED: Final = 24 * 1024


@dataclass(frozen=True, slots=True)
class Parcel:
    """One photo as its bytes travel."""

    digest: str
    content: bytes
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """Everything one phone has to bring."""

    report_id: str
    report: bytes
    parcels: tuple[Parcel, ...]


def errand(keys: KeyRing, body: dict[str, Any], photos: Sequence[bytes] = PHOTOS) -> Errand:
    """Seal the report and the first photo once; a retry sends the very same bytes."""
    report_id, (first, second) = ids.new(), photos
    digests = [sha256_hex(content) for content in photos]

    def sealed(content: bytes, what: str) -> bytes:
        return sealing.seal(content, keys.current_id, keys.sealing_point, report_id=report_id, what=what)

    return Errand(
        report_id,
        sealed(json.dumps(body | {"words": AED["words"]}).encode(), sealing.REPORT),
        (
            Parcel(digests[0], sealed(first, digests[0]), is_sealed=True),
            Parcel(digests[1], second, is_sealed=False),
        ),
    )


async def run(inner: httpx2.AsyncClient, to: Urls, work: Errand) -> httpx2.Response:
    """Bring what is missing; the receipt at the end."""
    path = to("intake:api_report", report_id=work.report_id)
    answer = await inner.put(path, content=work.report, headers={"Content-Type": sealing.MEDIA_TYPE})
    if answer.status_code not in {200, 201}:
        return answer
    missing = {one["sha256"] for one in answer.json()["photos"] if one["state"] == "missing"}
    for parcel in work.parcels:
        if parcel.digest in missing:
            failed = await _bring(inner, to, work, parcel)
            if failed is not None:
                return failed
    return await inner.get(to("intake:api_receipt", report_id=work.report_id), headers=owner(work))


def owner(work: Errand) -> dict[str, str]:
    """The headers of whoever holds the report's secret."""
    return {"Authorization": f"Report {work.report_id}.{SECRET}", "Tus-Resumable": "1.0.0"}


def wish(parcel: Parcel) -> dict[str, str]:
    """The headers by which the upload of a photo is begun."""
    told = f"digest {base64.b64encode(parcel.digest.encode()).decode()}"
    told += ",sealed MQ==" if parcel.is_sealed else ""
    return {"Upload-Length": str(len(parcel.content)), "Upload-Metadata": told}


async def _bring(inner: httpx2.AsyncClient, to: Urls, work: Errand, parcel: Parcel) -> httpx2.Response | None:
    length = len(parcel.content)
    begun = await inner.post(to("intake:upload_begin"), headers=owner(work) | wish(parcel))
    if begun.status_code != 201:
        return begun
    where = begun.headers["location"]
    asked = await inner.head(where, headers=owner(work))
    at = int(asked.headers["upload-offset"])
    for end in (length // 2, length):
        if at >= end:
            continue

        async def pieces(start: int = at, stop: int = end) -> AsyncIterator[bytes]:
            for position in range(start, stop, _STREAMED):
                yield parcel.content[position : min(position + _STREAMED, stop)]

        headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        sent = await inner.patch(
            where, content=pieces(), headers=owner(work) | headers | {"Content-Length": str(end - at)}
        )
        if sent.status_code != 204:
            return sent
        at = end
    return None
