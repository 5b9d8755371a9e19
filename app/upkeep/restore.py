"""`python -m app restore`: a backup becomes an office again, in an empty place, and every digest is compared.

Photos first, the database last, so that an interrupted run leaves no office that could be taken for whole; the same
command goes on with it. What was acknowledged after the backup's moment is not in it: that gap is told, and counted
where the second place of signed heads (YIXIAN_HEADS_DIR) knows how long the journal was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from app.evidence import checking, scrub
from app.evidence.checking import Finding
from app.evidence.queries import custody
from app.identity import service as identity
from app.platform import heads, journal
from app.platform import storage_local as disk
from app.platform.crypto import Unreadable
from app.platform.jobs import Tools
from app.platform.sealing import Unopenable
from app.platform.settings import Settings
from app.platform.storage import StorageProblem
from app.platform.web.given import House
from app.upkeep import snapshot, vault
from app.upkeep.keys import PrivateHalves
from app.upkeep.terms import POSTGRESQL, PURPOSE, SQLITE, Need, Stopped, Told
from app.upkeep.vault import Vault

RESTORED: Final = "installation.restored"
_MARK: Final = "RESTORE-NOT-FINISHED"
Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What came back, and every fault by name."""

    blobs: int = 0
    faults: list[str] = field(default_factory=list)


def unfinished(settings: Settings) -> str:
    """Return which backup was being restored when it was interrupted, or nothing; until it is whole no office opens."""
    try:
        return (settings.data_dir / _MARK).read_text("ascii")
    except FileNotFoundError:
        return ""


def chosen(house: House, place: Vault, set_id: str, *, any_signer: bool) -> Told:
    """Return the set to restore, the newest if none is named; raises Stopped for one that this house did not sign."""
    ids = place.sets()
    if not ids:
        raise Stopped(f"there is no whole backup in {place.folder}")
    told, signed, content = place.told(set_id or ids[-1])
    if not signed.holds_for(content):
        raise Stopped(f"{told.id} is not as it was signed: it was altered")
    if signed.public_key not in house.keys.signing_keys(PURPOSE).values() and not any_signer:
        raise Stopped(
            f"{told.id} was signed by a key that is not in YIXIAN_KEY_FILE ({signed.key_id}, {signed.public_key}). "
            "Put the office's key file in its place; without it contacts could not be read anyway. "
            "If it is lost and you know this backup to be yours, add --any-signer."
        )
    return told


def check_target(house: House, told: Told) -> None:
    """Refuse a place that is not empty, and a backup of the other engine; what the same backup began is gone on with."""
    settings = house.settings
    own = SQLITE if settings.is_sqlite else POSTGRESQL
    if told.engine != own:
        raise Stopped(
            f"{told.id} is of {told.engine} and YIXIAN_DATABASE_URL names {own}: restore into the same engine, "
            "then carry it over with `python -m app move`"
        )
    begun = unfinished(settings)
    if not begun and not snapshot.is_empty(settings):
        raise Stopped("the database is not empty: a backup is restored into an empty place only")
    if begun and begun != told.id:
        raise Stopped(f"restoring {begun} was interrupted here: go on with --set {begun}, or empty the place")
    if not begun and any(True for _ in house.store.digests()):
        raise Stopped("photos are lying here already: a backup is restored into an empty place only")


def restore(
    house: House, place: Vault, told: Told, private: PrivateHalves, *, now: datetime, say: Say
) -> Outcome:
    """Bring a chosen set back and verify it; the faults say what is not as it was."""
    outcome, mark = Outcome(), house.settings.data_dir / _MARK
    needs, held = place.needed(told), place.objects()
    _check_key(place, told, private)
    _begin(mark, told)
    absent = {one.digest: one for one in told.absent}
    for number, need in enumerate(needs, start=1):
        if need.digest in absent and need.digest not in held:
            continue
        outcome.faults += _bring(house, need, held.get(need.digest), private)
        outcome.blobs += 1
        if number % 1000 == 0:
            say(f"      {number} of {len(needs)} blobs")
    if snapshot.is_empty(
        house.settings
    ):  # it comes whole or not at all; an interrupted run may have brought it
        _put_database(house, place, told, private)
    for one in told.absent:
        line = f"blob {one.digest} was {one.why} when the backup was made"
        if one.is_fault and one.digest not in held:
            outcome.faults.append(line)
        say(f"note  {line}")
    with house.database.write_session() as session:
        ended = identity.end_all_sessions(session, now=now)
        facts = {
            "id": told.id, "made_at": told.made_at.isoformat(), "seq": told.seq, "sessions_ended": ended,
        }  # fmt: skip
        journal.record(session, journal.SYSTEM, RESTORED, "backup", told.id, facts=facts, now=now)
    outcome.faults += [
        f"{one.about}: {one.text}"
        for one in _verified(house, say)
        if one.is_fault and one.about.removeprefix("blob ") not in absent
    ]
    mark.unlink()
    disk.sync_folder(mark.parent)
    return outcome


