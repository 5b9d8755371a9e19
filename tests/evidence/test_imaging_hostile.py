"""Pictures made to hurt, and helpers that die: the caller gets copies or Undisplayable, in time, always."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from app.evidence.imaging import Darkroom, DarkroomUnavailable, Developed, Reason, Undisplayable
from tests import photos
from tests.evidence.darkrooms import assert_bare, darkroom, helper_of, images_of

__all__ = ["darkroom"]

Answer = TypeVar("Answer")
REPOSITORY = Path(__file__).parents[2]
ENDLESS = photos.progressive_bomb(20_000)


def tried(room: Darkroom, path: Path) -> Developed | Undisplayable:
    try:
        return room.develop(path)
    except Undisplayable as refusal:
        return refusal


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name.replace("/", "_")
    path.write_bytes(content)
    path.chmod(0o440)
    return path


def test_the_whole_folder_of_hostile_pictures(tmp_path: Path) -> None:
    seen = []
    # Shorter than in service, to spare the suite's time; the limit itself is tested below.
    with Darkroom(wall_s=2.5) as room:
        helper = helper_of(room)
        for name, content in photos.hostile():
            path = write(tmp_path, name, content)
            began = time.monotonic()
            found = tried(room, path)
            assert time.monotonic() - began < 5, f"{name} hung"
            assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest(), name
            if name.startswith("ok-"):
                assert isinstance(found, Developed), f"{name}: {found}"
            if isinstance(found, Developed):
                assert_bare(found.screen, b"script", b"onload")
                assert_bare(found.thumb, b"script", b"onload")
            elif not name.startswith("bomb"):
                assert found.reason in {Reason.BROKEN, Reason.NOT_A_PICTURE, Reason.EMPTY}, f"{name}: {found}"
            seen.append(name)
        assert helper_of(room) == helper, "a picture took the helper with it"
        assert isinstance(tried(room, write(tmp_path, "after", photos.small_photo())), Developed)
        wait_until(lambda: not images_of(room))
    assert len(seen) > 25


MEASURE = """
import resource, sys
from pathlib import Path
from typing import TypeVar
from app.evidence.imaging import Darkroom, Undisplayable
from tests import photos
path = Path(sys.argv[1]) / "picture"
refused = 0
with Darkroom(wall_s=2) as room:
    pictures = [each for each in photos.hostile() if each[0].startswith("bomb")]
    pictures.append(("too-hungry.png", photos.png_bomb(7700, 7700)))
    for name, content in pictures:
        path.write_bytes(content)
        try:
            room.develop(path)
        except Undisplayable:
            refused += 1
print(len(pictures), refused, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_no_picture_takes_512_megabytes(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=REPOSITORY,
        text=True,
    )
    pictures, refused, most_kib = (int(part) for part in answer.stdout.split())
    assert pictures > refused > 3
    assert 100 * 1024 < most_kib < 512 * 1024


def test_a_picture_that_wants_more_memory_is_refused_as_that(tmp_path: Path) -> None:
    path = write(tmp_path, "large.png", photos.png_bomb(7000, 7000))
    with Darkroom(memory_bytes=200 * 1024 * 1024) as room:
        found = tried(room, path)
        assert isinstance(found, Undisplayable)
        assert found.reason is Reason.TOO_MUCH_MEMORY
        assert isinstance(tried(room, write(tmp_path, "after", photos.small_photo())), Developed)


def test_an_endless_picture_ends_at_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path, "endless.jpg", ENDLESS)
    with Darkroom(wall_s=0.5) as room:
        helper, began = helper_of(room), time.monotonic()
        found = tried(room, path)
        assert isinstance(found, Undisplayable)
        assert found.reason is Reason.TOO_SLOW
        assert found.is_worth_retrying
        assert time.monotonic() - began < 2
        assert helper_of(room) == helper, "the helper did not kill it, it was killed with it"
        assert isinstance(tried(room, write(tmp_path, "after", photos.small_photo())), Developed)
    import inspect

    assert inspect.signature(Darkroom).parameters["wall_s"].default <= 4.5, (
        "with its grace it must stay under 5 s"
    )


def test_a_slow_picture_does_not_stop_the_next(tmp_path: Path) -> None:
    endless, photo = (
        write(tmp_path, "endless.jpg", ENDLESS),
        write(tmp_path, "photo.jpg", photos.small_photo()),
    )
    with Darkroom(wall_s=1.5) as room, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(tried, room, endless)
        wait_until(lambda: images_of(room))
        assert isinstance(tried(room, photo), Developed)
        assert not slow.done()
        assert isinstance(slow.result(), Undisplayable)


def test_a_killed_picture_leaves_the_helper_alive(tmp_path: Path) -> None:
    path = write(tmp_path, "endless.jpg", ENDLESS)
    with Darkroom() as room, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tried, room, path)
        os.kill(wait_until(lambda: images_of(room))[0], signal.SIGSEGV)
        found = asked.result()
        assert isinstance(found, Undisplayable)
        assert found.reason is Reason.CRASHED
        helper = helper_of(room)
        assert isinstance(tried(room, write(tmp_path, "after", photos.small_photo())), Developed)
        assert helper_of(room) == helper


