"""A time stamping authority of our own, for tests: openssl's `ts` behind a small HTTP server on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
"""


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@dataclass
class Authority:
    """Where it answers, whose certificate it goes by, and how it is disposed."""

    url: str
    ca_file: Path
    mood: str = "honest"
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Run an authority while the block lasts."""
    openssl(
        folder,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=test CA",
        "-days",
        "2",
    )
    openssl(
        folder,
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.csr",
        "-subj",
        "/CN=test TSA",
    )
    (folder / "ext.cnf").write_text("extendedKeyUsage=critical,timeStamping\n", "ascii")
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "tsa.pem",
        "-extfile",
        "ext.cnf",
        "-days",
        "2",
    )
    (folder / "serial").write_text("01\n", "ascii")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder), "utf-8")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append(query)
            if made.mood == "honest":
                (folder / "query.tsq").write_bytes(query)
                openssl(
                    folder,
                    "ts",
                    "-reply",
                    "-config",
                    "tsa.cnf",
                    "-queryfile",
                    "query.tsq",
                    "-out",
                    "reply.tsr",
                )
            answer = {"refusing": bytes.fromhex("30053003020102"), "babbling": b"<html>"}.get(made.mood) or (
                folder / "reply.tsr"
            ).read_bytes()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    made = Authority(f"http://127.0.0.1:{server.server_port}/tsa", folder / "ca.pem")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
