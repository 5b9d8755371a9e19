"""An upload's file: its length is the offset, across processes and restarts; nobody mixes bytes in."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from app.platform import storage_local
from app.platform.pieces import Elsewhere, Pieces
from app.platform.storage import StoreFull


@pytest.fixture
def pieces(tmp_path: Path) -> Pieces:
    return Pieces(tmp_path)


def put(pieces: Pieces, at: int, chunk: bytes, *, length: int = 10) -> None:
    with pieces.open("a1", length) as piece:
        piece.append(at, chunk)
        piece.sync()


def held(pieces: Pieces) -> bytes:
    return b"".join(pieces.read("a1"))


def test_what_has_arrived_is_known_to_every_process(tmp_path: Path, pieces: Pieces):
    assert (pieces.settled("a1"), held(pieces)) == (0, b"")
    put(pieces, 0, b"abc")
    put(Pieces(tmp_path), 3, b"de")
    assert (Pieces(tmp_path).settled("a1"), held(pieces)) == (5, b"abcde")


@pytest.mark.parametrize("at", [0, 2, 4, 9])
def test_a_piece_that_belongs_elsewhere_changes_nothing(pieces: Pieces, at: int):
    put(pieces, 0, b"abc")
    with pytest.raises(Elsewhere):
        put(pieces, at, b"X")
    assert held(pieces) == b"abc"


def test_the_last_byte_may_come_again_and_no_other(pieces: Pieces):
    put(pieces, 0, b"abcd", length=4)
    put(pieces, 3, b"d", length=4)
    assert held(pieces) == b"abcd"
    with pytest.raises(Elsewhere):
        put(pieces, 2, b"cd", length=4)


def test_an_old_connection_cannot_mix_its_bytes_in(pieces: Pieces):
    with pieces.open("a1", 10) as old, pieces.open("a1", 10) as new:
        old.append(0, b"ab")
        new.append(2, b"cd")
        with pytest.raises(Elsewhere):
            old.append(2, b"XX")
        new.append(4, b"ef")
    assert held(pieces) == b"abcdef"


def test_nobody_waits_for_another_writer(tmp_path: Path, pieces: Pieces):
    put(pieces, 0, b"ab")
    other = os.open(tmp_path / "uploads/a1", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        with pytest.raises(Elsewhere):
            put(pieces, 2, b"c")
    finally:
        os.close(other)
    put(pieces, 2, b"c")


def test_a_full_disk_keeps_what_fitted(pieces: Pieces, monkeypatch: pytest.MonkeyPatch):
    import errno

    real, calls = storage_local.write_some, []

    def full(descriptor: int, chunk: memoryview) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "full")
        return real(descriptor, chunk[:2])

    monkeypatch.setattr(storage_local, "write_some", full)
    with pytest.raises(StoreFull):
        put(pieces, 0, b"abcd")
    assert pieces.settled("a1") == 2


def test_what_is_told_was_made_durable_first(pieces: Pieces, monkeypatch: pytest.MonkeyPatch):
    put(pieces, 0, b"abc")
    synced: list[int] = []
    monkeypatch.setattr(storage_local, "sync_file", synced.append)
    assert pieces.settled("a1") == 3
    assert len(synced) == 1


def test_the_folder_learns_of_a_new_file_once_per_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[Path] = []
    pieces = Pieces(tmp_path)
    monkeypatch.setattr(storage_local, "sync_folder", synced.append)
    put(pieces, 0, b"a")
    put(pieces, 1, b"b")
    put(Pieces(tmp_path), 2, b"c")
    assert synced.count(tmp_path / "uploads") == 2


def test_old_files_are_named_and_loose_pieces_go(tmp_path: Path, pieces: Pieces):
    put(pieces, 0, b"a")
    with pieces.aside("a1") as path:
        path.write_bytes(b"x")
        assert pieces.names(untouched_for_s=0) == ["a1"]
        assert not path.exists()
    assert pieces.names(untouched_for_s=60) == []
    old = time.time() - 100
    os.utime(tmp_path / "uploads/a1", (old, old))
    assert pieces.names(untouched_for_s=60) == ["a1"]
    for _ in range(2):
        pieces.drop("a1")
    assert pieces.names(untouched_for_s=0) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a.chunk", "é", "a\0"])
def test_no_name_becomes_a_path(pieces: Pieces, name: str):
    with pytest.raises(ValueError, match="not the name"):
        pieces.settled(name)


def test_who_serves_first_cuts_back_to_what_was_noted(tmp_path: Path, pieces: Pieces):
    put(pieces, 0, b"abc\0\0")
    with Pieces(tmp_path).served(lambda: {"a1": 3, "never_came": 2}):
        assert held(pieces) == b"abc"
        put(pieces, 3, b"de")
        # Another process beside it: what is on its way now is not cut.
        with Pieces(tmp_path).served(lambda: {"a1": 3}):
            assert held(pieces) == b"abcde"
    with Pieces(tmp_path).served(lambda: {"a1": None}):
        assert held(pieces) == b"abcde", "nobody noted it: an older version began it"


def test_nothing_on_its_way_asks_for_nothing(pieces: Pieces):
    def noted() -> dict[str, int | None]:
        raise AssertionError("no need to ask")

    with pieces.served(noted):
        pass
