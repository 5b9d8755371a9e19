"""A provider of drawn tiles on this machine, for tests: it draws, remembers who asked for what, and misbehaves on wish."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def drawn(side: int = 256) -> bytes:
    """A PNG: pale, with a darker rim, so that a person sees where tiles meet."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(
        b"\0" + bytes(150 if 0 in {row, column} else 225 for column in range(side)) for row in range(side)
    )
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@dataclass
class Provider:
    """What the provider answers, and what it was asked."""

    origin: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "image/png"})
    body: bytes = field(default_factory=drawn)
    drawing: Callable[[int, int, int], bytes] | None = None
    asked: list[str] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)

    @property
    def template(self) -> str:
        """The setting that leads here, with a key as providers want one."""
        return f"{self.origin}/{{z}}/{{x}}/{{y}}.png?key=secret"


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve tiles on a free port of this machine."""
    state = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            state.told.append(dict(self.headers.items()))
            body = state.body
            if state.drawing:
                body = state.drawing(*map(int, re.findall(r"\d+", self.path)[:3]))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.origin = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
