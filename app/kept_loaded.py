"""A parent that keeps the programs loaded, so that a server that was killed is there again after a second.

Loading them is most of a start, and nothing of it depends on what was killed. The parent holds the programs and the listening
socket, and nothing else: no database, no key, no thread, no loop. Its child is the server. A child that a signal ended
(out of memory, a fault in a library, kill -9) is followed by a fresh one; one that ended by itself had a reason, and its exit
code is handed to the supervisor. Child and parent end together, so that never two serve.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

_DIE_WITH_PARENT: Final = 1  # prctl(2), PR_SET_PDEATHSIG
_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
# Somebody who dies so soon and so often is not helped by being started again at once.
SOON_S: Final = 10.0
_SOON_AT_MOST: Final = 5


class KeptLoaded:
    """One child after another, until somebody asks for an end."""

    def __init__(
        self, serve: Callable[[], int], sockets: list[socket.socket], say: Callable[[str], None]
    ) -> None:
        """`serve` is the child's whole life on `sockets` and returns its exit code; `say` tells the operator."""
        self._serve: Final = serve
        self._sockets: Final = sockets
        self._say: Final = say
        self._child = 0
        self._is_asked_to_end = False

    def run(self) -> int:
        """Serve by children; return the exit code of the last, 1 when they keep dying, 0 when asked to end."""
        if threading.active_count() > 1:
            raise RuntimeError("a child forked beside a thread may inherit its locks")
        for number in _STOPS:
            signal.signal(number, self._pass_on)
        soon = 0
        while True:
            began = time.monotonic()
            code = self._one_child()
            if self._is_asked_to_end:
                return max(code, 0)
            if code >= 0:
                return code
            soon = soon + 1 if time.monotonic() - began < SOON_S else 0
            if soon >= _SOON_AT_MOST:
                return 1
            self._say(f"the server was ended by {signal.Signals(-code).name}; a fresh one takes its place")

    def _one_child(self) -> int:
        """Live through one child; its exit code, or less than 0 for the signal that ended it."""
        # Held back until child and parent both know who they are: a signal in between would be lost or go astray.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        parent, self._child = os.getpid(), os.fork()
        if self._child == 0:
            self._live(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        _, status = os.waitpid(self._child, 0)
        return os.waitstatus_to_exitcode(status)

    def _live(self, parent: int) -> None:
        code: Any = 1
        try:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() == parent:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
                code = self._serve()
        except SystemExit as ended:
            code = ended.code
        except BaseException:  # noqa: BLE001 - the child's last word; what follows does not come back
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code if isinstance(code, int) else 1)

    def _pass_on(self, _number: int, _frame: Any) -> None:
        self._is_asked_to_end = True
        for one in self._sockets:  # from here on nobody is kept waiting for a child that does not come
            one.close()
        # Always SIGTERM: a terminal's Ctrl-C reaches the child too, and to uvicorn a second SIGINT means "at once".
        os.kill(self._child, signal.SIGTERM)


def listening(host: str, port: int, *, backlog: int) -> list[socket.socket]:
    """Listen already, so that whoever calls while a child is away waits and is not refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return [socket.create_server((host, port), family=family, backlog=backlog)]
