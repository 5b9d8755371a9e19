"""Sound and film: kept as they came, played by the browser in the pieces it asks for, one look on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.evidence import playing, service
from app.evidence.kinds import Door
from app.evidence.terms import Origin
from app.platform import journal
from app.platform.landed import LandedFile
from app.platform.records import Journal
from tests import cast, make
from tests.conftest import HouseClient
from tests.evidence.bundles import tools_of

MP4 = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + bytes(range(256)) * 40
OGG = b"OggS\0\x02" + bytes(22) + b"OpusHead" + bytes(200)
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(300)
SIZE = len(MP4)


@pytest.mark.parametrize(
    ("wanted", "piece"),
    [
        ("", (0, 99)), ("bytes=0-", (0, 99)), ("bytes=10-19", (10, 19)), ("bytes=90-500", (90, 99)),
        ("bytes=-5", (95, 99)), ("bytes=-500", (0, 99)), ("bytes=100-", None), ("bytes=-0", None),
        ("bytes=20-10", None), ("bytes=0-1,5-6", (0, 99)), ("items=0-1", (0, 99)), ("bytes=-", (0, 99)),
        ("bytes=99999999999999999999-", (0, 99)),
    ],
)  # fmt: skip
def test_which_piece_is_asked_for(wanted: str, piece: tuple[int, int] | None) -> None:
    assert playing.piece_of(wanted, 100) == piece


def kept(client: HouseClient, content: bytes, declared: str) -> tuple[str, str]:
    """A file of a clue; clue and item."""
    tools = tools_of(client)
    with tools.store.incoming() as incoming:
        incoming.write(content)
        file = LandedFile("photos", "说话.bin", declared, len(content), content[:4096], incoming.seal())
    files, declined = service.keep_files(tools.store, [file], door=Door.CITIZEN, limit=9)
    assert not declined
    with tools.database.write_session() as session:
        clue_id = make.clue(session)
        taken = service.take_in(
            session, journal.REPORTER, files, clue_id=clue_id, office_id="o", origin_kind=Origin.REPORT,
            origin_id=clue_id, now=make.NOW,
        )  # fmt: skip
    return clue_id, taken[0].evidence_id


def looks(client: HouseClient) -> int:
    with tools_of(client).database.read_session() as session:
        return len(session.execute(select(Journal.id).where(Journal.verb == "original.viewed")).all())


def test_a_film_is_played_in_pieces_and_is_one_look(client: HouseClient) -> None:
    clue_id, item = kept(client, MP4, "video/mp4")
    cast.sign_in(client, "prosecutor_chen")
    page = client.get(client.to("desk:photo", clue_id=clue_id, evidence_id=item)).text
    address = client.to("evidence:play", evidence_id=item)
    assert f'<video class="pane__media" controls preload="none" src="{address}"' in page
    assert looks(client) == 0, "the page alone is no look"
    whole = client.get(address)
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, MP4, "bytes")
    piece = client.get(address, headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.content) == (206, MP4[100:200])
    assert piece.headers["content-range"] == f"bytes 100-199/{SIZE}"
    assert client.get(address, headers={"Range": f"bytes={SIZE}-"}).status_code == 416
    assert looks(client) == 1


@pytest.mark.parametrize(
    ("content", "declared"), [(OGG, "audio/ogg"), (WEBM, "audio/webm"), (MP4, "audio/mp4")]
)
def test_voice_notes_have_a_player_of_sound(client: HouseClient, content: bytes, declared: str) -> None:
    clue_id, item = kept(client, content, declared)
    cast.sign_in(client, "prosecutor_chen")
    assert "<audio" in client.get(client.to("desk:photo", clue_id=clue_id, evidence_id=item)).text
    assert "录音" in client.get(client.to("desk:clue", clue_id=clue_id)).text
    assert client.get(client.to("evidence:play", evidence_id=item)).content == content


def test_who_may_not_hear_or_see(client: HouseClient) -> None:
    _, item = kept(client, MP4, "video/mp4")
    for who, status in (("leader_tang", 403), ("prosecutor_wu", 404), ("sysadmin", 403)):
        cast.sign_in(client, who)
        assert client.get(client.to("evidence:play", evidence_id=item)).status_code == status
    assert looks(client) == 0


def test_a_damaged_film_is_not_played_and_on_record(client: HouseClient) -> None:
    _, item = kept(client, MP4 + b"one of its own", "video/mp4")
    house = client.app.state.house  # type: ignore[attr-defined]
    (digest,) = list(house.store.digests())
    path = house.settings.data_dir / "blobs" / "blobs" / digest[:2] / digest[2:4] / digest
    path.chmod(0o640)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    cast.sign_in(client, "prosecutor_chen")
    answer = client.get(client.to("evidence:play", evidence_id=item))
    assert (answer.status_code, "读不出来或者被改动过" in answer.text) == (503, True)
    with house.database.read_session() as session:
        assert (
            session.execute(select(Journal.facts).where(Journal.verb == "blob.damaged")).scalar_one()[
                "digest"
            ]
            == digest
        )
