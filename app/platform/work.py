"""Proof of work: a few seconds of a machine's time, asked of scripted clients only while the house is pressed.

A challenge is signed and stored nowhere; a solved one is remembered until it would have expired, so that it opens
the door once. Finding SHA-256(salt + counter) with so many leading zero bits costs a phone a second or two and a
flood its advantage. No picture puzzles, no third party.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from app.platform.crypto import KeyRing
from app.platform.db import WriteSession
from app.platform.records import UsedSalt

VALID_FOR: Final = timedelta(minutes=10)
_HEADER: Final = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{64})\.([0-9]{1,12})\.([0-9]{1,2})\.([0-9]{1,15})\Z")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a client is asked to solve."""

    salt: str
    bits: int
    expires: int
    signature: str

    def shown(self) -> dict[str, Any]:
        """Return the challenge as the refusal carries it."""
        stated = datetime.fromtimestamp(self.expires, UTC).isoformat(timespec="seconds")
        return {
            "salt": self.salt, "bits": self.bits, "expires": stated, "expires_epoch": self.expires,
            "signature": self.signature,
        }  # fmt: skip


def challenge(keys: KeyRing, *, bits: int, now: datetime) -> Challenge:
    """Make a challenge; nothing of it is stored."""
    salt, expires = secrets.token_hex(16), int((now + VALID_FOR).timestamp())
    return Challenge(salt, bits, expires, _signature(keys, salt, expires, bits))


def accept(session: WriteSession, keys: KeyRing, header: str, *, bits: int, now: datetime) -> bool:
    """Say whether a solution is right, of a challenge of ours, in time, and seen for the first time."""
    found = _HEADER.match(header)
    if found is None:
        return False
    salt, signature, expires, stated_bits = found[1], found[2], int(found[3]), int(found[4])
    is_ours = hmac.compare_digest(_signature(keys, salt, expires, stated_bits), signature)
    if not is_ours or stated_bits < bits or expires < now.timestamp():
        return False
    if zero_bits(salt, found[5]) < stated_bits:
        return False
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = dialect.insert(UsedSalt).values(salt=salt, expires_at=datetime.fromtimestamp(expires, UTC))
    added = added.on_conflict_do_nothing(index_elements=["salt"]).returning(UsedSalt.__table__.c.salt)  # type: ignore[attr-defined]
    return session.execute(added).first() is not None


def zero_bits(salt: str, counter: str) -> int:
    """Return how many zero bits the digest of a salt and a counter begins with."""
    digest = int.from_bytes(sha256((salt + counter).encode("ascii")).digest())
    return 256 - digest.bit_length()


def solve(salt: str, bits: int) -> int:
    """Find a counter, as a client does."""
    counter = 0
    while zero_bits(salt, str(counter)) < bits:
        counter += 1
    return counter


def forget_old(session: WriteSession, now: datetime) -> None:
    """Delete the salts whose challenges have expired."""
    session.execute(delete(UsedSalt).where(UsedSalt.expires_at < now))  # type: ignore[arg-type]


def _signature(keys: KeyRing, salt: str, expires: int, bits: int) -> str:
    return keys.keyed_digest("work", f"{salt}|{expires}|{bits}")
