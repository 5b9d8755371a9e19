"""What an installation begins with: a small Debian of its own, and two signed releases of the program as committed."""

from __future__ import annotations

import importlib.machinery
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from tests.faults.disk import sh
from tests.faults.power import ROOT

# Kept between runs; git ignores the folder.
KEPT: Final = ROOT / ".release"
_PACKAGES: Final = "systemd,systemd-sysv,dbus,python3,ca-certificates,iproute2"


def missing(*programs: str) -> str:
    """Say why nothing can be tried here; empty where it can."""
    absent = [each for each in programs if not shutil.which(each)]
    if os.geteuid():
        return "only root may make machines of its own"
    return f"not on this machine: {', '.join(absent)}" if absent else ""


def debian() -> Path:
    """Return the archive of a small Debian like this one, made by its own package sources where it is not yet there."""
    told = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text("utf-8").splitlines() if "=" in line)  # fmt: skip
    suite = told.get("VERSION_CODENAME", "").strip('"')
    archive = KEPT / f"tree-{suite}.tar"
    if not archive.is_file():
        KEPT.mkdir(exist_ok=True)
        sources = [path for path in map(Path, ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")) if path.is_file()]  # fmt: skip
        fresh = archive.with_suffix(".new.tar")
        sh("mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--include={_PACKAGES}", suite, str(fresh), str(sources[0]))  # fmt: skip
        fresh.rename(archive)
    return archive


@dataclass(frozen=True, slots=True)
class Releases:
    """Two archives of one program under two names, each with the public half of the key that signed it."""

    folder: Path
    first: str
    second: str
    keys: tuple[str, str]


def _tool() -> Any:
    module = ModuleType("release")
    module.__file__ = str(ROOT / ".ci" / "release")
    importlib.machinery.SourceFileLoader("release", str(ROOT / ".ci" / "release")).exec_module(module)
    return module


def releases() -> Releases:
    """Make them of what is committed, with keys that nobody uses again; those of the newest commit are kept for the next run."""
    tool = _tool()
    folder = KEPT / f"try-{tool.git('rev-parse', 'HEAD')[:10]}"
    first_key, second_key = folder / "first.key", folder / "second.key"
    if not (folder / "whole").is_file():
        for old in KEPT.glob("try-*"):
            shutil.rmtree(old)
        folder.mkdir(parents=True)
        tool.make_key(first_key)
        first = tool.build(first_key, folder, changed=False)
        with tempfile.TemporaryDirectory(prefix="yixian-second-") as name:
            again = tool._renamed(first, Path(name))
            for path in [*again.parent.iterdir(), Path(name) / second_key.name]:
                shutil.move(path, folder / path.name)
        (folder / "whole").touch()
    (folder / "yixian-place.py").write_text(tool.script(), "utf-8")
    second, first = sorted(folder.glob("yixian-*.tar.gz"), key=lambda path: "-next" not in path.name)
    return Releases(folder, first.name, second.name, (tool.public_of(first_key), tool.public_of(second_key)))
