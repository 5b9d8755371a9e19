"""Backup and restore as a drill: made while the office serves, brought back into an empty place, compared bit by bit."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest
from sqlalchemy import update

from app.platform import clock, journal
from app.upkeep import backup, restore, snapshot
from app.upkeep.keys import PrivateHalves
from app.upkeep.terms import Stopped
from tests import make
from tests.platform.buckets import BucketServer, bucket_settings
from tests.upkeep.conftest import Office
from tests.upkeep.drill import blobs, brought, flip, into, keep, made, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.platform.web.given import House


def test_the_drill(office: Office, empty: House):
    """What comes back is what was there: each row, each photo, the chain; and the gap is told."""
    source = office.house
    before = rows(source.settings.database)
    assert len(before["clue"]) >= 3, "the office holds something"
    assert before["blob"], "photos too"
    told = made(office).told
    with source.database.write_session() as session:
        make.clue(session)  # acknowledged after the backup's moment: this is the gap
    outcome = brought(office, empty)
    assert outcome.faults == []
    assert restore.unfinished(empty.settings) == ""
    after = rows(empty.settings.database)
    for name, expected in before.items():
        if name == "login_session" or name.startswith("journal"):
            continue
        assert after[name] == expected, name
    assert after["journal"][: len(before["journal"])] == before["journal"]
    assert [row[1:3] for row in after["journal"][len(before["journal"]) :]][-1][1] == restore.RESTORED
    assert blobs(empty) == {digest: digest for digest, *_ in before["blob"]}
    with empty.database.read_session() as session:
        assert journal.verify(session).broken_at is None
    said = list(restore.gap(empty.settings, told, now=told.made_at + timedelta(hours=3, minutes=7)))
    assert "3 h 7 min of work are not in it" in said[0]


def test_the_second_place_tells_how_much_is_missing(office: Office, tmp_path: Path):
    """A head that was signed and put away after the backup shows how long the journal was."""
    told = made(office).told
    settings = office.house.settings.model_copy(update={"heads_dir": tmp_path})
    (tmp_path / "journal-heads.jsonl").write_text(f'{{"id": "x", "seq": {told.seq + 4}}}\n', "utf-8")
    said = list(restore.gap(settings, told, now=told.made_at))
    assert f"rows {told.seq + 1} to {told.seq + 4} lack" in said[1]


def test_photos_are_sealed_once_and_serve_every_set(office: Office):
    made(office)
    digest = keep(office.house, b"another photo" * 1000)
    again = made(office)
    assert (again.added, again.told.needed_count > 1) == (1, True)
    assert made(office).added == 0
    path = office.place.objects()[digest]
    sealed = path.read_bytes()
    assert b"another photo" not in sealed
    assert path.name == f"{digest}.{hashlib.sha256(sealed).hexdigest()}"


def test_nothing_in_the_folder_can_be_read_without_the_private_half(office: Office):
    photo = b"a photo that would be read in the clear"
    keep(office.house, photo)
    made(office)
    keys = office.house.settings.keys.read_text("ascii").split(":")[1].strip()
    for path in office.place.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for readable in (
            "商场没有AED".encode(),
            b"SQLite format",
            b"PGDMP",
            photo,  # not a picture's first three bytes, which sealed megabytes hold by chance
            keys.encode(),
            bytes.fromhex(keys),
        ):
            assert readable not in content, path


def test_the_office_goes_on_writing_while_a_backup_is_made(
    office: Office, monkeypatch: pytest.MonkeyPatch, empty: House
):
    """A clue that comes between the snapshot and its photos is not in it, and breaks nothing."""
    keeping = backup._keep_objects

    def disturbed(*given: Any) -> Any:
        keep(office.house, b"came in meanwhile")
        with office.house.database.write_session() as session:
            make.clue(session, title="备份时收到的")
        return keeping(*given)

    monkeypatch.setattr(backup, "_keep_objects", disturbed)
    made(office)
    assert brought(office, empty).faults == []
    titles = [row for row in rows(empty.settings.database)["clue"] if "备份时收到的" in row]
    assert titles == []


def test_a_photo_that_is_gone_is_named_and_does_not_stop_the_rest(office: Office, empty: House):
    from app.evidence.models import Blob

    lost, erased = keep(office.house, b"lost from the disk"), keep(office.house, b"erased while it ran")
    for digest in (lost, erased):
        office.house.store.erase(digest)
    with snapshot.taken(office.house.database, office.house.settings) as moment:
        with office.house.database.write_session() as session:
            session.execute(update(Blob).where(Blob.digest == erased).values(erased_at=clock.now()))  # type: ignore[arg-type]
        from app.upkeep.keys import public_half

        with office.place.alone():
            _, absent = backup._keep_objects(office.house, office.place, moment, public_half(office.shown))
    assert {one.digest: (one.why, one.is_fault) for one in absent} == {
        lost: ("missing", True),
        erased: ("erased", False),
    }
    told = made(office).told
    assert [one.digest for one in told.absent] == [lost]
    faults = brought(office, empty).faults
    assert len(faults) == 1
    assert lost in faults[0]
    with office.house.database.write_session() as session:
        session.execute(update(Blob).where(Blob.digest == lost).values(erased_at=clock.now()))  # type: ignore[arg-type]


def test_a_damaged_photo_is_put_back_into_the_living_office(office: Office):
    from app.evidence import scrub

    house, digest = office.house, keep(office.house, b"a photo whose disk rots")
    made(office)
    flip(house.settings.data_dir / "blobs/blobs" / digest[:2] / digest[2:4] / digest)
    scrub.note_damage(house.database, house.store, digest, now=clock.now())
    private = PrivateHalves.from_file(office.private)
    assert restore.mend(house, office.place, private, now=clock.now()) == [(digest, "")]
    assert house.store.read_verified(digest) == b"a photo whose disk rots"
    assert restore.mend(house, office.place, private, now=clock.now()) == [], "and it is known as whole"


def test_an_office_comes_back_with_its_photos_in_a_bucket(
    office: Office, empty: House, bucket_server: BucketServer, tmp_path: Path
):
    """Restored into a bucket, backed up from there, scrubbed there, and what is a stray there is swept."""
    from app.evidence import scrub, strays
    from app.evidence.queries import custody
    from app.main import open_house
    from app.platform.jobs import Tools

    named = bucket_settings(bucket_server, tmp_path, s3_prefix="restored/")
    wishes = {name: getattr(named, name) for name in type(named).model_fields if name.startswith("s3_")}
    there = open_house(empty.settings.model_copy(update=wishes | {"backup_key": office.shown}))
    made(office)
    assert brought(office, there).faults == []
    expected = {digest: digest for digest in blobs(office.house)}
    assert blobs(there).items() <= expected.items()
    assert blobs(there)
    tools = Tools(there.settings, there.database, there.keys, there.store)
    digest = next(iter(blobs(there)))
    obstore.put(there.store._bucket, there.store._key("blobs", digest), b"rotted")  # type: ignore[attr-defined]
    scrub.note_damage(there.database, there.store, digest, now=clock.now())
    private = PrivateHalves.from_file(office.private)
    assert restore.mend(there, office.place, private, now=clock.now()) == [(digest, "")]
    with there.store.incoming() as coming:
        coming.write(b"nobody's")
        stray = there.store.keep(coming.seal())
    assert list(strays.strays(tools)) == [stray]
    with there.database.read_session() as session:
        assert custody.damaged(session) == []
    with obstore_counted() as asked:
        assert backup.make(into(there, office.place), now=clock.now()).added == 0
    assert asked() == 0, "what the folder holds is not fetched again"
    there.database.close()


@contextmanager
def obstore_counted() -> Iterator[Callable[[], int]]:
    """Count what is fetched from a bucket."""
    taken, truly = [0], obstore.get_range

    def counted(*given: Any, **wishes: Any) -> Any:
        taken[0] += 1
        return truly(*given, **wishes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(obstore, "get_range", counted)
        yield lambda: taken[0]


# -- the commands ------------------------------------------------------------------------------------------------
def test_check_says_how_old_the_newest_backup_is(office: Office, tmp_path: Path):
    from app.upkeep import acceptance
    from app.upkeep.acceptance import Level

    settings, now = office.house.settings, clock.now()
    told = made(office).told

    def line(now: Any = now, **wishes: Any) -> tuple[Level, str]:
        found = acceptance.backup_line(settings.model_copy(update=wishes), now)
        return found.level, found.text

    assert line(told.made_at + timedelta(hours=5))[0] is Level.FINE
    assert line(told.made_at + timedelta(days=3))[0] is Level.MEND
    assert "72 小时" in line(told.made_at + timedelta(days=3))[1]
    assert line(backup_dir=tmp_path) == (Level.MEND, "还没有做过")
    assert "is not there" in line(backup_dir=tmp_path / "x")[1]
    assert "没有设置" in line(backup_dir=None)[1]


def test_a_folder_amid_the_data_is_refused(office: Office):
    settings = office.house.settings
    inside = settings.data_dir / "backups"
    inside.mkdir(exist_ok=True)
    with pytest.raises(Stopped, match="inside YIXIAN_DATA_DIR"):
        backup.folder_of(settings.model_copy(update={"backup_dir": inside}))


@pytest.mark.only("postgresql")
def test_without_the_programs_it_says_what_to_install(office: Office, tmp_path: Path):
    settings = office.house.settings.model_copy(update={"postgres_bin": tmp_path})
    with pytest.raises(Stopped, match="no pg_dump in YIXIAN_POSTGRES_BIN"):
        snapshot.program(settings, "pg_dump")
