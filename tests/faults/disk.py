"""A small disk of our own: ext4 on a loop device, whose power can be cut at any moment by copying its image.

What a program has written but not made durable lives in the page cache of the mounted file system and has not
reached the image. So a copy of the image, taken while the writers stand still and the device is at rest, holds
exactly what a machine would find after its power came back.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

_MEMORY: Final = Path("/dev/shm")
# The journal of the file system writes by itself every so often; here so rarely that nobody is saved by it.
_OPTIONS: Final = "loop,noatime,commit=300"


def sh(*command: str) -> str:
    """Run a program of the system, and fail with its words."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


@functools.cache
def can_mount() -> str:
    """Why no disk can be mounted here, found by mounting one; empty where it can."""
    if os.geteuid():
        return "not root"
    try:
        with made(4) as disk:
            (disk.folder / "probe").write_bytes(b"x")
    except (OSError, RuntimeError) as problem:
        return str(problem)
    return ""


@contextlib.contextmanager
def room(mib: int) -> Iterator[Path]:
    """A folder for images, in memory where there is room: the machine's own disk is none of our business."""
    has_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 8 * mib * 2**20
    with tempfile.TemporaryDirectory(prefix="yixian-disk-", dir=_MEMORY if has_memory else None) as name:
        yield Path(name)


class Disk:
    """One mounted image."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder
        self._device = Path("/sys/block") / Path(sh("findmnt", "-n", "-o", "SOURCE", str(folder))).name

    def _traffic(self) -> tuple[str, str]:
        return (self._device / "inflight").read_text(), (self._device / "stat").read_text()

    @contextlib.contextmanager
    def cut(self, writers: Sequence[int], copy: Path) -> Iterator[None]:
        """Stop the writers, wait until the device is at rest, copy what it holds; afterwards let the writers go on."""
        for pid in writers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(50):
                self._rest()
                before = self._traffic()
                sh("cp", "--sparse=always", str(self.image), str(copy))
                if self._traffic() == before:
                    break
            else:
                raise RuntimeError("the device never came to rest")
            yield
        finally:
            for pid in writers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _rest(self) -> None:
        calm, last = 0, None
        while calm < 3:
            time.sleep(0.005)
            now = self._traffic()
            calm = calm + 1 if now == last and now[0].split() == ["0", "0"] else 0
            last = now


@contextlib.contextmanager
def mounted(image: Path) -> Iterator[Disk]:
    """Mount an image (a journal left by a cut is replayed), and let it go whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="yixian-mount-"))
    try:
        sh("mount", "-t", "ext4", "-o", _OPTIONS, str(image), str(folder))
        try:
            yield Disk(image, folder)
        finally:
            _unmount(folder)
    finally:
        folder.rmdir()


def _unmount(folder: Path) -> None:
    for _ in range(50):
        with contextlib.suppress(RuntimeError):
            sh("umount", str(folder))
            return
        time.sleep(0.1)
    sh("umount", "-l", str(folder))


@contextlib.contextmanager
def made(mib: int) -> Iterator[Disk]:
    """Make a fresh disk of so many MiB."""
    with room(mib) as folder:
        image = folder / "disk.img"
        image.touch()
        os.truncate(image, mib * 2**20)
        sh("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
        with mounted(image) as disk:
            yield disk


mountable: Final = pytest.mark.mountable


def family(pid: int) -> list[int]:
    """A process and all that descend from it, parents first."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found
