"""R8: a backup of a large office, and the way back into an empty host, each by the command an operator types."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.filled import Filled, beside, filled
from tests.bench.filling import take_in_stored
from tests.bench.office import ROOT

GOAL_MIN: Final = 15
_PHOTO_BYTES: Final = 300_000


def lines(clues: int, engine: str, *, photos: int, kept: Path | None = None) -> Iterator[str]:
    """Back an office up and restore it beside itself; every stored byte and the whole chain are verified by restore."""
    with (
        filled(clues, engine, kept=kept) as place,
        tempfile.TemporaryDirectory(prefix="yixian-backup-") as name,
    ):
        stored = _with_bytes(place, photos)
        key, backups = Path(name) / "backup.key", Path(name) / "backups"
        backups.mkdir()
        made = _app(place, place.url, place.folder, "backup", "--make-key", str(key))
        public = made[1].partition("YIXIAN_BACKUP_KEY=")[2].split()[0]
        wishes = {"YIXIAN_BACKUP_KEY": public, "YIXIAN_BACKUP_DIR": str(backups)}
        backup_s, said = _app(place, place.url, place.folder, "backup", **wishes)
        with beside(place) as (url, folder):
            wishes |= {"YIXIAN_KEY_FILE": str(place.folder / "keys" / "master.keys")}
            took, said = _app(place, url, folder, "restore", "--key", str(key), **wishes)
        told = said.strip().splitlines()[-1] if said.strip() else ""
        yield (
            f"R8   {clues:,} clues, {photos:,} photos of {stored / max(1, photos) / 1000:.0f} KB ({engine}): backup "
            f"{backup_s:.0f} s, restored and verified in an empty place in {took:.0f} s (goal {60 * GOAL_MIN}); {told}"
        )


def _app(place: Filled, url: str, folder: Path, *words: str, **wishes: str) -> tuple[float, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIXIAN_")}
    settings = {"YIXIAN_DATABASE_URL": url, "YIXIAN_DATA_DIR": str(folder)} | wishes
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "app", *words], cwd=ROOT, env=kept | settings, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{words[0]} ({place.engine}): {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began, done.stdout


def _with_bytes(place: Filled, photos: int) -> int:
    """Give the office photos whose bytes are there, in place of those that are rows only."""
    from app.main import open_house
    from app.platform.settings import Settings

    house = open_house(Settings(data_dir=place.folder, database_url=place.url, load_cast=True))
    chance, total = random.Random(8), 0
    digests = []
    for _ in range(photos):
        content = chance.randbytes(_PHOTO_BYTES)
        with house.store.incoming() as coming:
            coming.write(content)
            digests.append(house.store.keep(coming.seal()))
        total += len(content)
    house.database.close()
    take_in_stored(place.url, digests, _PHOTO_BYTES)
    return total
