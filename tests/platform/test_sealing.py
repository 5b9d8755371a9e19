"""What a phone sealed opens to exactly that, streaming, and nothing else does."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform import sealing
from app.platform.crypto import KeyRing
from app.platform.sealing import CHUNK_BYTES, MAGIC, Unopenable

RING = KeyRing([("k2", b"2" * 32), ("k1", b"1" * 32)])
OLD = KeyRing([("k1", b"1" * 32)])
REPORT_ID = "0193abcd-0000-7000-8000-000000000001"
THIS = {"report_id": REPORT_ID, "what": sealing.REPORT}
EDGES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7]


def sealed(content: bytes, ring: KeyRing = RING) -> bytes:
    return sealing.seal(content, ring.current_id, ring.sealing_point, **THIS)


def in_pieces(content: bytes, cuts: list[int]) -> Iterator[bytes]:
    marks = sorted({0, len(content), *(cut % (len(content) + 1) for cut in cuts)})
    return (content[one:other] for one, other in pairwise(marks))


def opened(content: bytes, ring: KeyRing = RING, cuts: list[int] | None = None, **other: str) -> bytes:
    return b"".join(sealing.opened(ring, in_pieces(content, cuts or []), **THIS | other))


@pytest.mark.parametrize("size", EDGES)
def test_every_length_opens_to_what_it_was_and_is_known_beforehand(size: int):
    content = bytes(at * 7 % 251 for at in range(size))
    found = sealed(content)
    assert len(found) == sealing.sealed_length(size, "k2") <= sealing.longest_sealed(size)
    assert opened(found) == content


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 3 * CHUNK_BYTES), max_size=30))
def test_it_does_not_matter_how_the_bytes_come(cuts: list[int]):
    content = bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"tail"
    assert opened(sealed(content), cuts=cuts) == content


def test_byte_by_byte():
    found = sealed(b"one report")
    assert b"".join(sealing.opened(RING, (bytes([each]) for each in found), **THIS)) == b"one report"


def test_an_old_key_still_opens_and_a_lost_one_does_not():
    found = sealed(b"from a cached form", OLD)
    assert opened(found, RING) == b"from a cached form"
    with pytest.raises(Unopenable):
        opened(sealed(b"x"), OLD)


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_changed_byte_opens(at: int, flip: int):
    found = bytearray(sealed(b"x" * 50))
    found[at % len(found)] ^= flip
    with pytest.raises(Unopenable):
        opened(bytes(found))


def test_a_tail_cut_off_is_noticed_wherever_it_is_cut():
    found = sealed(b"y" * (2 * CHUNK_BYTES + 5))
    head = len(found) - (2 * CHUNK_BYTES + 5 + 3 * 16)
    for length in (
        0,
        3,
        5,
        40,
        head,
        head + 1,
        head + CHUNK_BYTES + 16,
        head + 2 * (CHUNK_BYTES + 16),
        len(found) - 1,
    ):
        with pytest.raises(Unopenable):
            opened(found[:length])
    with pytest.raises(Unopenable):
        opened(found + b"\0")


def test_chunks_cannot_change_places_nor_be_left_out():
    found = sealed(bytes(CHUNK_BYTES) + b"1" * CHUNK_BYTES + b"end")
    head, whole = len(found) - (2 * CHUNK_BYTES + 3 + 3 * 16), CHUNK_BYTES + 16
    first, second, rest = (
        found[head : head + whole],
        found[head + whole : head + 2 * whole],
        found[head + 2 * whole :],
    )
    for other in (second + first + rest, first + rest, second + rest, rest):
        with pytest.raises(Unopenable):
            opened(found[:head] + other)


@pytest.mark.parametrize("other", [{"what": "a" * 64}, {"report_id": "0193abcd-0000-7000-8000-000000000002"}])
def test_it_is_bound_to_its_report_and_its_name(other: dict[str, str]):
    with pytest.raises(Unopenable):
        opened(sealed(b"x"), **other)


@given(content=st.binary(max_size=400))
def test_bytes_of_chance_do_not_open(content: bytes):
    for candidate in (content, MAGIC + content, MAGIC + b"\x02k2" + content, MAGIC + b"\x02k2\x04" + content):
        with pytest.raises(Unopenable):
            opened(candidate)


def test_a_large_file_is_opened_in_little_memory():
    size = 16 * CHUNK_BYTES
    found = sealed(bytes(size))
    tracemalloc.start()
    try:
        pieces = (found[at : at + 65536] for at in range(0, len(found), 65536))
        assert sum(len(piece) for piece in sealing.opened(RING, pieces, **THIS)) == size
        assert tracemalloc.get_traced_memory()[1] < 6 * CHUNK_BYTES
    finally:
        tracemalloc.stop()
