"""A partner's system: a real server on this machine that keeps what it is sent and answers as told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """What came, oldest first; `answers` are given in turn, then 204 for ever."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The ids of what came."""
        return [headers["webhook-id"] for _path, headers, _body in self.came]

    @property
    def said(self) -> list[dict[str, Any]]:
        """What came, read."""
        return [json.loads(body) for _path, _headers, body in self.came]

    def is_signed(self, secret: str, at: int = -1) -> bool:
        """Check a message as Standard Webhooks says, with nothing of our code."""
        _path, headers, body = self.came[at]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return wanted in headers["webhook-signature"].split(" ")


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen on a free port of this machine."""
    found = Listener()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            found.came.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
            status, headers = found.answers.pop(0) if found.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
