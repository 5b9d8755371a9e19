"""The house with one promise taken out: the tool must find each of these, or it finds nothing."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.intake import service, tus
from app.platform import ids, storage_local
from app.platform.db import Database
from app.platform.pieces import Piece, Pieces
from app.platform.storage_local import LocalStore
from app.platform.web import given

Late = list[Callable[[], Any]]


def rows_first(_late: Late) -> None:
    """Commit the rows, then keep the photos."""
    keep, finish, waiting = LocalStore.keep, Database.finish, []

    def later(store: LocalStore, landed: Any) -> str:
        waiting.append((store, landed))
        return landed.sha256

    def finishing(database: Database, session: Any) -> None:
        finish(database, session)
        while waiting:
            keep(*waiting.pop())

    LocalStore.keep, Database.finish = later, finishing  # type: ignore[method-assign,assignment]


def always_new(_late: Late) -> None:
    """Take every arrival for a new report."""
    real = service.receive

    def receive(session: Any, house: Any, command: Any, **named: Any) -> Any:
        return real(session, house, replace(command, report_id=ids.new()), **named)

    service.receive = receive  # type: ignore[assignment]


def copied(_late: Late) -> None:
    """Bring a blob under its name by copying instead of renaming."""

    def copy(source: Path, target: Path) -> None:
        content = memoryview(source.read_bytes())
        with target.open("wb") as file:
            for at in range(0, len(content), 4096):
                storage_local.write_some(file.fileno(), content[at : at + 4096])
        storage_local.unlink(source)

    storage_local.rename = copy


def answer_first(late: Late) -> None:
    """Answer, then commit."""
    apart = given._apart

    async def later(end: Callable[..., None], *what: object) -> None:
        if end.__name__ == Database.finish.__name__:
            late.append(lambda: end(*what))
        else:
            await apart(end, *what)

    given._apart = later


def whole_by_length(_late: Late) -> None:
    """Let an upload say that it is whole as soon as its bytes are, before the photo is held; both walls are out.

    The other wall: after a death a file is cut back to what was noted, which a piece that finishes a photo is not.
    """

    def offset(house: Any, upload: Any) -> int:
        return house.pieces.settled(upload.id) or (upload.length if upload.finished_at else 0)

    tus._offset = offset
    Pieces._cut_back = lambda _self, _noted: None  # type: ignore[method-assign,assignment]


MUTANTS: Final = {
    each.__name__: each for each in (rows_first, always_new, copied, answer_first, whole_by_length)
}


# What a power cut must catch: a whole server is started with one of these.


def commit_normal() -> None:
    """Let SQLite commit without making the commit durable."""
    from sqlalchemy import event

    from app.platform import engines

    real = engines.sqlite_engine

    def engine(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        event.listen(made, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=NORMAL"))
        return made

    engines.sqlite_engine = engine


def photo_unsynced() -> None:
    """Keep photos without making them durable."""
    storage_local.sync_file = lambda descriptor: None  # noqa: ARG005 - its place is called by name
    storage_local.sync_folder = lambda folder: None  # noqa: ARG005 - the same


def pieces_unsynced() -> None:
    """Tell how far an upload came without making that durable."""

    def settled(pieces: Pieces, name: str) -> int:
        path = pieces._path(name)
        return path.stat().st_size if path.is_file() else 0

    Piece.sync, Pieces.settled = lambda piece: None, settled  # type: ignore[method-assign,assignment] # noqa: ARG005


def commit_asynchronous() -> None:
    """Answer before PostgreSQL has its log on the disk: the cluster is told so, nothing here."""


def fsync_fails() -> None:
    """Let the disk refuse to make a photo durable."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "planted")

    storage_local.sync_file = fail


SERVING: Final = {
    each.__name__: each
    for each in (commit_normal, photo_unsynced, pieces_unsynced, commit_asynchronous, fsync_fails)
}


if __name__ == "__main__":
    from app.cli import main

    if sys.argv[1]:
        SERVING[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
