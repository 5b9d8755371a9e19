"""`python -m tests.deploy caddy`: the Caddy example before a real server.

Only the ports are exchanged, and Caddy's own authority signs instead of one outside.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.deploy import front
from tests.deploy.front import EXAMPLES, Front, Kind, exchanged, wait_open
from tests.platform.engines import free_port

_OWN: Final = "{{\n\tlocal_certs\n\tskip_install_trust\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tdefault_bind 127.0.0.1\n"


@contextlib.contextmanager
def started(program: str, folder: Path, port: int, edit: Callable[[str], str]) -> Iterator[Front]:
    """Start it with the example."""
    plain, secure = free_port(), free_port()
    example = exchanged(
        edit((EXAMPLES / "Caddyfile").read_text("utf-8")), ("127.0.0.1:8000", f"127.0.0.1:{port}")
    )
    own = _OWN.format(plain=plain, secure=secure)
    # Its options come first in the file: those of this machine join them.
    example = exchanged(example, ("\n{\n", f"\n{own}"))
    (folder / "Caddyfile").write_text(example, "utf-8")
    log, kept = folder / "caddy.log", folder / "caddy"
    own_places = {"HOME": str(folder), "XDG_DATA_HOME": str(kept), "XDG_CONFIG_HOME": str(kept)}
    command = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env=os.environ | own_places, stderr=said) as running,
    ):
        try:
            wait_open(secure, running, log)
            yield Front(plain, secure, _trust(kept), folder / "none")
        finally:
            running.terminate()


def _trust(kept: Path) -> ssl.SSLContext:
    """Its authority, once the certificate of the name is there."""
    until = time.monotonic() + 30
    while not list(kept.rglob("clues.*.crt")) and time.monotonic() < until:
        time.sleep(0.05)
    return ssl.create_default_context(cafile=next(kept.rglob("local/root.crt")))


KIND: Final = Kind(
    "caddy", started,
    {
        "believes_clients": ("reverse_proxy 127.0.0.1:8000 {", "reverse_proxy 127.0.0.1:8000 {\nheader_up X-Forwarded-For {header.X-Forwarded-For}"),
        "keeps_bodies": ("reverse_proxy 127.0.0.1:8000 {", "reverse_proxy 127.0.0.1:8000 {\nbuffer_requests"),
        "small_bodies": ("max_size 260MB", "max_size 200MB"),
        "doubles_headers": ("respond /metrics 404", "respond /metrics 404\nheader {\n+X-Content-Type-Options nosniff\ndefer\n}"),
        "shows_figures": ("respond /metrics 404", ""),
        "forgets_the_name": ("reverse_proxy 127.0.0.1:8000 {", "reverse_proxy 127.0.0.1:8000 {\nheader_up Host {upstream_hostport}"),
        "asks_if_ready": ("lb_try_duration 10s", "health_uri /readyz\nhealth_interval 5s\nhealth_headers {\nHost clues.example.gov.cn\n}"),
        "waits_for_headers": ("read_header 10s", "read_header 600s"),
        "any_name": ("respond 421", ""),
        "one_source": ("reverse_proxy 127.0.0.1:8000 {", "reverse_proxy 127.0.0.1:8000 {\nheader_up -X-Forwarded-For"),
    },
    ("version",),
    lets_go=False,
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    front.add_options(KIND, parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    return front.run(KIND, options)