def _begin(mark: Path, told: Told) -> None:
    part = mark.with_name(f"{mark.name}.part")
    part.unlink(missing_ok=True)
    vault.write_whole(part, [told.id.encode("ascii")])
    disk.rename(part, mark)
    disk.sync_folder(mark.parent)


def _check_key(place: Vault, told: Told, private: PrivateHalves) -> None:
    """Open the first bytes of the database, before anything is begun."""
    try:
        next(place.database(told, private), b"")
    except Unopenable:
        raise Stopped(
            "this private half does not open the backup: it was sealed to another key, or its first bytes are altered"
        ) from None


def _bring(house: House, need: Need, path: Path | None, private: PrivateHalves) -> list[str]:
    """Bring one blob back under its digest; return what is wrong with it."""
    # house: allow selects-in-queries (a file of the store, not a question to the database)
    if house.store.exists(need.digest) and not scrub.condition_of(house.store, need.digest):
        return []  # an interrupted run brought it
    if path is None:
        return [f"blob {need.digest}: it is missing in the backup"]
    try:
        with house.store.incoming() as coming:
            for piece in vault.opened_object(path, private):
                coming.write(piece)
            if (coming.sha256, coming.size) != (need.digest, need.size_bytes):
                return [f"blob {need.digest}: the backup holds other bytes"]
            house.store.keep(coming.seal())
    except (Unopenable, Unreadable):
        return [f"blob {need.digest}: its sealed bytes are altered"]
    return []


def mend(house: House, place: Vault, private: PrivateHalves, *, now: datetime) -> list[tuple[str, str]]:
    """Bring back into the living office each blob that is known as damaged; return what is still wrong with each."""
    with house.database.read_session() as session:
        damaged = [blob for blob, _ in custody.damaged(session)]
    held, found = place.objects(), []
    for blob in damaged:
        need = Need(blob.digest, blob.size_bytes)
        wrong = "".join(_bring(house, need, held.get(blob.digest), private))
        with house.database.write_session() as session:
            scrub.note_condition(session, blob, scrub.condition_of(house.store, blob.digest), now=now)
        found.append((blob.digest, wrong))
    return found


def _put_database(house: House, place: Vault, told: Told, private: PrivateHalves) -> None:
    running, size = sha256(), 0

    def compared() -> Iterator[bytes]:
        nonlocal size
        for piece in place.database(told, private):
            running.update(piece)
            size += len(piece)
            yield piece
        if (running.hexdigest(), size) != (told.database_sha256, told.database_bytes):
            raise Stopped("the database in the backup is not the one it was made of")

    try:
        snapshot.put_back(house.settings, compared())
    except Unopenable:
        raise Stopped("the database in the backup is altered or cut: nothing of it was kept") from None


def _verified(house: House, say: Say) -> Iterator[Finding]:
    """Check the journal and every byte as `verify` does; heads beyond the chain's end are the gap, told apart."""
    tools = Tools(house.settings, house.database, house.keys, house.store)
    for check in (checking.check_journal, checking.check_store):
        for finding in check(tools):
            if heads.CUT_OFF in finding.text:
                continue
            say(f"{'FAULT' if finding.is_fault else 'ok   '} {finding.about}: {finding.text}")
            yield finding


def gap(settings: Settings, told: Told, *, now: datetime) -> Iterator[str]:
    """Say what is not in a backup: how long ago it was made, and how many rows of the journal are known to lack."""
    minutes = max(0, int((now - told.made_at).total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    yield f"the backup is of {told.made_at:%Y-%m-%d %H:%M} UTC: {hours} h {rest} min of work are not in it"
    if settings.heads_dir is None:
        yield "how many rows of the journal these were cannot be told: YIXIAN_HEADS_DIR is not set"
        return
    try:
        known = [int(line["seq"]) for line in heads.lines_of(settings.heads_dir) if line and "seq" in line]
    except (OSError, ValueError, StorageProblem) as problem:
        yield f"the second place of signed heads cannot be read: {problem}"
        return
    last = max(known, default=0)
    if last > told.seq:
        yield f"the journal was at least {last} rows long, the backup holds {told.seq}: rows {told.seq + 1} to {last} lack"
    else:
        yield f"the second place knows of no row after the backup's last one ({told.seq})"
