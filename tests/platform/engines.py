"""Databases for tests: a migrated one is made once per run and copied for each test.

SQLite copies a file. PostgreSQL runs in a throw-away cluster of its own on a free port, and each test's
database is created from a template; nothing of the machine's own PostgreSQL is touched.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import pytest

ENGINE: Final = os.environ.get("YIXIAN_TEST_DATABASE", "sqlite")
Migrate = Callable[[str], None]
# fsync is off because a test's data may die with the machine; what durability promises has tests of its own.
POSTGRES_SETTINGS: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "Asia/Shanghai",
    "log_min_messages": "fatal",
}


def postgres_programs() -> Path | None:
    """Where the newest PostgreSQL of this machine keeps initdb, if it has one."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    here = shutil.which("initdb")
    return Path(here).parent if here else None


class SqliteCopies:
    """One migrated file, copied for every test."""

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.db"
        migrate(f"sqlite:///{self._template}")

    def fresh(self) -> str:
        """The address of a migrated database nobody else uses."""
        path = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """The address of a database without a single table."""
        return f"sqlite:///{self._folder / f'empty-{next(self._numbers)}.db'}"

    def drop(self, url: str) -> None:
        """Let a test's database go."""
        path = Path(url.removeprefix("sqlite:///"))
        for end in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + end).unlink(missing_ok=True)


class PostgresCopies:
    """One migrated template database in a cluster of our own, copied for every test."""

    def __init__(self, address: str, migrate: Migrate) -> None:
        import psycopg

        self._address = address
        self._numbers = count(1)
        self._keeper = psycopg.connect(address.replace("+psycopg", "") + "/postgres", autocommit=True)
        self._create("template_yixian", "template0")
        migrate(f"{address}/template_yixian")

    def _create(self, name: str, template: str) -> str:
        self._keeper.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        return f"{self._address}/{name}"

    def fresh(self) -> str:
        """The address of a migrated database nobody else uses."""
        return self._create(f"test_{next(self._numbers)}", "template_yixian")

    def empty(self) -> str:
        """The address of a database without a single table."""
        return self._create(f"empty_{next(self._numbers)}", "template0")

    def drop(self, url: str) -> None:
        """Let a test's database go, whoever still holds a connection."""
        self._keeper.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)".encode())

    def close(self) -> None:
        """Let the cluster go."""
        self._keeper.close()


Copies = SqliteCopies | PostgresCopies


@contextmanager
def databases(folder: Path, migrate: Migrate) -> Iterator[Copies]:
    """Give databases of the engine this run is about (YIXIAN_TEST_DATABASE)."""
    if ENGINE == "sqlite":
        yield SqliteCopies(folder, migrate)
        return
    with cluster() as address:
        copies = PostgresCopies(address, migrate)
        try:
            yield copies
        finally:
            copies.close()


@contextmanager
def cluster(home: Path | None = None, **wishes: str) -> Iterator[str]:
    """Run a PostgreSQL cluster of our own and give the address of its server; one that is there is started again."""
    programs = postgres_programs()
    if programs is None:
        pytest.exit("PostgreSQL is not installed here: .ci/machine installs it on Debian", returncode=4)
    short = Path(tempfile.mkdtemp(prefix="yixian-pg-"))  # short: a socket's path has at most 107 bytes
    become = as_postgres()
    where = (home or short) / "data"

    def run(program: str, *arguments: str, must: bool = True) -> None:
        command = [*become, str(programs / program), *arguments]
        subprocess.run(
            command, check=must, cwd=short, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]},
            stderr=None if must else subprocess.DEVNULL,
        )  # fmt: skip

    if become:
        shutil.chown(short, "postgres", "postgres")
    if not where.exists():
        where.parent.mkdir(parents=True, exist_ok=True)
        if become:
            shutil.chown(where.parent, "postgres", "postgres")
        who = ("--auth=trust", "--username=yixian", "--encoding=UTF8", "--locale=C.UTF-8")
        small = ("--wal-segsize=1",) if home else ()
        run("initdb", "-D", str(where), *who, *small, "--no-sync")
    settings = POSTGRES_SETTINGS | {"port": str(free_port()), "listen_addresses": "127.0.0.1"} | wishes
    settings["unix_socket_directories"] = str(short)
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        run("pg_ctl", "-D", str(where), "-l", str(short / "log"), "-w", "-s", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://yixian@127.0.0.1:{settings['port']}"
        finally:
            # Whoever tests its death has killed it already.
            run("pg_ctl", "-D", str(where), "-m", "immediate", "-w", "-s", "stop", must=False)
    finally:
        shutil.rmtree(short, ignore_errors=True)


def as_postgres() -> list[str]:
    """What stands before a command of PostgreSQL: it refuses to run as root, and Debian's package brings a user for it."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
