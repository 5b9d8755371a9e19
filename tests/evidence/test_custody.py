"""Custody of bytes: read again in turn, damage named and journalled, never silent; `verify` finds it all at once."""

# ruff: noqa: S608 - an insider's statements are written out, with places the test itself read
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app import cli
from app.evidence import checking, scrub, service
from app.evidence.kinds import Door
from app.evidence.models import Blob, EvidenceItem
from app.evidence.queries import custody
from app.evidence.terms import DerivativeKind
from app.platform import journal
from app.platform.crypto import KeyRing
from app.platform.db import Database
from app.platform.digest import sha256_hex
from app.platform.jobs import Tools
from app.platform.records import Job, Journal
from app.platform.settings import Settings
from app.platform.storage import BlobStore
from tests import make, photos
from tests.evidence.test_service import landed, take

LATER = make.NOW + timedelta(days=31)


@pytest.fixture
def tools(settings: Settings, database: Database, store: BlobStore) -> Tools:
    return Tools(settings, database, KeyRing([("k1", bytes(32))]), store)


@pytest.fixture
def kept(tools: Tools) -> str:
    """One photo of one clue; its digest."""
    content = photos.phone_photo(size=(64, 48))
    files, _ = service.keep_files(tools.store, [landed(tools.store, content)], door=Door.CITIZEN, limit=9)
    take(tools.database, files)
    if not tools.database.is_sqlite:
        with tools.database.write_session() as session:
            journal.seal_pending(session)
    return sha256_hex(content)


def file_of(tools: Tools, digest: str) -> Path:
    return tools.settings.data_dir / "blobs" / "blobs" / digest[:2] / digest[2:4] / digest


def damage(tools: Tools, digest: str) -> None:
    path = file_of(tools, digest)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)


def words(tools: Tools) -> list[str]:
    with tools.database.read_session() as session:
        found = session.execute(select(Journal.verb).order_by(Journal.rowno)).scalars().all()
    return [verb for verb in found if verb.startswith("blob.")]


def row(tools: Tools, digest: str) -> Blob:
    with tools.database.read_session() as session:
        found = session.get(Blob, digest)
    assert found is not None
    return found


def test_a_whole_blob_is_read_again_in_its_turn_and_not_before(tools: Tools, kept: str) -> None:
    assert scrub.scrub(tools, make.NOW + timedelta(days=29)) == 0
    assert scrub.scrub(tools, LATER) == 1
    assert row(tools, kept).checked_at == LATER
    assert scrub.scrub(tools, LATER + timedelta(minutes=1)) == 0
    assert words(tools) == []


def test_a_slice_ends_after_its_bytes_and_the_next_goes_on(tools: Tools) -> None:
    for number in range(3):
        content = photos.phone_photo(size=(64, 48)) + bytes([number])
        files, _ = service.keep_files(tools.store, [landed(tools.store, content)], door=Door.CITIZEN, limit=9)
        take(tools.database, files)
    assert [scrub.scrub(tools, LATER, slice_bytes=1) for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("harm", "what"), [(damage, "altered"), (lambda tools, kept: file_of(tools, kept).unlink(), "missing")]
)
def test_damage_is_journalled_once_looked_at_daily_and_its_end_told(
    tools: Tools, kept: str, harm: Callable[[Tools, str], None], what: str
) -> None:
    whole = tools.store.read_verified(kept)
    harm(tools, kept)
    scrub.scrub(tools, LATER)
    scrub.scrub(tools, LATER + timedelta(hours=1))
    assert words(tools) == ["blob.damaged"]
    with tools.database.read_session() as session:
        facts = session.execute(select(Journal.facts).where(Journal.verb == "blob.damaged")).scalar_one()
        assert (facts["digest"], facts["what"]) == (kept, what)
        assert [(blob.digest, needed) for blob, needed in custody.damaged(session)] == [(kept, 1)]
    scrub.scrub(tools, LATER + timedelta(days=2))
    assert row(tools, kept).damaged_at == LATER
    assert words(tools) == ["blob.damaged"], "a second look is not a second event"
    service.keep_files(tools.store, [landed(tools.store, whole)], door=Door.CITIZEN, limit=9)
    scrub.scrub(tools, LATER + timedelta(days=4))
    assert words(tools) == ["blob.damaged", "blob.restored"]
    assert row(tools, kept).damaged_at is None


def test_a_damaged_copy_is_asked_for_again_from_its_original(tools: Tools, kept: str) -> None:
    with tools.store.incoming() as incoming:
        incoming.write(b"a copy")
        copy = tools.store.keep(incoming.seal())
    with tools.database.write_session() as session:
        service.keep_derivative(
            session,
            kept,
            DerivativeKind.THUMB,
            digest=copy,
            size=(1, 1),
            size_bytes=6,
            params={},
            now=make.NOW,
        )
        session.execute(update(Job).values(done_at=make.NOW))
    damage(tools, copy)
    for hours in (0, 25):
        scrub.scrub(tools, LATER + timedelta(hours=hours))
    with tools.database.read_session() as session:
        asked = session.execute(select(Job).where(Job.done_at.is_(None))).scalars().all()
        item = session.execute(select(EvidenceItem.id)).scalar_one()
    assert [(job.handler, job.payload) for job in asked] == [(service.DEVELOP, {"evidence_id": item})] * 2


def findings(tools: Tools) -> list[tuple[str, str]]:
    return [
        (found.about, found.text)
        for check in (checking.check_journal, checking.check_store)
        for found in check(tools)
        if found.is_fault
    ]


def test_a_whole_house_has_no_fault(tools: Tools, kept: str) -> None:
    with tools.database.write_session() as session:
        session.execute(update(Blob).values(sm3=row(tools, kept).sm3))
    assert findings(tools) == []


@pytest.mark.parametrize(
    ("statement", "text_of"),
    [
        ("UPDATE blob SET size_bytes = 1", "its row tells another size"),
        (f"UPDATE blob SET sm3 = '{'0' * 64}'", "its row tells another SM3"),
        ("UPDATE blob SET erased_at = stored_at", "it was erased, but its bytes are still there"),
    ],
)
def test_a_row_that_tells_another_story_is_named(
    tools: Tools, kept: str, statement: str, text_of: str
) -> None:
    with tools.database.write_session() as session:
        session.execute(text(statement))
    assert findings(tools) == [(f"blob {kept}", text_of)]


def test_bytes_put_in_the_place_of_others_are_found_by_the_journal(tools: Tools, kept: str) -> None:
    with tools.store.incoming() as incoming:
        incoming.write(b"another photo")
        other = tools.store.keep(incoming.seal())
    with tools.database.write_session() as session:
        service.note_blob(session, other, size_bytes=13, media_type="image/jpeg", now=make.NOW)
        session.execute(update(EvidenceItem).values(digest=other))
        item = session.execute(select(EvidenceItem.id)).scalar_one()
    assert findings(tools) == [(f"evidence {item}", f"the journal tells of other bytes ({kept})")]


def test_the_command_names_the_fault_and_ends_with_one(
    tools: Tools, kept: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YIXIAN_DATA_DIR", str(tools.settings.data_dir))
    monkeypatch.setenv("YIXIAN_DATABASE_URL", tools.settings.database)
    assert cli.main(["verify"]) == 0
    assert "all well" in capsys.readouterr().out
    damage(tools, kept)
    assert cli.main(["verify"]) == 1
    assert f"FAULT  blob {kept}: the bytes are altered" in capsys.readouterr().out
    assert cli.main(["verify", "--journal-only"]) == 0
    monkeypatch.setenv("YIXIAN_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert cli.main(["verify"]) == 2
