"""`python -m tests.faults browser-cut`: cut the power of a phone whose browser holds photos that are not sent yet.

A real Chromium keeps its profile on a disk of its own (see `disk`); photos are chosen on the report form one after
the other. As soon as the page's store says that one is kept, the power may go. A fresh Chromium then opens the copied
profile: every photo that was kept must be there, bit-identical. The mutant asks for the browser's default durability.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from app.platform.crypto import make_key_file
from app.platform.digest import sha256_hex
from tests.browser.conftest import CALM, PHONE
from tests.conftest import make_settings
from tests.faults.disk import Disk, can_mount, family, made, mounted
from tests.faults.power import serving, wait_ready
from tests.intake.sheets import photo

_MIB: Final = 256
_PHOTOS_PER_FORM: Final = 8
_CATEGORIES: Final = ("aed_missing", "water_pollution", "waste_dumping")
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
_DIGESTS: Final = """
() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("yixian");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const base = asked.result;
    if (![...base.objectStoreNames].includes("photos")) { resolve([]); return; }
    const all = base.transaction("photos").objectStore("photos").getAll();
    all.onerror = () => reject(all.error);
    all.onsuccess = () => Promise.all(all.result.map(async ({ bytes }) => {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    })).then(resolve, reject);
  };
})
"""


@contextlib.contextmanager
def phone(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A Chromium with its profile in a folder."""
    for left in profile.glob("Singleton*"):
        left.unlink()  # the browser of before did not end, it was cut off
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=shutil.which("chromium"), args=_QUIET, **PHONE
    )
    context.set_default_timeout(120_000)
    try:
        yield context
    finally:
        context.close()


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


def choose(page: Page, content: bytes) -> None:
    """Choose a photo, and wait until the page's store says that it is kept."""
    before = page.evaluate("window.stepsKept")
    file = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("input[type=file][name=photos]").first.set_input_files([file])
    page.wait_for_function("before => window.stepsKept > before", arg=before)


def found_in(playwright: Playwright, image: Path, origin: str) -> set[str]:
    """The digests of all photos a fresh Chromium finds in the profile on a copied disk."""
    with mounted(image) as disk, phone(playwright, disk.folder / "profile") as context:
        page = context.new_page()
        page.goto(f"{origin}/healthz")
        return set(page.evaluate(_DIGESTS))


def cuts(number: int, seed: int, *, is_mutant: bool) -> Iterator[tuple[int, int]]:
    """Cut so often; for each cut: photos the page had kept, photos of them that are gone."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="yixian-phone-") as name, sync_playwright() as playwright:
        keys = Path(name) / "faults.keys"
        make_key_file(keys, key_id="faults")
        settings = make_settings(f"sqlite:///{name}/office.db", Path(name), key_file=keys)
        with serving(settings, keys, "") as (process, origin):
            wait_ready(origin, process)
            while number > 0:
                with made(_MIB) as disk, phone(playwright, disk.folder / "profile") as context:
                    context.add_init_script(_LISTEN % ("undefined" if is_mutant else "options"))
                    many = min(number, _PHOTOS_PER_FORM * len(_CATEGORIES))
                    yield from _cut(playwright, disk, context, origin, many, chance)
                    number -= many


def _cut(playwright: Playwright, disk: Disk, context: BrowserContext, origin: str, number: int, chance: random.Random) -> Iterator[tuple[int, int]]:  # fmt: skip
    kept: set[str] = set()
    page, copy = context.new_page(), disk.image.with_name("cut.img")
    for at in range(number):
        if at % _PHOTOS_PER_FORM == 0:
            page.goto(f"{origin}/report/{_CATEGORIES[at // _PHOTOS_PER_FORM]}")
        content = photo(1) + chance.randbytes(chance.randrange(100_000))
        choose(page, content)
        kept.add(sha256_hex(content))
        time.sleep(chance.choice((0.0, chance.uniform(0, 0.4))))
        with disk.cut(browser_of(disk.folder / "profile"), copy):
            pass
        yield len(kept), len(kept - found_in(playwright, copy, origin))
        copy.unlink()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--mutant", action="store_true", help="ask for the default durability; stops when it is caught"
    )


def run(options: argparse.Namespace) -> int:
    """Cut, and say what was found."""
    if why := can_mount():
        sys.stdout.write(f"browser-cut: no disk can be mounted on this machine ({why})\n")
        return 2
    started, done, kept, lost = time.monotonic(), 0, 0, 0
    with contextlib.suppress(KeyboardInterrupt):
        for had, gone in cuts(options.cuts, options.seed, is_mutant=options.mutant):
            done, kept, lost = done + 1, kept + had, lost + gone
            if lost and options.mutant:
                break
    sys.stdout.write(f"browser-cut{' (default durability)' if options.mutant else ''}: {done} cuts, {kept} photos kept "
                     f"(summed over cuts), {lost} lost in {time.monotonic() - started:.0f} s\n")  # fmt: skip
    return 1 if lost else 0
