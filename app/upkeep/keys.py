"""The keys of the backups: the public half lies on this machine and seals, the private half opens and lies elsewhere.

Whoever takes this machine can therefore make backups and read none. The private half is one line of a file,
`key-id:64 hex digits`, short enough for paper; a file with several lines opens backups of several keys.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.platform.crypto import Unreadable, make_key_file
from app.platform.sealing import base64url
from app.upkeep.terms import Stopped


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """What backups are sealed to."""

    id: str
    point: bytes

    def shown(self) -> str:
        """Return the half as the setting carries it: key id, a dot, the point."""
        return f"{self.id}.{base64url(self.point)}"


class PrivateHalves:
    """What opens backups; read from a file that is not kept beside them."""

    def __init__(self, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> None:
        """Take the keys by their ids."""
        self._keys = dict(keys)

    @classmethod
    def from_file(cls, path: Path) -> PrivateHalves:
        """Read a file of private halves; raises Stopped with the line that cannot be read."""
        try:
            lines = path.read_text("ascii").splitlines()
        except (OSError, UnicodeDecodeError) as problem:
            raise Stopped(
                f"the private half of the backup key cannot be read: {path}: {problem}"
            ) from problem
        keys = {}
        for number, line in enumerate(lines, start=1):
            key_id, _, digits = line.strip().partition(":")
            if not key_id:
                continue
            try:
                keys[key_id] = ec.derive_private_key(int(digits, 16), ec.SECP256R1())
            except ValueError:
                raise Stopped(f"{path}, line {number}: expected `key-id:64 hex digits`") from None
        if not keys:
            raise Stopped(f"{path} holds no key")
        return cls(keys)

    def sealing_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        """Return the private half of this id; raises Unreadable for an unknown one."""
        try:
            return self._keys[key_id]
        except KeyError:
            raise Unreadable(key_id) from None

    def public(self, key_id: str) -> PublicHalf:
        """Return the public half that belongs to a private one."""
        point = (
            self.sealing_key(key_id).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        )
        return PublicHalf(key_id, point)


def make(path: Path, *, key_id: str) -> PublicHalf:
    """Write a new private half, readable by its owner only, and return the public one; never overwrites."""
    # 32 random bytes are a private key of P-256 except for one case in 2^32, and that one is made anew.
    while True:
        make_key_file(path, key_id=key_id)
        try:
            return PrivateHalves.from_file(path).public(key_id)
        except Stopped:
            path.unlink()


def public_half(shown: str) -> PublicHalf:
    """Read the setting; raises Stopped for what is no public half."""
    key_id, _, point = shown.partition(".")
    try:
        raw = base64.urlsafe_b64decode(point + "=" * (-len(point) % 4))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise Stopped("YIXIAN_BACKUP_KEY is no public half of a backup key") from None
    return PublicHalf(key_id, raw)
