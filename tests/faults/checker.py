"""What must hold in a house that was killed: before anybody retries, and after the retry."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

from sqlalchemy import text

from app.main import open_house
from app.platform import journal
from app.platform.db import Database
from app.platform.settings import Settings
from app.platform.storage import BlobStore, StorageProblem
from app.platform.storage_local import LocalStore
from tests.faults.doors import Letter, opened
from tests.faults.upload_way import DIGESTS, PHOTOS

_IS_MISSING_SOME: Final = (
    "exists (select 1 from report join promised_photo on promised_photo.report_id = report.id"
    " where report.clue_id = clue.id and promised_photo.state = 'missing')"
)


def count(database: Database, table: str) -> int:
    """How many rows a table has."""
    with database.read_session() as session:
        return int(session.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 - our own names


def column(database: Database, statement: str) -> list[Any]:
    """The first column of a statement's rows."""
    with database.read_session() as session:
        return list(session.execute(text(statement)).scalars())


def damage(database: Database, store: BlobStore) -> list[str]:
    """What may never be seen, whenever one looks: half a blob, a row without its bytes, half a report."""
    found = []
    for digest in store.digests():
        with store.open(digest) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                found.append(f"half a blob stands under {digest[:8]}")
    for digest in {
        *column(database, "select digest from blob"),
        *column(database, "select digest from evidence_item"),
    }:
        try:
            store.read_verified(digest)
        except StorageProblem:
            found.append(f"a row speaks of photo {digest[:8]}, whose bytes are not there")
    reports, clues = count(database, "report"), count(database, "clue")
    if reports != clues:
        found.append(f"{reports} reports have {clues} clues")
    if count(database, "promised_photo") != reports * len(PHOTOS):
        found.append("a report stands without all its photos named")
    held = count(database, "promised_photo where state = 'held'")
    if held != count(database, "evidence_item"):
        found.append("a photo is called held and is no evidence, or the other way round")
    if wrong := count(database, f"clue where is_complete = {_IS_MISSING_SOME}"):
        found.append(f"{wrong} clues say wrongly whether they are complete")
    return found


def before_retry(settings: Settings, *, acknowledged: bool, held: set[str]) -> list[str]:
    """Look at what the dead process left."""
    house = open_house(settings)
    with closing(house.database):
        found = damage(house.database, LocalStore(settings.data_dir / "blobs"))
        if acknowledged and count(house.database, "report") != 1:
            found.append("LOST: it was acknowledged and is not there")
        gone = held - set(column(house.database, "select digest from evidence_item"))
        found += [
            f"LOST: the last piece of photo {digest[:8]} was acknowledged, the photo is not there"
            for digest in gone
        ]
    return found


def after_retry(
    settings: Settings, letter: Letter, *, told: str | None, late: Callable[[Any], Any]
) -> list[str]:
    """Retry as the client does, twice, in a fresh process, and look at everything."""

    async def retry() -> list[str]:
        found, receipts = [], [told] if told else []
        async with opened(settings, late) as client:
            for _ in range(2):
                answer = await client.send(letter)
                if answer.status_code not in {200, 201, 303}:
                    return [f"the retry was answered with {answer.status_code}"]
                receipts.append(await client.receipt(letter, answer))
                if letter.door == "develop":
                    await asyncio.to_thread(client.work)
        if len(set(receipts)) != 1:
            found.append("the receipt is not the same on a further retry")
        return found

    found = asyncio.run(retry())
    house = open_house(settings)
    store = LocalStore(settings.data_dir / "blobs")
    with closing(house.database):
        found += damage(house.database, store) + whole(house.database, store, letter)
        store.sweep_incoming(0.0)
        left = [each.name for each in (settings.data_dir / "blobs" / "incoming").iterdir()]
        return found + [f"the sweep left {name}" for name in left]


def whole(database: Database, store: LocalStore, letter: Letter) -> list[str]:
    """Say what is missing or too many of one report with two photos."""
    photos = 0 if letter.door == "api" else len(PHOTOS)
    made = 2 * photos if letter.door == "develop" else 0
    received = "journal where verb = 'report.received'"
    expected = {
        "report": 1,
        "clue": 1,
        received: 1,
        "evidence_item": photos,
        "blob": photos + made,
        "derivative": made,
        "upload where finished_at is not null": photos if letter.door == "upload" else 0,
        "upload where finished_at is null": 0,
        "job where handler = 'evidence.develop'": photos,
        "job where parked_at is not null": 0,
    }
    found = []
    for table, right in expected.items():
        if (seen := count(database, table)) != right:
            found.append(
                f"{'LOST' if seen < right else 'DOUBLED'}: {seen} rows of {table} instead of {right}"
            )
    if len(set(column(database, "select once_key from job"))) != count(database, "job"):
        found.append("DOUBLED: a job")
    if photos:
        kept = dict(zip(DIGESTS, PHOTOS, strict=True))
        if set(store.digests()) != {*kept, *column(database, "select digest from derivative")}:
            found.append("the store does not hold exactly the photos and what was made of them")
        else:
            found += [
                f"photo {d[:8]} differs" for d, content in kept.items() if store.read_verified(d) != content
            ]
    with database.write_session() as session:
        while journal.seal_pending(session):
            pass
    with database.read_session() as session:
        chain = journal.verify(session)
    if chain.broken_at is not None or chain.unsealed or not chain.sealed:
        found.append(f"the journal's chain does not hold: {chain}")
    return found
