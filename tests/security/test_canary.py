"""A marked person walks through the whole house in production, faults and kills included; nothing of them lies anywhere.

Officials whom the office calls at other organisations are marked too: one as the form seals them, one as the version
before migration 0039 left them open. goals.md S1: every byte of the data folder, the log, the temporary files and the backups is searched, in every disguise of
traces.py; a backup is searched as it lies and opened, because sealing alone would hide a leak from the search.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from app.identity import totp
from app.platform import clock
from app.upkeep import vault
from app.upkeep.keys import PrivateHalves
from app.upkeep.vault import Vault
from tests.intake.sheets import AED, HIDDEN, code_on
from tests.patrol.source import ROOT
from tests.security.traces import disguises, traces

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME, PHONE, WORDS = "万俟雪青", "13945127788", "晚上八点以后打给我姐姐欧阳霁月"
CONTACT = {"contact_name": NAME, "contact_phone": PHONE, "contact_words": WORDS, "contact_consent": "yes"}
HOST = "office.example"
# Whom to call at an organisation, as the form takes it, and as it lay open before.
CALLED = {"contact_name": "闻人秋水", "phone": "13845167720", "remind_mail": "wenren.qiushui@example.gov.cn",
          "remind_mobile": "15946013389", "remind_openid": "oWenrenQiushui_7x2k"}  # fmt: skip
LEFT_OPEN = {"contact_name": "澹台望舒", "phone": "18745106632"}
PASSWORD = "seven slow barges upstream"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The product in production, as a process of its own; everything it writes lies under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.cookies: dict[str, str] = {}
        self.halves: list[socket.socket] = []
        for name in ("tmp", "backups"):
            (folder / name).mkdir(parents=True)
        self.environment = {
            **os.environ, "YIXIAN_ENV": "production", "YIXIAN_PUBLIC_URL": f"https://{HOST}",
            "YIXIAN_KEY_FILE": str(folder.parent / "master.keys"), "YIXIAN_DATA_DIR": str(folder / "data"),
            "YIXIAN_PORT": str(self.port), "YIXIAN_DISK_FLOOR_BYTES": "0", "TMPDIR": str(folder / "tmp"),
        }  # fmt: skip
        self.environment.pop("YIXIAN_DATABASE_URL", None)
        self.command("check", "--make-key", str(folder.parent / "master.keys"))
        said = self.command("backup", "--make-key", str(folder.parent / "private.key"))
        self.environment |= {
            "YIXIAN_BACKUP_DIR": str(folder / "backups"),
            "YIXIAN_BACKUP_KEY": re.findall("^YIXIAN_BACKUP_KEY=(.+)$", said, re.MULTILINE)[0],
        }

    def open_backups(self) -> None:
        """Lay beside the backups what whoever has their private half reads in them."""
        private, place = (
            PrivateHalves.from_file(self.folder.parent / "private.key"),
            Vault(self.folder / "backups"),
        )
        opened = self.folder / "opened"
        opened.mkdir()
        for set_id in place.sets():
            (opened / set_id).write_bytes(b"".join(place.database(place.told(set_id)[0], private)))
        for digest, path in place.objects().items():
            (opened / digest).write_bytes(b"".join(vault.opened_object(path, private)))

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "app", *words], cwd=ROOT, env=self.environment, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        return done.stdout

    @contextmanager
    def running(self, end: int = signal.SIGKILL) -> Iterator[None]:
        """Serve while the block runs, then end it: by default as a power cut would."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
            try:
                self._wait(process)
                yield
            finally:
                process.send_signal(end)
                process.wait(timeout=60)
                while self.halves:
                    self.halves.pop().close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            assert process.poll() is None, (self.folder / "log").read_text("utf-8")
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """One request as a browser behind the proxy sends it; cookies are kept."""
        told = {"Host": HOST, "Sec-Fetch-Site": "same-origin"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request(method, path, body, told)
        answer = link.getresponse()
        content = answer.read()
        if answer.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        link.close()
        return answer.status, content.decode("utf-8", "replace")

    def post(self, path: str, fields: dict[str, Any]) -> tuple[int, str]:
        body = urlencode(fields, doseq=True).encode()
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def put(self, path: str, content: Any) -> tuple[int, str]:
        return self.ask("PUT", path, json.dumps(content).encode(), Content_Type="application/json")

    def half_a_post(self, path: str, fields: dict[str, Any]) -> None:
        """Begin a form and leave it half-way, with the person's words in what was sent."""
        body = urlencode(fields, doseq=True).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body) + 1000}\r\n\r\n"
        )
        link = socket.create_connection(("127.0.0.1", self.port))
        self.halves.append(link)
        link.sendall(head.encode() + body)
        time.sleep(0.3)


