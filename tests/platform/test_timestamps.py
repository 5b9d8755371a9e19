"""Time stamps (RFC 3161) from an authority of the tests' own: asked for, kept, checked with openssl, never in the way."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.platform import heads, timestamps
from app.platform.db import Database
from app.platform.jobs import Tools
from app.platform.records import HeadStamp, JournalHead
from tests.conftest import HouseClient, make_settings
from tests.platform.authority import Authority, authority
from tests.platform.test_heads import KEYS, NOW, write

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the authority of the tests is openssl"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority")) as made:
        yield made


@pytest.fixture
def there(running: Authority) -> Authority:
    running.mood = "honest"
    timestamps._rest_until.clear()
    return running


@pytest.fixture
def tools(database: Database, tmp_path: Path, there: Authority) -> Tools:
    settings = make_settings(database.url, tmp_path, timestamp_url=there.url, timestamp_ca_file=there.ca_file)
    return Tools(settings, database, KEYS, store=None)


def stamps(tools: Tools) -> list[HeadStamp]:
    with tools.database.read_session() as session:
        return list(session.execute(select(HeadStamp)).scalars())


def test_a_head_is_stamped_once_and_openssl_believes_it(
    tools: Tools, there: Authority, tmp_path: Path
) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    assert timestamps.stamp_pending(tools, NOW) == 1
    assert timestamps.stamp_pending(tools, NOW) == 0
    (stamp,) = stamps(tools)
    with tools.database.read_session() as session:
        head = session.execute(select(JournalHead)).scalar_one()
    (tmp_path / "answer.tsr").write_bytes(base64.b64decode(stamp.response))

    def believes(signature: str) -> bool:
        digest = timestamps.imprint(signature).hex()
        command = [
            "openssl",
            "ts",
            "-verify",
            "-digest",
            digest,
            "-in",
            "answer.tsr",
            "-CAfile",
            str(there.ca_file),
        ]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0

    assert believes(head.signature)
    assert not believes(head.signature[::-1])


@pytest.mark.parametrize("mood", ["refusing", "babbling", "repeating"])
def test_what_is_no_stamp_of_ours_is_not_kept_and_the_authority_left_alone_a_while(
    tools: Tools, there: Authority, mood: str
) -> None:
    write(tools)
    heads.sign_hourly(tools, NOW)
    if mood == "repeating":  # an old answer, to another question
        assert timestamps.stamp_pending(tools, NOW) == 1
        write(tools)
        heads.sign_hourly(tools, NOW + timedelta(hours=2))
    before = len(stamps(tools))
    there.mood = mood
    asked = len(there.asked)
    for minutes in (0, 1, 9):
        assert timestamps.stamp_pending(tools, NOW + timedelta(minutes=minutes)) == 0
    assert (len(stamps(tools)), len(there.asked)) == (before, asked + 1)
    there.mood = "honest"
    assert timestamps.stamp_pending(tools, NOW + timedelta(minutes=11)) == 1


def test_an_authority_that_is_away_stops_nothing(tools: Tools, tmp_path: Path) -> None:
    settings = make_settings(tools.database.url, tmp_path, timestamp_url="http://127.0.0.1:9/tsa")
    away = Tools(settings, tools.database, KEYS, store=None)
    write(away)
    heads.sign_hourly(away, NOW)
    assert timestamps.stamp_pending(away, NOW) == 0
    assert stamps(away) == []


def test_a_bundle_carries_its_stamps_and_verify_checks_them(
    database_url: str, tmp_path: Path, there: Authority
) -> None:
    from app.evidence import verify_bundle
    from app.main import create_app
    from tests.evidence.bundles import clue_with_photos, faults, made, taken

    settings = make_settings(database_url, tmp_path, timestamp_url=there.url, timestamp_ca_file=there.ca_file)
    with HouseClient(create_app(settings)) as client:
        raw = taken(client, made(client, clue_with_photos(client, count=1)))
    assert faults(raw) == []
    files = verify_bundle.unzipped(raw, [])
    name = next(name for name in files if name.endswith(".tsr"))
    # The stamp of another moment, put in with all digests made to fit, is what only openssl can tell.
    found: list[str] = []
    import json

    journal = json.loads(files["journal.json"])
    journal["spans"][-1]["head"]["signature"] = "0" * 128
    verify_bundle.check_stamps(files, journal, found, [])
    assert found == [f"{name}: the time stamp does not hold"]
