"""`python -m tests.faults upgrade`: hosts are exchanged one by one under load; old and new program run on one database.

The old program is a commit of this repository, by default the last one before the newest migration. First it runs alone, then
beside the new one, which has migrated; then its host is exchanged too. Nothing may be lost, doubled or refused meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.main import create_app
from app.platform.web.render import Urls
from tests.faults.aftermath import left, retried
from tests.faults.disk import sh
from tests.faults.hosts import NAME, PEOPLE, Reporters, Seen, province, watch
from tests.faults.namespaces import can_have
from tests.faults.power import ROOT


def before_the_newest_migration() -> str:
    """The last commit whose program did not know the newest migration."""
    return sh("git", "-C", str(ROOT), "log", "-1", "--format=%H^", "--", "migrations/HEAD")


@contextlib.contextmanager
def program_of(commit: str) -> Iterator[Path]:
    """The program as it was, with what set-up had built for this one."""
    with tempfile.TemporaryDirectory(prefix="yixian-old-") as name:
        code = Path(name) / "code"
        sh("git", "-C", str(ROOT), "worktree", "add", "--detach", str(code), commit)
        try:
            (code / "static" / "dist").symlink_to(ROOT / "static" / "dist")
            for made in (ROOT / "app" / "platform" / "locale").rglob("*.mo"):
                shutil.copy(made, code / made.relative_to(ROOT))
            yield code
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(code)], check=False)


def live(commit: str, seconds: float, seed: int) -> Seen:
    """Exchange both hosts, one after the other, while people report."""
    seen, chance = Seen(), random.Random(seed)
    with program_of(commit) as code, province(apart=False, is_started=False) as (hosts, own, keys):
        hosts[0].code = code
        hosts[0].start()
        to = Urls(create_app(own))
        to("intake:submit", category_key="")  # fills its table before the threads ask
        load = Reporters(f"http://{NAME}", keys, to, hosts=hosts)
        with load.at_work(chance.random() for _ in range(PEOPLE)):
            watch(load, seen, "old", seconds)
            hosts[1].start()
            watch(load, seen, "both", seconds)
            hosts[0].stop()
            hosts[0].code = ROOT
            hosts[0].start()
            watch(load, seen, "new", seconds)
        seen.findings += load.refused + left(own, load.parcels)
        for host in hosts:
            host.stop()
        seen.findings += asyncio.run(retried(own, load.parcels))
        seen.figures.update(
            sent=len(load.parcels), reports=sum(each.is_acknowledged for each in load.parcels)
        )
    return seen


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be wished."""
    parser.add_argument("--from", dest="commit", default="", help="the old program's commit")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each of the three stretches")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> int:
    """Exchange the hosts, and say what was found."""
    if why := can_have():
        sys.stdout.write(f"upgrade: no network namespace can be made on this machine ({why})\n")
        return 2
    commit = options.commit or before_the_newest_migration()
    old = sh("git", "-C", str(ROOT), "show", f"{commit}:migrations/HEAD")
    seen: Any = live(commit, options.seconds, options.seed)
    figures = seen.figures
    sys.stdout.write("".join(f"  {each}\n" for each in seen.findings[:10]))
    sys.stdout.write(
        f"upgrade from {old} to {(ROOT / 'migrations' / 'HEAD').read_text('ascii').strip()}: {figures['sent']} reports sent, "
        f"{figures['reports']} acknowledged; things acknowledged with the old {figures['with_old']}, with both "
        f"{figures['with_both']}, with the new {figures['with_new']}; longest silence {seen.longest_gap_s:.1f} s; "
        f"{len(seen.findings)} findings\n"
    )
    return int(bool(seen.findings))
