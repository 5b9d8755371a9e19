"""An office with something of everything in it, its backup folder and keys, and an empty place to restore into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import make_settings
from tests.platform.buckets import bucket_server
from tests.platform.engines import Copies
from tests.security import scene

if TYPE_CHECKING:
    from app.platform.web.given import House
    from app.upkeep.vault import Vault

__all__ = ["bucket_server"]


@dataclass
class Office:
    """A house, where its backups go and what opens them."""

    house: House
    place: Vault
    private: Path
    shown: str


def opened(url: str, folder: Path, **wishes: object) -> House:
    from app.main import open_house

    return open_house(make_settings(url, folder, **wishes))


@pytest.fixture(scope="session")
def office(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Filled once; what a test adds to it stays."""
    from app.upkeep import keys
    from app.upkeep.vault import Vault

    folder, url = tmp_path_factory.mktemp("office"), copies.fresh()
    (folder / "backups").mkdir()
    half = keys.make(folder / "private.key", key_id="b1")
    house = opened(
        url,
        folder / "data",
        key_file=folder / "master.keys",
        backup_dir=folder / "backups",
        backup_key=half.shown(),
    )
    scene.build(house)
    yield Office(house, Vault(folder / "backups"), folder / "private.key", half.shown())
    house.database.close()
    copies.drop(url)


@pytest.fixture
def empty(office: Office, copies: Copies, tmp_path: Path) -> Iterator[House]:
    """A house without a single table or photo, with the office's key file."""
    url = copies.empty()
    house = opened(url, tmp_path / "empty", key_file=office.house.settings.keys)
    yield house
    house.database.close()
    copies.drop(url)
