"""Digests and the canonical form of what is digested (SHA-256 and SM3, GB/T 32905)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes

# Made once: `json.dumps` with arguments makes one for every call, and a journal row calls three times.
_CANONICAL: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of the bytes, in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sm3_hex(content: bytes) -> str:
    """Return the SM3 of the bytes, in lower-case hexadecimal."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(content)
    return sm3.finalize().hex()


def sm3_of_file(path: Path) -> str:
    """Return the SM3 of a file, read in pieces."""
    sm3 = hashes.Hash(hashes.SM3())
    with path.open("rb") as file:
        while piece := file.read(1 << 18):
            sm3.update(piece)
    return sm3.finalize().hex()


def canonical_json(value: Any) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8 (in the spirit of RFC 8785)."""
    return _CANONICAL.encode(value).encode()
