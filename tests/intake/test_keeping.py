"""What lies on the disk: in which order it came there, and what must never lie there."""

from __future__ import annotations

import base64
import gzip
import threading
from typing import TYPE_CHECKING, Any

import pytest

from app.clues import service as clue_service
from app.evidence import service as evidence_service
from app.platform import journal
from app.platform.digest import sha256_hex
from app.platform.storage_local import LocalStore
from tests.intake.sheets import AED, files, hidden, photo, report, send

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.settings import Settings
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
PHONE, NAME = "13904519876", "赵钱孙李周吴郑王"


def at_rest(folder: Path) -> bytes:
    """Every byte under the data folder, gzip opened."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found.append(content)
            if content[:2] == b"\x1f\x8b":
                found.append(gzip.decompress(content))
    return b"\n".join(found)


def forms_of(secret: str) -> list[bytes]:
    """How a text could lie there in disguise."""
    raw = secret.encode()
    return [
        raw,
        secret.encode("utf-16-le"),
        base64.b64encode(raw)[: len(raw)],
        raw.hex().encode(),
        secret[::-1].encode(),
    ]


@pytest.mark.only("sqlite")
def test_code_and_contact_lie_nowhere_in_the_clear(client: HouseClient, settings: Settings):
    fields = {"contact_phone": PHONE, "contact_name": NAME, "contact_consent": "yes"}
    code = report(client, "aed_missing", AED | fields, photos=files(photo(1)))
    refused = send(client, "aed_missing", AED | fields | {"q_venue_type": ""})
    assert refused.status_code == 422
    client.cookies.clear()
    assert client.post(client.to("intake:open_track"), data={"code": code}).status_code == 303
    client.get(client.to("intake:track"))
    everything = at_rest(settings.data_dir) + at_rest(settings.data_dir.parent)
    database = settings.database.removeprefix("sqlite:///")
    for name in (database, database + "-wal"):
        from pathlib import Path

        everything += Path(name).read_bytes() if Path(name).exists() else b""
    assert AED["words"].encode() in everything, "the search must be able to find"
    for secret in (code, " ".join(code[at : at + 4] for at in range(0, 18, 4)), code.lower(), PHONE, NAME):
        for disguise in forms_of(secret):
            assert disguise not in everything, secret


def test_the_code_stands_in_no_address_and_no_cookie(client: HouseClient):
    code = report(client, "aed_missing", AED)
    client.cookies.clear()
    answer = client.post(client.to("intake:open_track"), data={"code": code})
    assert code not in answer.headers["location"] + answer.headers["set-cookie"]


def test_nothing_personal_is_journalled(client: HouseClient, rows: Rows):
    report(
        client, "aed_missing", AED | {"contact_phone": PHONE, "contact_name": NAME, "contact_consent": "yes"}
    )
    written = (
        str(rows("select * from journal")) + str(rows("select * from job")) + str(rows("select * from note"))
    )
    for told in (PHONE, NAME, AED["words"], AED["q_venue_name"]):
        assert told not in written


def test_bytes_first_rows_second(client: HouseClient, monkeypatch: pytest.MonkeyPatch):
    """goals.md R1: sealed, kept under the digest, then the transaction; the order is watched, not believed."""
    seen: list[str] = []

    def watched(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def watching(*given: Any, **named: Any) -> Any:
            seen.append(name)
            return real(*given, **named)

        monkeypatch.setattr(owner, name, watching)

    watched(LocalStore, "keep")
    watched(evidence_service, "take_in")
    watched(clue_service, "open_clue")
    report(client, "aed_missing", AED, photos=files(photo(1), photo(2)))
    assert seen == ["keep", "keep", "open_clue", "take_in"]


@pytest.mark.parametrize("fault", ["take_in", "journal"])
def test_a_fault_in_the_transaction_leaves_no_row(
    app: Any, rows: Rows, store: BlobStore, monkeypatch: pytest.MonkeyPatch, fault: str
):
    from tests.conftest import HouseClient

    def breaks(*_: Any, **__: Any) -> None:
        raise OSError("planted")

    owner, name = (evidence_service, "take_in") if fault == "take_in" else (journal, "record")
    with HouseClient(app) as client:
        client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        carried = hidden(client, "aed_missing")
        with monkeypatch.context() as planted:
            planted.setattr(owner, name, breaks)
            answer = send(client, "aed_missing", carried | AED, photos=files(photo(1)))
        assert answer.status_code == 500
        assert "yixian_track" not in answer.headers.get("set-cookie", "")
        for table in (
            "clue",
            "report",
            "evidence_item",
            "promised_photo",
            "journal where clue_id is not null",
        ):
            assert rows(f"select * from {table}") == [], table  # noqa: S608 - names of tables
        assert store.exists(sha256_hex(photo(1))), "the blob may stay; it is swept"
        assert send(client, "aed_missing", carried | AED, photos=files(photo(1))).status_code == 303
        assert len(rows("select * from clue")) == 1


def test_the_same_report_at_the_same_moment_is_one(app: Any, rows: Rows):
    """Eight taps at once, as a bad network makes them."""
    from tests.conftest import HouseClient

    answers: list[int] = []

    def tap() -> None:
        answers.append(
            send(HouseClient(app), "aed_missing", carried | AED, photos=files(photo(1))).status_code
        )

    with HouseClient(app) as client:
        carried = hidden(client, "aed_missing")
        taps = [threading.Thread(target=tap) for _ in range(8)]
        for each in taps:
            each.start()
        for each in taps:
            each.join(timeout=60)
    assert answers == [303] * 8
    assert len(rows("select * from clue")) == len(rows("select * from report")) == 1
    assert len(rows("select * from evidence_item")) == 1
