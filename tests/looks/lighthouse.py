"""`python -m tests.looks.lighthouse`: Lighthouse over the pages a citizen meets first, the median of five runs (goals P3, F16).

Lighthouse is installed on demand into a folder of its own (`make lighthouse`), never with the product; its phone and its slow
line are its own defaults. It is first shown a page that is wrong in ways it must see; the house is asked only when it saw them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.browser.conftest import CALM, running

TOOL: Final = Path(".lighthouse/node_modules/lighthouse/cli/index.js")
GOALS: Final = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
TIMES: Final = {
    "first paint": "first-contentful-paint",
    "largest paint": "largest-contentful-paint",
    "blocked": "total-blocking-time",
    "weight": "total-byte-weight",
}
PLACES: Final = ("/", "/report", "/report/aed_missing")
_PATIENCE_S: Final = 300
_ASKED: Final = ["--output=json", "--quiet", f"--only-categories={','.join(GOALS)}"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What Lighthouse says of one page: its scores in hundredths, its times in ms, what it found wanting."""

    scores: dict[str, float]
    times: dict[str, float]
    wanting: tuple[str, ...]


def read(said: dict[str, Any]) -> Seen:
    """Return what one run says."""
    audits = said["audits"]
    asked = {one["id"]: one["weight"] for name in GOALS for one in said["categories"][name]["auditRefs"]}
    wanting = [
        f"{name}: {audit['title']} {_where(audit)}".strip()
        for name, audit in audits.items()
        if asked.get(name) and audit.get("score") is not None and audit["score"] < 1
    ]
    return Seen(
        {name: round(100 * (said["categories"][name]["score"] or 0)) for name in GOALS},
        {name: round(audits[key].get("numericValue") or 0) for name, key in TIMES.items()},
        tuple(wanting),
    )


def _where(audit: dict[str, Any]) -> str:
    """Where it is, as far as it is told."""
    items = (audit.get("details") or {}).get("items") or []
    spots = [
        (one.get("node") or {}).get("snippet") or one.get("url") or one.get("description")
        for one in items[:3]
    ]
    return " ".join(str(spot)[:120] for spot in [audit.get("displayValue"), *spots] if spot)


def middle(runs: Sequence[Seen]) -> Seen:
    """Return the median of each figure, and everything any run found wanting."""
    return Seen(
        {name: median(run.scores[name] for run in runs) for name in GOALS},
        {name: median(run.times[name] for run in runs) for name in TIMES},
        tuple(sorted({one for run in runs for one in run.wanting})),
    )


def missed(seen: Seen) -> list[str]:
    """Return the goals a page misses."""
    return [
        f"{name} {seen.scores[name]:g} of {goal}" for name, goal in GOALS.items() if seen.scores[name] < goal
    ]


def look(address: str, folder: Path) -> Seen:
    """Run Lighthouse once over an address."""
    target = folder / "said.json"
    chrome = " ".join(["--headless=new", *CALM])
    done = subprocess.run(
        ["node", str(TOOL), address, *_ASKED, f"--output-path={target}", f"--chrome-flags={chrome}"],
        env=os.environ | {"CHROME_PATH": shutil.which("chromium") or ""},
        capture_output=True, text=True, timeout=_PATIENCE_S, check=False,
    )  # fmt: skip
    if done.returncode or not target.is_file():
        raise SystemExit(f"Lighthouse did not run over {address}:\n{done.stderr[-2000:]}")
    said = json.loads(target.read_text("utf-8"))
    target.unlink()
    if said.get("runtimeError"):
        raise SystemExit(f"Lighthouse did not see {address}: {said['runtimeError'].get('message')}")
    return read(said)


class _Wrong(BaseHTTPRequestHandler):
    """A page without a language, a title, a description or a name for its picture, in a grey hardly seen."""

    def do_GET(self) -> None:
        body = b"<html><body><p style='color:#ddd'>hardly seen</p><img src='/x.png'><input></body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Keep quiet."""


@contextmanager
def wrong_page() -> Iterator[str]:
    """Serve the page that must be found wanting."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Wrong)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def main() -> int:
    """Look, print a table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.looks.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--places", nargs="*", default=list(PLACES))
    parser.add_argument("--origin", default="", help="an office that runs; else a fresh one of our own")
    options = parser.parse_args()
    is_well = True
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        with wrong_page() as address:
            judged = look(address, folder)
        if len(missed(judged)) < len(GOALS) - 1:
            sys.stdout.write(f"the judge is blind: a page full of faults gets {judged.scores}\n")
            return 2
        sys.stdout.write("| page | " + " | ".join([*GOALS, *TIMES]) + " |\n" + "|---" * 9 + "|\n")
        with _site(options.origin, folder) as origin:
            for place in options.places:
                seen = middle([look(origin + place, folder) for _ in range(options.runs)])
                figures = [f"{figure:g}" for figure in [*seen.scores.values(), *seen.times.values()]]
                sys.stdout.write(f"| `{place}` | " + " | ".join(figures) + " |\n")
                for said in [*(f"MISSED {one}" for one in missed(seen)), *seen.wanting]:
                    sys.stdout.write(f"  {said}\n")
                sys.stdout.flush()
                is_well = is_well and not missed(seen)
    return 0 if is_well else 1


@contextmanager
def _site(origin: str, folder: Path) -> Iterator[str]:
    if origin:
        yield origin
        return
    with running(folder) as site:
        yield site.origin


if __name__ == "__main__":
    sys.exit(main())
