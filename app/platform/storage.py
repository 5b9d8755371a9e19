"""Where received bytes are kept: a blob is named by the SHA-256 of its content, and nothing else.

The same bytes are therefore the same blob, and the name proves the content. Local disk and object storage
keep the same promises, held by one contract test. The order is always: blob first, database row after it
(house.md 8): a file without its row is swept, a row without its file would be a lost photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

CHUNK_BYTES: Final = 256 * 1024
_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


class StorageProblem(Exception):
    """Something about a blob is not as it must be. A failing disk itself speaks as DiskFailed."""


class BlobMissing(StorageProblem):
    """No blob has this digest."""


class BlobDamaged(StorageProblem):
    """The bytes on disk no longer have the digest they are named by."""


class StoreFull(StorageProblem):
    """No room is left for these bytes (or the quota is used up); what was kept before is untouched."""


class DiskFailed(StorageProblem, OSError):
    """The disk itself reports an error: what was written before may be gone, whatever it says later."""


class StoreOutOfReach(StorageProblem):
    """A store on another machine does not answer, or not as it must; it may do so again, nothing was lost here."""


class NotADigest(StorageProblem):
    """The name is not a lower-case hexadecimal SHA-256; nothing was looked up."""


def checked_digest(digest: str) -> str:
    """Return the digest if it is one; so that no name from outside ever becomes a path."""
    if not _DIGEST.match(digest):
        raise NotADigest
    return digest


@dataclass(frozen=True, slots=True)
class Landed:
    """Bytes that are whole and durable in a temporary file, not yet kept under their digest."""

    path: Path
    sha256: str
    size_bytes: int


class Incoming(Protocol):
    """Bytes on their way in. Used by one thread at a time.

    As a context manager it discards what was not sealed, so an aborted upload leaves nothing behind.
    """

    @property
    def sha256(self) -> str:
        """Return the digest of everything written so far."""

    @property
    def size(self) -> int:
        """Return how many bytes were written so far."""

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append the chunk; raises StoreFull or OSError, after which only `discard` makes sense."""

    def seal(self) -> Landed:
        """Make the bytes durable (fsync) and close the file; a second call returns the same Landed.

        A failing fsync is raised, never retried: after it the kernel may have dropped the dirty pages, so
        only sending the bytes again helps.
        """

    def discard(self) -> None:
        """Remove the temporary file, sealed or not, unless it was kept; twice is harmless."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BlobStore(Protocol):
    """What every store promises. All methods may be called from several threads and processes."""

    @property
    def has_failed(self) -> bool:
        """Say whether the disk has reported an error of its own; then nothing is taken in until a new start."""

    def incoming(self) -> Incoming:
        """Open a temporary file beside the blobs (same volume, so that keeping is a rename)."""

    def keep(self, landed: Landed) -> str:
        """Put landed bytes under their digest and return it; durable when this returns.

        Keeping the same bytes twice is harmless: the first copy is read again and stays, the temporary file
        goes. If the first copy proves damaged, the good bytes take its place.
        """

    def drop(self, landed: Landed) -> None:
        """Remove landed bytes that nobody wants (a broken promise of digest, say); twice is harmless."""

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading from its start, seekable and NOT verified; raises BlobMissing."""

    def read_verified(self, digest: str) -> bytes:
        """Return the whole blob after checking its digest; raises BlobMissing or BlobDamaged."""

    def stream_verified(self, digest: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Iterate over a blob in chunks; BlobMissing at once, BlobDamaged before the last chunk.

        The last chunk is held back until the digest is known, so a damaged blob never arrives whole.
        """

    def borrow(self, digest: str) -> AbstractContextManager[Path]:
        """Lend a path to the verified bytes for reading only, for tools that need a file."""

    def size(self, digest: str) -> int:
        """Return the size in bytes; raises BlobMissing."""

    def exists(self, digest: str) -> bool:
        """Say whether a blob is kept under this digest (its content is not verified)."""

    def erase(self, digest: str, *, untouched_for_s: float = 0.0) -> bool:
        """Erase a blob and say whether it is gone; erasing what is missing is harmless.

        With `untouched_for_s` a blob kept again within that time stays (False): somebody is about to write
        a row that needs it, which the caller's count of rows could not see yet.
        """

    def untouched_s(self, digest: str) -> float:
        """Return for how long nobody has kept this blob; 0 where that cannot be known or it is missing."""

    def digests(self) -> Iterator[str]:
        """Iterate over all digests in order; blobs kept or erased meanwhile may or may not appear."""

    def sweep_incoming(self, older_than_s: float) -> int:
        """Remove temporary files untouched for that long (left by a crash); returns how many."""

    def free_bytes(self) -> int | None:
        """Return the room left for new blobs, or None where a store has no such figure."""
