"""`make attack`: sqlmap and wapiti against the house, each first proven on a little house with holes.

Installed on demand into .attack (never with the product). Everything stays on loopback; the house attacked is a fresh
one in a folder of its own, with a person signed in, so that the desk is attacked too.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.browser.conftest import running

TOOLS: Final = Path(".attack/bin")
# What wapiti tries: everything that goes in by a request and is not about what the house does not have (wordpress, log4j).
_MODULES: Final = "sql,xss,exec,file,crlf,redirect,ssrf,xxe,permanentxss"
_PLACES: Final = (
    "/desk?list=all&q=1&category=aed_missing&state=received&town=x&grade=A&period=7",
    "/desk/export?q=1&list=all",
    "/transfers?state=sent&q=1",
    "/report/aed_missing?town=1",
)


class _Holes(BaseHTTPRequestHandler):
    """A page that puts what it is asked into a statement and into its HTML as it stands."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("id", [""])[0]
        base = sqlite3.connect(":memory:")
        base.execute("create table thing (id integer, name text)")
        base.executemany("insert into thing values (?, ?)", [(1, "one"), (2, "two")])
        try:
            rows = base.execute(f"select name from thing where id = {asked or 0}").fetchall()  # noqa: S608 - the hole
            status, said = 200, " ".join(str(row[0]) for row in rows)
        except sqlite3.Error as problem:
            status, said = 500, f"sqlite3.OperationalError: {problem}"
        finally:
            base.close()
        page = f'<html><body><a href="/?id=1">one</a><p>{said}</p><p>You asked {asked}</p></body></html>'
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def holes() -> Iterator[str]:
    """A server with holes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Holes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def sqlmap(address: str, cookie: str, folder: Path, seconds: int) -> list[str]:
    """Return the parameters sqlmap found a way in by."""
    command = [str(TOOLS / "sqlmap"), "-u", address, "--batch", "--level=1", "--risk=1", "--threads=2", "--timeout=20",
               "--flush-session", f"--output-dir={folder}", "--dbms=SQLite", "--technique=BEU"]  # fmt: skip
    command += [f"--cookie={cookie}", "--drop-set-cookie"] if cookie else []
    said = _said(command, seconds)
    if "all tested parameters do not appear" not in said and "Parameter:" not in said:
        raise RuntimeError(f"sqlmap came to no verdict on {address}:\n{said[-1500:]}")
    return re.findall(r"^Parameter: (.+)$", said, re.MULTILINE)


def wapiti(address: str, cookies: Path | None, folder: Path, seconds: int) -> list[str]:
    """Return what wapiti found, one line each."""
    report, home = folder / "wapiti.json", "{0.scheme}://{0.netloc}".format(urlsplit(address))
    command = [str(TOOLS / "wapiti"), "-u", address, "-m", _MODULES, "-f", "json", "-o", str(report), "--flush-session",
               "--no-bugreport", "--max-scan-time", str(seconds), "--max-links-per-page", "40", "--tasks", "4", "-d", "3", "--max-files-per-dir", "12", "--max-parameters", "20", "--max-attack-time", "60",
               "-x", f"{home}/sign-out", "-x", f"{home}/account*", "--store-session", str(folder / "wapiti")]  # fmt: skip
    command += ["-c", str(cookies)] if cookies else []
    said = _said(command, seconds * 6)
    if not report.is_file():
        raise RuntimeError(f"wapiti left no report on {address}:\n{said[-1500:]}")
    told = json.loads(report.read_text())
    return [
        f"{kind}: {one['method']} {one['path']} {one.get('parameter') or ''}"
        for kind, found in (told["vulnerabilities"] | told["anomalies"]).items()
        for one in found
    ]


def _said(command: Sequence[str], seconds: int) -> str:
    here = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "LANG": "C.UTF-8"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds, env=here)
    return html.unescape(done.stdout + done.stderr)


def _signed_in(origin: str, sign_in: str) -> str:
    """Become a prosecutor of the development cast; the cookie."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CALM

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=CALM)
        page = browser.new_page()
        page.goto(origin + sign_in)
        page.get_by_role("button", name="陈明远").first.click()
        page.wait_for_load_state()
        (cookie,) = [one for one in page.context.cookies() if one["name"] == "yixian_session"]
        browser.close()
    return f"{cookie['name']}={cookie['value']}"


def run(options: argparse.Namespace) -> int:
    """Prove both tools, then let them at the house."""
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with holes() as origin:
            if not sqlmap(f"{origin}/?id=1", "", folder / "proof", options.seconds):
                bad.append("sqlmap does not see a planted hole")
            proof = folder / "proof-wapiti"
            proof.mkdir()
            seen = wapiti(f"{origin}/?id=1", None, proof, options.seconds)
            bad += [f"wapiti does not see a planted {kind}" for kind in ("SQL Injection", "Reflected Cross Site Scripting") if not any(one.startswith(kind) for one in seen)]  # fmt: skip
        sys.stdout.write(f"planted holes: {'; '.join(seen)}\n")
        wishes = {"LOAD_CAST": "true", "TRIES_PER_HOUR": "100000", "REPORTS_PER_HOUR": "0"}
        with running(folder, **wishes) as site:
            cookie = _signed_in(site.origin, site.urls("identity:sign_in"))
            for place in _PLACES:
                bad += [f"sqlmap: {place}: {one}" for one in sqlmap(site.origin + place, cookie, folder / "sqlmap", options.seconds)]  # fmt: skip
                sys.stdout.write(f"sqlmap {place}: looked at\n")
            jar = folder / "cookies.json"
            name, _, value = cookie.partition("=")
            jar.write_text(json.dumps({"127.0.0.1": {"/": {name: {"value": value, "version": 0, "expires": None, "secure": False, "port": None}}}}))  # fmt: skip
            for label, cookies in (("nobody", None), ("a prosecutor", jar)):
                out = folder / f"wapiti-{label[0]}"
                out.mkdir()
                found = wapiti(site.origin + ("/desk" if cookies else "/"), cookies, out, options.seconds)
                bad += [f"wapiti as {label}: {one}" for one in found]
                sys.stdout.write(f"wapiti as {label}: {len(found)} findings\n")
            log = (folder / "server.log").read_text(errors="replace")
            bad += [f"the house stumbled {log.count('unexpected')} times"] if "unexpected" in log else []
    sys.stdout.write("".join(f"  {one}\n" for one in bad) or "attack: nothing found\n")
    return 1 if bad else 0
