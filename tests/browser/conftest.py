"""A real server, a real Chromium, and a phone that forgives nothing.

A console error, a breach of the content security policy or a request to another origin fails the test it
happens in. The server is the product as `make run` starts it, on a free port with an empty data folder.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import make_settings

ROOT = Path(__file__).resolve().parents[2]
SONGBEI = {"latitude": 45.81, "longitude": 126.53, "accuracy": 12}
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "geolocation": SONGBEI,
    "permissions": ["geolocation"],
}
# Chromium must not speak to its maker, and has no sandbox when the tests run as root.
CALM = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=MediaRouter,OptimizationHints",
]
TELL_OF_BREACHES = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
});
"""
START_S = 240  # a machine that runs much else at once needs its time


@dataclass
class Watch:
    """What went wrong while a phone was in use; a test says beforehand what it brings about itself."""

    origin: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """Let console messages that contain this pass."""
        self.expected.append(part)

    def note(self, text: str) -> None:
        """Write a fault down."""
        self.faults.append(text)

    def unexpected(self) -> list[str]:
        """Return what nobody said would happen."""
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]

    def over(self, context: BrowserContext) -> None:
        """Listen to everything a browser context does."""
        context.add_init_script(TELL_OF_BREACHES)
        context.on("console", lambda said: self.note(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: self.note(str(error.error)))
        context.on("request", lambda request: self._look_at(request.url))

    def _look_at(self, url: str) -> None:
        if not url.startswith((self.origin, "blob:", "data:")):
            self.note(f"request to another origin: {url}")


@dataclass
class Site:
    """The running product: where it is, where its data lies, and its addresses by route name."""

    origin: str
    data: Path
    urls: Callable[..., str]

    def __call__(self, name: str, /, **values: Any) -> str:
        """Return the full address of a route."""
        return self.origin + self.urls(name, **values)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_up(origin: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; say what it said when it does not."""
    for _ in range(START_S * 10):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{origin}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@contextmanager
def running(folder: Path, **more: str) -> Iterator[Site]:
    """Run the product with an empty data folder, and settings of the caller's own."""
    from app.main import create_app
    from app.platform.web.render import Urls

    if not (ROOT / "static" / "dist" / "manifest.json").is_file():
        pytest.fail("static/dist is not built: run `node static/build.mjs`")
    port, log = int(more.get("PORT", 0)) or free_port(), folder / "server.log"
    wishes = {
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "PASSWORD_COST": "low",
        "DISK_FLOOR_BYTES": "0",
    } | more
    plain = {name: value for name, value in os.environ.items() if not name.startswith("YIXIAN_")}
    names = create_app(make_settings("", folder / "names"))
    with log.open("wb") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=plain | {f"YIXIAN_{name}": value for name, value in wishes.items()},
            stdout=said,
            stderr=said,
        )
    try:
        wait_until_up(f"http://127.0.0.1:{port}", server, log)
        yield Site(f"http://127.0.0.1:{port}", folder / "data", Urls(names))
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        names.state.house.database.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product itself, started as an operator starts it."""
    with running(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests are named as not exercised."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: no browser test was run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CALM)
        yield browser
        browser.close()


Phones = Callable[..., BrowserContext]


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """The list of faults of this test; asked for again when the test is over."""
    kept = Watch(site.origin)
    yield kept
    assert kept.unexpected() == []


@pytest.fixture
def phones(chromium: Browser, watch: Watch) -> Iterator[Phones]:
    """Make phones: `phones()` as most people have them, `phones(java_script_enabled=False)` and so on."""
    made: list[BrowserContext] = []

    def make(**wishes: Any) -> BrowserContext:
        context = chromium.new_context(**PHONE | wishes)
        context.set_default_timeout(10_000)
        watch.over(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def phone(phones: Phones) -> Page:
    """One phone with one open tab."""
    return phones().new_page()
