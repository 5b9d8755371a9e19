"""`python -m tests.faults browser-cut`: cut the power of a phone whose browser holds photos that are not sent yet.

A real Chromium keeps its profile on a disk of its own (see `disk`); photos are chosen on the report form one after
the other. As soon as the page's store says that one is kept, the power may go. A fresh Chromium then opens the copied
profile: every photo that was kept must be there, bit-identical. Then the same after 提交 (see `outbox_cut`). The mutant
asks for the browser's default durability.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.digest import sha256_hex
from app.platform.web.render import Urls
from tests.browser.conftest import Site
from tests.conftest import make_settings
from tests.faults import outbox_cut
from tests.faults.disk import Disk, can_mount, made, mounted
from tests.faults.phone import MIB, browser_of, phone
from tests.faults.power import serving, wait_ready
from tests.intake.sheets import photo

_PHOTOS_PER_FORM: Final = 8
_CATEGORIES: Final = ("aed_missing", "water_pollution", "solid_waste")
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


def choose(page: Page, content: bytes) -> None:
    """Choose a photo, and wait until the page's store says that it is kept."""
    before = page.evaluate("window.stepsKept")
    file = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator("input[type=file][name=photos]").first.set_input_files([file])
    page.wait_for_function("before => window.stepsKept > before", arg=before)


def found_in(playwright: Playwright, image: Path, origin: str) -> set[str]:
    """The digests of all photos a fresh Chromium finds in the profile on a copied disk."""
    with mounted(image) as disk, phone(playwright.chromium, disk.folder / "profile") as context:
        page = context.new_page()
        page.goto(f"{origin}/healthz")
        return set(page.evaluate(_DIGESTS))


@contextlib.contextmanager
def office() -> Iterator[tuple[Site, KeyRing]]:
    """The product as it is served, for phones to report to."""
    with tempfile.TemporaryDirectory(prefix="yixian-phone-") as name:
        keys = Path(name) / "faults.keys"
        make_key_file(keys, key_id="faults")
        settings = make_settings(f"sqlite:///{name}/yixian.db", Path(name), key_file=keys)
        with serving(settings, keys, "") as (process, origin):
            wait_ready(origin, process)
            urls = Urls(create_app(settings))
            yield Site(origin, Path(name), urls), KeyRing.from_file(keys, cipher="sm4-gcm")


def cuts(
    playwright: Playwright, origin: str, number: int, seed: int, *, is_mutant: bool
) -> Iterator[tuple[int, int]]:
    """Cut so often; for each cut: photos the page had kept, photos of them that are gone."""
    chance = random.Random(seed)
    while number > 0:
        with (
            made(MIB) as disk,
            phone(playwright.chromium, disk.folder / "profile", listens=True, is_mutant=is_mutant) as context,
        ):
            many = min(number, _PHOTOS_PER_FORM * len(_CATEGORIES))
            yield from _cut(playwright, disk, context, origin, many, chance)
            number -= many


def _cut(playwright: Playwright, disk: Disk, context: BrowserContext, origin: str, number: int, chance: random.Random) -> Iterator[tuple[int, int]]:  # fmt: skip
    kept: set[str] = set()
    page, copy = context.new_page(), disk.image.with_name("cut.img")
    for at in range(number):
        if at % _PHOTOS_PER_FORM == 0:
            form = page.goto(f"{origin}/report/{_CATEGORIES[at // _PHOTOS_PER_FORM]}")
            if form is None or not form.ok:
                raise RuntimeError(f"no form to choose photos on: {page.url}")
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
    parser.add_argument("--cuts", type=int, default=100, help="while photos are chosen")
    parser.add_argument("--outbox-cuts", type=int, default=100, help="after 提交, without a signal")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--mutant",
        action="store_true",
        help="ask for the default durability; each part stops when it is caught",
    )


def run(options: argparse.Namespace) -> int:
    """Cut, and say what was found."""
    if why := can_mount():
        sys.stdout.write(f"browser-cut: no disk can be mounted on this machine ({why})\n")
        return 2
    lost = []
    with (
        office() as (site, keys),
        sync_playwright() as playwright,
    ):
        if options.cuts:
            lost.append(_photos(playwright, site.origin, options))
        if options.outbox_cuts:
            lost.append(_outbox(playwright, site, keys, options))
    return int(all(lost) if options.mutant else any(lost))


def _named(options: argparse.Namespace) -> str:
    return f"browser-cut{' (default durability)' if options.mutant else ''}"


def _photos(playwright: Playwright, origin: str, options: argparse.Namespace) -> int:
    started, done, kept, lost = time.monotonic(), 0, 0, 0
    with contextlib.suppress(KeyboardInterrupt):  # who is tired of waiting still learns what was seen so far
        for had, gone in cuts(playwright, origin, options.cuts, options.seed, is_mutant=options.mutant):
            done, kept, lost = done + 1, kept + had, lost + gone
            if lost and options.mutant:
                break
    sys.stdout.write(f"{_named(options)}: {done} cuts, {kept} photos kept (summed over cuts), "
                     f"{lost} lost in {time.monotonic() - started:.0f} s\n")  # fmt: skip
    return lost


def _outbox(playwright: Playwright, site: Site, keys: KeyRing, options: argparse.Namespace) -> int:
    started, done, kept, carried, still, worst = time.monotonic(), 0, 0, 0, 0, list[str]()
    with contextlib.suppress(KeyboardInterrupt):
        for cut in outbox_cut.cuts(
            playwright, site, keys, options.outbox_cuts, options.seed, is_mutant=options.mutant
        ):
            done, kept, carried = done + bool(cut.kept), kept + cut.kept, carried + cut.carried
            still += cut.stood_still
            worst += cut.findings
            if worst and options.mutant:
                break
    sys.stdout.write("".join(f"  {each}\n" for each in worst[:10]))
    sys.stdout.write(f"{_named(options)}: {done} cuts of the outbox, {kept} submitted reports kept (summed over cuts), "
                     f"{carried} carried out as a file, {still} times the browser was opened twice, {len(worst)} findings in {time.monotonic() - started:.0f} s\n")  # fmt: skip
    return len(worst)
