"""What an office is found to hold after something happened to it, against what its reporters know; then all is sent again."""

from __future__ import annotations

import contextlib

from app.intake import queries
from app.main import open_house
from app.platform import journal
from app.platform.db import Database
from app.platform.settings import Settings
from tests.faults import checker
from tests.faults.doors import Client, opened
from tests.faults.senders import Parcel, Photo


def left(settings: Settings, sent: list[Parcel]) -> list[str]:
    """Say everything that is missing, half, foreign or broken before anybody sends again."""
    house = open_house(settings)
    store = house.store
    with contextlib.closing(house.database) as database:
        found = checker.damage(database, store)
        if database.is_sqlite and (said := checker.column(database, "pragma integrity_check")) != ["ok"]:
            found.append(f"the database is not whole: {said[:3]}")
        there = set(checker.column(database, "select id from report"))
        found += [f"nobody sent report {each}" for each in there - {each.report_id for each in sent}]
        kept = set(checker.column(database, "select digest from evidence_item"))
        for parcel in sent:
            if parcel.is_acknowledged and parcel.report_id not in there:
                found.append(f"LOST: report {parcel.report_id} was acknowledged by the {parcel.letter.door}")
            elif parcel.is_acknowledged and not kept.issuperset(parcel.digests):
                found.append(f"LOST: a photo of {parcel.report_id}")
        found += left_in_pieces(settings, database, [photo for parcel in sent for photo in parcel.photos])
        with database.write_session() as session:
            while journal.seal_pending(session):
                pass
        with database.read_session() as session:
            chain = journal.verify(session)
        if chain.broken_at is not None or chain.unsealed:
            found.append(f"the journal's chain does not hold: {chain}")
    return found


def left_in_pieces(settings: Settings, database: Database, photos: list[Photo]) -> list[str]:
    """Photos whose last piece was answered are held; of the others nobody was told of more than is on the disk."""
    found, folder = [], settings.data_dir / "blobs" / "uploads"
    begun = set(checker.column(database, "select id from upload"))
    whole = set(checker.column(database, "select id from upload where finished_at is not null"))
    held = set(checker.column(database, "select digest from promised_photo where state = 'held'"))
    with database.read_session() as session:
        settled = queries.settled_bytes(session)
    for photo in photos:
        name, digest = photo.upload, photo.sent.digest[:8]
        if name and name not in begun:
            found.append(f"LOST: the upload of photo {digest}, whose beginning was acknowledged")
        if photo.is_held and not (photo.sent.digest in held and name in whole):
            found.append(f"LOST: photo {digest}, whose last piece was acknowledged")
        if photo.is_held or not photo.told or name not in settled:
            continue
        # What lies beyond what was noted is not counted on, and cut away when the office begins to serve.
        there = (folder / name).read_bytes()[: settled[name]] if (folder / name).is_file() else b""
        if len(there) < photo.told:
            found.append(
                f"LOST: {photo.told} bytes of photo {digest} were told, {len(there)} are on the disk"
            )
        if there != photo.sent.content[: len(there)]:
            found.append(f"the pieces of photo {digest} are not its bytes")
    return found


async def retried(settings: Settings, sent: list[Parcel]) -> list[str]:
    """Send again what was not acknowledged, and some of what was; nothing may change by the second time."""
    found, again = [], [each for each in sent if not each.is_done] + sent[-4:]
    async with opened(settings, lambda app: app) as client:
        for parcel in again:
            found += await _asked(client, parcel)
            answer = await client.send(parcel.letter)
            if answer.status_code not in {200, 201, 303}:
                found.append(f"a retry was answered with {answer.status_code}")
            elif parcel.receipt and answer.text != parcel.receipt:
                found.append(f"the receipt of {parcel.report_id} is another one now")
    house = open_house(settings)
    store = house.store
    with contextlib.closing(house.database) as database:
        there = checker.column(database, "select id from report")
        expected = {each.report_id for each in sent if each.is_acknowledged} | {e.report_id for e in again}
        if missing := expected - set(there):
            found.append(f"LOST: {len(missing)} reports after the retry")
        kept = set(checker.column(database, "select digest from evidence_item"))
        if gone := {photo.sent.digest for each in again for photo in each.photos} - kept:
            found.append(f"LOST: {len(gone)} photos in pieces after the retry")
        if len(there) != len(set(there)) or len(there) > len(sent):
            found.append("DOUBLED: there are more reports than were sent")
        return found + [f"after the retry: {each}" for each in checker.damage(database, store)]


async def _asked(client: Client, parcel: Parcel) -> list[str]:
    """Ask the office that came back how far each photo came: never less than it said before."""
    found: list[str] = []
    for photo in parcel.photos:
        if not photo.upload or parcel.letter.errand is None:
            continue
        answer = await client.where(photo.upload, parcel.letter.errand)
        at = int(answer.headers.get("upload-offset", -1))
        if answer.status_code != 200 or at < photo.told:
            found.append(
                f"LOST: HEAD told {photo.told} before the cut and {at} after it ({answer.status_code})"
            )
    return found
