"""What every proxy in front of the house must do, asked of a real one before a real server in production mode, with TLS."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx2

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.deploy.bodies import WINDOW_S, bodies
from tests.faults.power import ROOT, serving, wait_ready
from tests.faults.senders import Load
from tests.platform.engines import free_port

NAME: Final = "clues.example.gov.cn"
EXAMPLES: Final = ROOT / "docs" / "deploy"
TRIES: Final = 6
_TOKEN: Final = "0123456789-0123456789"
_ONCE: Final = (
    "strict-transport-security", "content-security-policy", "x-content-type-options", "referrer-policy",
    "permissions-policy", "cross-origin-opener-policy", "cache-control", "content-type",
)  # fmt: skip
# While the program is exchanged a proxy may say "later", and nothing else: phones come again after these.
_LATER: Final = frozenset({502, 503, 504})


@dataclass(slots=True)
class Front:
    """A proxy that runs, and how one comes to it; `bodies` is where it would put bodies it does not pass on."""

    plain: int
    secure: int
    trust: ssl.SSLContext
    bodies: Path

    def client(self, source: str = "127.0.0.1") -> httpx2.Client:
        """A phone that knows the office by its name, from this address."""
        return httpx2.Client(
            base_url=f"https://{NAME}", timeout=90, transport=_Way(self, source),
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip

    @contextlib.contextmanager
    def raw(self) -> Iterator[ssl.SSLSocket]:
        """A line on which one says byte by byte what one likes."""
        with (
            socket.create_connection(("127.0.0.1", self.secure), timeout=90) as line,
            self.trust.wrap_socket(line, server_hostname=NAME) as safe,
        ):
            yield safe


class _Way(httpx2.BaseTransport):
    """What a name server would do."""

    def __init__(self, front: Front, source: str) -> None:
        self._front = front
        self._inner = httpx2.HTTPTransport(verify=front.trust, local_address=source)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        port = self._front.secure if request.url.scheme == "https" else self._front.plain
        request.extensions["sni_hostname"] = NAME
        request.url = request.url.copy_with(host="127.0.0.1", port=port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@dataclass(frozen=True, slots=True)
class Kind:
    """One proxy: its program, how it is started with its example, and how that example may be spoilt."""

    program: str
    started: Callable[[str, Path, int, Callable[[str], str]], contextlib.AbstractContextManager[Front]]
    spoilt: dict[str, tuple[str, str]]
    version: tuple[str, ...]
    lets_go: (
        bool  # whether who drips a body loses his line at the proxy too, when the house has let go of him
    )


def exchanged(text: str, *pairs: tuple[str, str]) -> str:
    """Put this machine's ports and folders into an example; raises where it does not read as it did."""
    for old, new in pairs:
        if old not in text:
            raise RuntimeError(f"the example has no {old!r} any more")
        text = text.replace(old, new)
    return text


