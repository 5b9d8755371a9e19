"""Photos in pieces: nothing lost, nothing twice, nothing that was not promised, and never held before it is."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, update

from app.intake import uploading
from app.platform import ids, sealing
from tests.intake.uploads import OFFSET, TUS, Phone, hexed, metadata, photo, promise

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.platform.settings import Settings
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
ONE, TWO = photo(1), photo(2)


@pytest.fixture
def phone(client: HouseClient) -> Phone:
    return Phone(client)


def incoming(settings: Settings) -> list[str]:
    return [each.name for each in (settings.data_dir / "blobs/uploads").iterdir()]


def test_the_door_says_what_it_speaks(client: HouseClient):
    for path in (client.to("intake:upload_begin"), client.to("intake:upload_state", upload_id="0" * 32)):
        answer = client.options(path)
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
        assert set(answer.headers["tus-extension"].split(",")) == {
            "creation",
            "checksum",
            "expiration",
            "termination",
        }
        assert set(answer.headers["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256"}
        assert int(answer.headers["tus-max-size"]) == 25 * 1024 * 1024


def test_a_photo_comes_in_pieces_and_makes_the_report_whole(phone: Phone, rows: Rows, store: BlobStore):
    phone.report(
        promise(ONE, name="IMG_7.jpg", path="camera", position={"lat": 45.8, "lon": 126.5}), promise(TWO)
    )
    assert phone.send(ONE, pieces=5).status_code == 204
    assert phone.states() == [("held", None), ("missing", None)]
    assert phone.receipt()["is_complete"] is False
    (clue,) = rows("select is_complete, has_photo, version from clue")
    assert (clue["is_complete"], clue["has_photo"]) == (0, 1)
    assert phone.send(TWO).status_code == 204
    assert phone.receipt()["is_complete"] is True
    (clue,) = rows("select is_complete, has_photo, version from clue")
    assert (clue["is_complete"], clue["version"]) == (1, 1), "an open page of the office does not grow stale"
    kept = rows("select * from evidence_item order by rowno")
    assert [store.read_verified(row["digest"]) for row in kept] == [ONE, TWO]
    assert (kept[0]["original_name"], kept[0]["path"], kept[0]["phone_lat"]) == ("IMG_7.jpg", "camera", 45.8)
    assert (kept[0]["fidelity"], kept[0]["promised_digest"]) == ("original", hexed(ONE))
    assert len(rows("select * from job where handler = 'evidence.develop'")) == 2
    verbs = [row["verb"] for row in rows("select verb from journal order by rowno")]
    assert verbs[-3:] == ["evidence.added", "evidence.added", "report.completed"]


def test_sealed_bytes_are_opened_on_the_way(phone: Phone, app: FastAPI, store: BlobStore, settings: Settings):
    large = ONE + bytes(600_000)
    phone.report(promise(large))
    sealed = phone.seal(large, app.state.house.keys)
    assert len(sealed) == sealing.sealed_length(len(large), app.state.house.keys.current_id)
    assert phone.send(sealed, digest=hexed(large), sealed="1").status_code == 204
    assert phone.states() == [("held", None)]
    assert store.read_verified(hexed(large)) == large
    assert incoming(settings) == []
    assert list((settings.data_dir / "blobs/incoming").iterdir()) == []


@pytest.mark.parametrize("spoil", ["altered", "other report", "other photo", "not sealed", "cut"])
def test_what_does_not_open_is_dropped_and_may_be_sent_again(
    phone: Phone, app: FastAPI, rows: Rows, settings: Settings, spoil: str
):
    keys = app.state.house.keys
    phone.report(promise(ONE))
    sealed = phone.seal(ONE, keys)
    bad = {
        "altered": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "other report": Phone(phone.client).seal(ONE, keys),
        "other photo": phone.seal(TWO, keys, what=hexed(ONE)),
        "not sealed": ONE,
        "cut": sealed[:-7],
    }[spoil]
    answer = phone.send(bad, digest=hexed(ONE), sealed="1")
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_differs")
    assert (phone.states(), incoming(settings), rows("select * from upload")) == ([("missing", None)], [], [])
    assert rows("select * from blob") == []
    assert phone.send(sealed, digest=hexed(ONE), sealed="1").status_code == 204
    assert phone.states() == [("held", None)]


def test_bytes_of_another_digest_are_no_photo_of_ours(phone: Phone, rows: Rows):
    phone.report(promise(ONE))
    wrong = ONE[:-1] + bytes([ONE[-1] ^ 1])
    where = phone.begun(wrong, digest=hexed(ONE))
    answer = phone.piece(where, 0, wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_differs")
    assert phone.ask(where).status_code == 404
    assert rows("select * from evidence_item") == []


def test_the_twin_of_a_last_piece_hears_what_the_first_one_did(
    phone: Phone, rows: Rows, monkeypatch: pytest.MonkeyPatch
):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    judge, heard = uploading.judge, []

    def late(*given: Any) -> Any:
        monkeypatch.setattr(uploading, "judge", judge)
        heard.append(phone.piece(where, len(ONE) - 1, ONE[-1:]))
        return judge(*given)

    monkeypatch.setattr(uploading, "judge", late)
    assert phone.piece(where, 0, ONE).status_code == 204, "its file went when the other had finished"
    assert heard[0].status_code == 204
    assert (phone.states(), phone.offset(where)) == ([("held", None)], len(ONE))
    assert len(rows("select * from evidence_item")) == 1


def test_an_offset_that_differs_changes_nothing(phone: Phone):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    assert phone.piece(where, 0, ONE[:100]).headers["upload-offset"] == "100"
    for at in (0, 99, 101, len(ONE), len(ONE) + 1):
        answer = phone.piece(where, at, b"xx")
        assert (answer.status_code, answer.json()["code"]) == (409, "offset_differs")
    assert phone.offset(where) == 100
    assert phone.piece(where, 100, ONE[100:]).status_code == 204
    assert phone.states() == [("held", None)]


def test_a_tail_that_was_never_durable_does_not_count_after_a_power_cut(settings: Settings):
    # As ext4 leaves it: the length is known, the bytes of the last block are not.
    from app.main import create_app
    from tests.conftest import HouseClient

    with HouseClient(create_app(settings)) as client:
        phone = Phone(client, ids.new()).report(promise(ONE))
        where = phone.begun(ONE)
        assert phone.piece(where, 0, ONE[:100]).status_code == 204
    (file,) = (settings.data_dir / "blobs" / "uploads").iterdir()
    file.write_bytes(file.read_bytes() + bytes(60))
    with HouseClient(create_app(settings)) as client:
        assert (again := Phone(client, phone.report_id)).offset(where) == 100
        assert again.piece(where, 100, ONE[100:]).status_code == 204
        assert again.states() == [("held", None)]


def test_what_came_before_a_line_broke_is_noted_when_it_is_told(phone: Phone, rows: Rows, settings: Settings):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    noted = "select settled_bytes from upload"
    phone.piece(where, 0, ONE[:100])
    assert rows(noted) == [{"settled_bytes": 100}]
    (file,) = (settings.data_dir / "blobs" / "uploads").iterdir()
    file.write_bytes(ONE[:130])
    assert (phone.offset(where), rows(noted)) == (130, [{"settled_bytes": 130}])


def test_offsets_survive_a_restart(settings: Settings, store: BlobStore):
    from app.main import create_app
    from tests.conftest import HouseClient

    at, where, report_id = 0, "", ids.new()
    for _ in range(4):
        with HouseClient(create_app(settings)) as client:
            phone = Phone(client, report_id)
            where = where or phone.report(promise(ONE)).begun(ONE)
            assert phone.offset(where) == at
            phone.piece(where, at, ONE[at : at + 300])
            at += 300
    with HouseClient(create_app(settings)) as client:
        assert Phone(client, report_id).piece(where, at, ONE[at:]).status_code == 204
    assert store.read_verified(hexed(ONE)) == ONE


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_that_does_not_hold_drops_its_piece(phone: Phone, settings: Settings, algorithm: str):
    phone.report(promise(ONE))
    where, half = phone.begun(ONE), len(ONE) // 2

    def told(content: bytes) -> str:
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"

    answer = phone.piece(where, 0, ONE[:half], Upload_Checksum=told(b"other"))
    assert (answer.status_code, answer.json()["code"], phone.offset(where)) == (460, "checksum_differs", 0)
    assert phone.piece(where, 0, ONE[:half], Upload_Checksum=told(ONE[:half])).status_code == 204
    assert phone.piece(where, half, ONE[half:], Upload_Checksum=told(ONE[half:])).status_code == 204
    assert (phone.states(), incoming(settings)) == ([("held", None)], [])


@pytest.mark.parametrize("header", ["md5 AAAA", "sha1", "sha1 !", "", " "])
def test_an_unknown_checksum_is_refused(phone: Phone, header: str):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    assert phone.piece(where, 0, b"x", Upload_Checksum=header).status_code == 400
    assert phone.offset(where) == 0


def test_a_lost_answer_costs_nothing(phone: Phone, rows: Rows):
    phone.report(promise(ONE))
    first = phone.begun(ONE)
    phone.piece(first, 0, ONE[:500])
    assert phone.begun(ONE) == first, "the same upload again"
    assert phone.offset(first) == 500
    assert phone.piece(first, 500, ONE[500:]).status_code == 204
    assert phone.offset(first) == len(ONE)
    again = phone.piece(first, len(ONE), b"")
    assert (again.status_code, again.headers["upload-offset"]) == (204, str(len(ONE)))
    answer = phone.begin(hexed(ONE), len(ONE))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_settled")
    assert len(rows("select * from evidence_item")) == 1


def test_a_whole_upload_that_was_not_finished_asks_for_its_last_byte(
    phone: Phone, rows: Rows, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Killed between the last byte and the commit, a client that trusts the offset alone must not be fooled."""
    from app.intake import uploading

    phone.report(promise(ONE))
    where = phone.begun(ONE)
    with monkeypatch.context() as patched:
        patched.setattr(
            uploading, "finish", lambda *_a, **_k: (_ for _ in ()).throw(OSError("the power is out"))
        )
        with pytest.raises(OSError, match="power"):
            phone.piece(where, 0, ONE)
    assert incoming(settings), "the bytes are still there"
    assert phone.offset(where) == len(ONE) - 1
    assert phone.states() == [("missing", None)]
    assert phone.piece(where, len(ONE) - 1, ONE[-1:]).status_code == 204
    assert (phone.states(), phone.offset(where)) == ([("held", None)], len(ONE))
    assert len(rows("select * from evidence_item")) == 1
    assert incoming(settings) == []


