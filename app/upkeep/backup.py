"""`python -m app backup`: one whole backup more in the folder, made while the office serves.

First the database's moment, then every blob it speaks of that the folder does not hold yet, then the set that says
so; the house's journal is told last. What was interrupted anywhere before that is no backup and is cleared away by the
next run. Sets older than the term go, and with them the objects that no set needs any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import cast

from app.evidence.scrub import condition_of
from app.platform import journal
from app.platform import storage_local as disk
from app.platform.settings import Settings
from app.platform.storage import BlobDamaged, BlobMissing
from app.platform.web.given import House
from app.upkeep import keys, queries, snapshot, vault
from app.upkeep.snapshot import Snapshot
from app.upkeep.terms import DATABASE, ERASED, NEEDED, TOLD, Absence, Need, Stopped, Told
from app.upkeep.vault import Vault

MADE = "backup.made"


@dataclass(frozen=True, slots=True)
class Made:
    """What one run did."""

    told: Told
    added: int
    dropped_sets: int
    dropped_objects: int


class _Counted:
    """Bytes on their way, with digest and length of what has passed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self.sha256, self.size = pieces, sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.sha256.update(piece)
            self.size += len(piece)
            yield piece


def folder_of(settings: Settings) -> Path:
    """Return where backups go; raises Stopped where none is set or it lies amid what it is to save."""
    folder = settings.backup_dir
    if folder is None:
        raise Stopped("YIXIAN_BACKUP_DIR is not set: name a folder of another disk or machine")
    if not folder.is_dir():
        raise Stopped(f"YIXIAN_BACKUP_DIR is not there: {folder}. Is the disk mounted?")
    if folder.resolve().is_relative_to(settings.data_dir.resolve()):
        raise Stopped("YIXIAN_BACKUP_DIR lies inside YIXIAN_DATA_DIR: what takes the one takes the other")
    return folder


def make(house: House, *, now: datetime) -> Made:
    """Make one backup; raises Stopped or OSError before there is anything that could be taken for one."""
    settings = house.settings
    if not settings.backup_key:
        raise Stopped("YIXIAN_BACKUP_KEY is not set: make a pair with `python -m app backup --make-key FILE`")
    half, place = keys.public_half(settings.backup_key), Vault(folder_of(settings))
    set_id = f"{now:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    with place.alone():
        with place.growing(set_id) as part:
            with snapshot.taken(house.database, settings) as moment:
                passing = _Counted(moment.pieces)
                written = vault.write_whole(
                    part / DATABASE, vault.sealed_database(iter(passing), half, set_id)
                )
            added, absent = _keep_objects(house, place, moment, half)
            needed = vault.write_whole(part / NEEDED, vault.needed_lines(moment.needs))
            told = Told(
                id=set_id, made_at=now, engine=moment.engine, migration=moment.migration, seq=moment.seq,
                head=moment.head, database_sealed=written.sha256, database_sha256=passing.sha256.hexdigest(),
                database_bytes=passing.size, needed_sha256=needed.sha256, needed_count=len(moment.needs),
                absent=tuple(absent),
            )  # fmt: skip
            vault.write_whole(part / TOLD, [vault.signed_lines(told, house.keys)])
        with house.database.write_session() as session:
            facts = {
                "id": set_id,
                "seq": told.seq,
                "blobs": told.needed_count,
                "sha256": told.database_sealed,
            }
            journal.record(session, journal.SYSTEM, MADE, "backup", set_id, facts=facts, now=now)
        sets, objects = prune(place, keep_days=settings.backup_keep_days, now=now)
    return Made(told, added, sets, objects)


def _keep_objects(
    house: House, place: Vault, moment: Snapshot, half: keys.PublicHalf
) -> tuple[int, list[Absence]]:
    """Seal every blob the folder lacks; one that cannot be read is named and does not stop the others."""
    held, added = place.objects(), 0
    absent: list[Absence] = []
    for need in moment.needs:
        if need.digest in held:
            continue
        try:
            with closing(cast("Generator[bytes]", house.store.stream_verified(need.digest))) as content:
                place.keep(need.digest, content, half)
            added += 1
        except (BlobMissing, BlobDamaged):
            absent.append(Absence(need.digest, _why(house, need)))
    return added, absent


def _why(house: House, need: Need) -> str:
    with house.database.read_session() as session:
        if queries.is_erased(session, need.digest):
            return ERASED
    return condition_of(house.store, need.digest) or "unreadable"


def prune(place: Vault, *, keep_days: int, now: datetime) -> tuple[int, int]:
    """Remove sets older than the term, never the newest, and objects no set needs; return how many of each."""
    ids = place.sets()
    told = {set_id: place.told(set_id)[0] for set_id in ids}
    old = [set_id for set_id in ids[:-1] if now - told[set_id].made_at > timedelta(days=keep_days)]
    for set_id in old:
        place.drop(set_id)
    # A list that cannot be read stops this with an error: better too many objects than one too few.
    needed = {need.digest for set_id in ids if set_id not in old for need in place.needed(told[set_id])}
    gone = [path for digest, path in place.objects().items() if digest not in needed] if old else []
    for path in gone:
        disk.unlink(path)
    return len(old), len(gone)


def look(place: Vault) -> Iterator[tuple[str, str]]:
    """Read every byte of the folder and name what is not as it was written; needs no private half."""
    held = place.objects()
    for path in held.values():
        if _digest_of(path) != path.name.partition(".")[2]:
            yield path.name, "the bytes are altered"
    for set_id in place.sets():
        try:
            told = place.told(set_id)[0]
            needs = place.needed(told)
        except (Stopped, OSError) as problem:
            yield set_id, str(problem)
            continue
        if _digest_of(place.place_of(set_id) / DATABASE) != told.database_sealed:
            yield set_id, "the database is altered or missing"
        absent = {one.digest for one in told.absent}
        for need in needs:
            if need.digest not in held and need.digest not in absent:
                yield set_id, f"blob {need.digest} is missing"


def _digest_of(path: Path) -> str:
    running = sha256()
    try:
        for piece in vault.read_pieces(path):
            running.update(piece)
    except OSError:
        return ""
    return running.hexdigest()


def newest(settings: Settings) -> Told | None:
    """Return the newest whole set of the folder, or None where there is none."""
    place = Vault(folder_of(settings))
    ids = place.sets()
    return place.told(ids[-1])[0] if ids else None
