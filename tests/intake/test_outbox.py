"""The phone's side, as far as it runs without a browser: its page, its picture, its sealing and its work."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.platform import ids
from tests.intake.test_api import SECRET, body, put

if TYPE_CHECKING:
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

HERE = Path(__file__).parent


def node(script: str, *arguments: str) -> str:
    return subprocess.run(
        ["node", str(HERE / script), *arguments], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_the_page_seals_to_the_bytes_of_the_vector():
    known = json.loads((HERE / "sealed_vector.json").read_text("utf-8"))
    made = json.loads(node("phone_seals.mjs"))
    assert made["report"] == known["report"]["sealed"]
    assert made["files"] == [[file["sealed_length"], file["sealed_sha256"]] for file in known["files"]]


def test_the_page_does_the_work_that_is_asked():
    challenge = {"salt": "ab12", "bits": 12, "expires": "2026-11-25T22:00:00+00:00", "signature": "s"}
    salt, signature, expires, bits, counter = (
        node("phone_works.mjs", json.dumps(challenge)).strip().split(".")
    )
    assert (salt, signature, expires, bits) == ("ab12", "s", "1795644000", "12")
    assert sha256(f"{salt}{counter}".encode()).hexdigest().startswith("000")


@pytest.mark.app
def test_the_outbox_is_the_same_shell_for_everybody(client: HouseClient, code: str):
    first = client.get(client.to("intake:outbox"))
    assert first.status_code == 200
    assert code not in first.text
    assert client.get(client.to("intake:outbox")).text == first.text


@pytest.mark.app
def test_the_receipt_as_a_picture_is_for_whoever_has_the_secret(client: HouseClient):
    report_id, other = ids.new(), ids.new()
    found = put(client, report_id, body(photos=[])).json()
    put(client, other, body(photos=[], words="另外一份，说的是别的事情"))

    def picture(authorization: str | None):
        headers = {"Authorization": authorization} if authorization else {}
        return client.get(client.to("intake:receipt_for_phone", report_id=report_id), headers=headers)

    answer = picture(f"Report {report_id}.{SECRET}")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert found["query_code"][:4] in answer.text
    for wrong in (None, f"Report {other}.{SECRET}", f"Report {report_id}.{'B' * 22}"):
        assert picture(wrong).status_code == 401


@pytest.mark.app
def test_a_pin_is_read_in_the_datum_of_its_map(client: HouseClient, rows: Rows):
    place = {"lat": 45.812, "lon": 126.536, "accuracy_m": 20, "source": "pin"}
    for datum in ("wgs84", "gcj02"):
        assert put(client, ids.new(), body(photos=[], place={**place, "pin_datum": datum})).status_code == 201
    straight, shifted = (row["lat"] for row in rows("select lat from clue order by rowno"))
    assert straight == 45.812
    assert 0.001 < straight - shifted < 0.004
