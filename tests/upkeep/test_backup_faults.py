"""What a backup and a restore refuse, and what is left when they are interrupted anywhere."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from app.platform import clock
from app.upkeep import backup, restore, snapshot
from app.upkeep.keys import make as make_key
from app.upkeep.terms import Stopped
from app.upkeep.vault import Vault
from tests.platform.engines import ENGINE
from tests.upkeep.conftest import Office
from tests.upkeep.drill import blobs, brought, counting, flip, into, keep, made, places, rows, was_killed

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.platform.web.given import House


# -- what is refused ---------------------------------------------------------------------------------------------
def test_a_place_that_is_not_empty_is_left_alone(office: Office, empty: House, copies: Any, tmp_path: Path):
    from tests.upkeep.conftest import opened

    made(office)
    with empty.store.incoming() as coming:
        coming.write(b"somebody's photo")
        kept = empty.store.keep(coming.seal())
    with pytest.raises(Stopped, match="photos are lying here"):
        brought(office, empty)
    assert list(empty.store.digests()) == [kept]
    full = opened(copies.fresh(), tmp_path / "full", key_file=office.house.settings.keys)
    with pytest.raises(Stopped, match="not empty"):
        brought(office, full)
    full.database.close()


def test_the_wrong_private_half_begins_nothing(office: Office, empty: House, tmp_path: Path):
    made(office)
    make_key(tmp_path / "other.key", key_id="b1")
    with pytest.raises(Stopped, match="does not open"):
        brought(office, empty, key=tmp_path / "other.key")
    assert snapshot.is_empty(empty.settings)
    assert restore.unfinished(empty.settings) == ""


def test_a_backup_somebody_else_signed_is_not_taken(office: Office, copies: Any, tmp_path: Path):
    from tests.upkeep.conftest import opened

    made(office)
    stranger = opened(copies.empty(), tmp_path / "stranger")  # a key file of its own
    with pytest.raises(Stopped, match="not in YIXIAN_KEY_FILE"):
        restore.chosen(stranger, office.place, "", any_signer=False)
    assert restore.chosen(stranger, office.place, "", any_signer=True).engine == ENGINE
    stranger.database.close()


PLANTS: dict[str, Callable[[Path], object]] = {
    "database.sealed": flip,
    "needed": lambda path: path.write_bytes(path.read_bytes()[66:]),
    "set.json": lambda path: path.write_text(path.read_text("ascii").replace('"seq": ', '"seq": 1'), "ascii"),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: 4 * 1024]),
}


@pytest.mark.parametrize("where", list(PLANTS))
def test_an_altered_set_is_named_and_leaves_no_office(
    where: str, office: Office, empty: House, tmp_path: Path
):
    told = made(office).told
    spoilt = Vault(tmp_path / "spoilt")
    shutil.copytree(office.place.folder, spoilt.folder)
    PLANTS[where](spoilt.place_of(told.id) / ("database.sealed" if where == "cut" else where))
    if where != "set.json":  # what its signature holds is seen when it is chosen
        assert [about for about, _ in backup.look(spoilt)] == [told.id]
    with pytest.raises(Stopped, match=r"alter|not as it was"):
        brought(Office(office.house, spoilt, office.private, office.shown), empty)
    assert snapshot.is_empty(empty.settings), "nothing that could be taken for an office"


@pytest.mark.parametrize("how", ["flipped", "exchanged", "missing"])
def test_an_altered_photo_is_named_and_the_rest_comes_back(
    how: str, office: Office, empty: House, tmp_path: Path
):
    made(office)
    spoilt = Vault(tmp_path / "spoilt")
    shutil.copytree(office.place.folder, spoilt.folder)
    objects = list(spoilt.objects().items())
    digest, path = objects[0]
    if how == "flipped":
        flip(path)
    elif how == "exchanged":
        path.unlink()
        shutil.copyfile(objects[1][1], path.with_name(f"{digest}.{objects[1][1].name.partition('.')[2]}"))
    else:
        path.unlink()
    found = list(backup.look(spoilt))
    assert any(digest in f"{about} {text}" for about, text in found) == (how != "exchanged"), (
        "only who can open sees an exchange"
    )
    outcome = brought(Office(office.house, spoilt, office.private, office.shown), empty)
    assert any(digest in fault for fault in outcome.faults)
    assert (
        len(blobs(empty))
        == len(rows(empty.settings.database)["blob"])
        - len([one for one in rows(empty.settings.database)["blob"] if one[-1] is not None])
        - 1
    )


# -- what is interrupted -----------------------------------------------------------------------------------------
def test_a_backup_killed_anywhere_is_none_and_the_next_one_is_whole(office: Office, tmp_path: Path):
    """No set that passes as whole, no object under a wrong name; the next run clears up and is whole."""

    def prepared(name: str) -> tuple[Vault, House]:
        place = Vault(tmp_path / name)
        place.folder.mkdir()
        return place, into(office.house, place)

    with counting() as taken:
        backup.make(prepared("whole")[1], now=clock.now())
        most = taken()
    assert most > 30
    for at in places(most):
        place, house = prepared(str(at))
        assert was_killed(at, house, lambda own: backup.make(own, now=clock.now())), at
        assert list(backup.look(place)) == [], at
        backup.make(house, now=clock.now())
        assert list(backup.look(place)) == [], at
        assert not list(place.folder.rglob(".part-*")), at


def test_a_restore_killed_anywhere_opens_no_office_and_goes_on(office: Office, empty: House):
    told = made(office).told
    for at in (7, 13, 16):  # each goes on where the one before died
        assert was_killed(at, empty, lambda own: brought(office, own, told.id)), at
        begun = restore.unfinished(empty.settings)
        assert begun == told.id or (at == 7 and not blobs(empty)), at  # nothing was begun, or it is marked
    with pytest.raises(Stopped, match=told.id):
        brought(office, empty, made(office).told.id)
    assert brought(office, empty, told.id).faults == []
    assert restore.unfinished(empty.settings) == ""


def test_no_command_opens_a_half_restored_office(empty: House, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    from app import cli

    (empty.settings.data_dir / "RESTORE-NOT-FINISHED").write_text("some-set", "ascii")
    monkeypatch.setattr(cli, "Settings", lambda: empty.settings)
    assert cli.main(["serve"]) == 2
    assert "some-set" in capsys.readouterr().err
    assert snapshot.is_empty(empty.settings)


def test_two_runs_do_not_meet(office: Office):
    with office.place.alone(), pytest.raises(Stopped, match="another backup"):
        made(office)


def test_old_sets_go_and_with_them_what_no_set_needs(office: Office):
    from app.evidence.models import Blob

    digest = keep(office.house, b"shown for a while")
    old = made(office).told
    office.house.store.erase(digest)
    with office.house.database.write_session() as session:
        session.execute(update(Blob).where(Blob.digest == digest).values(erased_at=clock.now()))  # type: ignore[arg-type]
    assert digest in office.place.objects()
    later = clock.now() + timedelta(days=91)
    new = backup.make(office.house, now=later)
    assert new.dropped_objects == 1
    assert office.place.sets() == [new.told.id]
    assert digest not in office.place.objects()
    assert old.id not in office.place.sets()
    assert list(backup.look(office.place)) == []
    far = backup.prune(office.place, keep_days=90, now=later + timedelta(days=400))
    assert far == (0, 0), "the newest never goes"
    office.place.drop(new.told.id)
