"""The server: uvicorn with deadlines, so that ten thousand slow clients cannot keep one honest report out.

Bare uvicorn waits for ever for a header and for a body. Here a watch looks at every connection once a second
and lets go of those that owe us something for too long: a header, a body's bytes, the reading of an answer.
What the house itself is slow with (a full thread pool, a database in use) is never held against a client.
Above a number of connections the slowest leave first; a report that is coming in at a phone's pace stays.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

_LOG: Final = logging.getLogger("app.serving")
_HEADER_LIMIT: Final = 64 * 1024
_NOTHING, _HEADER, _BODY = range(3)
# A connection may hold its socket and a photo's temporary file; the rest is for database, helpers and logs.
_FILES_PER_CONNECTION: Final = 2
_FILES_OF_THE_HOUSE: Final = 256
_FILES_AT_MOST: Final = 65_536
# So much of a body (or all of it) is awaited before the application hears of the request.
_BODY_WORTH_BEGINNING: Final = 4096
# A body that has just begun is not yet called slow.
_BODY_GRACE_S: Final = 5.0
_AT_ONCE: Final = struct.pack("ii", 1, 0)
# So many callers the kernel keeps for us while nobody answers them yet.
WAITING_AT_MOST: Final = 4096
_FIRST_KEPT: Final = 3  # SD_LISTEN_FDS_START
_BYE: Final = b"content-length: 0\r\nconnection: close\r\n\r\n"
_TIMED_OUT: Final = b"HTTP/1.1 408 Request Timeout\r\nretry-after: 5\r\n" + _BYE
_TOO_LONG: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _BYE


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the house waits for a client."""

    header_s: float = 20.0
    body_window_s: float = 60.0
    body_bytes_per_s: int = 64
    idle_s: int = 15
    connections: int = 2000


