"""Blobs in a bucket of an S3-compatible store; bytes on their way in still land on this machine's disk first.

    <prefix>blobs/ab/cd/<digest>     one object per blob, written once by a conditional put
    <prefix>wanted/<digest>          empty; its time says when somebody last kept bytes that were there already
    <prefix>leaving/<digest>         empty; somebody is about to erase the blob

What a store says about itself proves nothing: after every put the object is read back and its SHA-256 compared; only
then does `keep` return. Erasing and keeping may meet across machines. Each writes its own sign first and looks for
the other's then (a bucket is read-after-write consistent), so at least one sees the other: the eraser gives way, the
keeper waits and puts again.
"""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import obstore
from obstore import exceptions as said
from obstore.store import S3Store as Bucket

from app.platform import clock, logging
from app.platform import storage_local as disk
from app.platform.storage import (
    CHUNK_BYTES,
    BlobDamaged,
    BlobMissing,
    Landed,
    StoreOutOfReach,
    checked_digest,
)
from app.platform.storage_local import LocalIncoming, LocalStore, verified_bytes, verified_chunks

# An eraser that has hung for so long no longer dares; a sign older than twice that is of one that died.
_DARES_S: Final = 30.0
_LOOKS_EVERY_S: Final = 0.2
# The library names some of these by Python's own exceptions.
_GONE: Final = (said.NotFoundError, FileNotFoundError)
_THERE: Final = (said.AlreadyExistsError, said.PreconditionError, FileExistsError)
_log = logging.get("storage")


@contextmanager
def reaching() -> Iterator[None]:
    """Give whatever the bucket answers beside what was expected one name: it cannot be used at this moment."""
    try:
        yield
    except (*_GONE, *_THERE):
        raise
    except (said.BaseError, OSError) as problem:
        # Its message may name the bucket and a key, never a person; the log is where an operator looks.
        _log.exception("the bucket is out of reach", kind=type(problem).__name__)
        raise StoreOutOfReach(type(problem).__name__) from problem


