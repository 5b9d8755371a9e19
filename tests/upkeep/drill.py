"""What the drills of upkeep share: how a house is compared, backed up, brought back, and how it dies."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, select

from app.platform import clock
from app.platform import storage_local as disk
from app.upkeep import backup, restore
from app.upkeep.keys import PrivateHalves
from app.upkeep.vault import Vault
from tests.upkeep.conftest import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.platform.web.given import House

QUIET: Any = lambda _line: None  # noqa: E731


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    from app.schema import metadata

    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def blobs(house: House) -> dict[str, str]:
    """Every kept blob with the digest of what is read from the disk."""
    found = {}
    for digest in house.store.digests():
        with house.store.open(digest) as file:
            found[digest] = hashlib.sha256(file.read()).hexdigest()
    return found


def made(office: Office) -> backup.Made:
    return backup.make(office.house, now=clock.now())


def brought(office: Office, into: House, set_id: str = "", key: Path | None = None) -> restore.Outcome:
    private = PrivateHalves.from_file(key or office.private)
    told = restore.chosen(into, office.place, set_id, any_signer=False)
    restore.check_target(into, told)
    return restore.restore(into, office.place, told, private, now=clock.now(), say=QUIET)


def keep(house: House, content: bytes) -> str:
    """A photo in the store, with its row, as evidence keeps one."""
    from app.evidence.models import Blob
    from app.platform.db import put

    with house.store.incoming() as coming:
        coming.write(content)
        digest = house.store.keep(coming.seal())
    with house.database.write_session() as session:
        put(
            session, Blob, digest=digest, size_bytes=len(content), media_type="image/jpeg", stored_at=clock.now(),
            sm3=None, checked_at=None, damaged_at=None, erased_at=None,
        )  # fmt: skip
    return digest


def flip(path: Path, at: int = -5) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


class Killed(BaseException):
    """The process ends here."""


def dying(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """Let the house die at the numbered step that a crash could fall between; returns how many steps were taken."""
    taken = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken == at:
                raise Killed
            return step(*given)

        return call

    for step in disk.FAULT_POINTS:
        monkeypatch.setattr(disk, step.__name__, counted(step))
    return lambda: taken


def places(most: int) -> Iterator[int]:
    """Step by step at the beginning, wider apart later."""
    at = 1
    while at <= most:
        yield at
        at += 1 + at // 3


def into(house: House, place: Vault) -> House:
    from dataclasses import replace

    return replace(house, settings=house.settings.model_copy(update={"backup_dir": place.folder}))
