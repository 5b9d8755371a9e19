"""A phone whose power can be cut: a Chromium with its profile on a disk of its own (see `disk`)."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType, Error

from tests.browser.conftest import CALM, PHONE
from tests.faults.disk import family

MIB: Final = 256
PATIENCE_MS: Final = 120_000
_QUIET: Final = [
    *CALM,
    "--disk-cache-size=1",
    "--disable-gpu",
    "--disable-extensions",
    "--no-service-autorun",
]
# Counts the steps the page's store has completed; a mutant's page forgets what durability it asked for.
_LISTEN: Final = """
(() => {
  const real = IDBDatabase.prototype.transaction;
  window.stepsKept = 0;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const step = real.call(this, stores, mode, %s);
    if (mode === "readwrite") step.addEventListener("complete", () => { window.stepsKept += 1; });
    return step;
  };
})();
"""


@contextlib.contextmanager
def phone(
    chromium: BrowserType, profile: Path, *, listens: bool = False, is_mutant: bool = False
) -> Iterator[BrowserContext]:
    """A Chromium with its profile in a folder."""
    for left in profile.glob("Singleton*"):
        left.unlink()  # the browser of before did not end, it was cut off
    context = chromium.launch_persistent_context(
        str(profile), executable_path=shutil.which("chromium"), args=_QUIET, **PHONE
    )
    context.set_default_timeout(PATIENCE_MS)
    if listens or is_mutant:
        context.add_init_script(_LISTEN % ("undefined" if is_mutant else "options"))
    try:
        yield context
    finally:
        _close(context)


def _close(context: BrowserContext) -> None:
    """Close the browser, unless whoever had it has ended it already: its end may not have reached us yet."""
    try:
        context.close()
    except Error as error:
        if "has been closed" not in error.message:
            raise


def browser_of(profile: Path) -> list[int]:
    """The processes of the browser that has this profile."""
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (each / "cmdline").read_bytes().split(b"\0")
            if f"--user-data-dir={profile}".encode() in words and not any(
                w.startswith(b"--type=") for w in words
            ):
                return family(int(each.name))
    raise RuntimeError("no browser has this profile")


def end_browser_of(profile: Path) -> None:
    """Let the browser that has this profile, if one has, end without a farewell."""
    with contextlib.suppress(RuntimeError):
        for pid in browser_of(profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
