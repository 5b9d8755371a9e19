"""The numbered places at which a process may be told to die, and dying there.

Before and after every step of the store that a crash could fall between, every statement, BEGIN, COMMIT and
ROLLBACK of the database, and every message between server and application. Half of a chunk of a photo is a
place too. A death is SIGKILL, or, to fall inside SQLite's or the kernel's own work, a timer whose signal ends
the process a few microseconds later at whatever instruction it has reached.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from app.platform import pieces, storage_local
from app.platform.db import Database

Message = MutableMapping[str, Any]


@dataclass(slots=True)
class Hooks:
    """Counts the places a run comes to; dies at the one it was given."""

    number: int = -1
    delay_us: int = 0
    passed: list[str] = field(default_factory=list)

    def at(self, label: str) -> None:
        """Pass a place, or end there."""
        self.passed.append(label)
        if len(self.passed) - 1 != self.number:
            return
        if not self.delay_us:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.setitimer(signal.ITIMER_REAL, self.delay_us / 1e6)

    def around(self, owner: Any, name: str, label: str) -> None:
        """Put a place before and behind a function, looked up by its name at each call."""
        real = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            self.at(f"before {label}")
            result = real(*given, **named)
            self.at(f"after {label}")
            return result

        setattr(owner, name, watched)


def arm_store(hooks: Hooks) -> None:
    """Number the steps of the store; a chunk is written in two halves with a place between."""
    whole = storage_local.write_some

    def in_halves(descriptor: int, chunk: memoryview) -> int:
        half = len(chunk) // 2
        if not half or whole(descriptor, chunk[:half]) < half:
            return whole(descriptor, chunk)
        hooks.at("amid write_some")
        return half + whole(descriptor, chunk[half:])

    storage_local.write_some = in_halves
    hooks.around(pieces, "open_piece", "open_piece")
    for point in storage_local.FAULT_POINTS:
        hooks.around(storage_local, point.__name__, point.__name__)


def arm_database(hooks: Hooks, database: Database) -> None:
    """Number everything the database is asked to do."""

    def verb(statement: str) -> str:
        words = statement.split()
        return " ".join(words[: 4 if words[0] == "UPDATE" else 3])  # an update by the first column it writes

    def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        hooks.at(f"before {verb(statement)}")

    def after(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        hooks.at(f"after {verb(statement)}")

    engines: dict[int, Engine] = {id(each.dialect): each for each in (database.reading, database.writing)}
    for engine in engines.values():
        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        for name in ("do_begin", "do_commit", "do_rollback"):
            hooks.around(engine.dialect, name, name.removeprefix("do_"))


def armed_messages(hooks: Hooks, app: Any, acknowledge: Callable[[Message], None]) -> Any:
    """Wrap the application: number its messages, and tell a status when the client could have read it."""

    async def wrapped(scope: Any, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        async def receiving() -> Message:
            hooks.at("before receive")
            message = await receive()
            hooks.at("after receive")
            return message

        async def sending(message: Message) -> None:
            hooks.at(f"before send {message['type']}")
            if message["type"] == "http.response.start":
                acknowledge(message)
            await send(message)
            hooks.at(f"after send {message['type']}")

        await app(scope, receiving, sending)

    return wrapped
