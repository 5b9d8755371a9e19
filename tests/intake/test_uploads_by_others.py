"""Clients this project did not write upload to a real server on loopback, which is killed while they do.

tuspy (with its SHA-1 checksums) and tus-js-client know nothing of this house but the protocol.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.platform import ids
from tests.browser.conftest import ROOT, free_port, wait_until_up
from tests.intake.test_api import SECRET, body
from tests.intake.uploads import hexed, photo, promise

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = photo(1) + bytes(at * 7 % 251 for at in range(3 * 1024 * 1024))
PIECE = 64 * 1024


class Office:
    """The product as it is started, which can be killed and started again over the same data."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url, port = folder, url, free_port()
        self.origin = f"http://127.0.0.1:{port}"
        wishes = {"PORT": str(port), "DATA_DIR": str(folder / "data"), "DATABASE_URL": url, "DISK_FLOOR_BYTES": "0",
                  "DISK_HARD_FLOOR_BYTES": "0", "LOAD_CAST": "false", "PASSWORD_COST": "low"}  # fmt: skip
        plain = {name: value for name, value in os.environ.items() if not name.startswith("YIXIAN_")}
        self._environment = plain | {f"YIXIAN_{name}": value for name, value in wishes.items()}
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = self._folder / "server.log"
        with log.open("ab") as said:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"],
                cwd=ROOT,
                env=self._environment,
                stdout=said,
                stderr=said,
            )
        wait_until_up(self.origin, self._server, log)

    def die(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None


class Reporter:
    """Somebody with a report whose photo is on its way."""

    def __init__(self, office: Office) -> None:
        self.office, self.report_id = office, ids.new()
        self.endpoint = f"{office.origin}/api/v1/uploads"
        self.headers = {"Authorization": f"Report {self.report_id}.{SECRET}"}
        sent = json.dumps(body(photos=[promise(LARGE)])).encode()
        self._ask("PUT", f"/api/v1/reports/{self.report_id}", sent)

    def _ask(self, method: str, path: str, content: bytes | None = None) -> Any:
        headers = self.headers | {"Content-Type": "application/json"}
        request = urllib.request.Request(self.office.origin + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def states(self) -> list[str]:
        receipt = self._ask("GET", f"/api/v1/reports/{self.report_id}/receipt")
        assert receipt["is_complete"] is all(one["state"] != "missing" for one in receipt["photos"])
        return [one["state"] for one in receipt["photos"]]


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    office = Office(tmp_path, database_url)
    office.start()
    yield office
    office.die()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(LARGE)
    return path


def kept(tmp_path: Path) -> bytes:
    digest = hexed(LARGE)
    return (tmp_path / "data/blobs/blobs" / digest[:2] / digest[2:4] / digest).read_bytes()


def test_tuspy_resumes_after_the_server_was_killed(office: Office, file: Path, tmp_path: Path):
    from tusclient.client import TusClient

    reporter = Reporter(office)
    client = TusClient(reporter.endpoint, headers=reporter.headers)
    told = {"digest": hexed(LARGE), "filename": "photo.jpg"}
    with file.open("rb") as stream:
        first = client.uploader(file_stream=stream, chunk_size=PIECE, metadata=told, upload_checksum=True)
        first.upload(stop_at=10 * PIECE)
        office.die()
        office.start()
        assert reporter.states() == ["missing"]
        again = client.uploader(
            file_stream=stream, chunk_size=16 * PIECE, url=first.url, upload_checksum=True
        )
        assert again.offset == 10 * PIECE, "the offset has survived"
        again.upload()
    assert reporter.states() == ["held"]
    assert kept(tmp_path) == LARGE


def test_tus_js_client_carries_on_while_the_server_dies_under_it(office: Office, file: Path, tmp_path: Path):
    reporter = Reporter(office)
    wish = {"endpoint": reporter.endpoint, "headers": reporter.headers, "file": str(file), "chunkSize": PIECE,
            "metadata": {"digest": hexed(LARGE), "filename": "photo.jpg", "filetype": "image/jpeg"}}  # fmt: skip
    script = Path(__file__).with_name("tus_upload.mjs")
    with subprocess.Popen(
        ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        node.stdin.write(json.dumps(wish))
        node.stdin.close()
        for _ in range(2):
            accepted = int(node.stdout.readline().split()[0])
            assert 0 < accepted < len(LARGE)
            office.die()
            office.start()
        said = node.stdout.read().splitlines()
    assert said[-1] == "done", said[-5:]
    assert reporter.states() == ["held"]
    assert kept(tmp_path) == LARGE


def test_a_piece_the_office_has_already_is_refused_before_it_is_carried(office: Office):
    """Chromium sends a piece again by itself when its kept line is cut, all of it, over whatever line there is."""
    reporter = Reporter(office)
    host, _, port = office.origin.removeprefix("http://").partition(":")
    told = reporter.headers | {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    metadata = f"digest {base64.b64encode(hexed(LARGE).encode()).decode()}"
    wish = {"Upload-Length": str(len(LARGE)), "Upload-Metadata": metadata}
    line = http.client.HTTPConnection(host, int(port), timeout=20)
    line.request("POST", reporter.endpoint.removeprefix(office.origin), headers=told | wish)
    where = line.getresponse().headers["Location"]
    line.close()
    line.putrequest("PATCH", where)
    for name, value in (told | {"Upload-Offset": "100", "Content-Length": "1000000"}).items():
        line.putheader(name, value)
    line.endheaders(bytes(8192))
    answer = line.getresponse()
    assert (answer.status, json.load(answer)["code"]) == (409, "offset_differs")
    assert answer.headers["Connection"] == "close"
    # The rest of the million bytes is not waited for: there is nobody at the other end any more.
    with pytest.raises(OSError):
        _send_on(line)
    line.close()


def _send_on(line: http.client.HTTPConnection) -> None:
    for _ in range(100):
        line.send(bytes(8192))
        time.sleep(0.01)
