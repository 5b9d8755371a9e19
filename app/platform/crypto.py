"""Keys, field encryption and signed stamps (decisions.md 11, 13, 29).

A key file holds lines `key-id:64 hex digits`; the first line seals, every line opens. Each purpose gets its
own key by HKDF (RFC 5869), so that no two uses ever share one.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
# Order of the group of P-256 (SEC 2, 2.4.2): a private key is a number from 1 to one less than this.
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_WIDE_BYTES: Final = 48  # 128 bits more than the order, so that the remainder is even (FIPS 186-5, A.2.1)


class Unreadable(Exception):
    """A sealed value does not open: wrong key, wrong place, or altered."""


def make_key_file(path: Path, *, key_id: str) -> None:
    """Write a new key file with one random key, readable by its owner only; never overwrites."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key_id}:{secrets.token_hex(_KEY_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())


def add_key(path: Path, *, key_id: str) -> None:
    """Put one new random key in front of a key file's lines: written beside it, fsynced, renamed over it."""
    if not _KEY_ID.fullmatch(key_id):
        msg = "a key's name is 1 to 16 letters, digits, - or _"
        raise ValueError(msg)
    lines = path.read_text("ascii")
    if any(line.partition(":")[0].strip() == key_id for line in lines.splitlines()):
        msg = f"{path} has a key of this name already"
        raise ValueError(msg)
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key_id}:{secrets.token_hex(_KEY_BYTES)}\n{lines}")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    master: bytes

    def derived(self, purpose: str, length: int) -> bytes:
        return _derived(self.master, purpose, length)


@lru_cache(maxsize=256)
def _derived(master: bytes, purpose: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"yixian/" + purpose.encode()).derive(
        master
    )


