"""The chain over the journal: how a row is sealed, and how the whole chain is walked (decisions.md 7).

A seal digests its place, the seal before it and the digest of its row. Because it takes the row's digest and
not the row, links over rows that somebody may not read can still be followed: an evidence bundle carries the
rows of one clue, and of the rows between them the digests only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import event, func, select, text
from sqlmodel import SQLModel, col

from app.platform.db import ReadSession, WriteSession
from app.platform.digest import canonical_json, sha256_hex, sm3_hex
from app.platform.putting import put
from app.platform.records import Journal, JournalSeal

GENESIS: Final = "0" * 64
_SEALER_LOCK: Final = 7_105_501
_MOST_FAULTS: Final = 200

# Every column of a journal row, as columns: a whole record would be an ORM object, slower and mutable.
_ROW: Final[Any] = SQLModel.metadata.tables["journal"]
_NEWEST: Final = (
    select(col(JournalSeal.seq), col(JournalSeal.sha256)).order_by(col(JournalSeal.seq).desc()).limit(1)
)
_LAST_SEALED: Final = (
    select(col(Journal.rowno))
    .join(JournalSeal, col(JournalSeal.journal_id) == col(Journal.id))
    .order_by(col(JournalSeal.seq).desc())
    .limit(1)
)
# More rows than are written while any one transaction lasts.
_LOOKS_BACK: Final = 10_000
_LAST_SEAL: Final = "last_seal"


class Digests(NamedTuple):
    """The same content under both digests."""

    sha256: str
    sm3: str


class Seal(NamedTuple):
    """One seal with its row, or without it where the row is gone."""

    seq: int
    previous: str
    sha256: str
    sm3: str
    journal_id: str
    row: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the journal is not as it was written; `belongs_at` where a row was moved from there."""

    seq: int
    why: str
    journal_id: str = ""
    belongs_at: int | None = None


ALTERED: Final = "the row was altered"
ROW_MISSING: Final = "the journal row is missing"
SEAL_MISSING: Final = "a seal is missing"
UNLINKED: Final = "it does not follow the seal before it"
MOVED: Final = "the row was moved"
UNSEALED: Final = "a row stands without a seal"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk over the chain found: how many seals hold, every fault, how many rows wait for their seal."""

    sealed: int
    unsealed: int
    faults: tuple[Fault, ...] = field(default=())

    @property
    def broken_at(self) -> int | None:
        """Return the place of the first fault."""
        return self.faults[0].seq if self.faults else None

    @property
    def why(self) -> str:
        """Return what is wrong at the first fault."""
        return self.faults[0].why if self.faults else ""


def sealed_form(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the journal row in the form that is digested: every column but the row number."""
    form = {key: row[key] for key in row if key not in {"rowno", "recorded_at"}}
    return form | {"recorded_at": row["recorded_at"].isoformat()}


def row_digests(row: Mapping[str, Any]) -> Digests:
    """Return the digests by which a seal knows its row."""
    content = canonical_json(sealed_form(row))
    return Digests(sha256_hex(content), sm3_hex(content))


def seal_digests(seq: int, previous: str, row: Digests) -> Digests:
    """Return the digests of a seal; each kind digests the row under its own kind."""
    return Digests(
        sha256_hex(canonical_json({"seq": seq, "previous": previous, "row": row.sha256})),
        sm3_hex(canonical_json({"seq": seq, "previous": previous, "row": row.sm3})),
    )


def seal(session: WriteSession, row: Mapping[str, Any]) -> None:
    """Seal one row behind the last seal."""
    # Nobody else seals while this transaction lasts: its own last seal is the last one.
    transaction = session.get_transaction()
    known, last_seq, last_digest = session.info.get(_LAST_SEAL, (None, 0, GENESIS))
    if known is None or known is not transaction:
        last = session.connection().execute(_NEWEST).first()
        last_seq, last_digest = (last[0], last[1]) if last else (0, GENESIS)
    seq, previous = last_seq + 1, last_digest
    made = seal_digests(seq, previous, row_digests(row))
    put(
        session, JournalSeal, seq=seq, journal_id=row["id"], previous=previous, sha256=made.sha256, sm3=made.sm3
    )  # fmt: skip
    session.info[_LAST_SEAL] = (session.get_transaction(), seq, made.sha256)


@event.listens_for(WriteSession, "after_soft_rollback")
def _forget(session: WriteSession, _previous: Any) -> None:
    """Forget what was sealed in a transaction, or a part of one, that never happened."""
    session.info.pop(_LAST_SEAL, None)


