"""What the drills of upkeep share: how a house is compared, backed up, brought back, and how it dies."""

from __future__ import annotations

import hashlib
import os
import signal
from contextlib import contextmanager
from dataclasses import replace
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
    from app.platform.putting import put

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


@contextmanager
def counting(at: int = 0) -> Iterator[Callable[[], int]]:
    """Count the steps a crash could fall between; at the numbered one this process is killed, as a power cut would."""
    taken = 0

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*given)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for step in disk.FAULT_POINTS:
            patch.setattr(disk, step.__name__, counted(step))
        yield lambda: taken


def was_killed(at: int, house: House, act: Callable[[House], object]) -> bool:
    """Do something in a process of its own that dies at the numbered step; say whether it came so far."""
    from app.main import open_house

    child = os.fork()
    if not child:
        with counting(at):
            act(open_house(house.settings))  # connections do not survive a fork
            os._exit(0)
    ended = os.waitpid(child, 0)[1]
    assert ended in {0, signal.SIGKILL}, ended
    return ended != 0


def places(most: int) -> Iterator[int]:
    """Step by step at the beginning, wider apart later."""
    at = 1
    while at <= most:
        yield at
        at += 1 + at // 3


def into(house: House, place: Vault) -> House:
    """The same house, whose backups go elsewhere."""
    return replace(house, settings=house.settings.model_copy(update={"backup_dir": place.folder}))
