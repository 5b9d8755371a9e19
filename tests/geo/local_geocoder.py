"""A Nominatim on this machine, for tests: it answers, remembers what it was asked, and misbehaves on wish."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ADDRESS = "太阳岛风景区, 太阳岛街道, 松北区, 哈尔滨市"


@dataclass
class LocalGeocoder:
    """What the service answers, and what it was asked."""

    origin: str = ""
    status: int = 200
    body: bytes | None = None
    wait_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)

    @property
    def setting(self) -> str:
        """The setting that leads here."""
        return f"nominatim:{self.origin}/nominatim"


def _answer(path: str) -> bytes:
    place: dict[str, Any] = {"lat": "45.801", "lon": "126.602", "display_name": ADDRESS}
    return json.dumps([place] if path.endswith("/search") else place).encode()


@contextmanager
def local_geocoder() -> Iterator[LocalGeocoder]:
    """Serve on a free port of this machine."""
    state = LocalGeocoder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.asked.append(
                (parts.path, {name: found[0] for name, found in parse_qs(parts.query).items()})
            )
            state.told.append(dict(self.headers.items()))
            time.sleep(state.wait_s)
            body = _answer(parts.path) if state.body is None else state.body
            self.send_response(state.status)
            for name, value in {"Content-Type": "application/json", **state.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield state
        finally:
            server.shutdown()
