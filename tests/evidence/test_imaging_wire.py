"""The side that serves believes nothing the decoding side says."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.imaging_wire import WireBroken, receive, send

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(2)
        yield ours, theirs


def test_a_message_arrives_as_it_was_sent(pair: Pair) -> None:
    send(pair[1], {"说": 1}, [b"", b"x" * 1000])
    assert receive(pair[0]) == ({"说": 1}, [b"", b"x" * 1000])


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"parts": 3}',
        b'{"parts": ["1"]}',
        b'{"parts": [true]}',
        b'{"parts": [1.5]}',
        b'{"parts": [-1]}',
        b'{"parts": [99999999999]}',
        b'{"parts": [16777217]}',
        b'{"parts": [0, 0, 0, 0, 0]}',
    ],
)
def test_a_malformed_header_breaks_the_wire_and_nothing_else(pair: Pair, header: bytes) -> None:
    pair[1].sendall(struct.pack("!I", len(header)) + header)
    with pytest.raises(WireBroken):
        receive(pair[0])


def test_a_header_without_end_is_not_awaited(pair: Pair) -> None:
    pair[1].sendall(b"\xff\xff\xff\xff")
    with pytest.raises(WireBroken):
        receive(pair[0])


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(content)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(WireBroken):
            receive(ours)