class PatientProtocol(HttpToolsProtocol):
    """One connection that remembers what it owes the house, and since when."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], **more: Any
    ) -> None:
        """Begin owing a header."""
        super().__init__(config, server_state, app_state, **more)
        self._says = _NOTHING
        self._at_work: RequestResponseCycle | None = None
        self._not_begun: tuple[RequestResponseCycle, Any] | None = None
        self._since = self._window_at = self._moved = self.loop.time()
        self._header_bytes = self._body_bytes = self._window_bytes = self._unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room first when there are far too many."""
        super().connection_made(transport)
        crowd: Crowd = self.config.crowd  # type: ignore[attr-defined]
        if len(self.connections) > crowd.hard_limit:
            crowd.look(self.connections, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request at work too: uvicorn tells only the newest, and more may stand in line behind it."""
        if self._at_work is not None:
            self._at_work.disconnected = True
            self._at_work.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Begin the work once the body is worth it: a dribbled byte costs no thread, no file and no session."""
        if cycle.more_body and not cycle.waiting_for_100_continue and len(cycle.body) < _BODY_WORTH_BEGINNING:
            self._not_begun = cycle, app
            return
        self._not_begun = None
        self._at_work = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Note when an idle connection speaks again; bound what may be said before the header ends."""
        if self.is_idle:
            self._since = self.loop.time()
        super().data_received(data)
        if self._says == _HEADER:
            self._header_bytes += len(data)
            if self._header_bytes > _HEADER_LIMIT and not self.transport.is_closing():
                self._refuse(_TOO_LONG)

    def on_message_begin(self) -> None:
        """Begin a header."""
        self._says, self._header_bytes = _HEADER, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that the header is paid; from here on the body is owed."""
        self._says = _BODY
        self._since = self._window_at = self.loop.time()
        self._body_bytes = self._window_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what came."""
        self._body_bytes += len(body)
        super().on_body(body)
        self._begin_if_worth_it()

    def on_message_complete(self) -> None:
        """Note that nothing is owed until the answer."""
        self._says = _NOTHING
        super().on_message_complete()
        self._begin_if_worth_it()

    def _begin_if_worth_it(self) -> None:
        if self._not_begun is not None:
            self._start_asgi_task(*self._not_begun)

    def on_response_complete(self) -> None:
        """Begin anew: whatever comes next begins with a header."""
        self._since = self.loop.time()
        super().on_response_complete()

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is under way: an answered connection kept for the next request."""
        return self.timeout_keep_alive_task is not None

    @property
    def owes_header(self) -> bool:
        """Say whether a request has not even been said in full."""
        if self._says == _HEADER:
            return True
        is_answered = self.cycle is None or self.cycle.response_complete
        return self._says == _NOTHING and is_answered and not self.is_idle

    @property
    def owes_body(self) -> bool:
        """Say whether the house waits for a body; while it does not read, or said no "continue", nothing is owed."""
        return self._says == _BODY and not self.flow.read_paused and not self.cycle.waiting_for_100_continue

    def is_overdue(self, now: float, patience: Patience) -> bool:
        """Say whether this client has used up the house's patience; asked once a second."""
        if self._does_not_read(now, patience):
            return True
        if self.transport.is_closing():
            return False
        if self.owes_body:
            return self._is_too_slow(now, patience)
        # Time in which the house did not read, or was itself at work, begins the client's window anew.
        self._window_at, self._window_bytes = now, self._body_bytes
        return self.owes_header and now - self._since > patience.header_s

    def _is_too_slow(self, now: float, patience: Patience) -> bool:
        passed = now - self._window_at
        if passed < patience.body_window_s:
            return False
        came = self._body_bytes - self._window_bytes
        self._window_at, self._window_bytes = now, self._body_bytes
        return came < patience.body_bytes_per_s * passed

    def _does_not_read(self, now: float, patience: Patience) -> bool:
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread != self._unread:
            self._unread, self._moved = unread, now
            return False
        return now - self._moved > patience.body_window_s

    def slowness(self, now: float) -> tuple[int, float]:
        """Rank for leaving when there are too many: idle first, then the oldest header, then the slowest body."""
        waited = now - self._since
        if self.transport.is_closing():
            return 0, 0.0
        if self.is_idle:
            return 3, waited
        if self.owes_header:
            return 2, waited
        if self.owes_body and waited > _BODY_GRACE_S:
            return 1, -self._body_bytes / waited
        return 0, 0.0

    def let_go(self) -> None:
        """End the connection: with a word where the client can still read one, at once otherwise."""
        is_unanswered = self.cycle is None or not self.cycle.response_started or self._says == _HEADER
        if is_unanswered and not self.is_idle and not self.transport.is_closing():
            self._refuse(_TIMED_OUT)
        else:
            # What the kernel still holds for a client that does not read is thrown away with the connection.
            line: socket.socket = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.transport.abort()

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()


class Crowd:
    """All connections of the server, and who of them has to leave."""

    def __init__(self, patience: Patience, open_files: int) -> None:
        """Allow as many as wished, and never more than there are file descriptors for."""
        room = (open_files - _FILES_OF_THE_HOUSE) // _FILES_PER_CONNECTION
        self.limit: Final = max(1, min(patience.connections, room))
        # Between two looks a quarter more may come in; then room is made at once.
        self.hard_limit: Final = self.limit + self.limit // 4
        self._patience = patience

    def look(self, connections: Iterable[Any], now: float) -> None:
        """Let the overdue go, then, above the limit, the slowest."""
        here = {each for each in connections if isinstance(each, PatientProtocol)}
        gone = {each for each in here if each.is_overdue(now, self._patience)}
        late = len(gone)
        if (too_many := len(here) - late - self.limit) > 0:
            gone.update(slowest(here - gone, too_many, now))
        for each in gone:
            each.let_go()
        if gone:
            _LOG.warning(
                "of %d connections %d were too slow and %d too many", len(here), late, len(gone) - late
            )


def slowest(connections: Iterable[PatientProtocol], most: int, now: float) -> list[PatientProtocol]:
    """Return the connections that leave first; never one that waits for the house, or whose body just began."""
    ranked = sorted(((each.slowness(now), at, each) for at, each in enumerate(connections)), reverse=True)
    return [each for rank, _, each in ranked[:most] if rank[0]]


class PatientServer(uvicorn.Server):
    """uvicorn's server with a watch over its connections and the number of them."""

    def __init__(
        self,
        app: Any,
        *,
        host: str,
        port: int,
        patience: Patience,
        has_failed: Callable[[], bool] = lambda: False,
    ) -> None:
        """Configure uvicorn; every wish of the house about it stands here. It stops when the house has failed."""
        self._has_failed = has_failed
        config = Config(
            app, host=host, port=port, log_level="error", access_log=False, http=PatientProtocol, ws="none",
            timeout_graceful_shutdown=20, timeout_keep_alive=patience.idle_s, server_header=False,
            date_header=True, proxy_headers=False, limit_concurrency=None, backlog=WAITING_AT_MOST,
        )  # fmt: skip
        self.crowd: Final = Crowd(patience, most_open_files())
        config.crowd = self.crowd  # type: ignore[attr-defined]
        super().__init__(config)

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections once a second; uvicorn ticks ten times as often."""
        if counter % 10 == 0:
            self.crowd.look(self.server_state.connections, asyncio.get_running_loop().time())
            if self._has_failed() and not self.should_exit:
                _LOG.critical(
                    "the disk has failed: nothing is taken in any more; start again when it is whole"
                )
                self.should_exit = True
        return await super().on_tick(counter)


def kept_sockets() -> list[socket.socket] | None:
    """Return the sockets our supervisor listens on and keeps while we are away, or None: then we open our own.

    systemd's protocol, sd_listen_fds(3): descriptors from 3 on, meant for the process LISTEN_PID. Whoever calls while
    a killed office starts again is then answered late, and not refused.
    """
    # house: allow settings-only (a supervisor's word to this one process, gone once it is heard; no wish of an operator)
    meant_for, count = (os.environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS"))
    if meant_for != str(os.getpid()) or not count.isdecimal():
        return None
    kept = [socket.socket(fileno=_FIRST_KEPT + number) for number in range(int(count))]
    for one in kept:
        one.set_inheritable(False)
    return kept or None


def most_open_files() -> int:
    """Raise this process's limit of open files as far as it may go, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = _FILES_AT_MOST if hard == resource.RLIM_INFINITY else min(hard, _FILES_AT_MOST)
    if wished > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wished, hard))
    return max(soft, wished)
