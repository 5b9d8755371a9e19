"""Looking for a secret in every byte that lies at rest, in every disguise a program gives it by accident."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

_DEPTH = 3


def disguises(secret: str) -> dict[str, bytes]:
    """How a text could lie there: encodings, base64 at any alignment, hexadecimal, percent signs, escapes."""
    raw = secret.encode()
    found = {
        "utf-8": raw,
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "gb18030": secret.encode("gb18030"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "percent": quote(secret, safe="").encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "reversed": secret[::-1].encode(),
    }
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        sure = whole[(shift * 8 + 5) // 6 : len(whole) - 4]  # signs that the neighbours cannot change
        found[f"base64+{shift}"] = sure
        found[f"base64url+{shift}"] = sure.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def members(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes, and what is packed in them."""
    yield content
    if depth >= _DEPTH:
        return
    if content[:2] == b"\x1f\x8b":
        try:
            yield from members(gzip.decompress(content), depth + 1)
        except (OSError, EOFError, zlib.error):
            return
    if content[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield name.encode()
                    yield from members(archive.read(name), depth + 1)
        except (zipfile.BadZipFile, OSError, zlib.error):
            return


def traces(folder: Path, *secrets: str) -> list[str]:
    """Say in which file which secret lies in which disguise; names of files count too."""
    sought = [(secret, name, raw) for secret in secrets for name, raw in disguises(secret).items()]
    found = []
    for path in sorted(folder.rglob("*")):
        contents = [path.name.encode()]
        if path.is_file():
            contents += members(path.read_bytes())
        for secret, name, raw in sought:
            if any(raw in content for content in contents):
                found.append(f"{path.relative_to(folder)}: {secret} as {name}")
    return found
