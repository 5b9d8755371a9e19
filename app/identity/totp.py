"""Time-based one-time codes (RFC 6238: SHA-1, six digits, thirty seconds), as every authenticator app makes them."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote

DIGITS: Final = 6
_STEP_SECONDS: Final = 30
_SECRET_BYTES: Final = 20  # RFC 4226 recommends 160 bits
_SKEW: Final = (0, -1, 1)  # a phone's clock may be one step off, either way


def new_secret() -> str:
    """Return a fresh secret in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def step_of(now: datetime) -> int:
    """Return the number of the thirty-second step an instant lies in."""
    return int(now.timestamp()) // _STEP_SECONDS


def code(secret: str, step: int) -> str:
    """Return the code of one step."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    at = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: str, typed: str, *, now: datetime, after: int | None) -> int | None:
    """Return the step a typed code belongs to, if it fits and none as late was used before; None otherwise."""
    found = None
    for skew in _SKEW:  # every step is compared, so that the time taken tells nothing
        step = step_of(now) + skew
        fits = hmac.compare_digest(code(secret, step).encode(), typed.encode())
        if fits and (after is None or step > after):
            found = step
    return found


def address(secret: str, *, login: str, office: str) -> str:
    """Return the address a QR code carries to the app; the names are only shown there."""
    label = quote(f"{office}:{login}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(office, safe='')}"


def grouped(secret: str) -> str:
    """Return the secret in groups of four, for typing where no camera may be used."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
