"""A bucket: moto's S3 server as a process of its own, one prefix for each test."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import make_settings
from tests.platform.engines import free_port

if TYPE_CHECKING:
    from app.platform.settings import Settings
    from app.platform.storage_s3 import S3Store

_NUMBERS = itertools.count(1)


class BucketServer:
    """moto, started and stopped as a test wants."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                asked = urllib.request.Request(f"{self.address}/evidence", method="PUT")
                with urllib.request.urlopen(asked, timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[BucketServer]:
    server = BucketServer()
    server.start()
    yield server
    server.stop()


def bucket_settings(server: BucketServer, folder: Path, url: str = "sqlite://", **wishes: object) -> Settings:
    """Settings that name a bucket of their own prefix."""
    own: dict[str, object] = {
        "s3_bucket": "evidence", "s3_endpoint": server.address, "s3_prefix": f"t{next(_NUMBERS)}/", "s3_key_id": "x",
        "s3_secret": "y",
    }  # fmt: skip
    return make_settings(url, folder, **own | wishes)


@pytest.fixture
def in_bucket(bucket_server: BucketServer, tmp_path: Path) -> Callable[..., S3Store]:
    """Opens stores in one and the same empty prefix, as processes of several machines do."""
    from app.platform import bucket

    prefix = f"t{next(_NUMBERS)}/"

    def opened(name: str = "one", **wishes: object) -> S3Store:
        return bucket.opened(bucket_settings(bucket_server, tmp_path / name, s3_prefix=prefix, **wishes))

    return opened
