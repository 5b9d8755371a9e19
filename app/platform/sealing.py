"""What a phone has sealed to this house, opened while it streams in (decisions.md 15).

    sealed = header | chunk 0 | tag | chunk 1 | tag | …
    header = "YXS1" | length of the key id | key id | ephemeral point of P-256, 65 bytes, uncompressed

Chunks are 256 KiB of plaintext, only the last may be shorter; an empty text is one empty chunk. The last chunk's
nonce is marked, so that a tail cut off is noticed. A piece is handed out only after its tag has been checked.
Sealing is here as well: backups are sealed the same way to a key of their own, and independent clients and our own
tests want to be sure of the format.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.platform.crypto import KeyRing, Unreadable

CHUNK_BYTES: Final = 256 * 1024
MEDIA_TYPE: Final = "application/vnd.yixian.sealed"
ALGORITHM: Final = "P-256/HKDF-SHA256/A256GCM"
REPORT: Final = "report"  # what the JSON of a report is sealed as; a file is sealed as its SHA-256
MAGIC: Final = b"YXS1"
_POINT_BYTES: Final = 65
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_LAST: Final = 0x80


class Unopenable(Exception):
    """These bytes were not sealed to a key of ours, were sealed as something else, or were altered or cut."""


class HoldsKeys(Protocol):
    """Whoever holds private keys by their ids: the house's key ring, or the key file of its backups."""

    def sealing_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        """Return the key that opens what was sealed to this key id; raises Unreadable for an unknown one."""


def base64url(content: bytes) -> str:
    """Return bytes as base64url without padding, as browsers read it."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def shown_key(keys: KeyRing) -> str:
    """Return the current key as pages carry it: key id, a dot, the point."""
    return f"{keys.current_id}.{base64url(keys.sealing_point)}"


def sealed_length(plain_bytes: int, key_id: str) -> int:
    """Return how long a text of this length is once sealed."""
    chunks = max(1, -(-plain_bytes // CHUNK_BYTES))
    return len(MAGIC) + 1 + len(key_id) + _POINT_BYTES + plain_bytes + chunks * _TAG_BYTES


def longest_sealed(plain_bytes: int) -> int:
    """Return how long a text of this length can be once sealed, whatever the key is called."""
    return sealed_length(plain_bytes, "") + 255


@dataclass(frozen=True, slots=True)
class _Cipher:
    """The key and nonces of one sealed thing."""

    aead: AESGCM
    nonce_base: bytes
    header: bytes

    def nonce(self, index: int, *, is_last: bool) -> bytes:
        nonce = int.from_bytes(self.nonce_base) ^ index
        if is_last:
            nonce ^= _LAST << 8 * (_NONCE_BYTES - 1)
        return nonce.to_bytes(_NONCE_BYTES)

    def seal(self, index: int, content: bytes, *, is_last: bool) -> bytes:
        return self.aead.encrypt(self.nonce(index, is_last=is_last), content, self.header)

    def open(self, index: int, sealed: bytes, *, is_last: bool) -> bytes:
        try:
            return self.aead.decrypt(self.nonce(index, is_last=is_last), sealed, self.header)
        except InvalidTag:
            raise Unopenable from None


def _cipher(
    own: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey, header: bytes, bound_to: str
) -> _Cipher:
    shared = own.exchange(ec.ECDH(), other)
    hkdf = HKDF(
        algorithm=SHA256(),
        length=_KEY_BYTES + _NONCE_BYTES,
        salt=bytes(32),
        info=f"yixian-sealed-v1|{bound_to}".encode(),
    )
    secret = hkdf.derive(shared)
    return _Cipher(AESGCM(secret[:_KEY_BYTES]), secret[_KEY_BYTES:], header)


class Opening:
    """Opens one sealed thing as its bytes come, holding one chunk at most."""

    def __init__(self, keys: HoldsKeys, report_id: str, what: str) -> None:
        """Expect a thing of this report: `REPORT`, or a file named by the SHA-256 of its plaintext."""
        self._keys = keys
        self._bound_to = f"{report_id}|{what}"
        self._held = bytearray()
        self._cipher: _Cipher | None = None
        self._index = 0

    def feed(self, sealed: bytes) -> Iterator[bytes]:
        """Take the next bytes and give what can be opened for certain; raises Unopenable."""
        self._held += sealed
        if self._cipher is None:
            self._cipher = self._read_header()
        if self._cipher is None:
            return
        whole = CHUNK_BYTES + _TAG_BYTES
        while len(self._held) > whole:
            chunk = bytes(self._held[:whole])
            del self._held[:whole]
            yield self._cipher.open(self._index, chunk, is_last=False)
            self._index += 1

    def finish(self) -> bytes:
        """Give the last piece; raises Unopenable if this is not how the thing was sealed to end."""
        if self._cipher is None:
            raise Unopenable
        return self._cipher.open(self._index, bytes(self._held), is_last=True)

    def _read_header(self) -> _Cipher | None:
        held = self._held
        if not MAGIC.startswith(bytes(held[: len(MAGIC)])):
            raise Unopenable
        if len(held) <= len(MAGIC):
            return None
        begin = len(MAGIC) + 1
        point_at = begin + held[len(MAGIC)]
        if len(held) < point_at + _POINT_BYTES:
            return None
        header = bytes(held[: point_at + _POINT_BYTES])
        try:
            own = self._keys.sealing_key(header[begin:point_at].decode("ascii"))
            other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), header[point_at:])
        except (Unreadable, ValueError):  # an unknown key id, one that is not ASCII, a point off the curve
            raise Unopenable from None
        del self._held[: len(header)]
        return _cipher(own, other, header, self._bound_to)


def opened(keys: HoldsKeys, sealed: Iterable[bytes], *, report_id: str, what: str) -> Iterator[bytes]:
    """Open a whole sealed thing piece by piece; raises Unopenable."""
    opening = Opening(keys, report_id, what)
    for piece in sealed:
        yield from opening.feed(piece)
    yield opening.finish()


def sealed(
    pieces: Iterable[bytes],
    key_id: str,
    point: bytes,
    *,
    report_id: str,
    what: str,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> Iterator[bytes]:
    """Seal bytes as they come, holding one chunk; `own` is the ephemeral key, given only where a test must repeat itself."""
    own = own or ec.generate_private_key(ec.SECP256R1())
    ephemeral = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    header = MAGIC + bytes([len(key_id)]) + key_id.encode("ascii") + ephemeral
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    cipher = _cipher(own, other, header, f"{report_id}|{what}")
    yield header
    held, index = bytearray(), 0
    for piece in pieces:
        held += piece
        while len(held) > CHUNK_BYTES:  # a chunk that is exactly full may be the last one
            yield cipher.seal(index, bytes(held[:CHUNK_BYTES]), is_last=False)
            del held[:CHUNK_BYTES]
            index += 1
    yield cipher.seal(index, bytes(held), is_last=True)


def seal(
    content: bytes,
    key_id: str,
    point: bytes,
    *,
    report_id: str,
    what: str,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Seal as a phone does, at once."""
    return b"".join(sealed([content], key_id, point, report_id=report_id, what=what, own=own))
