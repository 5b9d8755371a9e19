"""A release: the same bytes each time, signed; the script for hosts refuses what was touched, and always leaves one in use.

The whole of it (wheels, environment, serving, without any network) is rehearsed by `make release`.
"""

from __future__ import annotations

import importlib.util
import io
import json
import tarfile
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.patrol.source import ROOT


def loaded(name: str, path: Path) -> Any:
    """A script as a module."""
    spec = importlib.util.spec_from_loader(name, SourceFileLoader(name, str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def release() -> ModuleType:
    found: ModuleType = loaded("release", ROOT / ".ci" / "release")
    return found


@pytest.fixture(scope="module")
def place(release: Any, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = tmp_path_factory.mktemp("place") / "yixian-place.py"
    path.write_text(release.script(), "utf-8")
    found: ModuleType = loaded("place", path)
    return found


@pytest.fixture
def key(release: Any, tmp_path: Path) -> Path:
    release.make_key(tmp_path / "release.key")
    return tmp_path / "release.key"


def made(release: Any, key: Path, folder: Path, name: str = "yixian-1") -> Path:
    """A small release of one file."""
    tree = folder / "tree" / name
    (tree / "app").mkdir(parents=True)
    (tree / "app" / "main.py").write_text("print('hello')\n")
    told = {"kind": release.KIND, "name": name, "version": "1", "commit": "c", "for": "cp0-any"}
    (tree / "RELEASE.json").write_text(json.dumps(told))
    archive: Path = release.pack(tree, folder / "out", key, told, 1_700_000_000)
    return archive


def furnish(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the environment out: that is the rehearsal's part."""
    monkeypatch.setattr(place, "furnished", lambda home: (home / place.READY).touch())


def test_the_same_tree_gives_the_same_bytes_and_the_key_is_its_owners(
    release: Any, key: Path, tmp_path: Path
):
    one, two = (made(release, key, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert one == two
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        release.make_key(key)


def test_what_was_touched_or_signed_by_another_is_refused(
    release: Any, place: Any, key: Path, tmp_path: Path
):
    archive, public = made(release, key, tmp_path), release.public_of(key)
    assert place.verified(archive, public)["name"] == "yixian-1"
    with pytest.raises(place.Refused, match="not of this key"):
        place.verified(archive, release.make_key(tmp_path / "other.key"))
    whole, beside = archive.read_bytes(), archive.with_name("yixian-1.signed.json")
    for at in range(0, len(whole), 37):
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(place.Refused):
            place.verified(archive, public)
    archive.write_bytes(whole)
    told = json.loads(beside.read_text())
    for name in told:
        beside.write_text(json.dumps(told | {name: told[name] + "0"}))
        with pytest.raises(place.Refused):
            place.verified(archive, public)
    beside.unlink()
    with pytest.raises(place.Refused, match="cannot be read"):
        place.verified(archive, public)


def test_one_is_always_in_use_and_the_one_before_is_a_step_away(
    release: Any, place: Any, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    furnish(place, monkeypatch)
    monkeypatch.delenv("YIXIAN_BACKUP_DIR", raising=False)
    to, public = tmp_path / "opt", release.public_of(key)
    first, second = (made(release, key, tmp_path / name, f"yixian-{name}") for name in ("1", "2"))
    asked: list[tuple[str, tuple[str, ...]]] = []
    fails = {"migrate"}

    def app(home: Path, *words: str) -> int:
        asked.append((home.name, words))
        return int(words[0] in fails)

    monkeypatch.setattr(place, "app", app)
    place.install(first, public, to)
    assert (to / "current" / "app" / "main.py").is_file()
    with pytest.raises(place.Refused, match="no release to go back to"):
        place.rollback(to)
    with pytest.raises(place.Refused, match="stays in use"):
        place.upgrade(second, public, to)
    assert (to / "current").resolve().name == "yixian-1"
    fails.clear()
    monkeypatch.setenv("YIXIAN_BACKUP_DIR", "somewhere")
    asked.clear()
    place.upgrade(second, public, to)
    # The backup by the old program comes before anything of the new one.
    assert asked == [("yixian-1", ("backup",)), ("yixian-2", ("migrate",))]
    assert [(to / name).resolve().name for name in ("current", "previous")] == ["yixian-2", "yixian-1"]
    place.rollback(to)
    assert [(to / name).resolve().name for name in ("current", "previous")] == ["yixian-1", "yixian-2"]


def test_a_file_changed_after_unpacking_and_a_path_that_climbs_are_refused(
    release: Any, place: Any, key: Path, tmp_path: Path
):
    archive, to = made(release, key, tmp_path), tmp_path / "opt"
    told = place.verified(archive, release.public_of(key))
    home = place.unpacked(archive, told, to)
    place.sums_hold(home)
    (home / "app" / "more.py").touch()
    with pytest.raises(place.Refused, match=r"app/more\.py"):
        place.sums_hold(home)
    place.unpacked(archive, told, to)  # it was not finished: made anew
    (home / "app" / "main.py").write_text("print('other')\n")
    with pytest.raises(place.Refused, match="not as it was released"):
        place.sums_hold(home)
    climbing = tmp_path / "climbing.tar.gz"
    with tarfile.open(climbing, "w:gz") as tar:
        member = tarfile.TarInfo("../../climbed")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(tarfile.TarError):
        place.unpacked(climbing, told, to)
    assert not list(tmp_path.rglob("climbed"))


def test_what_is_released_is_what_was_tested(release: Any):
    locks = [(ROOT / ".locks" / f"{name}.txt").read_text() for name in ("server", "dev")]
    pins = [{line.split(" ")[0] for line in text.splitlines() if "==" in line} for text in locks]
    assert len(pins[0]) > 40
    assert pins[0] <= pins[1], "run make lock"
    assert all((ROOT / name).exists() for name in release.COMMITTED)


def test_a_python_that_knows_no_filter_yet_unpacks_too(
    release: Any, place: Any, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = made(release, key, tmp_path)
    whole = tarfile.TarFile.extractall
    monkeypatch.delattr(tarfile, "data_filter")  # as in 3.11.2, which is Debian 12's own
    monkeypatch.setattr(tarfile.TarFile, "extractall", lambda self, where: whole(self, path=where))
    furnish(place, monkeypatch)
    assert (place.install(archive, release.public_of(key), tmp_path / "opt") / "app" / "main.py").is_file()