def seal_pending(session: WriteSession, *, limit: int = 500, is_whole: bool = False) -> int:
    """Seal rows that have none yet, in row order, under an advisory lock; return how many (PostgreSQL).

    A row gets its number before its transaction ends, so a lower one may become visible after higher ones were
    sealed: the look begins some way before the last seal. To look for a row older than that among millions takes
    seconds; it is done where `is_whole` is asked, at a worker's start.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEALER_LOCK})
    unsealed = (
        select(_ROW)
        .outerjoin(JournalSeal, col(JournalSeal.journal_id) == col(Journal.id))
        .where(col(JournalSeal.seq).is_(None))
        .order_by(col(Journal.rowno))
        .limit(limit)
    )
    last = None if is_whole else session.execute(_LAST_SEALED).scalar_one_or_none()
    if last is not None:
        unsealed = unsealed.where(col(Journal.rowno) > last - _LOOKS_BACK)
    rows = session.execute(unsealed).mappings().all()
    for row in rows:
        seal(session, dict(row))
    return len(rows)


def has_unsealed(session: ReadSession) -> bool:
    """Say whether a journal row waits for its seal; the newest row tells, because seals are made in row order."""
    newest = session.execute(
        select(col(Journal.id)).order_by(col(Journal.rowno).desc()).limit(1)
    ).scalar_one_or_none()
    if newest is None:
        return False
    sealed = session.execute(
        select(col(JournalSeal.seq)).where(col(JournalSeal.journal_id) == newest)
    ).first()
    return sealed is None


def seals(session: ReadSession | WriteSession, *, first: int = 1, last: int | None = None) -> Iterator[Seal]:
    """Iterate over the seals with their rows, in order."""
    joined = (
        select(
            col(JournalSeal.seq),
            col(JournalSeal.previous),
            col(JournalSeal.sha256),
            col(JournalSeal.sm3),
            col(JournalSeal.journal_id),
            _ROW,
        )
        .outerjoin(Journal, col(Journal.id) == col(JournalSeal.journal_id))
        .where(col(JournalSeal.seq) >= first)
        .order_by(col(JournalSeal.seq))
    )
    if last is not None:
        joined = joined.where(col(JournalSeal.seq) <= last)
    for found in session.execute(joined.execution_options(yield_per=1000)).mappings():
        row = {key: found[key] for key in Journal.model_fields} if found["id"] is not None else None
        yield Seal(found["seq"], found["previous"], found["sha256"], found["sm3"], found["journal_id"], row)


def verify(session: ReadSession) -> ChainReport:
    """Walk the whole chain and name every seal that does not hold; a broken one does not hide the next."""
    walk = _Walk()
    for each in seals(session):
        walk.see(each)
    total = session.execute(select(func.count()).select_from(Journal)).scalar_one()
    missing = sum(1 for fault in walk.faults if fault.why == ROW_MISSING)
    unsealed = max(0, total - walk.count + missing)
    faults = [*walk.named()]
    if unsealed and session.get_bind().dialect.name == "sqlite":  # there each row is sealed as it is written
        faults += [Fault(walk.expected, UNSEALED, journal_id) for journal_id in _unsealed_ids(session)]
    return ChainReport(walk.holding, unsealed, tuple(faults[:_MOST_FAULTS]))


def _unsealed_ids(session: ReadSession) -> Iterable[str]:
    return session.execute(
        select(col(Journal.id))
        .outerjoin(JournalSeal, col(JournalSeal.journal_id) == col(Journal.id))
        .where(col(JournalSeal.seq).is_(None))
        .order_by(col(Journal.rowno))
        .limit(_MOST_FAULTS)
    ).scalars()


class _Walk:
    """One walk along the chain: what the next seal must be, and what did not hold so far."""

    def __init__(self) -> None:
        self.expected, self.count, self.holding = 1, 0, 0
        self.faults: list[Fault] = []
        self._previous: str | None = GENESIS
        self._doubtful: list[tuple[int, Seal, Digests]] = []

    def see(self, each: Seal) -> None:
        self.count += 1
        for seq in range(self.expected, min(each.seq, self.expected + _MOST_FAULTS)):
            self._note(Fault(seq, SEAL_MISSING))
            self._previous = None
        if each.row is None:
            self._note(Fault(each.seq, ROW_MISSING, each.journal_id))
        else:
            row = row_digests(each.row)
            holds = seal_digests(each.seq, each.previous, row) == (each.sha256, each.sm3)
            is_linked = self._previous in {None, each.previous}
            if holds and is_linked:
                self.holding += 1
            else:
                self._doubtful.append((len(self.faults), each, row))
                self._note(Fault(each.seq, ALTERED if is_linked else UNLINKED, each.journal_id))
        self._previous, self.expected = each.sha256, each.seq + 1

    def _note(self, fault: Fault) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault)

    def named(self) -> list[Fault]:
        """Say of a row that does not hold where it stood, if it holds in another faulty place."""
        for at, each, row in self._doubtful[:_MOST_FAULTS]:
            if at >= len(self.faults):
                break
            for _, other, _ in self._doubtful[:_MOST_FAULTS]:
                stood_there = seal_digests(other.seq, other.previous, row).sha256 == other.sha256
                seal_stood_there = seal_digests(other.seq, each.previous, row).sha256 == each.sha256
                if other.seq != each.seq and (stood_there or seal_stood_there):
                    self.faults[at] = replace(self.faults[at], why=MOVED, belongs_at=other.seq)
        return self.faults
