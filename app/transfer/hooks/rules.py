"""What a hook's address may be, what a message says, how it is signed, how long one waits: pure.

Messages are those of Standard Webhooks (version 1), so that a receiver checks them with a library it did not write.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from app.transfer.hooks.terms import ATTEMPTS_MOST, PAUSES, SECRET_PREFIX, URL_MOST, Attempt, Kind, Outcome

_SECRET_BYTES: Final = 32
# What is about the message and not about the other side being there at all.
_OF_THE_MESSAGE: Final = range(400, 500)
_NOT_NOW: Final = (408, 425, 429)


def is_address(url: str, hosts: Collection[tuple[str, int]], *, is_production: bool) -> bool:
    """Say whether a hook may go to an address: https to a host the operator named; http to this machine in development."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    is_plain = (
        url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= URL_MOST
    )
    if not is_plain or not host or "@" in parts.netloc or parts.fragment:
        return False
    if parts.scheme == "https":
        return (host, port or 443) in hosts
    return parts.scheme == "http" and not is_production and _is_here(host) and (host, port or 80) in hosts


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_secret() -> str:
    """Make a secret as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def body(kind: Kind, subject_id: str, made_at: datetime) -> bytes:
    """Return what is told: that something changed, and under which id to come and read; the same bytes every time."""
    said = {
        "type": kind.value,
        "timestamp": made_at.isoformat(timespec="seconds"),
        "data": {"id": subject_id},
    }
    return json.dumps(said, separators=(",", ":")).encode()


def headers(event_id: str, content: bytes, secrets_in_force: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the headers of one attempt: the same id every time, the moment of this attempt, a signature a secret."""
    stamp = str(int(now.timestamp()))
    signed = f"{event_id}.{stamp}.".encode() + content
    return {
        "Content-Type": "application/json",
        "User-Agent": "Yixian",
        "Connection": "close",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets_in_force),
    }


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def is_silent(attempt: Attempt) -> bool:
    """Say whether the other side is not there, so that nothing else need be tried; a refused message is its own affair."""
    if attempt.outcome in {Outcome.TAKEN, Outcome.SILENCED}:
        return False
    status = attempt.status or 0
    return not (status in _OF_THE_MESSAGE and status not in _NOT_NOW)


def pause(failures: int) -> timedelta:
    """Return how long to wait after so many failures."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


def is_given_up(attempts: int) -> bool:
    """Say whether an event has been tried often enough."""
    return attempts >= ATTEMPTS_MOST
