"""A line to the office that does as it likes: in one process with it, where a cut is what a server makes of it, and over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in full."""

    status: int
    headers: dict[str, str]
    content: bytes


class Line:
    """A line to the office that does as it likes; `deliver` is what it makes of a request that arrives, or of its part."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.late = chance, set[asyncio.Task[Answer | None]]()

    async def deliver(self, ask: Ask, cut: int | None) -> Answer | None:
        """Bring a request, or its first bytes, to the office; the whole answer, if it comes."""
        raise NotImplementedError

    async def carry(self, ask: Ask, *, is_hostile: bool) -> Answer | None:
        """Send over the line; None when its end was not heard."""
        if not is_hostile:
            return await self.deliver(ask, None)
        whim = self.chance.random()
        if whim < 0.25:
            await self.deliver(ask, self.chance.randrange(len(ask.content) + 1))
            return None
        if whim < 0.35:
            self._later(ask, self.chance.uniform(0, 0.2))
            return None
        if whim < 0.45:
            self._later(ask, self.chance.uniform(0, 0.02))
        answer = await self.deliver(ask, None)
        if answer is None or whim > 0.75:
            return None  # cut at some byte of the answer: whichever it was, its end was not heard
        return answer

    def _later(self, ask: Ask, after_s: float) -> None:
        async def deliver() -> Answer | None:
            await asyncio.sleep(after_s)
            return await self.deliver(ask, None)

        self.late.add(asyncio.create_task(deliver()))

    async def settled(self) -> None:
        """Wait for what is still on its way."""
        while self.late:
            await self.late.pop()


class InProcess(Line):
    """Straight into the application's door; a cut is what a server makes of it: some bytes, then a disconnect."""

    def __init__(self, chance: random.Random, app: Any) -> None:
        super().__init__(chance)
        self._app = app

    async def deliver(self, ask: Ask, cut: int | None) -> Answer | None:
        """Call the application."""
        path, _, query = ask.path.partition("?")
        content = ask.content if cut is None else ask.content[:cut]
        size = max(1, self.chance.choice((1000, 9000, 70_000)))
        parts = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        if cut is None:
            messages[-1]["more_body"] = False
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(0)
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        told = {"host": "testserver", "content-length": str(len(ask.content))} | ask.headers
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": ask.method, "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "client": ("127.0.0.1", 1), "server": ("testserver", 80), "state": {},
            "headers": [(name.lower().encode(), value.encode()) for name, value in told.items()],
        }  # fmt: skip
        with contextlib.suppress(Exception):  # said again by the answer that is missing
            await self._app(scope, receive, send)
        if cut is not None or not sent:
            return None
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:]))


class Wire(Line):
    """Over real sockets to a real server; a cut is a connection reset at that byte."""

    def __init__(self, chance: random.Random, port: int) -> None:
        super().__init__(chance)
        self._port = port

    async def deliver(self, ask: Ask, cut: int | None) -> Answer | None:
        """Speak HTTP."""
        told = {
            "Host": "127.0.0.1",
            "Content-Length": str(len(ask.content)),
            "Connection": "close",
        } | ask.headers
        head = f"{ask.method} {ask.path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in told.items())
        said = head.encode() + b"\r\n" + ask.content
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(said if cut is None else said[: len(said) - len(ask.content) + cut])
            await writer.drain()
            if cut is not None:
                await asyncio.sleep(self.chance.uniform(0, 0.05))
                return None
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)
            }
            return Answer(int(status.split()[1]), headers, await reader.read())
        except (OSError, asyncio.IncompleteReadError):
            return None
        finally:
            writer.transport.abort()
