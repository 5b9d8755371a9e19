"""Map tiles from the one place an installation names, so that a provider never sees a reporter.

The template comes from the settings and only whole numbers are put into it: nobody who asks for a
tile can choose whom we ask. What a provider gave is kept for a while in a bounded folder.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from http import client
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from app.platform import clock, outside
from app.platform.errors import Missing, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPMessage

    from app.platform.settings import Settings

MOST_BYTES: Final = 512 * 1024
DEEPEST: Final = 19
KEPT_MOST: Final = 4000
_KEPT_S: Final = 30 * 86_400
_WAIT_S: Final = 3.0
_REST_S: Final = 30.0
_AT_ONCE: Final = 8
_DIGITS: Final = 7
_OVERLOADED: Final = frozenset({429, 500, 502, 503, 504})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of a piece of map, by what its first bytes say it is."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Address:
    """Which piece: zoom, column, row, all of them within the world."""

    z: int
    x: int
    y: int

    def within(self, template: str) -> str:
        """Return the template with the numbers in it."""
        return template.replace("{z}", str(self.z)).replace("{x}", str(self.x)).replace("{y}", str(self.y))


class _Faulty(Exception):
    """What came is no picture we pass on."""


def address_of(z: str, x: str, y: str) -> Address:
    """Read an address as it was asked for; a piece outside the world is missing, like any other page."""
    if not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in (z, x, y)):
        raise Missing
    address = Address(int(z), int(x), int(y))
    if address.z > DEEPEST or max(address.x, address.y) >= 2**address.z:
        raise Missing
    return address


def picture_type(body: bytes) -> str | None:
    """Say which kind of picture the bytes are; None where they are none we know."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if body[:4] == b"RIFF" and body[8:12] == b"WEBP" else None


class FolderTiles:
    """Tiles an office has on its own disk: nothing leaves the house."""

    def __init__(self, template: str) -> None:
        self._template = url2pathname(urlsplit(template).path)

    is_answering: Final = True

    def tile(self, address: Address) -> Tile:
        """Read one tile."""
        try:
            with Path(address.within(self._template)).open("rb") as file:
                return _checked(file.read(MOST_BYTES + 1))
        except OSError as error:
            raise Missing from error
        except _Faulty as error:
            _log.warning("a tile of the folder was not passed on: %s", error)
            raise Missing from error


class _SameHouse(urllib.request.HTTPRedirectHandler):
    """Follow a provider only to itself."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse another host, port or scheme; the answer then counts as no tile."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class ProviderTiles:
    """Tiles of a provider, fetched by the server and kept for a while."""

    def __init__(self, template: str, folder: Path, floor_bytes: int) -> None:
        self._template = template
        # Another template is another map: what the former one drew must not be shown as it.
        self._folder = folder / hashlib.sha256(template.encode()).hexdigest()[:16]
        self._floor_bytes = floor_bytes
        self._opener = outside.opener(_SameHouse())
        self._opener.addheaders = [("User-Agent", "Yixian")]
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._keeping = threading.Lock()
        self._count: int | None = None
        self._rests_until = 0.0

    @property
    def is_answering(self) -> bool:
        """Say whether the provider would be asked now; while it rests, kept tiles are all there are."""
        return time.monotonic() >= self._rests_until

    def tile(self, address: Address) -> Tile:
        """Give a kept tile, else ask the provider; a provider that does not answer is left alone for a while."""
        path = self._folder / f"{address.z}-{address.x}-{address.y}"
        kept, is_fresh = self._kept(path)
        if kept and is_fresh:
            return kept
        try:
            made = self._asked(address)
        except Unavailable:
            if kept:
                return kept
            raise
        self._keep(path, made.body)
        return made

    def _asked(self, address: Address) -> Tile:
        # Threads are few: they must not all wait for somebody else's server.
        if not self.is_answering or not self._turns.acquire(timeout=_WAIT_S):
            raise Unavailable
        try:
            return _checked(b"".join(self._pieces(address.within(self._template))))
        except urllib.error.HTTPError as error:
            error.close()
            _log.warning("the tile provider answered %s", error.code)
            if error.code not in _OVERLOADED:
                raise Missing from None
        except _Faulty as error:
            _log.warning("a tile of the provider was not passed on: %s", error)
            raise Missing from None
        except (OSError, client.HTTPException, ValueError) as error:
            # Only its kind: the address in it holds the key.
            _log.warning("the tile provider gave no answer: %s", type(error).__name__)
        finally:
            self._turns.release()
        self._rests_until = time.monotonic() + _REST_S
        raise Unavailable

    def _pieces(self, url: str) -> Iterator[bytes]:
        ends_at = time.monotonic() + _WAIT_S
        with self._opener.open(url, timeout=_WAIT_S) as answer:
            declared = answer.headers.get_content_type()
            if not declared.startswith("image/"):
                raise _Faulty(f"declared as {declared}")
            try:
                yield from outside.pieces(answer, most_bytes=MOST_BYTES, ends_at=ends_at)
            except outside.TooMuch:
                raise _Faulty("too large") from None

    @staticmethod
    def _kept(path: Path) -> tuple[Tile | None, bool]:
        try:
            age_s = clock.now().timestamp() - path.stat().st_mtime
            return _checked(path.read_bytes()), age_s < _KEPT_S
        except (OSError, _Faulty):
            return None, False

    def _keep(self, path: Path, body: bytes) -> None:
        """Write beside and move in, so that a tile is there whole or not at all; a full disk costs the copy only."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < self._floor_bytes:
                return
            with self._keeping:
                self._make_room()
                handle, written = tempfile.mkstemp(dir=self._folder)
                with os.fdopen(handle, "wb") as file:
                    file.write(body)
                Path(written).replace(path)
                self._count = (self._count or 0) + 1
        except OSError as error:
            _log.warning("a tile was not kept: %s", type(error).__name__)

    def _make_room(self) -> None:
        if self._count is None:
            self._count = sum(1 for _ in self._folder.iterdir())
        if self._count < KEPT_MOST:
            return
        oldest_first = sorted(self._folder.iterdir(), key=lambda kept: kept.stat().st_mtime)
        # A quarter at a time, so that the folder is not sorted for every tile.
        gone = oldest_first[: max(1, len(oldest_first) - KEPT_MOST * 3 // 4)]
        for kept in gone:
            kept.unlink(missing_ok=True)
        self._count = len(oldest_first) - len(gone)


def _checked(body: bytes) -> Tile:
    if len(body) > MOST_BYTES:
        raise _Faulty("too large")
    media_type = picture_type(body)
    if media_type is None:
        raise _Faulty("no picture")
    return Tile(body, media_type)


def configured(settings: Settings) -> FolderTiles | ProviderTiles | None:
    """Return the map of this installation; None where there is none."""
    return _source(settings.tiles_url, settings)


def configured_names(settings: Settings) -> FolderTiles | ProviderTiles | None:
    """Return the layer of names that lies over it; None where the map has its names already, or there is no map."""
    return _source(settings.tiles_names_url, settings) if settings.tiles_url else None


def _source(template: str, settings: Settings) -> FolderTiles | ProviderTiles | None:
    if not template:
        return None
    return tiles_from(template, settings.data_dir / "tiles", settings.disk_floor_bytes)


@cache
def tiles_from(template: str, folder: Path, floor_bytes: int) -> FolderTiles | ProviderTiles:
    """Return the one source of a template; `Settings` has already refused a template that is none."""
    return (
        FolderTiles(template)
        if template.startswith("file:")
        else ProviderTiles(template, folder, floor_bytes)
    )