@lru_cache(maxsize=16)
def _sealing_key(master: bytes) -> ec.EllipticCurvePrivateKey:
    wide = int.from_bytes(_derived(master, "sealing/p256", _WIDE_BYTES))
    return ec.derive_private_key(wide % (_P256_ORDER - 1) + 1, ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that proves where bytes come from, with the public key to check it by; hexadecimal."""

    key_id: str
    public_key: str
    signature: str

    def holds_for(self, content: bytes) -> bool:
        """Say whether the bytes were signed by this key."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            public.verify(bytes.fromhex(self.signature), content)
        except (InvalidSignature, ValueError):
            return False
        return True


class KeyRing:
    """The installation's keys and what is done with them."""

    def __init__(self, keys: list[tuple[str, bytes]], *, cipher: str = "sm4-gcm") -> None:
        """Take the keys, current first."""
        if not keys:
            msg = "a key ring needs at least one key"
            raise ValueError(msg)
        self._keys: Final = [_Key(key_id, master) for key_id, master in keys]
        self._cipher: Final = cipher

    @classmethod
    def from_file(cls, path: Path, *, cipher: str = "sm4-gcm") -> KeyRing:
        """Read a key file; raises ValueError that names the line when it is malformed."""
        keys = []
        for number, line in enumerate(path.read_text("ascii").splitlines(), start=1):
            if not line.strip():
                continue
            key_id, _, digits = line.strip().partition(":")
            if not key_id or len(digits) != 2 * _KEY_BYTES:
                msg = f"{path}, line {number}: expected `key-id:64 hex digits`"
                raise ValueError(msg)
            keys.append((key_id, bytes.fromhex(digits)))
        return cls(keys, cipher=cipher)

    @property
    def current_id(self) -> str:
        """Return the id of the key that seals."""
        return self._keys[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        """Return all key ids, current first."""
        return tuple(key.id for key in self._keys)

    def _key(self, key_id: str) -> _Key:
        for key in self._keys:
            if key.id == key_id:
                return key
        raise Unreadable(key_id)

    def keyed_digest(self, purpose: str, content: str, *, key_id: str | None = None) -> str:
        """Return an HMAC-SHA-256 of the text under the key of a purpose, in hexadecimal."""
        key = self._keys[0] if key_id is None else self._key(key_id)
        return hmac.new(key.derived("digest/" + purpose, 32), content.encode(), sha256).hexdigest()

    # -- what phones seal to --------------------------------------------------------------------------------------
    def sealing_key(self, key_id: str) -> ec.EllipticCurvePrivateKey:
        """Return the key that opens what a phone sealed to this key id; raises Unreadable for an unknown one."""
        return _sealing_key(self._key(key_id).master)

    @property
    def sealing_point(self) -> bytes:
        """Return the public point phones seal to now: 65 bytes, uncompressed."""
        public = _sealing_key(self._keys[0].master).public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    # -- fields -------------------------------------------------------------------------------------------------
    def seal_field(self, text: str, *, table: str, row: str, field: str) -> str:
        """Seal one field; table, row and field are bound to it, so that a value cannot be moved elsewhere."""
        key, nonce = self._keys[0], secrets.token_bytes(_NONCE_BYTES)
        bound = f"{table}|{row}|{field}".encode()
        if self._cipher == "sm4-gcm":
            sealed = _sm4_seal(key.derived("field/sm4", 16), nonce, text.encode(), bound)
        else:
            sealed = AESGCM(key.derived("field/aes", 32)).encrypt(nonce, text.encode(), bound)
        return f"{self._cipher}.{key.id}." + base64.urlsafe_b64encode(nonce + sealed).decode("ascii")

    def open_field(self, sealed: str, *, table: str, row: str, field: str) -> str:
        """Open one field; raises Unreadable when key, place or bytes do not match."""
        cipher, key_id, body = _three_parts(sealed)
        raw = base64.urlsafe_b64decode(body)
        nonce, rest, bound = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{table}|{row}|{field}".encode()
        key = self._key(key_id)
        try:
            if cipher == "sm4-gcm":
                return _sm4_open(key.derived("field/sm4", 16), nonce, rest, bound).decode()
            return AESGCM(key.derived("field/aes", 32)).decrypt(nonce, rest, bound).decode()
        except InvalidTag as error:
            raise Unreadable(field) from error

    # -- stamps -------------------------------------------------------------------------------------------------
    def stamp(self, purpose: str, facts: dict[str, Any], *, expires_at: datetime) -> str:
        """Return facts signed for one purpose until an instant; not secret, only unforgeable."""
        body = base64.urlsafe_b64encode(
            json.dumps({**facts, "exp": int(expires_at.timestamp())}, separators=(",", ":")).encode()
        ).decode("ascii")
        key = self._keys[0]
        return f"{body}.{key.id}.{self._signature(key, purpose, body)}"

    def read_stamp(self, purpose: str, stamp: str, *, now: datetime) -> dict[str, Any] | None:
        """Return the facts of a stamp, or None when it is forged, for another purpose, or expired."""
        try:
            body, key_id, signature = _three_parts(stamp)
            expected = self._signature(self._key(key_id), purpose, body)
            if not hmac.compare_digest(expected.encode(), signature.encode()):
                return None
            facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
        except (Unreadable, ValueError):
            return None
        return facts if int(facts.pop("exp")) >= now.timestamp() else None

    # -- signatures anybody can check ---------------------------------------------------------------------------
    def sign(self, purpose: str, content: bytes) -> Signed:
        """Sign bytes with the Ed25519 key of a purpose (RFC 8032), made from the current master key."""
        key = self._keys[0]
        private = Ed25519PrivateKey.from_private_bytes(key.derived("ed25519/" + purpose, 32))
        return Signed(key.id, private.public_key().public_bytes_raw().hex(), private.sign(content).hex())

    def signing_keys(self, purpose: str) -> dict[str, str]:
        """Return the public key of a purpose by key id, for every key that is still here."""
        return {
            key.id: Ed25519PrivateKey.from_private_bytes(key.derived("ed25519/" + purpose, 32))
            .public_key()
            .public_bytes_raw()
            .hex()
            for key in self._keys
        }

    @staticmethod
    def _signature(key: _Key, purpose: str, body: str) -> str:
        mac = hmac.new(key.derived("stamp/" + purpose, 32), body.encode(), sha256).digest()
        return base64.urlsafe_b64encode(mac).decode("ascii").rstrip("=")


def _three_parts(text: str) -> tuple[str, str, str]:
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004
        raise Unreadable(text[:8])
    return parts[0], parts[1], parts[2]


def _sm4_seal(key: bytes, nonce: bytes, content: bytes, bound: bytes) -> bytes:
    sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(bound)
    return sealer.update(content) + sealer.finalize() + sealer.tag


def _sm4_open(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    content, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    opener = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    opener.authenticate_additional_data(bound)
    return opener.update(content) + opener.finalize()
