"""Blobs in a folder of the machine: safe in production, against kill and power cut.

    root/incoming/<random>.part      bytes on their way, fsynced when sealed
    root/blobs/ab/cd/abcd…           one file per digest, read-only (0440), never rewritten

Every step that a crash could fall between goes through one of the small functions at the top, always called
by its global name, so that the fault tools can count, fail or kill at each of them.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from app.platform import clock
from app.platform.storage import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobMissing,
    DiskFailed,
    Landed,
    StoreFull,
    checked_digest,
)

_LOG: Final = logging.getLogger(__name__)
_FOLDER_MODE: Final = 0o750
_BLOB_MODE: Final = 0o440
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# EROFS: ext4 makes itself read-only after an error.
_BROKEN: Final = frozenset({errno.EIO, errno.EROFS, errno.ENXIO, errno.ENODEV})
_PART: Final = ".part"
_LEAVING: Final = ".leaving"


def open_new(path: Path) -> int:
    """Create a file that did not exist and return its descriptor."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def write_some(descriptor: int, chunk: memoryview) -> int:
    """Write what the system takes of the chunk and return how much that was."""
    return os.write(descriptor, chunk)


def sync_file(descriptor: int) -> None:
    """Make the file's bytes durable."""
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder; one that is already there is fine."""
    with suppress(FileExistsError):
        folder.mkdir(mode=_FOLDER_MODE)


def rename(source: Path, target: Path) -> None:
    """Move a file to its final name in one step, replacing what stood there."""
    source.replace(target)


def unlink(path: Path) -> None:
    """Remove a file; one that is already gone is fine."""
    path.unlink(missing_ok=True)


FAULT_POINTS: Final = (open_new, write_some, sync_file, sync_folder, make_folder, rename, unlink)


class LocalIncoming:
    """One temporary file and the digest of what went into it."""

    def __init__(self, path: Path, failed: threading.Event) -> None:
        """Create the file; the store hands these out."""
        self._failed = failed
        self._path = path
        self._hash = hashlib.sha256()
        self._size = 0
        self._landed: Landed | None = None
        with telling(failed):
            self._descriptor: int | None = open_new(path)

    @property
    def sha256(self) -> str:
        """Return the digest of everything written so far."""
        return self._hash.hexdigest()

    @property
    def size(self) -> int:
        """Return how many bytes were written so far."""
        return self._size

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append the chunk, however many writes the system makes of it."""
        if self._descriptor is None:
            raise ValueError("sealed or discarded")
        rest = memoryview(chunk).cast("B")
        self._hash.update(rest)
        self._size += len(rest)
        with telling(self._failed):
            while rest:
                rest = rest[write_some(self._descriptor, rest) :]

    def seal(self) -> Landed:
        """Make the bytes durable and read-only; see the protocol for why a failure is final."""
        if self._landed is None:
            if self._descriptor is None:
                raise ValueError("discarded")
            with telling(self._failed):
                os.fchmod(self._descriptor, _BLOB_MODE)
                sync_file(self._descriptor)
                self._close()
            self._landed = Landed(self._path, self.sha256, self._size)
        return self._landed

    def discard(self) -> None:
        """Remove the temporary file; after `keep` there is nothing left to remove."""
        with suppress(OSError):  # the bytes are unwanted, so a failing close loses nothing
            self._close()
        unlink(self._path)

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Discard what was not sealed."""
        if self._landed is None:
            self.discard()


class LocalStore:
    """A BlobStore in one folder; see the protocol for what each method promises."""

    def __init__(self, root: Path) -> None:
        """Make the two folders if they are missing."""
        root = root.absolute()
        root.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        self._root, self._arrivals, self._blobs = root, root / "incoming", root / "blobs"
        self._known_durable: set[Path] = set()
        self._failed = threading.Event()
        for folder in (self._arrivals, self._blobs):
            make_folder(folder)
        sync_folder(root)
        sync_folder(root.parent)

    @property
    def has_failed(self) -> bool:
        """Say whether the disk has reported an error of its own since this process began."""
        return self._failed.is_set()

    def incoming(self) -> LocalIncoming:
        """Open a temporary file on the same volume as the blobs."""
        if self.has_failed:
            raise DiskFailed(errno.EIO, "the disk has failed before")
        return LocalIncoming(self._arrivals / (secrets.token_hex(16) + _PART), self._failed)

    def keep(self, landed: Landed) -> str:
        """Rename sealed bytes to their digest; durable when this returns."""
        digest = checked_digest(landed.sha256)
        target = self._path(digest)
        with telling(self._failed):
            self._make_durable_folder(target.parent)
            if self._holds(target, landed.size_bytes):
                unlink(landed.path)
            else:
                rename(landed.path, target)
            # Also for a blob that was there: its keeper may have been killed before this very step.
            sync_folder(target.parent)
        return digest

    def drop(self, landed: Landed) -> None:
        """Remove landed bytes that nobody wants."""
        unlink(landed.path)

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, unverified."""
        try:
            return self._path(checked_digest(digest)).open("rb")
        except FileNotFoundError:
            raise BlobMissing(digest) from None

    def read_verified(self, digest: str) -> bytes:
        """Return the whole blob after checking its digest."""
        return verified_bytes(self.open(digest), digest)

    def stream_verified(self, digest: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Open at once (so that a missing blob is known before the answer begins), then iterate."""
        return verified_chunks(self.open(digest), digest, chunk_bytes)

    @contextmanager
    def borrow(self, digest: str) -> Iterator[Path]:
        """Lend the blob's own path after verifying it; the file is read-only."""
        for _ in self.stream_verified(digest):
            pass
        yield self._path(digest)

    def size(self, digest: str) -> int:
        """Return the size in bytes."""
        try:
            return self._path(checked_digest(digest)).stat().st_size
        except FileNotFoundError:
            raise BlobMissing(digest) from None

    def exists(self, digest: str) -> bool:
        """Say whether a blob is kept under this digest."""
        return self._path(checked_digest(digest)).is_file()

    def erase(self, digest: str, *, untouched_for_s: float = 0.0) -> bool:
        """Take the blob away first and look at its age then: a `keep` meanwhile finds it gone and stays safe."""
        target = self._path(checked_digest(digest))
        leaving = self._arrivals / f"{digest}.{secrets.token_hex(8)}{_LEAVING}"
        try:
            rename(target, leaving)
        except FileNotFoundError:
            return True
        if untouched_for_s > 0 and _age_s(leaving) < untouched_for_s:
            self._bring_back(leaving, target)
            return False
        unlink(leaving)
        sync_folder(target.parent)
        return True

    def untouched_s(self, digest: str) -> float:
        """Return the age by which `erase` goes; what a restore gave to somebody else tells `keep`s of none."""
        path = self._path(checked_digest(digest))
        with suppress(FileNotFoundError):
            if os.geteuid() in {0, path.stat().st_uid}:
                return _age_s(path)
        return 0.0

    def digests(self) -> Iterator[str]:
        """Iterate over all digests in order, one folder in memory at a time."""
        for first in _sorted_names(self._blobs):
            for second in _sorted_names(self._blobs / first):
                yield from _sorted_names(self._blobs / first / second)

    def sweep_incoming(self, older_than_s: float) -> int:
        """Remove what crashes left; a blob caught on its way out goes back, to be erased again properly."""
        count = 0
        for path in list(self._arrivals.iterdir()):
            with suppress(FileNotFoundError):  # kept or discarded meanwhile
                # The change time too: a blob on its way out is old, its departure may be a moment ago.
                if min(_age_s(path), _now_s() - path.stat().st_ctime) < older_than_s:
                    continue
                if path.suffix == _LEAVING:
                    self._bring_back(path, self._path(checked_digest(path.name.partition(".")[0])))
                else:
                    unlink(path)
                count += 1
        return count

    def free_bytes(self) -> int:
        """Return what an ordinary process may still write on the volume."""
        figures = os.statvfs(self._root)
        return figures.f_bavail * figures.f_frsize

    def _path(self, digest: str) -> Path:
        return self._blobs / digest[:2] / digest[2:4] / digest

    def _make_durable_folder(self, folder: Path) -> None:
        # A folder that exists may still be unknown to the disk (its maker was killed before the fsync), so
        # each process asks once for each folder, and only then relies on its own memory.
        if folder in self._known_durable:
            return
        for each in (folder.parent, folder):
            make_folder(each)
        sync_folder(folder.parent)
        sync_folder(self._blobs)
        self._known_durable.add(folder)

    def _holds(self, target: Path, size_bytes: int) -> bool:
        try:
            found = target.stat()
            if found.st_size != size_bytes or not self._is_whole(target.name):
                _LOG.error(
                    "blob %s was damaged on disk; the same bytes arrived again and replace it", target.name
                )
                return False
            # The access time says "wanted again" to `erase`; the modification time stays the arrival's.
            with suppress(PermissionError):  # a restore may have given the file to somebody else
                os.utime(target, ns=(int(_now_s() * 1e9), found.st_mtime_ns))
        except (FileNotFoundError, BlobMissing):
            return False
        return True

    def _is_whole(self, digest: str) -> bool:
        try:
            for _ in self.stream_verified(digest):
                pass
        except BlobDamaged:
            return False
        return True

    def _bring_back(self, leaving: Path, target: Path) -> None:
        self._make_durable_folder(target.parent)
        with suppress(FileExistsError):  # the same bytes were kept again meanwhile
            os.link(leaving, target)
        sync_folder(target.parent)
        unlink(leaving)


@contextmanager
def telling(failed: threading.Event) -> Iterator[None]:
    """Give a full disk and a failing one their own names; the second is remembered as long as the process lives."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise StoreFull from problem
        if problem.errno in _BROKEN:
            failed.set()
            raise DiskFailed(problem.errno, problem.strerror) from problem
        raise


def verified_bytes(file: BinaryIO, digest: str) -> bytes:
    """Return a whole opened blob after checking its digest; raises BlobDamaged."""
    with file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise BlobDamaged(digest)
    return content


def verified_chunks(file: BinaryIO, digest: str, chunk_bytes: int) -> Iterator[bytes]:
    """Iterate over a file, the last chunk held back until the digest is known; raises BlobDamaged."""
    running = hashlib.sha256()
    held = b""
    with file:
        while chunk := file.read(chunk_bytes):
            running.update(chunk)
            if held:
                yield held
            held = chunk
    if running.hexdigest() != digest:
        raise BlobDamaged(digest)
    if held:
        yield held


def _now_s() -> float:
    return clock.now().timestamp()


def _age_s(path: Path) -> float:
    found = path.stat()
    return max(0.0, _now_s() - max(found.st_mtime, found.st_atime))


def _sorted_names(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir())
    except FileNotFoundError:
        return []
