"""What the operator types for upkeep, and what is said in return."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from app.platform import clock
from app.platform.i18n import LOCALES, SOURCE_LOCALE, speaking
from app.platform.i18n import gettext as _
from app.platform.settings import Settings
from app.platform.storage import StorageProblem
from app.platform.web.given import House
from app.upkeep import acceptance, backup, keys, move, restore
from app.upkeep.acceptance import Level, Line
from app.upkeep.terms import Stopped
from app.upkeep.vault import Vault

Say = Callable[[str], None]
Open = Callable[[Settings], House]
_STOPPED: Final = 2


def add_backup(parser: argparse.ArgumentParser) -> None:
    """Say what `backup` understands."""
    parser.add_argument("--make-key", metavar="FILE", help="write a private half; prints YIXIAN_BACKUP_KEY")
    parser.add_argument("--key-id", default="b1")
    parser.add_argument(
        "--check", action="store_true", help="read the whole folder again; needs no private half"
    )


def add_restore(parser: argparse.ArgumentParser) -> None:
    """Say what `restore` understands."""
    parser.add_argument("--from", dest="folder", metavar="FOLDER", help="default: YIXIAN_BACKUP_DIR")
    parser.add_argument("--key", metavar="FILE", required=True, help="the private half")
    parser.add_argument("--set", metavar="ID", default="", help="default: the newest")
    parser.add_argument(
        "--damaged",
        action="store_true",
        help="only put back into this office what `verify` or the scrubber found damaged",
    )
    parser.add_argument(
        "--any-signer", action="store_true", help="accept a backup the key file cannot vouch for"
    )


def add_move(parser: argparse.ArgumentParser) -> None:
    """Say what `move` understands."""
    parser.add_argument(
        "--to",
        metavar="FILE",
        required=True,
        help="lines YIXIAN_DATABASE_URL=…, YIXIAN_S3_BUCKET=… and so on",
    )


def run_move(
    settings: Settings,
    options: argparse.Namespace,
    open_house: Open,
    migrate: Callable[[Settings], None],
    say: Say,
) -> int:
    """Carry the office over, and say of every table and photo whether it is the same there."""
    try:
        to = move.target_settings(settings, Path(options.to))
        migrate(settings)
        migrate(to)
        source, target = open_house(settings), open_house(to)
        faults = move.carry(source, target, now=clock.now(), say=say)
        source.database.close()
        target.database.close()
    except (Stopped, OSError, StorageProblem) as problem:
        say(f"STOP  {problem}")
        return _STOPPED
    for line in faults:
        say(f"FAULT {line}")
    say(
        f"{len(faults)} faults: the old office stays the one that counts"
        if faults
        else f"moved: start it with the lines of {options.to}"
    )
    return 1 if faults else 0


def run_backup(settings: Settings, options: argparse.Namespace, open_house: Open, say: Say) -> int:
    """Make one backup, or a pair of keys, or read the folder again."""
    if options.make_key:
        half = keys.make(Path(options.make_key), key_id=options.key_id)
        say(
            f"private half made: {options.make_key}. Keep it on paper or another medium, never on this machine:"
        )
        say("without it no backup opens, with it every backup does. Then set")
        say(f"YIXIAN_BACKUP_KEY={half.shown()}")
        return 0
    try:
        if options.check:
            return _check(Vault(backup.folder_of(settings)), say)
        house = open_house(settings)
        made = backup.make(house, now=clock.now())
        house.database.close()
    except (Stopped, OSError) as problem:
        say(f"STOP  {problem}")
        return _STOPPED
    told = made.told
    say(
        f"ok    {told.id}: {told.needed_count} blobs, {made.added} of them new; the journal up to row {told.seq}"
    )
    if made.dropped_sets:
        say(
            f"ok    {made.dropped_sets} sets older than {settings.backup_keep_days} days went, {made.dropped_objects} objects"
        )
    for one in told.absent:
        say(f"{'FAULT' if one.is_fault else 'note '} blob {one.digest} is not in it: {one.why}")
    return 1 if any(one.is_fault for one in told.absent) else 0


def _check(place: Vault, say: Say) -> int:
    faults = 0
    for about, text in backup.look(place):
        faults += 1
        say(f"FAULT {about}: {text}")
    say(
        f"{len(place.sets())} sets, {len(place.objects())} objects read: "
        + (f"{faults} faults" if faults else "all well")
    )
    return 1 if faults else 0


def run_restore(settings: Settings, options: argparse.Namespace, open_house: Open, say: Say) -> int:
    """Bring a backup back into an empty place."""
    try:
        private = keys.PrivateHalves.from_file(Path(options.key))
        place = Vault(Path(options.folder) if options.folder else backup.folder_of(settings))
        house = open_house(settings)
        if options.damaged:
            return _mend(house, place, private, say)
        told = restore.chosen(house, place, options.set, any_signer=options.any_signer)
        restore.check_target(house, told)
        say(f"restoring {told.id}: {told.needed_count} blobs, {told.database_bytes} bytes of database")
        outcome = restore.restore(house, place, told, private, now=clock.now(), say=say)
        house.database.close()
    except (Stopped, OSError) as problem:
        say(f"STOP  {problem}")
        return _STOPPED
    for line in outcome.faults:
        say(f"FAULT {line}")
    for line in restore.gap(settings, told, now=clock.now()):
        say(f"GAP   {line}")
    say(
        f"restored: {outcome.blobs} blobs, "
        + (f"{len(outcome.faults)} faults" if outcome.faults else "all well")
    )
    say(
        "Everybody signs in anew. Numbers given after the backup's moment will be given again: docs/operations.md"
    )
    return 1 if outcome.faults else 0


def _mend(house: House, place: Vault, private: keys.PrivateHalves, say: Say) -> int:
    found = restore.mend(house, place, private, now=clock.now())
    for digest, wrong in found:
        say(f"FAULT {wrong}" if wrong else f"ok    blob {digest} is whole again")
    say(f"{len(found)} were known as damaged")
    house.database.close()
    return 1 if any(wrong for _, wrong in found) else 0


def add_check(parser: argparse.ArgumentParser) -> None:
    """Say what `check` understands."""
    parser.add_argument("--make-key", metavar="FILE", help="write a new key file")
    parser.add_argument("--key-id", default="k1")
    parser.add_argument(
        "--key-copy", metavar="FILE", help="compare a copy of the key file with the one in use"
    )
    parser.add_argument("--lang", choices=LOCALES, default=SOURCE_LOCALE)


def run_check(settings: Settings, options: argparse.Namespace, open_house: Open, say: Say) -> int:
    """Go through the acceptance sheet; the exit code is its worst line: 0 fine, 1 to mend, 2 not fit for people."""
    with speaking(options.lang):
        signs = {Level.FINE: _("通过"), Level.MEND: _("注意"), Level.STOP: _("不行")}
        worst = Level.FINE
        for line in _lines(settings, options, open_house):
            worst = max(worst, line.level)
            say(f"[{signs[line.level]}] {line.about}: {line.text}")
    return int(worst)


def _lines(settings: Settings, options: argparse.Namespace, open_house: Open) -> Iterator[Line]:
    if settings.unsafe() or not (settings.is_production or settings.keys.is_file()):
        yield from acceptance.of_settings(settings)  # nothing is opened, and in development no key file made
        return
    house, now = open_house(settings), clock.now()
    try:
        if options.key_copy:
            yield acceptance.prove_copy(house, Path(options.key_copy), now=now)
        else:
            yield from acceptance.gone_through(settings, house, now=now)
    finally:
        house.database.close()
