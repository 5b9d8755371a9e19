"""Time stamps of an outside authority over signed heads (RFC 3161), where one is configured.

What is stamped is the SHA-256 of a head's signature, which covers the whole chain before it. The answer is kept as
it came; here only its status, our digest and our nonce in it are looked at. Whether its signature holds is for
whoever checks a bundle, with the authority's certificate and openssl: we are not the ones to be believed in this.
"""

from __future__ import annotations

import base64
import secrets
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import insert, select
from sqlmodel import col

from app.platform import clock, logging, outside
from app.platform.db import ReadSession
from app.platform.jobs import Tools
from app.platform.records import HeadStamp, JournalHead

_SHA256: Final = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier, RFC 5754 2.2
_WAIT_S: Final = 8.0
_MOST_BYTES: Final = 64 * 1024
_AT_ONCE: Final = 5
_AFTER_FAILURE: Final = timedelta(minutes=10)
_GRANTED: Final = (0, 1)
_log = logging.get("timestamps")
# When an authority that did not answer is asked again, by address; a process that starts anew asks at once.
_rest_until: dict[str, datetime] = {}


class NotStamped(Exception):
    """The authority answered something that is no stamp of ours."""


def imprint(signature: str) -> bytes:
    """Return the digest that is stamped for a head's signature (in hexadecimal, as it is kept)."""
    return sha256(signature.encode()).digest()


def request(digest: bytes, nonce: int) -> bytes:
    """Return a TimeStampReq in DER that asks for the authority's certificate too."""
    message = _element(0x30, _SHA256 + _element(0x04, digest))
    return _element(0x30, b"\x02\x01\x01" + message + _integer(nonce) + b"\x01\x01\xff")


def checked(answer: bytes, digest: bytes, nonce: int) -> bytes:
    """Return the answer if it grants a stamp over our digest to our question; raises NotStamped."""
    try:
        outer = _content(answer, 0x30)
        status = _content(_content(outer, 0x30), 0x02)
    except (IndexError, ValueError) as problem:
        raise NotStamped("no TimeStampResp") from problem
    if int.from_bytes(status) not in _GRANTED:
        raise NotStamped("refused")
    if _element(0x04, digest) not in answer or _integer(nonce) not in answer:
        raise NotStamped("about something else")
    return answer


def stamp_pending(tools: Tools, now: datetime) -> int:
    """Have the heads stamped that are not yet; return how many were. A silent authority is left alone for a while."""
    url = tools.settings.timestamp_url
    if not url or now < _rest_until.get(url, now):
        return 0
    with tools.database.read_session() as looking:
        pending = unstamped(looking, limit=_AT_ONCE)
    done = 0
    for head in pending:
        try:
            answer = _ask(url, imprint(head.signature))
        except (OSError, NotStamped) as problem:
            _log.warning("no time stamp", authority=url, why=f"{type(problem).__name__}: {problem}"[:200])
            _rest_until[url] = now + _AFTER_FAILURE
            break
        with tools.database.write_session() as session:
            session.execute(
                insert(HeadStamp).values(
                    head_id=head.id, authority=url[:200], response=base64.b64encode(answer).decode("ascii"),
                    stamped_at=clock.now(),
                )
            )  # fmt: skip
        done += 1
    return done


def unstamped(session: ReadSession, *, limit: int) -> list[JournalHead]:
    """Return heads without a stamp, the newest first."""
    found: Any = (
        select(JournalHead)
        .outerjoin(HeadStamp, col(HeadStamp.head_id) == col(JournalHead.id))
        .where(col(HeadStamp.head_id).is_(None))
        .order_by(col(JournalHead.rowno).desc())
        .limit(limit)
    )
    return list(session.execute(found).scalars())


def _ask(url: str, digest: bytes) -> bytes:
    nonce = secrets.randbits(63) | 1 << 62  # always eight bytes, so that its form is certain
    asked = urllib.request.Request(  # noqa: S310 - the scheme was checked with the settings
        url, request(digest, nonce), {"Content-Type": "application/timestamp-query"}
    )
    try:
        with outside.opener().open(asked, timeout=_WAIT_S) as reply:
            return checked(reply.read(_MOST_BYTES), digest, nonce)
    except urllib.error.HTTPError as error:
        error.close()  # whoever answers with an error would keep the line open
        raise NotStamped(str(error.code)) from None


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:  # noqa: PLR2004 - the short form of a DER length
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 128 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _element(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _content(raw: bytes, tag: int) -> bytes:
    if raw[0] != tag:
        raise ValueError
    size, at = raw[1], 2
    if size & 128:
        at += size & 127
        size = int.from_bytes(raw[2:at])
    return raw[at : at + size]
