"""The house with one promise taken out: the tool must find each of these, or it finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.intake import service, tus
from app.platform import ids, storage_local
from app.platform.db import Database
from app.platform.storage_local import LocalStore

Late = list[Callable[[], Any]]


def rows_first(_late: Late) -> None:
    """Commit the rows, then keep the photos."""
    keep, write, waiting = LocalStore.keep, Database.write_session, []

    def later(store: LocalStore, landed: Any) -> str:
        waiting.append((store, landed))
        return landed.sha256

    @contextmanager
    def writing(database: Database):
        with write(database) as session:
            yield session
        while waiting:
            keep(*waiting.pop())

    LocalStore.keep, Database.write_session = later, writing  # type: ignore[method-assign,assignment]


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
    write = Database.write_session

    @contextmanager
    def writing(database: Database):
        whole = write(database)
        yield whole.__enter__()
        late.append(lambda: whole.__exit__(None, None, None))

    Database.write_session = writing  # type: ignore[method-assign,assignment]


def whole_by_length(_late: Late) -> None:
    """Let an upload say that it is whole as soon as its bytes are, before the photo is held."""

    def offset(house: Any, upload: Any) -> int:
        return house.pieces.settled(upload.id) or (upload.length if upload.finished_at else 0)

    tus._offset = offset


MUTANTS: Final = {
    each.__name__: each for each in (rows_first, always_new, copied, answer_first, whole_by_length)
}