def test_when_the_commit_fails_the_bytes_stay(phone: Phone, app: FastAPI, rows: Rows, settings: Settings):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    engine = app.state.house.database.writing

    def fail(connection: Any) -> None:
        if connection.get_execution_options().get("postgresql_readonly"):
            return  # whoever only reads ends by a COMMIT too
        event.remove(engine, "commit", fail)
        raise OSError("the disk is gone")

    event.listen(engine, "commit", fail)
    with pytest.raises(OSError, match="gone"):
        phone.piece(where, 0, ONE)
    assert (phone.states(), len(incoming(settings))) == ([("missing", None)], 1)
    assert phone.piece(where, len(ONE) - 1, ONE[-1:]).status_code == 204
    assert len(rows("select * from evidence_item")) == 1


def test_only_the_secret_opens_the_door(phone: Phone, client: HouseClient, rows: Rows):
    phone.report(promise(ONE))
    where = phone.begun(ONE)
    begin = client.to("intake:upload_begin")
    made = {"Upload-Length": "9", "Upload-Metadata": metadata(digest=hexed(ONE))}
    wrong = [
        "",
        f"Report {phone.report_id}.x",
        f"Report {ids.new()}.{'A' * 22}",
        f"Bearer {phone.report_id}",
        "Report x.y",
    ]
    for authorization in wrong:
        headers = {**TUS, "Authorization": authorization}
        answers = [
            client.post(begin, headers=headers | made),
            client.head(where, headers=headers),
            client.patch(where, content=b"x", headers=headers | OFFSET | {"Upload-Offset": "0"}),
            client.delete(where, headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [401] * 4
    assert len(rows("select * from upload")) == 1


def test_another_phones_upload_is_missing(phone: Phone, client: HouseClient):
    where = phone.report(promise(ONE)).begun(ONE)
    other = Phone(client).report(promise(ONE))
    assert [other.ask(where).status_code, other.piece(where, 0, b"x").status_code] == [404, 404]
    assert client.delete(where, headers=other.owner).status_code == 404
    assert phone.offset(where) == 0


@pytest.mark.parametrize("upload_id", ["x", "0" * 32, "%00", "0" * 33, "..%2f..%2fx"])
def test_an_upload_that_never_was_is_missing(phone: Phone, client: HouseClient, upload_id: str):
    phone.report(promise(ONE))
    where = client.to("intake:upload_state", upload_id="ID").replace("ID", upload_id)
    assert phone.ask(where).status_code == 404


def test_what_was_not_promised_does_not_begin(phone: Phone, rows: Rows):
    phone.report(promise(ONE))
    answer = phone.begin(hexed(TWO), len(TWO))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_promised")
    too_long = [
        phone.begin(hexed(ONE), len(ONE) + 1),
        phone.begin(hexed(ONE), sealing.longest_sealed(len(ONE)) + 1, sealed="1"),
    ]
    assert [answer.status_code for answer in too_long] == [413, 413]
    assert rows("select * from upload") == []


@pytest.mark.parametrize("change", [
    {"Upload-Length": ""}, {"Upload-Length": "-1"}, {"Upload-Length": "0"}, {"Upload-Length": "9" * 40},
    {"Upload-Length": "1.5"}, {"Upload-Metadata": ""}, {"Upload-Metadata": "digest"}, {"Upload-Metadata": "digest ####"},
    {"Upload-Metadata": metadata(digest="A" * 64)}, {"Upload-Metadata": "," * 500},
])  # fmt: skip
def test_a_creation_that_cannot_be_read_is_refused(phone: Phone, change: dict[str, str]):
    phone.report(promise(ONE))
    answer = phone.begin(hexed(ONE), len(ONE), headers=change)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_faulty")


def test_another_protocol_is_refused_by_name(phone: Phone, client: HouseClient):
    where = phone.report(promise(ONE)).begun(ONE)
    for version in ("0.2.2", ""):
        headers = phone.owner | {"Tus-Resumable": version}
        answer = client.head(where, headers=headers)
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    plain = client.patch(
        where, content=b"x", headers=phone.owner | {"Upload-Offset": "0", "Content-Type": "image/jpeg"}
    )
    assert plain.status_code == 415
    assert phone.piece(where, 0, ONE + b"x").status_code == 413
    assert phone.offset(where) == 0


def test_a_client_that_may_not_patch_posts(phone: Phone, client: HouseClient):
    where = phone.report(promise(ONE)).begun(ONE)
    headers = phone.owner | OFFSET | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(where, content=ONE, headers=headers).status_code == 204
    assert phone.states() == [("held", None)]


def test_an_upload_can_be_given_up(phone: Phone, client: HouseClient, settings: Settings):
    where = phone.report(promise(ONE)).begun(ONE)
    phone.piece(where, 0, ONE[:9])
    assert client.delete(where, headers=phone.owner).status_code == 204
    assert (phone.ask(where).status_code, incoming(settings)) == (404, [])
    assert phone.states() == [("missing", None)]
    assert phone.send(ONE).status_code == 204


def test_a_file_of_no_kind_we_keep_is_settled_as_declined(phone: Phone, rows: Rows):
    page = b"<html>" + b"x" * 500
    phone.report(promise(page), promise(ONE))
    assert phone.send(page).status_code == 204
    assert phone.states() == [("declined", "unknown_type"), ("missing", None)]
    assert rows("select * from evidence_item") == []
    assert rows("select * from blob") == []


def test_a_name_stated_only_here_is_kept(phone: Phone, rows: Rows):
    phone.report(promise(ONE))
    phone.send(ONE, filename="现场照片\x00.jpg", filetype="image/jpeg")
    (kept,) = rows("select * from evidence_item")
    assert (kept["original_name"], kept["declared_type"]) == ("现场照片.jpg", "image/jpeg")


def test_an_expired_upload_is_gone_and_can_begin_anew(
    phone: Phone, database: Any, settings: Settings, rows: Rows
):
    from app.intake.models import Upload
    from app.platform import clock

    where = phone.report(promise(ONE)).begun(ONE)
    phone.piece(where, 0, ONE[:10])
    with database.write_session() as session:
        session.execute(update(Upload).values(expires_at=clock.now() - timedelta(seconds=1)))
    answer = phone.ask(where)
    assert answer.status_code == 410
    assert phone.piece(where, 10, ONE[10:]).status_code == 410
    other = phone.begun(ONE)
    assert other != where
    assert phone.offset(other) == 0
