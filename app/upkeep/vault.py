"""The folder of backups: sealed photos by their digest, and one set for each run; every name proves its content.

    folder/objects/ab/cd/<digest>.<sealed>   one blob, sealed; the second digest is of the sealed bytes
    folder/sets/<id>/database.sealed         the database at that moment, packed and sealed
    folder/sets/<id>/needed                  the digests of all blobs that database speaks of
    folder/sets/<id>/set.json                what the set tells of itself, signed; written last
    folder/sets/.part-<id>                   a run that has not come to its end: nobody takes it for a backup

A set comes into being by one rename, after every byte of it and of its objects is durable. An object is written
once and serves every later set. Nothing here can be read without the private half, and all of it can be checked.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from app.platform import storage_local as disk
from app.platform.crypto import KeyRing, Signed
from app.platform.digest import canonical_json
from app.platform.sealing import HoldsKeys, Unopenable, opened, sealed
from app.platform.storage import CHUNK_BYTES
from app.upkeep.keys import PublicHalf
from app.upkeep.terms import DATABASE, NEEDED, PURPOSE, TOLD, Need, Stopped, Told, told_of

_PART: Final = ".part-"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was just written whole and durably: digest and length of what stands on the disk."""

    sha256: str
    size_bytes: int


def write_whole(path: Path, pieces: Iterable[bytes]) -> Written:
    """Write a new file and make it durable; the folder's own entry is the caller's to make so."""
    running, size = sha256(), 0
    descriptor = disk.open_new(path)
    try:
        for piece in pieces:
            running.update(piece)
            size += len(piece)
            rest = memoryview(piece)
            while rest:
                rest = rest[disk.write_some(descriptor, rest) :]
        disk.sync_file(descriptor)
    finally:
        os.close(descriptor)
    return Written(running.hexdigest(), size)


