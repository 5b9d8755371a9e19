"""Offices of any size on either engine, filled once and kept where wished, and a server on one of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.bench.filling import fill
from tests.bench.office import Office, office
from tests.bench.stores import Store, store_of
from tests.platform.engines import cluster

ENGINES: Final = ("sqlite", "postgresql")
# As an operator has it: what is acknowledged is durable (goals.md R1).
DURABLE: Final = {
    "fsync": "on", "full_page_writes": "on", "shared_buffers": "512MB", "max_wal_size": "4GB", "jit": "off",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """An office's data folder and database, and a look into it."""

    folder: Path
    engine: str
    store: Store

    @property
    def url(self) -> str:
        """Where its database is."""
        return self.store.url

    @contextmanager
    def served(self, **settings: str) -> Iterator[Office]:
        """Run a server on it."""
        wishes = {"YIXIAN_LOAD_CAST": "true", "YIXIAN_DATABASE_URL": self.url} | settings
        with office(self.folder, beside=self.store.cpu_ms, **wishes) as server:
            yield server


@contextmanager
def filled(
    clues: int, engine: str = "sqlite", *, kept: Path | None = None, photos: int = 0
) -> Iterator[Filled]:
    """Give an office of so many clues; a kept one is copied, so that the next run finds it as it was."""
    name = f"{engine}_{clues}_{photos}"
    with tempfile.TemporaryDirectory(prefix="yixian-clues-") as working:
        Path(working).chmod(0o755)  # the database's user passes through it
        home = kept or Path(working) / "kept"
        home.mkdir(parents=True, exist_ok=True)
        if engine == "sqlite":
            made = home / name
            if not (made / "filled").exists():
                shutil.rmtree(made, ignore_errors=True)
                _fill(made, f"sqlite:///{made / 'yixian.db'}", clues, photos)
                (made / "filled").touch()
            folder = Path(working) / "office"
            shutil.copytree(made, folder)
            with closing(store_of(f"sqlite:///{folder / 'yixian.db'}")) as store:
                yield Filled(folder, engine, store)
            return
        with cluster(home / "postgresql", **DURABLE) as address, _keeper(address) as keeper:
            found = keeper.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if clues and not found:
                _create(keeper, "half", "template0")
                _fill(home / f"{name}-half", f"{address}/half", clues, photos)
                keeper.execute(f"ALTER DATABASE half RENAME TO {name}".encode())
            _create(keeper, "working", name if clues else "template0")
            try:
                with closing(store_of(f"{address}/working")) as store:
                    yield Filled(Path(working) / "office", engine, store)
            finally:
                keeper.execute(b"DROP DATABASE IF EXISTS working WITH (FORCE)")


@contextmanager
def beside(place: Filled) -> Iterator[tuple[str, Path]]:
    """Give the address of an empty database of the same engine, and an empty folder."""
    with tempfile.TemporaryDirectory(prefix="yixian-beside-") as name:
        if place.engine == "sqlite":
            yield f"sqlite:///{Path(name) / 'yixian.db'}", Path(name)
            return
        server = place.url.rpartition("/")[0]
        with _keeper(server) as keeper:
            _create(keeper, "beside", "template0")
            try:
                yield f"{server}/beside", Path(name)
            finally:
                keeper.execute(b"DROP DATABASE IF EXISTS beside WITH (FORCE)")


@contextmanager
def _keeper(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address.replace("+psycopg", "") + "/postgres", autocommit=True) as keeper:
        yield keeper


def _create(keeper: psycopg.Connection, name: str, template: str) -> None:
    keeper.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
    keeper.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())


def _fill(folder: Path, url: str, clues: int, photos: int) -> None:
    from app import cli
    from app.platform.settings import Settings

    settings = Settings(data_dir=folder, database_url=url, load_cast=True)
    cli.migrate(settings)
    cli.seed(settings)
    if clues:
        fill(settings.database, clues, photos=photos)
