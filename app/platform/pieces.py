"""Bytes of an upload that comes in pieces, until it is whole: one file each, beside the blobs.

    root/uploads/<name>              what has arrived so far; its length is the offset, nothing else remembers it
    root/uploads/<name>.<x>.chunk    a piece whose checksum is not known to hold yet
    root/uploads.lock                held by every process that serves

The length of the file survives a restart and is the same for every process on the same storage. A writer holds
the file's lock for one chunk only, and each chunk says where it belongs: a second writer of the same upload
(an old connection that has not noticed its end) can then neither wait for ever nor mix its bytes in. Whoever is
told an offset is told what is on the disk: `settled` makes it durable before it speaks, and the room notes it.

After a power cut a file may be longer than it was ever made durable, and not hold there what was sent: a file
system may know of a length before the bytes of the last block (ext4 with data=ordered, where the block was there
already). So whoever begins to serve when nobody else does cuts each file back to what was noted.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from app.platform import clock, storage_local
from app.platform.storage import CHUNK_BYTES, DiskFailed, StorageProblem
from app.platform.storage_local import telling

_CHUNK: Final = ".chunk"


class Elsewhere(StorageProblem):
    """The upload does not stand where this piece begins; nothing was written."""


def open_piece(path: Path) -> int:
    """Open the file of an upload, new or not, and return its descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


class Piece:
    """One upload's file, opened for one request."""

    def __init__(self, path: Path, length: int, failed: threading.Event) -> None:
        """Open or make the file; `length` is what the upload will have when it is whole."""
        self._length, self._failed = length, failed
        with telling(failed):
            self._descriptor = open_piece(path)

    def append(self, at: int, chunk: bytes | bytearray | memoryview) -> None:
        """Write a chunk where it belongs; raises Elsewhere if the upload stands at another place."""
        rest = memoryview(chunk).cast("B")
        with self._alone(), telling(self._failed):
            if not self._stands_at(at):
                raise Elsewhere
            os.lseek(self._descriptor, at, os.SEEK_SET)
            while rest:
                rest = rest[storage_local.write_some(self._descriptor, rest) :]

    def sync(self) -> None:
        """Make what was written durable."""
        with telling(self._failed):
            storage_local.sync_file(self._descriptor)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file; what was written stays."""
        os.close(self._descriptor)

    def _stands_at(self, at: int) -> bool:
        # The last byte may come again: an upload that is whole but was not finished asks for it once more.
        size = os.fstat(self._descriptor).st_size
        return at == size or (at == size - 1 and size == self._length)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Elsewhere from None
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)


class Pieces:
    """The folder of uploads that are not whole yet."""

    def __init__(self, root: Path) -> None:
        """Make the folder if it is missing; it lies on the volume of the blobs."""
        self._folder = root.absolute() / "uploads"
        self._lock = root.absolute() / "uploads.lock"
        self._known_durable: set[str] = set()
        self._failed = threading.Event()
        root.mkdir(parents=True, exist_ok=True)
        if not self._folder.is_dir():
            storage_local.make_folder(self._folder)
            storage_local.sync_folder(root)

    @property
    def has_failed(self) -> bool:
        """Say whether the disk has reported an error of its own since this process began."""
        return self._failed.is_set()

    @contextmanager
    def served(self, noted: Callable[[], Mapping[str, int | None]]) -> Iterator[None]:
        """Hold the folder while a process serves it; the first to come cuts every file back to what was noted.

        `noted` gives for each upload that is not whole how much of it is known to be durable, None for unknown.
        """
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._cut_back(noted)
            fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits for whoever cuts back right now
            yield
        finally:
            os.close(descriptor)

    def _cut_back(self, noted: Callable[[], Mapping[str, int | None]]) -> None:
        there = {path.name: path for path in self._folder.iterdir() if path.suffix != _CHUNK}
        if not there:
            return
        for name, durable in noted().items():
            if durable is not None and name in there and there[name].stat().st_size > durable:
                os.truncate(there[name], durable)

    def open(self, name: str, length: int) -> Piece:
        """Open an upload for one request."""
        if self.has_failed:
            raise DiskFailed(errno.EIO, "the disk has failed before")
        piece = Piece(self._path(name), length, self._failed)
        # Its maker may have been killed before the folder knew of it, so each process asks once for each name.
        if name not in self._known_durable:
            storage_local.sync_folder(self._folder)
            self._known_durable.add(name)
        return piece

    @contextmanager
    def aside(self, name: str) -> Iterator[Path]:
        """Give a place for a piece whose checksum is not known yet; it is gone afterwards."""
        path = self._path(name).with_name(f"{name}.{secrets.token_hex(8)}{_CHUNK}")
        try:
            yield path
        finally:
            storage_local.unlink(path)

    def settled(self, name: str) -> int:
        """Make what has arrived durable and return how much that is."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return 0
        try:
            with telling(self._failed):
                storage_local.sync_file(descriptor)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def read(self, name: str) -> Iterator[bytes]:
        """Iterate over what has arrived; an upload of which nothing came is empty."""
        with suppress(FileNotFoundError), self._path(name).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def drop(self, name: str) -> None:
        """Remove an upload; twice is harmless."""
        self._known_durable.discard(name)
        storage_local.unlink(self._path(name))

    def names(self, *, untouched_for_s: float) -> list[str]:
        """Return the uploads nobody has written to for that long; forgotten loose pieces go on the way."""
        found, now_s = [], clock.now().timestamp()
        for path in sorted(self._folder.iterdir()):
            with suppress(FileNotFoundError):
                if now_s - path.stat().st_mtime < untouched_for_s:
                    continue
                if path.suffix == _CHUNK:
                    storage_local.unlink(path)
                else:
                    found.append(path.name)
        return found

    def _path(self, name: str) -> Path:
        if not name.isalnum() or not name.isascii():
            raise ValueError("not the name of an upload")
        return self._folder / name