def wait_open(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until somebody listens; raises with the last words of who ended instead."""
    until = time.monotonic() + 30
    while socket.socket().connect_ex(("127.0.0.1", port)):
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(log.read_text()[-900:])
        time.sleep(0.05)


def _pages(front: Front, base: str, to: Urls) -> list[str]:
    """What is wrong with the way in, pages and their headers."""
    found, track = [], to("intake:track")
    with front.client() as client:
        moved = client.get(f"http://{NAME}{track}")
        if moved.status_code not in {301, 308} or moved.headers.get("location") != f"https://{NAME}{track}":
            found.append(f"http is answered with {moved.status_code} {moved.headers.get('location')}")
        for path in (to("intake:home"), track, "/no-such-page"):
            found += _dressed(client.get(path), httpx2.get(base + path, headers={"Host": NAME}))
        cookie = client.post(to("web:preferences"), data={"lang": "en", "back": "/"}).headers.get("set-cookie", "")  # fmt: skip
        if not cookie.startswith("__Host-") or "Secure" not in cookie:
            found.append(f"a cookie: {cookie}")
    return found


def _dressed(page: httpx2.Response, straight: httpx2.Response) -> list[str]:
    """In what an answer differs from the one at the house itself."""
    found, path = [], page.request.url.path
    if page.status_code != straight.status_code:
        found.append(f"{path} is {page.status_code}, and {straight.status_code} at the house itself")
    doubled = [name for name in _ONCE if len(page.headers.get_list(name)) > 1]
    changed = [name for name in _ONCE if page.headers.get(name) != straight.headers.get(name)]
    if doubled or changed:
        found.append(f"headers of {path}: doubled {doubled}, changed or lost {changed}")
    if "max-age" not in page.headers.get("strict-transport-security", ""):
        found.append(f"{path} has no Strict-Transport-Security")
    if any(sign.isdigit() for sign in page.headers.get("server", "")):
        found.append(f"the proxy tells its version: {page.headers['server']}")
    return found


def _closed(front: Front, base: str, to: Urls) -> list[str]:
    """What is answered though it should not be: names that are not ours, figures."""
    found, track, figures = [], to("intake:track"), to("upkeep:metrics")
    with front.client() as client:
        for scheme in ("http", "https"):
            stranger = f"{scheme}://elsewhere.example.net{track}"
            said = client.get(stranger, headers={"Host": "elsewhere.example.net"})
            if said.status_code < 300 or "elsewhere" in said.headers.get("location", ""):
                found.append(f"a foreign Host by {scheme}: {said.status_code} {said.headers.get('location')}")
    shown = httpx2.get(base + figures, headers={"Authorization": f"Bearer {_TOKEN}"})
    found += [] if b"yixian_" in shown.content else ["the house itself shows no figures"]
    ways = (figures, f"/{figures}", "/%6detrics", f"/x/..{figures}", f"{figures}?x=1", f"{figures}/")
    return found + [f"figures are shown: {way}" for way in ways if b"yixian_" in _asked(front, way)]


def _asked(front: Front, path: str) -> bytes:
    """Everything that is said to an address that is put just so on the line."""
    said = (
        f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\nAuthorization: Bearer {_TOKEN}\r\nConnection: close\r\n\r\n"
    )
    heard = b""
    with front.raw() as line, contextlib.suppress(OSError):
        line.sendall(said.encode())
        while part := line.recv(65536):
            heard += part
    return heard


def _sources(front: Front, to: Urls) -> list[str]:
    """Whether people are told apart by where they come from, and by nothing they say."""
    found, tried, wrong = [], [], {"code": "AAAA-BBBB-CCCC-DDDD-EEEE"}
    with front.client() as client:
        for at in range(TRIES + 1):
            who = f"198.51.100.{at}"
            told = {"X-Forwarded-For": who, "X-Real-IP": who, "Forwarded": f"for={who}"}
            tried.append(client.post(to("intake:open_track"), data=wrong, headers=told).status_code)
    if tried[-1] != 429 or 429 in tried[:-1]:
        found.append(f"who names another address each time is answered with {tried}")
    with front.client("127.0.0.9") as other:
        if other.post(to("intake:open_track"), data=wrong).status_code == 429:
            found.append("another source is counted with the first")
    return found


def _old_protocols(front: Front) -> list[str]:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", front.secure)) as raw, contextlib.suppress(ssl.SSLError, OSError):  # fmt: skip
        return [f"TLS before 1.2 is spoken: {old.wrap_socket(raw, server_hostname=NAME).version()}"]
    return []


def _away(front: Front, to: Urls, full: contextlib.AbstractContextManager[None], start: Callable[[], None]) -> list[str]:  # fmt: skip
    """A full disk closes no page; before the house is there a proxy says "later"; once it is, nobody is sent away any more."""
    found, track = [], to("intake:track")
    with front.client() as client:
        with full:
            said = client.get(track).status_code
            found += [] if said == 200 else [f"the disk is full, and who asks for a page hears {said}"]
        said = client.get(track).status_code
        found += [] if said in _LATER else [f"while the house is away one hears {said}"]
        start()
        said = client.get(track).status_code
        return found + ([] if said == 200 else [f"the house is back and one hears {said}"])


def add_options(kind: Kind, parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--program", default=shutil.which(kind.program) or "", help="where the proxy is")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long people report through it")
    parser.add_argument("--mutant", choices=["", *kind.spoilt], default="", help="spoil the example")


def run(kind: Kind, options: argparse.Namespace) -> int:
    """Put the proxy in front of a server, and say what was found."""
    if not options.program:
        sys.stdout.write(f"{kind.program}: skipped, there is no such program here (--program PATH)\n")
        return 2
    asked = subprocess.run([options.program, *kind.version], check=True, capture_output=True, text=True)
    old, new = kind.spoilt.get(options.mutant, ("", ""))
    with tempfile.TemporaryDirectory(prefix="yixian-front-") as name:
        found, taken, photos = _lived(
            kind, options, Path(name), lambda text: exchanged(text, (old, new)) if old else text
        )
    if not taken or not photos:
        found.append("nothing came through")
    sys.stdout.write("".join(f"  {each}\n" for each in found[:12]))
    version = (asked.stdout + asked.stderr).strip()
    sys.stdout.write(f"{kind.program} ({version}): {taken} reports and {photos} photos in pieces came through, {len(found)} findings\n")  # fmt: skip
    return int(bool(found))


def _lived(
    kind: Kind, options: argparse.Namespace, folder: Path, edit: Callable[[str], str]
) -> tuple[list[str], int, int]:
    keys, data, port = folder / "office.keys", folder / "data", free_port()
    data.mkdir()
    make_key_file(keys, key_id="front")
    settings = make_settings(f"sqlite:///{data / 'yixian.db'}", data, key_file=keys)
    to = Urls(create_app(settings))
    to("intake:submit", category_key="")  # fills its table before the threads ask
    wishes = {
        "env": "production", "public_url": f"https://{NAME}", "tries_per_hour": str(TRIES), "port": str(port),
        "metrics_token": _TOKEN, "body_window_seconds": str(WINDOW_S), "password_cost": "normal",
    }  # fmt: skip
    ring, base = KeyRing.from_file(keys, cipher="sm4-gcm"), f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as house, kind.started(options.program, folder, port, edit) as front:

        def start() -> None:
            process, _ = house.enter_context(serving(settings, keys, "", **wishes))
            wait_ready(base, process, host=NAME)

        @contextlib.contextmanager
        def full() -> Iterator[None]:
            with serving(settings, keys, "", **wishes | {"disk_floor_bytes": str(2**60)}) as (process, _):
                wait_ready(base, process, host=NAME, door=to("web:health"))
                yield

        found = _away(front, to, full(), start)
        found += (
            _pages(front, base, to) + _closed(front, base, to) + _sources(front, to) + _old_protocols(front)
        )
        slow = _Slow(front, to, port, lets_go=kind.lets_go)
        slow.start()
        found += bodies(front, ring, to, data, settings)
        load = _Reporters(f"https://{NAME}", ring, to, front=front)
        with load.at_work(range(2)):
            time.sleep(options.seconds)
        left = [path for path in front.bodies.rglob("*") if path.is_file()]
        found += load.refused
        found += [f"{len(left)} bodies lie in the proxy's own files"] if left else []
        found += slow.said()
    taken = sum(each.is_acknowledged for each in load.parcels)
    return found, taken, sum(photo.is_held for each in load.parcels for photo in each.photos)


@dataclass(slots=True)
class _Reporters(Load):
    front: Front | None = None

    def client(self, _chance: object) -> httpx2.Client:
        if self.front is None:
            raise RuntimeError
        return self.front.client()


@dataclass(slots=True)
class _Slow:
    """Two who hold a line for nothing, a byte a second: one never ends a header, one never a body."""

    front: Front
    to: Urls
    port: int
    lets_go: bool
    found: list[str] = field(default_factory=list)
    people: list[threading.Thread] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Let them begin, beside everything else that is asked meanwhile."""
        head = f"POST {self.to('intake:submit', category_key='aed_missing')} HTTP/1.1\r\nHost: {NAME}\r\n"
        body = f"{head}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n--b\r\n"
        for what, first in (("header", head), ("body", body)):
            self.people.append(threading.Thread(target=self._hold, args=(what, first.encode())))
            self.people[-1].start()

    def _hold(self, what: str, first: bytes) -> None:
        began = time.monotonic()
        with self.front.raw() as line, contextlib.suppress(OSError):
            line.sendall(first)
            line.settimeout(1.0)
            while not self.is_over.is_set():
                with contextlib.suppress(TimeoutError):
                    line.recv(4096)
                    return  # an answer or an end: either way the line is free
                line.sendall(b"x")
            if what == "header" or self.lets_go:
                self.found.append(
                    f"a {what} of a byte a second held its line for {time.monotonic() - began:.0f} s"
                )

    def said(self) -> list[str]:
        """What is wrong with how they were treated: after a while the house must be free of both."""
        until = time.monotonic() + 2 * WINDOW_S + 15
        while (held := _established(self.port)) and time.monotonic() < until:
            time.sleep(0.5)
        self.is_over.set()
        for each in self.people:
            each.join()
        return self.found + ([f"{held} lines to the house are held by nobody who works"] if held else [])


def _established(port: int) -> int:
    """How many lines are open to a port of this machine (/proc/net/tcp, state 01)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[3] == "01" and int(row[1].rpartition(":")[2], 16) == port for row in rows)