def test_a_picture_works_within_narrow_limits(tmp_path: Path) -> None:
    path = write(tmp_path, "endless.jpg", ENDLESS)
    with Darkroom(wall_s=1, memory_bytes=300 * 1024 * 1024) as room, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tried, room, path)
        picture = wait_until(lambda: images_of(room))[0]
        wait_until(lambda: limit(picture, "file size") == "0")
        wait_until(lambda: limit(picture, "open files") == "32")
        assert limit(picture, "address space") == str(300 * 1024 * 1024)
        assert limit(picture, "core file size") == "0"
        assert limit(picture, "cpu time") == "1"
        descriptors = [descriptor.readlink() for descriptor in Path(f"/proc/{picture}/fd").iterdir()]
        assert {str(each) for each in descriptors if each.is_absolute()} == {os.devnull, str(path)}
        asked.result()


def limit(pid: int, name: str) -> str:
    """The hard limit of a process, as the kernel keeps it."""
    line = next(
        each
        for each in Path(f"/proc/{pid}/limits").read_text().splitlines()
        if each.startswith(f"Max {name}")
    )
    return line.removeprefix(f"Max {name}").split()[1]


def test_a_killed_helper_is_replaced(tmp_path: Path) -> None:
    photo = write(tmp_path, "photo.jpg", photos.small_photo())
    with Darkroom() as room:
        for _ in range(3):
            os.kill(helper_of(room), signal.SIGKILL)
            assert isinstance(tried(room, photo), Developed)


def test_a_helper_that_stopped_is_replaced(tmp_path: Path) -> None:
    photo = write(tmp_path, "photo.jpg", photos.small_photo())
    with Darkroom(wall_s=0.4) as room:
        stopped = helper_of(room)
        os.kill(stopped, signal.SIGSTOP)
        found = tried(room, photo)
        assert isinstance(found, Undisplayable)
        assert found.reason is Reason.TOO_SLOW
        assert isinstance(tried(room, photo), Developed)
        assert helper_of(room) != stopped


def test_many_threads_share_one_darkroom(darkroom: Darkroom, tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{n}", photos.small_photo(seed=n, size=(320, 240))) for n in range(4)]
    alone = [darkroom.develop(path).dhash64 for path in paths]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda n: darkroom.develop(paths[n % 4]).dhash64, range(40)))
    assert together == alone * 10


def test_it_starts_by_itself_and_closes_twice(tmp_path: Path) -> None:
    room = Darkroom()
    photo = write(tmp_path, "photo.jpg", photos.small_photo())
    assert isinstance(tried(room, photo), Developed)
    helper = helper_of(room)
    room.close()
    room.close()
    assert not Path(f"/proc/{helper}").exists()
    assert isinstance(tried(room, photo), Developed)
    room.close()


def test_the_helper_dies_with_its_parent() -> None:
    program = (
        "import os\nfrom app.evidence.imaging import Darkroom\nroom = Darkroom()\nroom.start()\n"
        "print(room._helper.pid, flush=True)\nos._exit(1)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, cwd=REPOSITORY, text=True
    )
    helper = int(ended.stdout)
    wait_until(
        lambda: not Path(f"/proc/{helper}").exists() or "Z (" in Path(f"/proc/{helper}/status").read_text()
    )


def test_the_helper_knows_no_secret_and_the_service_no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIXIAN_KEY_FILE", "/somewhere/secret")
    with Darkroom() as room:
        assert b"YIXIAN" not in Path(f"/proc/{helper_of(room)}/environ").read_bytes()
    program = (
        "import sys, app.evidence.imaging\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'PIL', 'pi_heif'}])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, cwd=REPOSITORY, text=True
    )
    assert loaded.stdout == "[]\n"


def test_a_helper_that_cannot_start_is_no_fault_of_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = write(tmp_path, "photo.jpg", photos.small_photo())
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DarkroomUnavailable):
        Darkroom().develop(photo)


def test_what_is_no_file_with_bytes_is_refused_at_once(darkroom: Darkroom, tmp_path: Path) -> None:
    found = tried(darkroom, write(tmp_path, "nothing", b""))
    assert isinstance(found, Undisplayable)
    assert found.reason is Reason.EMPTY
    with pytest.raises(FileNotFoundError):
        darkroom.develop(tmp_path / "missing")
    os.mkfifo(tmp_path / "pipe")
    opener = threading.Thread(target=lambda: (tmp_path / "pipe").open("wb").close())
    opener.start()
    assert isinstance(tried(darkroom, tmp_path / "pipe"), Undisplayable)
    opener.join()


def wait_until(question: Callable[[], Answer], patience_s: float = 5.0) -> Answer:
    """Ask again until the answer is yes; the answer."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if answer := question():
            return answer
        threading.Event().wait(0.01)
    raise AssertionError("it never happened")