def sign_in_and_keep_agencies(server: Server) -> str:
    """Make the first system administrator, go in with a phone, and write down whom to call; return the phone's secret."""
    said = server.command("account", "--login", "keeper", "--name", "保管人", "--role", "sysadmin")
    (once,) = re.findall("一次性密码：([a-z0-9-]+)", said)
    assert server.post("/sign-in", {"login": "keeper", "password": once})[0] == 303
    assert server.post("/sign-in/new-password", {"new": PASSWORD, "again": PASSWORD})[0] == 303
    shown = server.ask("GET", "/sign-in/second-step")[1]
    secret = "".join(re.findall(r'<code class="secret"[^>]*>([^<]+)<', shown)[0].split())
    typed = totp.code(secret, totp.step_of(clock.now()))
    pending = dict(HIDDEN.findall(shown))["pending"]
    assert server.post("/sign-in/second-step", {"pending": pending, "code": typed})[0] == 303
    new = {"name": "松北区滑雪场管理办", "kind": "agency", "is_active": "yes"} | CALLED
    assert server.post("/agencies", new | {"credit_code": "1"})[0] == 422
    assert server.post("/agencies", new)[0] == 303
    listed = server.ask("GET", "/agencies")[1]
    assert "松北区滑雪场管理办" in listed
    assert not any(called in listed for called in CALLED.values()), "a list opens nobody"
    server.cookies.clear()
    return secret


def leave_open(server: Server) -> None:
    """Write whom to call as the version before did: open, into the row of an organisation."""
    with closing(sqlite3.connect(server.folder / "data" / "yixian.db")) as connection, connection:
        changed = connection.execute(
            "update org_unit set contact_name = ?, phone = ? where key = 'water'", tuple(LEFT_OPEN.values())
        )
        assert changed.rowcount


def is_sealed(server: Server) -> bool:
    """Whether the worker has been there."""
    with closing(sqlite3.connect(server.folder / "data" / "yixian.db")) as connection:
        found = connection.execute("select count(*) from org_unit where phone != '' or contact_name != ''")
        return int(found.fetchone()[0]) == 0


