"""Asking a service the operator named: nothing else of the network is used, and no answer goes on without end."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from typing import Any, Final, Protocol

_PIECE: Final = 65_536


class TooMuch(Exception):
    """An answer is larger than any honest one."""


class _Answer(Protocol):
    def read1(self, size: int, /) -> bytes:
        """Return what has come, at most so much; nothing at the end."""


class _Stays(urllib.request.HTTPRedirectHandler):
    """A service answers itself: whoever it would send us to was not named by the operator."""

    def redirect_request(self, *_redirect: Any, **_more: Any) -> None:
        """Follow nobody; the answer then counts as none."""
        return


def opener(follows: urllib.request.HTTPRedirectHandler | None = None) -> urllib.request.OpenerDirector:
    """Return what asks without a proxy, which is the operator's network and not ours to guess, and follows nobody."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), follows or _Stays())


def pieces(answer: _Answer, *, most_bytes: int, ends_at: float) -> Iterator[bytes]:
    """Iterate over an answer until an instant of the monotonic clock; raises TooMuch or TimeoutError."""
    size = 0
    while piece := answer.read1(_PIECE):
        size += len(piece)
        if size > most_bytes:
            raise TooMuch
        if time.monotonic() > ends_at:
            raise TimeoutError
        yield piece
