"""`python -m tests.looks`: photograph every page of every role in every kind of seeing, lay the pictures on sheets, judge.

Starts an office of its own, filled with a small season, unless `--origin` names one that runs (with `--data`, its folder).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from app.platform.web.render import Urls
from tests.browser.conftest import CALM, PHONE, Site, running
from tests.conftest import make_settings
from tests.looks import judge, sheet, walk
from tests.looks.walk import Place

_DESK = {
    "viewport": {"width": 1440, "height": 900},
    "is_mobile": False,
    "has_touch": False,
    "device_scale_factor": 1,
}
_HAND = {"device_scale_factor": 1}
# kind: (what the browser is, the cookie that says so, pictures across a sheet)
KINDS: dict[str, tuple[dict[str, Any], tuple[str, str] | None, int]] = {
    "phone": (_HAND, None, 6),
    "senior": (_HAND, ("yixian_size", "senior"), 6),
    "dark": (_HAND | {"color_scheme": "dark"}, None, 6),
    "desktop": (_DESK, None, 3),
    "print": (_DESK | {"viewport": {"width": 794, "height": 1123}}, None, 5),
    "text200": (_HAND, None, 6),
    "zoom400": (_DESK | {"viewport": {"width": 320, "height": 256}}, None, 0),
    "english": (_HAND, ("yixian_lang", "en"), 6),
}
_TALLEST = 2400
# Chinese on an English page that no readable row holds: names of papers, words of a ledger's columns, what lies sealed,
# and what is reported only while the pages are looked at (`walk.staged`).
_READ_AS_THEY_STAND = (
    "线索评估表",
    "在办",
    "不予受理",
    "不立案",
    "立案",
    "办结",
    "水务部门何川",
    "林业和草原部门冯杉",
    "水体污染，风景区正门东侧约 200 米",
)


def _prepare(page: Page, kind: str) -> None:
    if kind == "print":
        page.emulate_media(media="print")
    if kind == "text200":
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    page.wait_for_timeout(80)


def _shoot(page: Page, target: Path) -> None:
    tall = page.evaluate("() => document.documentElement.scrollHeight")
    size = page.viewport_size or {"width": 360, "height": 740}
    box = {"x": 0, "y": 0, "width": size["width"], "height": min(max(tall, size["height"]), _TALLEST)}
    # Hiding the caret would leave an empty inline style on every field, and the page is judged afterwards.
    page.screenshot(path=target, clip=box, full_page=True, caret="initial")  # type: ignore[arg-type]


def _look(
    browser: Browser, site: Site, kind: str, found: Sequence[tuple[list[Any], Place]], into: Path, known: str
) -> Iterator[tuple[Place, dict[str, Any], Path | None]]:
    wishes, cookie, across = KINDS[kind]
    more = [{"name": cookie[0], "value": cookie[1], "url": site.origin}] if cookie else []
    context, whose = None, None
    for number, (cookies, place) in enumerate(found):
        # One browser a person; what is staged leaves a draft or a receipt behind and gets one of its own.
        if context is None or place.stage or whose is not cookies:
            if context:
                context.close()
            context = browser.new_context(**PHONE | wishes, service_workers="block")
            context.set_default_timeout(30_000)
            context.add_cookies(cookies + more)
            whose = None if place.stage else cookies
        page = context.new_page()
        try:
            if place.stage:
                place.stage(page)
            else:
                page.goto(place.address)
            _prepare(page, kind)
            target = into / "pages" / f"{kind}-{number:03}.png" if across else None
            if target:
                _shoot(page, target)
            yield place, judge.judged(page, kind, known), target
        except Error as error:
            yield place, {"did not open": [str(error).splitlines()[0]]}, None
        finally:
            page.close()
    if context:
        context.close()


def known_words(data: Path) -> str:
    """Every text that records hold: on an English page these may stand as they were written."""
    database = sqlite3.connect(f"file:{data / 'yixian.db'}?mode=ro", uri=True)
    tables = [
        name
        for (name,) in database.execute(
            "select name from sqlite_master where type = 'table' and sql not like '%VIRTUAL%'"
        )
    ]
    texts = set(_READ_AS_THEY_STAND)
    for table in tables:
        for row in database.execute(f'select * from "{table}"'):  # noqa: S608 - names from the database itself
            texts.update(value for value in row if isinstance(value, str) and not value.isascii())
    database.close()
    return "\n".join(
        text.encode().decode("unicode_escape") if "\\u" in text and text.isascii() else text for text in texts
    )


def filled(data: Path, *, clues: int) -> None:
    """Fill an empty folder with a small season."""
    from app import cli, demo

    settings = make_settings("", data, load_cast=True)
    cli.migrate(settings)
    cli.seed(settings)
    sys.stdout.write(demo.fill(settings, clues=clues) + "\n")


@contextmanager
def _site(options: argparse.Namespace) -> Iterator[Site]:
    if options.origin:
        from app.main import create_app

        with tempfile.TemporaryDirectory() as folder:
            yield Site(options.origin, options.data, Urls(create_app(make_settings("", Path(folder)))))
        return
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder) / "data", clues=options.clues)
        with running(Path(folder)) as site:
            yield site


def _gather(browser: Browser, site: Site, people: Sequence[str]) -> list[tuple[list[Any], Place]]:
    seen: set[str] = set()
    found: list[tuple[list[Any], Place]] = []
    for name, role in walk.PEOPLE.items():
        if people and role not in people:
            continue
        context, cookies = walk.as_person(browser, site, name)
        found += [(cookies, place) for place in walk.places(site, context.new_page(), name, seen)]
        found += [(cookies, place) for place in walk.opened(site, name)]
        if not name:
            found += [(cookies, place) for place in walk.staged(site)]
        context.close()
    return found


def main() -> int:
    """Walk, photograph, judge; ends with 1 when something was found wanting."""
    parser = argparse.ArgumentParser(prog="python -m tests.looks", description=__doc__)
    parser.add_argument("--origin", default="")
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--clues", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("sheets"))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--people", nargs="*", default=[])
    parser.add_argument("--only", default="", help="photograph only pages whose shape contains this")
    options = parser.parse_args()
    (options.out / "pages").mkdir(parents=True, exist_ok=True)
    faults: dict[str, dict[str, Any]] = {}
    with _site(options) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CALM)
        found = [one for one in _gather(browser, site, options.people) if options.only in one[1].name]
        known = known_words(site.data)
        sys.stdout.write(f"{len(found)} pages\n")
        for kind in options.kinds:
            pictures = []
            for place, wrong, target in _look(browser, site, kind, found, options.out, known):
                if target:
                    pictures.append((f"{place.who} {place.name}", target))
                if wrong:
                    faults.setdefault(kind, {})[f"{place.who} {place.name}"] = wrong
            if pictures:
                sheet.sheets(pictures, options.out, kind, across=KINDS[kind][2])
            # After each kind: a run cut short has still said what it saw.
            (options.out / "faults.json").write_text(
                json.dumps(faults, ensure_ascii=False, indent=1), "utf-8"
            )
            sys.stdout.write(
                f"{kind}: {len(found)} pages, {len(faults.get(kind, {}))} with something to mend\n"
            )
            sys.stdout.flush()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
