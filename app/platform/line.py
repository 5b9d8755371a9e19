"""The line in which a process's writers stand: first come, first served."""

from __future__ import annotations

import threading
from collections import deque


class Line:
    """Writers in line, first come first served; taken and left by different threads of one request."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def take(self, within_s: float) -> bool:
        """Wait for one's turn, and say whether it came in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(within_s):
            return True
        with self._guard:
            if turn.is_set():  # it came at the last moment, while the patience ended
                return True
            self._waiting.remove(turn)
            return False

    def leave(self) -> None:
        """Let the next one in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
