"""Words of upkeep: what a backup is made of, and why a step stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

KIND: Final = "yixian-backup/1"
PURPOSE: Final = "backup"  # of the key that signs a backup, and what its parts are sealed as
DATABASE: Final = "database.sealed"
NEEDED: Final = "needed"
TOLD: Final = "set.json"
NOBODY: Final = "00000000-0000-0000-0000-000000000000"  # the subject of what is about the whole installation
BACKUP_OLD: Final = timedelta(hours=36)  # one a day, and half a day for what goes wrong
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"


class Stopped(Exception):
    """A step of upkeep stops before it has done harm; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Need:
    """One blob that a snapshot of the database speaks of."""

    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Absence:
    """A blob that a backup does not hold, and why: erased while it was made, or already missing or damaged then."""

    digest: str
    why: str

    @property
    def is_fault(self) -> bool:
        """Say whether something was wrong with it; erasing is no fault."""
        return self.why != ERASED


ERASED: Final = "erased"


@dataclass(frozen=True, slots=True)
class Told:
    """What a backup tells of itself in the clear: ids, figures and digests, nothing of any person."""

    id: str
    made_at: datetime
    engine: str
    migration: str
    seq: int
    head: str
    database_sealed: str
    database_sha256: str
    database_bytes: int
    needed_sha256: str
    needed_count: int
    absent: tuple[Absence, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return the plain values that are signed and written."""
        named = {name: getattr(self, name) for name in self.__slots__ if name not in {"made_at", "absent"}}
        absent = {one.digest: one.why for one in self.absent}
        return {"kind": KIND, **named, "made_at": self.made_at.isoformat(), "absent": absent}


def told_of(facts: dict[str, Any]) -> Told:
    """Read the values back; raises Stopped for what is no backup of this kind."""
    try:
        if facts["kind"] != KIND:
            raise Stopped(f"this is no backup of a kind known here: {facts['kind']}")
        named = {name: facts[name] for name in Told.__slots__ if name not in {"made_at", "absent"}}
        absent = tuple(Absence(digest, why) for digest, why in facts["absent"].items())
        return Told(**named, made_at=datetime.fromisoformat(facts["made_at"]), absent=absent)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Stopped(f"{TOLD} is not as it was written: {type(problem).__name__}") from problem


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that was given up after its last attempt; of what went wrong only the kind."""

    id: str
    handler: str
    attempts: int
    parked_at: datetime
    kind: str
