"""The acceptance sheet: fine where all is well, each planted fault named, the worst of them the exit code."""

from __future__ import annotations

import http.server
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app import cli
from app.main import open_house
from app.platform import clock, journal
from app.platform.crypto import add_key, make_key_file
from app.platform.i18n import speaking
from app.upkeep import acceptance, looks
from app.upkeep.acceptance import Level, Line
from tests import cast
from tests.conftest import make_settings
from tests.platform.certificates import certificate

if TYPE_CHECKING:
    from app.platform.settings import Settings
    from app.platform.web.given import House


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    keys = tmp_path / "keys" / "master.keys"
    make_key_file(keys, key_id="k1")
    return make_settings(database_url, tmp_path / "data", key_file=keys, require_second_step=True)


@pytest.fixture
def house(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(looks, "is_clock_synchronised", lambda: True)
    opened = open_house(settings)
    settings.data_dir.chmod(0o750)
    yield opened
    opened.database.close()


def lines(house: House, now: datetime | None = None) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in acceptance.gone_through(house.settings, house, now=now or clock.now()):
        found.setdefault(line.about, []).append(line)
    return found


def level(house: House, about: str, now: datetime | None = None) -> Level:
    return max(line.level for line in lines(house, now)[about])


def test_what_is_well_is_said_and_what_is_missing_too(house: House):
    found = lines(house)
    levels = {about: max(line.level for line in said) for about, said in found.items()}
    assert levels == {
        "密钥文件": Level.FINE, "磁盘": Level.FINE, "时钟": Level.FINE, "TLS": Level.MEND, "数据库": Level.FINE,
        "密钥副本": Level.MEND, "备份": Level.MEND, "两步登录": Level.FINE, "单位联系人": Level.FINE,
    }  # fmt: skip
    with speaking("en"):
        assert not [line for said in lines(house).values() for line in said if not line.about.isascii()]


def test_keys_that_lie_with_the_data_or_open_to_others(house: House):
    house.settings.keys.chmod(0o640)
    assert level(house, "密钥文件") is Level.MEND
    inside = house.settings.model_copy(update={"data_dir": house.settings.keys.parent.parent})
    assert [each.level for each in acceptance.of_settings(inside) if each.about == "密钥文件"] == [Level.MEND]
    none = house.settings.model_copy(update={"key_file": house.settings.data_dir / "none"})
    assert [each.level for each in acceptance.of_settings(none) if each.about == "密钥文件"] == [Level.STOP]


def test_a_copy_of_the_keys_is_proven_and_the_proof_grows_old(house: House, tmp_path: Path):
    copy, now = tmp_path / "stick.keys", clock.now()
    assert acceptance.prove_copy(house, house.settings.keys, now=now).level is Level.STOP
    assert acceptance.prove_copy(house, copy, now=now).level is Level.STOP
    make_key_file(copy, key_id="k1")  # the same name, another key
    assert acceptance.prove_copy(house, copy, now=now).level is Level.STOP
    assert level(house, "密钥副本") is Level.MEND
    shutil.copy(house.settings.keys, copy)
    said = acceptance.prove_copy(house, copy, now=now)
    assert (said.level, "同一块盘" in said.text) == (Level.MEND, True)
    assert level(house, "密钥副本") is Level.FINE
    assert level(house, "密钥副本", now + timedelta(days=190)) is Level.MEND
    add_key(house.settings.keys, key_id="k2")
    renewed = open_house(house.settings)
    assert level(renewed, "密钥副本") is Level.MEND
    renewed.database.close()


def test_a_clock_that_nobody_keeps_or_that_went_back(house: House, monkeypatch: pytest.MonkeyPatch):
    for said, expected in ((False, Level.MEND), (None, Level.MEND), (True, Level.FINE)):
        monkeypatch.setattr(looks, "is_clock_synchronised", lambda said=said: said)
        assert level(house, "时钟") is expected
    with house.database.write_session() as session:
        journal.record(
            session, journal.SYSTEM, "office.changed", "office", "x", facts={}, now=clock.now() + timedelta(hours=1)
        )  # fmt: skip
    assert level(house, "时钟") is Level.STOP


def test_the_kernel_is_asked():
    assert looks.is_clock_synchronised() in {True, False, None}


def test_people_with_a_password_and_nothing_besides(house: House):
    with house.database.write_session() as session:
        cast.people(session, house.settings)
    said = lines(house)["两步登录"][0]
    assert said.level is Level.MEND
    assert "head_lin" in said.text
    assert "volunteer" not in said.text  # outsiders are not asked for it
    free = house.settings.model_copy(update={"require_second_step": False})
    with house.database.read_session() as session:
        found = list(acceptance.of_house(house, session, now=clock.now()))
        assert [each.level for each in found if each.about == "两步登录"] == [Level.MEND]
        object.__setattr__(house, "settings", free)
        found = list(acceptance.of_house(house, session, now=clock.now()))
    assert "没有要求" in next(each.text for each in found if each.about == "两步登录")


def test_an_older_database_stops_and_one_that_is_not_there_is_not_made(house: House, tmp_path: Path):
    with house.database.write_session() as session:
        session.execute(text("update alembic_version set version_num = '0001'"))
    assert level(house, "数据库") is Level.STOP
    nowhere = make_settings(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, key_file=house.settings.keys)
    opened = open_house(nowhere)
    assert level(opened, "数据库") is Level.STOP
    assert not (tmp_path / "none.db").exists()
    opened.database.close()


def test_the_command_ends_with_the_worst_line_and_speaks_both_languages(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for name in ("database_url", "data_dir", "key_file"):
        monkeypatch.setenv(f"YIXIAN_{name.upper()}", str(getattr(house.settings, name)))
    assert cli.main(["check"]) == 1
    assert "[注意] 备份: 没有设置" in capsys.readouterr().out
    assert cli.main(["check", "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "[mend] Backup: not set" in said
    assert said.isascii()
    monkeypatch.setenv("YIXIAN_ENV", "production")
    assert cli.main(["check", "--lang", "en"]) == 2
    assert "YIXIAN_PUBLIC_URL is not set" in capsys.readouterr().out


# -- the public address ------------------------------------------------------------------------------------------
@contextmanager
def answering(pem: Path, *, is_ours: bool = True) -> Iterator[str]:
    """A proxy with this certificate; its address."""

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if is_ours:
                self.send_header("Strict-Transport-Security", "max-age=1")
            self.end_headers()
            self.wfile.write(b"ok\n" if is_ours else b"Welcome to nginx!")

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tls(settings: Settings, address: str) -> Line:
    asked = settings.model_copy(update={"public_url": address})
    return next(line for line in acceptance.of_settings(asked) if line.about == "TLS")


def test_the_public_address_is_asked_as_a_phone_asks(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings.data_dir.mkdir()
    long, short = certificate(tmp_path, 90), certificate(tmp_path, 9)
    with answering(long) as address:
        assert tls(settings, address).level is Level.STOP  # nobody trusts it
        monkeypatch.setenv("SSL_CERT_FILE", str(long))
        said = tls(settings, address)
        assert (said.level, said.text) == (Level.FINE, "TLSv1.3，证书还有 90 天")
    assert tls(settings, address).level is Level.STOP  # gone
    with answering(long, is_ours=False) as address:
        assert "不是本系统" in tls(settings, address).text
    with answering(short) as address:
        monkeypatch.setenv("SSL_CERT_FILE", str(short))
        assert tls(settings, address).level is Level.MEND
