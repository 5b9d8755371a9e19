"""`python -m tests.faults proxy`: the nginx example of docs/deploy, as it stands, before a real server, with TLS.

Only the ports, the certificate and the folders for temporary files are exchanged. `--nginx` names the program where it is not
on the path (Debian's package; it need not be installed).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from app.main import create_app
from app.platform.crypto import KeyRing, make_key_file
from app.platform.web.render import Urls
from tests.conftest import make_settings
from tests.faults.power import ROOT, serving, wait_ready
from tests.faults.senders import Load
from tests.platform.certificates import certificate
from tests.platform.engines import free_port

NAME: Final = "clues.example.gov.cn"
EXAMPLE: Final = ROOT / "docs" / "deploy" / "nginx.conf"
TRIES: Final = 6
_TOKEN: Final = "0123456789-0123456789"
_MAIN: Final = """daemon off; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; {temps} include {folder}/example.conf; }}
"""


@dataclass(slots=True)
class Front:
    """nginx, and how one comes to it."""

    plain: int
    secure: int
    trust: ssl.SSLContext
    bodies: Path

    def client(self, source: str = "127.0.0.1") -> httpx2.Client:
        """A phone that knows the office by its name, from this address."""
        return httpx2.Client(
            base_url=f"https://{NAME}", timeout=60, transport=_Way(self, source),
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip


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


@contextlib.contextmanager
def nginx(program: str, folder: Path, port: int, edit: Callable[[str], str]) -> Iterator[Front]:
    """Start it with the example."""
    pem = certificate(folder, 30, NAME)
    plain, secure = free_port(), free_port()
    example = EXAMPLE.read_text("utf-8")
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        ("    listen [::]:80;\n", ""), ("    listen [::]:443 ssl http2;\n", ""),
        ("/etc/ssl/clues.pem", str(pem)), ("/etc/ssl/clues.key", str(pem)), ("127.0.0.1:8000", f"127.0.0.1:{port}"),
    ):  # fmt: skip
        if old not in example:
            raise RuntimeError(f"the example has no {old!r} any more")
        example = example.replace(old, new)
    (folder / "example.conf").write_text(edit(example), "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temps = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "main.conf").write_text(
        _MAIN.format(folder=folder, temps=temps, user="user root;" if os.geteuid() == 0 else ""), "utf-8"
    )
    trust = ssl.create_default_context(cafile=pem)
    with subprocess.Popen([program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "main.conf")]) as running:  # fmt: skip
        try:
            until = time.monotonic() + 30
            while socket.socket().connect_ex(("127.0.0.1", secure)):
                if running.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((folder / "error.log").read_text()[-600:])
                time.sleep(0.05)
            yield Front(plain, secure, trust, folder / "client_body")
        finally:
            running.terminate()


def findings(front: Front, base: str, to: Urls) -> list[str]:
    """Say everything in which the house behind the proxy is not what it promises."""
    found = []
    with front.client() as client:
        moved = client.get(f"http://{NAME}{to('intake:track')}")
        if (moved.status_code, moved.headers.get("location")) != (301, f"https://{NAME}{to('intake:track')}"):
            found.append(f"http is answered with {moved.status_code}")
        page = client.get(to("intake:track"))
        if page.status_code != 200 or "max-age" not in page.headers.get("strict-transport-security", ""):
            found.append(f"the page over TLS: {page.status_code}, {dict(page.headers)}")
        said = client.post(to("web:preferences"), data={"lang": "en", "back": "/"})
        if not said.headers.get("set-cookie", "").startswith("__Host-") or "Secure" not in said.headers["set-cookie"]:  # fmt: skip
            found.append(f"a cookie: {said.headers.get('set-cookie')}")
        shown = {"Authorization": f"Bearer {_TOKEN}"}
        doors = (httpx2.get(base + to("upkeep:metrics"), headers=shown), client.get(to("upkeep:metrics"), headers=shown))  # fmt: skip
        if [each.status_code for each in doors] != [200, 404]:
            found.append(f"figures: {[each.status_code for each in doors]}")
        wrong, tried = {"code": "AAAA-BBBB-CCCC-DDDD-EEEE"}, []
        for at in range(TRIES + 1):
            told = {"X-Forwarded-For": f"198.51.100.{at}", "X-Real-IP": f"198.51.100.{at}"}
            tried.append(client.post(to("intake:open_track"), data=wrong, headers=told).status_code)
        if tried[-1] != 429 or 429 in tried[:-1]:
            found.append(f"who names another address each time is answered with {tried}")
    with front.client("127.0.0.9") as other:
        if other.post(to("intake:open_track"), data=wrong).status_code == 429:
            found.append("another source is counted with the first")
    return found + _old_protocols(front)


def _old_protocols(front: Front) -> list[str]:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", front.secure)) as raw, contextlib.suppress(ssl.SSLError, OSError):  # fmt: skip
        return [f"TLS before 1.2 is spoken: {old.wrap_socket(raw, server_hostname=NAME).version()}"]
    return []


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--nginx", default=shutil.which("nginx") or "")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--mutant", choices=["", "believes_clients", "keeps_bodies"], default="", help="spoil the example"
    )


_SPOILT: Final = {
    "": lambda text: text,
    "believes_clients": lambda text: text.replace(
        "X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for"
    ),
    "keeps_bodies": lambda text: text.replace("proxy_request_buffering off", "client_body_in_file_only on"),
}


def run(options: argparse.Namespace) -> int:
    """Put nginx in front of a server, and say what was found."""
    if not options.nginx:
        sys.stdout.write("proxy: there is no nginx here (--nginx PROGRAM)\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="yixian-proxy-") as name:
        folder, keys = Path(name), Path(name) / "proxy.keys"
        make_key_file(keys, key_id="faults")
        settings = make_settings(f"sqlite:///{folder / 'yixian.db'}", folder, key_file=keys)
        to = Urls(create_app(settings))
        to("intake:submit", category_key="")  # fills its table before the threads ask
        wishes = {"public_url": f"https://{NAME}", "tries_per_hour": str(TRIES), "metrics_token": _TOKEN}
        with serving(settings, keys, "", **wishes) as (process, base):
            wait_ready(base, process)
            port = int(base.rpartition(":")[2])
            with nginx(options.nginx, folder, port, _SPOILT[options.mutant]) as front:
                found = findings(front, base, to)
                load = _Reporters(
                    f"https://{NAME}", KeyRing.from_file(keys, cipher="sm4-gcm"), to, front=front
                )
                with load.at_work(range(2)):
                    time.sleep(options.seconds)
                bodies = [path for path in front.bodies.rglob("*") if path.is_file()]
        found += load.refused
        found += [f"{len(bodies)} bodies lie in the proxy's own files"] if bodies else []
        taken = sum(each.is_acknowledged for each in load.parcels)
        photos = sum(photo.is_held for each in load.parcels for photo in each.photos)
        if not taken or not photos:
            found.append("nothing came through")
    sys.stdout.write("".join(f"  {each}\n" for each in found[:10]))
    sys.stdout.write(
        f"proxy: {taken} reports and {photos} photos in pieces came through, {len(found)} findings\n"
    )
    return int(bool(found))


@dataclass(slots=True)
class _Reporters(Load):
    front: Front | None = None

    def client(self, _chance: random.Random) -> httpx2.Client:
        if self.front is None:
            raise RuntimeError
        return self.front.client()