class S3Store:
    """A BlobStore in a bucket; see the protocol for what each method promises."""

    def __init__(self, bucket: Bucket, root: Path, *, prefix: str = "", is_conditional: bool = True) -> None:
        """Take an opened bucket, and a folder of this machine for bytes on their way."""
        self._bucket, self._prefix, self._is_conditional = bucket, prefix, is_conditional
        self._landing = LocalStore(root)
        self._lent = root.absolute() / "incoming"

    @property
    def has_failed(self) -> bool:
        """Say whether this machine's own disk has failed; a bucket that is away comes back."""
        return self._landing.has_failed

    def incoming(self) -> LocalIncoming:
        """Open a temporary file on this machine."""
        return self._landing.incoming()

    def keep(self, landed: Landed) -> str:
        """Put sealed bytes under their digest, read them back, and only then let go of the file."""
        digest = checked_digest(landed.sha256)
        key = self._key("blobs", digest)
        while True:
            if self._put_new(key, landed) or not self._is_whole(digest):
                if not self._is_whole(digest):
                    self._put_over(key, landed)
                break
            # It was there already: say that it is wanted, then see whether somebody is taking it away.
            self._put_sign("wanted", digest)
            if not self._is_leaving(digest):
                break
            time.sleep(_LOOKS_EVERY_S)
        if not self._is_whole(digest):
            raise StoreOutOfReach("what was written is not what is read back")
        disk.unlink(landed.path)
        return digest

    def drop(self, landed: Landed) -> None:
        """Remove landed bytes that nobody wants."""
        self._landing.drop(landed)

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading, unverified; pieces are fetched as they are asked for."""
        size, key = self.size(digest), self._key("blobs", digest)
        return cast("BinaryIO", io.BufferedReader(_Pieces(self._bucket, key, size), CHUNK_BYTES))

    def read_verified(self, digest: str) -> bytes:
        """Return the whole blob after checking its digest."""
        return verified_bytes(self.open(digest), digest)

    def stream_verified(self, digest: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Ask at once (so that a missing blob is known before the answer begins), then iterate."""
        return verified_chunks(self.open(digest), digest, chunk_bytes)

    @contextmanager
    def borrow(self, digest: str) -> Iterator[Path]:
        """Lend a copy on this machine, verified while it is made, gone afterwards."""
        path = self._lent / f"{secrets.token_hex(16)}.part"
        try:
            with path.open("wb") as file:
                for piece in self.stream_verified(digest):
                    file.write(piece)
            yield path
        finally:
            disk.unlink(path)

    def size(self, digest: str) -> int:
        """Return the size in bytes."""
        found = self._head("blobs", digest)
        if found is None:
            raise BlobMissing(digest)
        return int(found["size"])

    def exists(self, digest: str) -> bool:
        """Say whether a blob is kept under this digest."""
        return self._head("blobs", digest) is not None

    def erase(self, digest: str, *, untouched_for_s: float = 0.0) -> bool:
        """Sign first, look then: whoever keeps the same bytes meanwhile is seen, or sees."""
        if not self.exists(digest):
            return True
        began = time.monotonic()
        self._put_sign("leaving", digest)
        try:
            if untouched_for_s > 0 and self.untouched_s(digest) < untouched_for_s:
                return False
            if time.monotonic() - began > _DARES_S:
                return False  # its own sign may have been taken for a dead one's
            self._delete("blobs", digest)
            self._delete("wanted", digest)
        finally:
            self._delete("leaving", digest)
        return True

    def untouched_s(self, digest: str) -> float:
        """Return for how long nobody has kept this blob."""
        heads = [self._head(kind, digest) for kind in ("blobs", "wanted")]
        ages = [(clock.now() - head["last_modified"]).total_seconds() for head in heads if head is not None]
        return max(0.0, min(ages, default=0.0)) if heads[0] is not None else 0.0

    def digests(self) -> Iterator[str]:
        """Iterate over all digests in order, as a bucket lists them."""
        with reaching():
            for page in obstore.list(self._bucket, self._prefix + "blobs", chunk_size=1000):
                yield from (str(found["path"]).rpartition("/")[2] for found in page)

    def sweep_incoming(self, older_than_s: float) -> int:
        """Remove temporary files of this machine left by a crash."""
        return self._landing.sweep_incoming(older_than_s)

    def free_bytes(self) -> int:
        """Return the room for bytes on their way; a bucket has no such figure."""
        return self._landing.free_bytes()

    # -- the bucket ---------------------------------------------------------------------------------------------
    def _key(self, kind: str, digest: str) -> str:
        digest = checked_digest(digest)
        shard = f"{digest[:2]}/{digest[2:4]}/" if kind == "blobs" else ""
        return f"{self._prefix}{kind}/{shard}{digest}"

    def _head(self, kind: str, digest: str) -> Any | None:
        key = self._key(kind, digest)
        try:
            with reaching():
                return obstore.head(self._bucket, key)
        except _GONE:
            return None

    def _put_new(self, key: str, landed: Landed) -> bool:
        """Write an object unless there is one; say whether this was written."""
        if not self._is_conditional:  # some vendors refuse the condition: then look first, and put
            if self._head("blobs", landed.sha256) is not None:
                return False
            self._put_over(key, landed)
            return True
        try:
            with reaching():
                obstore.put(self._bucket, key, landed.path, mode="create", use_multipart=False)
        except _THERE:
            return False
        return True

    def _put_over(self, key: str, landed: Landed) -> None:
        with reaching():
            obstore.put(self._bucket, key, landed.path, use_multipart=False)

    def _put_sign(self, kind: str, digest: str) -> None:
        with reaching():
            obstore.put(self._bucket, self._key(kind, digest), b"", use_multipart=False)

    def _delete(self, kind: str, digest: str) -> None:
        with suppress(*_GONE), reaching():
            obstore.delete(self._bucket, self._key(kind, digest))

    def _is_leaving(self, digest: str) -> bool:
        sign = self._head("leaving", digest)
        if sign is None:
            return False
        return bool((clock.now() - sign["last_modified"]).total_seconds() < 2 * _DARES_S)

    def _is_whole(self, digest: str) -> bool:
        try:
            for _ in self.stream_verified(digest):
                pass
        except (BlobDamaged, BlobMissing):
            return False
        return True


class _Pieces(io.RawIOBase):
    """An object as a file: what is read is fetched."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        super().__init__()
        self._bucket, self._key, self._size, self._at = bucket, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        try:
            with reaching():
                got = obstore.get_range(self._bucket, self._key, start=self._at, length=wanted)
        except _GONE:
            raise BlobMissing(self._key.rpartition("/")[2]) from None
        buffer[: len(got)] = memoryview(got)
        self._at += len(got)
        return len(got)