@pytest.mark.only("sqlite")
@pytest.mark.app
def test_nothing_of_a_marked_person_lies_at_rest(tmp_path: Path):
    server = Server(tmp_path / "house")
    form = "/report/aed_missing"
    with server.running():
        shown = server.ask("GET", form)[1]
        stamped = dict(HIDDEN.findall(shown))
        assert server.post(form, stamped | AED | CONTACT)[0] == 303
        code = code_on(server.ask("GET", "/receipt")[1])
        server.cookies.clear()
        assert server.post(form, stamped | AED | CONTACT | {"q_venue_type": ""})[0] == 422
        assert server.post(form, stamped | CONTACT | {"words": WORDS * 20_000})[0] == 413
        assert server.post(form, stamped | CONTACT | {"words": f"{NAME}\0{PHONE}"})[0] == 422
        report_id = str(uuid.uuid4())
        body = {
            "category": "aed_missing", "secret": "A" * 22, "words": AED["words"], "answers": {"venue_type": "mall"},
            "unknown": ["venue_name"], "place": {"words": "正门东侧", "town": "taiyangdao"}, "photos": [],
            "contact": {"name": NAME, "phone": PHONE, "words": WORDS, "consent": True},
        }  # fmt: skip
        path = f"/api/v1/reports/{report_id}"
        assert server.put(path, body)[0] in {200, 201}
        assert server.put(path, body | {"words": AED["words"] + "又去了一次。"})[0] == 409
        assert server.put(f"/api/v1/reports/{uuid.uuid4()}", body | {"words": 7})[0] == 422
        assert server.ask("PUT", f"/api/v1/reports/{uuid.uuid4()}", json.dumps(body).encode()[:-9])[0] in {
            400,
            415,
            422,
        }
        fields = {"service_code": "aed_missing", "description": AED["words"], "first_name": NAME, "phone": PHONE,
                  "contact_consent": "yes", "lat": "45.8", "long": "126.5"}  # fmt: skip
        assert server.post("/open311/v2/requests.json", fields)[0] < 500
        server.half_a_post(form, stamped | AED | CONTACT)
        phone_secret = sign_in_and_keep_agencies(server)
        server.command("backup")
    leave_open(server)
    assert traces(server.folder / "data", *LEFT_OPEN.values()), "what the version before left open is found"
    with server.running():
        until = time.monotonic() + 90
        while not is_sealed(server):
            assert time.monotonic() < until, "the worker seals what lies open"
            time.sleep(0.2)
        assert server.post("/track", {"code": code})[0] == 303
        assert server.ask("GET", "/track")[0] == 200
        server.half_a_post(form, stamped | AED | CONTACT)
    with server.running(signal.SIGTERM):
        server.cookies.clear()
        assert server.post("/sign-in", {"login": NAME, "password": PHONE})[0] == 422
        assert server.post(form, stamped | AED | CONTACT)[0] in {303, 409, 422}
    server.command("backup")
    server.open_backups()
    secrets = (
        NAME,
        PHONE,
        WORDS,
        "欧阳霁月",
        code,
        " ".join(code[at : at + 4] for at in range(0, len(code), 4)),
        *CALLED.values(),
        *LEFT_OPEN.values(),
        PASSWORD,
        phone_secret,
    )
    assert traces(server.folder / "data", AED["words"]), (
        "what is kept in the clear is found: the search can see"
    )
    assert len(traces(server.folder / "opened", AED["words"])) == 2, "in each opened backup too"
    assert traces(server.folder / "backups", AED["words"]) == [], "and in none as it lies"
    for line in (server.folder.parent / "master.keys").read_text("ascii").split():
        key = line.partition(":")[2]
        assert not any(
            raw in path.read_bytes()
            for path in server.folder.rglob("*") if path.is_file()
            for raw in (key.encode(), bytes.fromhex(key))
        ), "the master key lies in no backup"  # fmt: skip
    assert traces(server.folder, *secrets) == []
    log = (server.folder / "log").read_text("utf-8")
    assert "Traceback" not in log


def test_the_search_sees_every_disguise(tmp_path: Path):
    """A planted leak of each kind is found, packed ones too."""
    for number, (name, raw) in enumerate(disguises(NAME + PHONE).items()):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "x").write_bytes(b"before " + raw + b" after")
        assert any(line.endswith(f" as {name}") for line in traces(place, NAME + PHONE)), name
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "a.gz").write_bytes(gzip.compress(f"x {PHONE} x".encode()))
    with zipfile.ZipFile(packed / "b.docx", "w") as archive:
        archive.writestr("word/document.xml", gzip.compress(f"<t>{PHONE}</t>".encode()))
    assert {line.split(":")[0] for line in traces(packed, PHONE)} == {"a.gz", "b.docx"}
    named = tmp_path / "named"
    (named / PHONE).mkdir(parents=True)
    assert traces(named, PHONE)
    assert re.fullmatch(r"[^:]+: .+ as utf-8", traces(named, PHONE)[0])
