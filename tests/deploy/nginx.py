"""`python -m tests.deploy nginx`: the nginx example before a real server.

Only the ports, the certificate (self-made) and the folders for temporary files are exchanged.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.deploy import front
from tests.deploy.front import EXAMPLES, NAME, Front, Kind, exchanged, wait_open
from tests.platform.certificates import certificate
from tests.platform.engines import free_port

_MAIN: Final = """daemon off; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; {temps} include {folder}/example.conf; }}
"""


@contextlib.contextmanager
def started(program: str, folder: Path, port: int, edit: Callable[[str], str]) -> Iterator[Front]:
    """Start it with the example."""
    pem = certificate(folder, 30, NAME)
    plain, secure = free_port(), free_port()
    example = exchanged(
        edit((EXAMPLES / "nginx.conf").read_text("utf-8")),
        ("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl"),
        ("    listen [::]:80;\n", ""), ("    listen [::]:443 ssl http2;\n", ""),
        ("/etc/ssl/clues.pem", str(pem)), ("/etc/ssl/clues.key", str(pem)), ("127.0.0.1:8000", f"127.0.0.1:{port}"),
    )  # fmt: skip
    (folder / "example.conf").write_text(example, "utf-8")
    temps = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    user, log = "user root;" if os.geteuid() == 0 else "", folder / "error.log"
    (folder / "main.conf").write_text(_MAIN.format(folder=folder, temps=temps, user=user), "utf-8")
    trust = ssl.create_default_context(cafile=pem)
    with subprocess.Popen([program, "-p", str(folder), "-e", str(log), "-c", str(folder / "main.conf")]) as running:  # fmt: skip
        try:
            wait_open(secure, running, log)
            yield Front(plain, secure, trust, folder / "client_body")
        finally:
            running.terminate()


KIND: Final = Kind(
    "nginx", started,
    {
        "believes_clients": ("X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for"),
        "keeps_bodies": ("proxy_request_buffering off", "proxy_request_buffering on"),
        "small_bodies": ("client_max_body_size 260m", "client_max_body_size 200m"),
        "doubles_headers": ("server_tokens off;", "server_tokens off; add_header X-Content-Type-Options nosniff always;"),
        "shows_figures": ("location = /metrics { return 404; }", ""),
        "forgets_the_name": ("proxy_set_header Host $host;", ""),
        "echoes_the_name": ("https://$server_name", "https://$host"),
        "one_source": ("proxy_set_header X-Forwarded-For $remote_addr;", ""),
        "waits_for_headers": ("client_header_timeout 10s", "client_header_timeout 600s"),
        "impatient": ("client_body_timeout 60s", "client_body_timeout 5s"),
        "first_version": ("listen 443 ssl http2", "listen 443 ssl"),
        "old_protocols": ("ssl_protocols TLSv1.2", "ssl_ciphers ALL:@SECLEVEL=0; ssl_protocols TLSv1 TLSv1.1 TLSv1.2"),
    },
    ("-v",),
    lets_go=True,
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    front.add_options(KIND, parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    return front.run(KIND, options)
