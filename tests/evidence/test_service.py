"""A file's way: kept before the rows, evidence after them, shown once the job has run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.evidence import jobs, queries, service
from app.evidence.imaging import Darkroom
from app.evidence.kinds import Door
from app.evidence.models import Blob
from app.evidence.service import KeptFile
from app.evidence.terms import DerivativeKind, Origin
from app.platform import journal
from app.platform.db import Database
from app.platform.digest import sha256_hex, sm3_hex
from app.platform.errors import Missing
from app.platform.jobs import Tools
from app.platform.landed import LandedFile
from app.platform.settings import Settings
from app.platform.storage import BlobStore
from tests import make, photos
from tests.work import work_off


def landed(store: BlobStore, content: bytes, name: str = "IMG_2026.jpg", field: str = "photos") -> LandedFile:
    with store.incoming() as incoming:
        incoming.write(content)
        sealed = incoming.seal()
    return LandedFile(field, name, "image/jpeg", len(content), content[:4096], sealed)


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom() as opened:
        yield opened


@pytest.fixture(scope="module")
def photo() -> bytes:
    return photos.phone_photo(size=(1200, 900), orientation=6)


def take(database: Database, kept: list[KeptFile]) -> tuple[str, str]:
    with database.write_session() as session:
        clue_id = make.clue(session)
        taken = service.take_in(
            session,
            journal.REPORTER,
            kept,
            clue_id=clue_id,
            office_id="o",
            origin_kind=Origin.REPORT,
            origin_id=clue_id,
            now=make.NOW,
        )
    return clue_id, taken[0].evidence_id


def test_a_photo_is_kept_untouched_and_its_copies_are_upright(
    database: Database, settings: Settings, store: BlobStore, darkroom: Darkroom, photo: bytes
) -> None:
    kept, declined = service.keep_files(store, [landed(store, photo)], door=Door.CITIZEN, limit=9)
    assert not declined
    clue_id, evidence_id = take(database, kept)
    assert store.read_verified(sha256_hex(photo)) == photo
    tools = Tools(settings, database, keys=None, store=store)
    assert work_off(tools, {service.DEVELOP: jobs.develop_with(darkroom)})
    assert not work_off(tools, {})
    with database.read_session() as session:
        shown = queries.of_clue(session, clue_id)
        assert [item.condition for item in shown] == ["ready"]
        assert shown[0].height > shown[0].width
        assert (shown[0].photo_facts or {})["make"]
        assert session.get(Blob, shown[0].digest).sm3 == sm3_hex(photo)
        for kind in (DerivativeKind.SCREEN, DerivativeKind.THUMB):
            copy = store.read_verified(queries.picture(session, shown[0].digest, kind))
            assert b"Exif" not in copy
        assert queries.first_pictures(session, [clue_id]) == {clue_id: evidence_id}
        with pytest.raises(Missing):
            queries.picture(session, shown[0].digest, DerivativeKind.PRINT)


def test_a_broken_picture_is_kept_and_named_undisplayable(
    database: Database, settings: Settings, store: BlobStore, darkroom: Darkroom, photo: bytes
) -> None:
    broken = photo[:300]
    kept, _ = service.keep_files(store, [landed(store, broken)], door=Door.CITIZEN, limit=9)
    clue_id, _ = take(database, kept)
    assert work_off(
        Tools(settings, database, keys=None, store=store), {service.DEVELOP: jobs.develop_with(darkroom)}
    )
    with database.read_session() as session:
        assert queries.of_clue(session, clue_id)[0].condition == "undisplayable"
    assert store.read_verified(sha256_hex(broken)) == broken


def test_where_photos_are_forbidden_no_byte_is_kept(store: BlobStore, photo: bytes) -> None:
    kept, declined = service.keep_files(
        store, [landed(store, photo)], door=Door.CITIZEN, limit=9, is_forbidden=True
    )
    assert (kept, [item.reason for item in declined]) == ([], ["forbidden_here"])
    assert list(store.digests()) == []
    assert store.sweep_incoming(0) == 0


def test_what_is_too_much_or_unknown_is_declined_and_the_rest_kept_in_order(
    store: BlobStore, photo: bytes
) -> None:
    files = [
        landed(store, photo, "1.jpg"),
        landed(store, b"MZ not a picture", "2.jpg"),
        landed(store, photo + b" ", "3.jpg"),
        landed(store, photo + b"  ", "4.jpg"),
    ]
    kept, declined = service.keep_files(store, files, door=Door.CITIZEN, limit=2)
    assert [file.original_name for file in kept] == ["1.jpg", "3.jpg"]
    assert [(file.name, file.reason) for file in declined] == [
        ("2.jpg", "unknown_type"),
        ("4.jpg", "too_many"),
    ]


def test_the_same_bytes_twice_are_one_blob_and_two_items(
    database: Database, store: BlobStore, photo: bytes
) -> None:
    for _ in range(2):
        kept, _ = service.keep_files(store, [landed(store, photo)], door=Door.CITIZEN, limit=9)
        take(database, kept)
    assert list(store.digests()) == [sha256_hex(photo)]