def read_pieces(path: Path) -> Iterator[bytes]:
    """Iterate over a file."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pack bytes as they come; a database shrinks to a third, and sealed bytes shrink no more."""
    packing = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack bytes as they come; raises Unopenable for a tail that is missing."""
    unpacking = zlib.decompressobj(wbits=31)
    for piece in pieces:
        yield unpacking.decompress(piece)
    if not unpacking.eof:
        raise Unopenable


class Vault:
    """One folder of backups."""

    def __init__(self, folder: Path) -> None:
        """Take the folder as it is."""
        self.folder = folder
        self._objects, self._sets = folder / "objects", folder / "sets"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out, and clear away what an interrupted one left."""
        for each in (self.folder, self._objects, self._sets):
            each.mkdir(mode=0o750, exist_ok=True)
            disk.sync_folder(each.parent)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Stopped(f"another backup is at work in {self.folder}") from None
            for left in self._sets.glob(f"{_PART}*"):
                shutil.rmtree(left)
            for left in self._objects.glob(f"{_PART}*"):
                left.unlink()
            yield

    # -- objects ------------------------------------------------------------------------------------------------
    def objects(self) -> dict[str, Path]:
        """Return every sealed blob by the digest of its content."""
        found = {}
        for path in sorted(self._objects.glob("??/??/*")):
            found[path.name.partition(".")[0]] = path
        return found

    def keep(self, digest: str, content: Iterable[bytes], half: PublicHalf) -> Path:
        """Seal one blob and put it under its names; durable when this returns."""
        part = self._objects / f"{_PART}{secrets.token_hex(8)}"
        try:
            pieces = sealed(content, half.id, half.point, report_id=PURPOSE, what=digest)
            written = write_whole(part, pieces)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        target = self._objects / digest[:2] / digest[2:4] / f"{digest}.{written.sha256}"
        for each in (target.parent.parent, target.parent):
            if not each.is_dir():
                disk.make_folder(each)
                disk.sync_folder(each.parent)
        disk.rename(part, target)
        disk.sync_folder(target.parent)
        return target

    # -- sets ---------------------------------------------------------------------------------------------------
    def sets(self) -> list[str]:
        """Return the ids of all whole sets, oldest first (an id begins with its moment)."""
        if not self._sets.is_dir():
            return []
        return sorted(path.name for path in self._sets.iterdir() if not path.name.startswith("."))

    def place_of(self, set_id: str) -> Path:
        """Return the folder of a set."""
        return self._sets / set_id

    @contextmanager
    def growing(self, set_id: str) -> Iterator[Path]:
        """Give the folder of a set in the making; it takes its name when the block ends well, else it goes."""
        part = self._sets / f"{_PART}{set_id}"
        part.mkdir(mode=0o750)
        try:
            yield part
            disk.sync_folder(part)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        disk.rename(part, self.place_of(set_id))
        disk.sync_folder(self._sets)

    def told(self, set_id: str) -> tuple[Told, Signed, bytes]:
        """Return what a set tells of itself, who signed it, and the bytes that were signed."""
        path = self.place_of(set_id) / TOLD
        try:
            both = json.loads(path.read_bytes())
            facts, by = both["facts"], both["signed"]
            signed = Signed(str(by["key_id"]), str(by["public_key"]), str(by["signature"]))
        except FileNotFoundError:
            raise Stopped(f"there is no whole backup at {path.parent}") from None
        except (ValueError, KeyError, TypeError) as problem:
            raise Stopped(f"{path} is not as it was written: {type(problem).__name__}") from problem
        return told_of(facts), signed, canonical_json(facts)

    def needed(self, told: Told) -> list[Need]:
        """Return the blobs a set needs, in order of their digests; raises Stopped when the list was altered."""
        content = (self.place_of(told.id) / NEEDED).read_bytes()
        if sha256(content).hexdigest() != told.needed_sha256:
            raise Stopped(f"the list of needed blobs of {told.id} is not as it was written")
        lines = (line.split(b" ") for line in content.splitlines())
        return [Need(digest.decode("ascii"), int(size)) for digest, size in lines]

    def drop(self, set_id: str) -> None:
        """Remove a set: first it loses its name, so that a crash leaves no half one."""
        leaving = self._sets / f"{_PART}{set_id}"
        disk.rename(self.place_of(set_id), leaving)
        disk.sync_folder(self._sets)
        shutil.rmtree(leaving)

    def database(self, told: Told, private: HoldsKeys) -> Iterator[bytes]:
        """Iterate over a set's database as it was; raises Unopenable before the last byte of what was altered."""
        pieces = read_pieces(self.place_of(told.id) / DATABASE)
        return unpacked(opened(private, pieces, report_id=PURPOSE, what=f"{DATABASE}:{told.id}"))


def sealed_database(pieces: Iterable[bytes], half: PublicHalf, set_id: str) -> Iterator[bytes]:
    """Pack and seal a database for a set."""
    return sealed(packed(pieces), half.id, half.point, report_id=PURPOSE, what=f"{DATABASE}:{set_id}")


def opened_object(path: Path, private: HoldsKeys) -> Iterator[bytes]:
    """Iterate over a blob's own bytes; raises Unopenable."""
    digest = path.name.partition(".")[0]
    return opened(private, read_pieces(path), report_id=PURPOSE, what=digest)


def needed_lines(needs: Iterable[Need]) -> Iterator[bytes]:
    """Write the list of needed blobs, one a line."""
    for need in needs:
        yield f"{need.digest} {need.size_bytes}\n".encode("ascii")


def signed_lines(told: Told, keys: KeyRing) -> bytes:
    """Return the file by which a set tells of itself: plain values and the house's signature over them."""
    facts: Mapping[str, Any] = told.facts()
    by = keys.sign(PURPOSE, canonical_json(facts))
    signed = {"key_id": by.key_id, "public_key": by.public_key, "signature": by.signature}
    return json.dumps({"facts": facts, "signed": signed}, indent=1, sort_keys=True).encode() + b"\n"
