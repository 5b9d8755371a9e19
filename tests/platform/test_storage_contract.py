"""What every blob store promises; a second store joins by one more name in `STORES`."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.platform.storage import BlobMissing, BlobStore, NotADigest
from app.platform.storage_local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

STORES = ("local", "s3")
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 3000
DIGEST = hashlib.sha256(PHOTO).hexdigest()
UNKNOWN = "0" * 64


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each store that exists, empty."""
    if request.param == "s3":
        opened: BlobStore = request.getfixturevalue("in_bucket")()
        return opened
    return LocalStore(tmp_path / "store")


def keep(store: BlobStore, content: bytes = PHOTO) -> str:
    with store.incoming() as incoming:
        for at in range(0, len(content), 10_000):
            incoming.write(content[at : at + 10_000])
        return store.keep(incoming.seal())


def test_what_was_kept_comes_back_bit_by_bit_under_its_sha256(store: BlobStore) -> None:
    assert keep(store) == DIGEST
    assert store.read_verified(DIGEST) == PHOTO
    assert b"".join(store.stream_verified(DIGEST, 1000)) == PHOTO
    with store.open(DIGEST) as file:
        file.seek(3)
        assert file.read(4) == PHOTO[3:7]
    with store.borrow(DIGEST) as path:
        assert path.read_bytes() == PHOTO
    assert store.size(DIGEST) == len(PHOTO)
    assert store.exists(DIGEST)
    assert list(store.digests()) == [DIGEST]


def test_digest_and_size_run_along_while_bytes_arrive(store: BlobStore) -> None:
    with store.incoming() as incoming:
        assert (incoming.size, incoming.sha256) == (0, hashlib.sha256().hexdigest())
        incoming.write(memoryview(PHOTO)[:5])
        incoming.write(bytearray(b"x"))
        assert (incoming.size, incoming.sha256) == (6, hashlib.sha256(PHOTO[:5] + b"x").hexdigest())
        landed = incoming.seal()
        assert landed == incoming.seal()
        assert (landed.size_bytes, landed.sha256) == (6, incoming.sha256)
        with pytest.raises(ValueError, match="sealed"):
            incoming.write(b"more")
        store.drop(landed)


def test_nothing_is_a_blob_too(store: BlobStore) -> None:
    digest = keep(store, b"")
    assert store.read_verified(digest) == b""
    assert list(store.stream_verified(digest)) == []


def test_keeping_the_same_bytes_twice_is_harmless(store: BlobStore) -> None:
    assert keep(store) == keep(store) == DIGEST
    assert list(store.digests()) == [DIGEST]
    assert store.sweep_incoming(0) == 0, "the second copy stayed behind"


def test_many_may_keep_the_same_bytes_at_once(store: BlobStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: keep(store), range(40))) == {DIGEST}
    assert store.read_verified(DIGEST) == PHOTO
    assert store.sweep_incoming(0) == 0


def test_a_missing_blob_is_missing_whichever_way_it_is_asked_for(store: BlobStore) -> None:
    assert not store.exists(UNKNOWN)
    for ask in (store.open, store.size, store.read_verified, store.stream_verified):
        with pytest.raises(BlobMissing):
            ask(UNKNOWN)
    with pytest.raises(BlobMissing), store.borrow(UNKNOWN):
        pass
    assert store.erase(UNKNOWN)


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "AB" * 32, "0" * 63, "0" * 65, "0" * 64 + "\n", "g" * 64, "0" * 63 + "\0"],
)
def test_only_a_digest_is_ever_looked_up(store: BlobStore, name: str) -> None:
    for ask in (
        store.open,
        store.size,
        store.read_verified,
        store.stream_verified,
        store.exists,
        store.erase,
    ):
        with pytest.raises(NotADigest):
            ask(name)


def test_an_aborted_upload_leaves_nothing(store: BlobStore) -> None:
    with pytest.raises(ConnectionError), store.incoming() as incoming:  # noqa: PT012 - it ends midway
        incoming.write(PHOTO)
        raise ConnectionError
    sealed = store.incoming()
    sealed.write(PHOTO)
    sealed.seal()
    sealed.discard()
    sealed.discard()
    assert list(store.digests()) == []
    assert store.sweep_incoming(0) == 0


def test_discarding_after_keeping_does_not_take_the_blob(store: BlobStore) -> None:
    incoming = store.incoming()
    incoming.write(PHOTO)
    store.keep(incoming.seal())
    incoming.discard()
    assert store.read_verified(DIGEST) == PHOTO


def test_what_a_crash_left_is_swept_only_when_it_is_old(store: BlobStore) -> None:
    keep(store)
    left = store.incoming()
    left.write(b"half a pho")
    assert store.sweep_incoming(3600) == 0
    assert store.sweep_incoming(0) == 1
    assert store.sweep_incoming(0) == 0
    assert list(store.digests()) == [DIGEST]
    left.discard()


def test_an_erased_blob_is_gone_and_may_come_again(store: BlobStore) -> None:
    keep(store)
    keep(store, b"another")
    assert store.erase(DIGEST)
    assert store.erase(DIGEST)
    assert not store.exists(DIGEST)
    assert list(store.digests()) == [hashlib.sha256(b"another").hexdigest()]
    assert keep(store) == DIGEST
    assert store.read_verified(DIGEST) == PHOTO


def test_a_blob_kept_again_a_moment_ago_is_not_erased(store: BlobStore) -> None:
    keep(store)
    assert not store.erase(DIGEST, untouched_for_s=3600)
    assert store.read_verified(DIGEST) == PHOTO
    assert store.sweep_incoming(0) == 0


def test_digests_come_in_order(store: BlobStore) -> None:
    kept = {keep(store, b"%d" % n) for n in range(50)}
    assert list(store.digests()) == sorted(kept)


def test_the_store_says_how_much_room_is_left(store: BlobStore) -> None:
    free = store.free_bytes()
    assert free is None or free > 0
