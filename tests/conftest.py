"""What every test may ask for: a fresh database, settings, the application, a client that looks at each page.

YIXIAN_TEST_DATABASE=postgresql runs the same tests on PostgreSQL. What one room alone needs stands in that
room's folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from starlette.testclient import TestClient

from tests.html_rules import faults
from tests.platform.engines import ENGINE, Copies, databases

if TYPE_CHECKING:
    import httpx2 as httpx
    from fastapi import FastAPI

    from app.platform.db import Database, ReadSession, WriteSession
    from app.platform.settings import Settings
    from app.platform.storage import BlobStore

# A machine with other work is no fault of the code: no example fails for how long it took.
property_settings.register_profile(
    "house", parent=property_settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_settings.load_profile("house")


class HouseClient(TestClient):
    """A browser's manners and a reader's eye: addresses by name, and no HTML answer goes unlooked at."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app, follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})
        from app.platform.web.render import Urls

        self.to = Urls(app)  # client.to("room:name", key=value), as templates say url(…)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send, and refuse an answer that is not a page people can use."""
        response = super().send(request, **options)
        if response.headers.get("content-type", "").startswith("text/html") and response.text:
            found = faults(response.text)
            assert not found, f"{request.method} {request.url.path} gave a faulty page:\n" + "\n".join(found)
        return response


def pytest_configure() -> None:
    """Let FastAPI read each handler's signature once and not once per application: a quarter of a page test's cost."""
    from fastapi.dependencies import utils

    utils.get_typed_signature = cache(utils.get_typed_signature)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what speaks of the other engine; left out, not skipped, because nothing is missing."""
    other = [item for item in items if (mark := item.get_closest_marker("only")) and ENGINE not in mark.args]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]


def make_settings(url: str, folder: Path, **wishes: Any) -> Settings:
    """Settings for a test: no cast, no worker, cheap passwords, everything under one folder."""
    from app.platform.settings import Settings

    calm: dict[str, Any] = {"load_cast": False, "worker_in_process": False, "password_cost": "low"}
    calm |= {"disk_hard_floor_bytes": 0, "pressure_reports_per_minute": 0, "reports_per_hour": 0}
    return Settings(**calm | {"data_dir": folder, "database_url": url, "disk_floor_bytes": 0} | wishes)


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    """Databases of this run's engine; the first of them is migrated and filled with the reference data once."""
    folder = tmp_path_factory.mktemp("databases")

    def prepare(url: str) -> None:
        from app import cli

        settings = make_settings(url, folder)
        cli.migrate(settings)
        cli.seed(settings)

    with databases(folder, prepare) as made:
        yield made


@pytest.fixture
def database_url(copies: Copies) -> Iterator[str]:
    """A migrated and seeded database that belongs to one test."""
    url = copies.fresh()
    yield url
    copies.drop(url)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings the application of this test runs under."""
    return make_settings(database_url, tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The test's database, for services and queries without a page."""
    from app.platform.db import Database

    opened = Database(settings.database)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[WriteSession]:
    """A write session of the test's own; flush in the test, the end of the test commits."""
    with database.write_session() as opened:
        yield opened


@pytest.fixture
def read_session(database: Database) -> Iterator[ReadSession]:
    """A session that cannot write."""
    with database.read_session() as opened:
        yield opened


@pytest.fixture
def store(settings: Settings) -> BlobStore:
    """The blob store of this test's application."""
    from app.platform.storage_local import LocalStore

    return LocalStore(settings.data_dir / "blobs")


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The whole application."""
    from app.main import create_app

    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[HouseClient]:
    """A client of the whole application; its start and stop are run as in production."""
    with HouseClient(app) as made:
        yield made
