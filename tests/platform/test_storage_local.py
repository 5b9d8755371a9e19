"""What only a folder can show: order of fsync and rename, failing disks, kills, damage."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.platform import storage_local
from app.platform.storage import BlobDamaged, DiskFailed, StoreFull
from app.platform.storage_local import FAULT_POINTS, LocalStore

PHOTO = bytes(range(256)) * 300
DIGEST = hashlib.sha256(PHOTO).hexdigest()
REPOSITORY = Path(__file__).parents[2]
STEPS = tuple(point.__name__ for point in FAULT_POINTS)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the photo lies once kept."""
    return tmp_path / "store" / "blobs" / DIGEST[:2] / DIGEST[2:4] / DIGEST


def keep(store: LocalStore, content: bytes = PHOTO) -> str:
    with store.incoming() as incoming:
        incoming.write(content)
        return store.keep(incoming.seal())


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(0o440)


def record(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Write down every step and what it was done to (descriptors as the path they stand for)."""
    seen: list[tuple[str, object]] = []
    for name in STEPS:
        real = getattr(storage_local, name)

        def step(subject: object, *rest: object, name: str = name, real: object = real) -> object:
            shown = Path(f"/proc/self/fd/{subject}").readlink() if isinstance(subject, int) else subject
            seen.append((name, rest[-1] if name == "rename" else shown))
            return real(subject, *rest)  # type: ignore[operator]

        monkeypatch.setattr(storage_local, name, step)
    return seen


def test_bytes_are_durable_before_their_name_and_the_name_before_the_answer(
    store: LocalStore, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = record(monkeypatch)
    keep(store)
    names = [name for name, _ in seen]
    assert names.index("sync_file") > max(at for at, name in enumerate(names) if name == "write_some")
    assert names.index("rename") > names.index("sync_file")
    assert seen[-1] == ("sync_folder", place.parent)
    assert names[-2] == "rename"
    for folder in (place.parent.parent, place.parent.parent.parent):
        assert ("sync_folder", folder) in seen, f"{folder} holds a new name and was not synced"


def test_a_copy_that_was_there_is_synced_too_since_its_keeper_may_have_been_killed(
    store: LocalStore, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    seen = record(monkeypatch)
    keep(LocalStore(tmp_path / "store"))
    synced = {subject for name, subject in seen if name == "sync_folder"}
    assert {place.parent, place.parent.parent, place.parent.parent.parent} <= synced


def test_originals_are_read_only(store: LocalStore, place: Path) -> None:
    keep(store)
    assert stat.S_IMODE(place.stat().st_mode) == 0o440
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o750


@pytest.mark.parametrize("step", ["write_some", "sync_file", "sync_folder"])
def test_after_an_error_of_the_disk_itself_nothing_is_taken_in_until_a_new_start(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "planted")

    with monkeypatch.context() as planted:
        planted.setattr(storage_local, step, fail)
        with pytest.raises(DiskFailed, match="planted") as caught:
            keep(store)
        assert caught.value.errno == errno.EIO
    assert store.has_failed
    # The disk says that all is well again; the kernel may have dropped what it was given before.
    with pytest.raises(DiskFailed, match="before"):
        keep(store)
    started_anew = LocalStore(store._root)
    assert not started_anew.has_failed
    assert keep(started_anew) == DIGEST


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize(
    "step", ["open_new", "write_some", "sync_file", "make_folder", "rename", "sync_folder"]
)
def test_a_full_disk_has_its_own_name_at_every_step(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, "planted")

    with monkeypatch.context() as planted:
        planted.setattr(storage_local, step, fail)
        with pytest.raises(StoreFull):
            keep(store)
    assert keep(store) == DIGEST


def test_writes_that_take_only_a_part_are_continued(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_local, "write_some", lambda handle, chunk: os.write(handle, chunk[:777]))
    keep(store)
    assert store.read_verified(DIGEST) == PHOTO


@pytest.mark.parametrize("content", [PHOTO[:-1], PHOTO + b"x", PHOTO[:-1] + b"x", b""])
def test_damage_is_named_on_reading_and_healed_by_the_same_bytes(
    store: LocalStore, place: Path, content: bytes
) -> None:
    keep(store)
    damage(place, content)
    with pytest.raises(BlobDamaged):
        store.read_verified(DIGEST)
    with pytest.raises(BlobDamaged), store.borrow(DIGEST):
        pass
    keep(store)
    assert store.read_verified(DIGEST) == PHOTO
    assert stat.S_IMODE(place.stat().st_mode) == 0o440


def test_a_damaged_stream_never_arrives_whole(store: LocalStore, place: Path) -> None:
    keep(store)
    damage(place, b"x" + PHOTO[1:])
    arrived = b""
    with pytest.raises(BlobDamaged):  # noqa: PT012 - what arrived before counts
        for chunk in store.stream_verified(DIGEST, 1000):
            arrived += chunk
    assert len(arrived) < len(PHOTO)


def test_a_blob_caught_leaving_by_a_crash_comes_back(store: LocalStore, place: Path, tmp_path: Path) -> None:
    keep(store)
    place.rename(tmp_path / "store" / "incoming" / f"{DIGEST}.0011223344556677.leaving")
    assert store.sweep_incoming(3600) == 0, "somebody may be erasing it right now"
    assert store.sweep_incoming(0) == 1
    assert store.read_verified(DIGEST) == PHOTO


def test_bytes_kept_while_the_same_blob_leaves_are_not_lost(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    real = storage_local.rename

    def rename_and_keep(source: Path, target: Path) -> None:
        real(source, target)
        if target.suffix == ".leaving":
            keep(store)

    monkeypatch.setattr(storage_local, "rename", rename_and_keep)
    store.erase(DIGEST)
    assert store.read_verified(DIGEST) == PHOTO


KILLED_AT = """
import os, sys
from pathlib import Path
from app.platform import storage_local
left = int(sys.argv[2])
def armed(name):
    real = getattr(storage_local, name)
    def step(*given):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        return real(*given)
    return step
for point in storage_local.FAULT_POINTS:
    setattr(storage_local, point.__name__, armed(point.__name__))
store = storage_local.LocalStore(Path(sys.argv[1]))
for content in (bytes(range(256)) * 300, b"second", bytes(range(256)) * 300):
    with store.incoming() as incoming:
        incoming.write(content)
        store.keep(incoming.seal())
"""


def test_killed_at_any_step_no_half_blob_is_ever_seen_and_a_retry_succeeds(tmp_path: Path) -> None:
    killed = 0
    for point in range(1, 60):
        root = tmp_path / str(point)
        ended = subprocess.run(
            [sys.executable, "-S", "-c", KILLED_AT, str(root), str(point)], check=False, cwd=REPOSITORY
        )
        store = LocalStore(root)
        for digest in store.digests():
            store.read_verified(digest)
        store.sweep_incoming(0)
        assert list((root / "incoming").iterdir()) == []
        assert keep(store) == DIGEST
        assert store.read_verified(DIGEST) == PHOTO
        if ended.returncode == 0:
            break
        killed += 1
    assert killed >= 20, "the steps of storage no longer go through the fault points"
