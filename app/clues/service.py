"""What is done to a clue. `advance` is the one writer of `state`; nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, text, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel, col

from app.clues import lifecycle, queries, rules
from app.clues.grams import grams, mark, marks_in
from app.clues.models import Clue, ClueLink, ClueText
from app.clues.terms import ClueAction, ClueState, Fact, Standing
from app.platform import ids, journal, numbers
from app.platform.db import WriteSession
from app.platform.errors import Conflict
from app.platform.i18n import N_
from app.platform.journal import Doer
from app.platform.putting import put, put_numbered

# A change of these changes what the clue is found by.
_FOUND_BY: Final = frozenset({"title", "place_words", "number", "case_number"})
_CLUE: Final = SQLModel.metadata.tables["clue"]
# Which columns are set, the values say that are given along.
_THIS_VERSION: Final = update(_CLUE).where(
    _CLUE.c.id == bindparam("this_clue"), _CLUE.c.version == bindparam("this_version")
)


class StaleClue(Conflict):
    """The clue has moved on since the page was opened."""

    code = "stale_clue"
    text = N_("您打开页面之后，这条线索已经有人处理过。请看最新情况再决定。")


@dataclass(frozen=True, slots=True)
class PlaceOfClue:
    """Where the matter is: WGS-84 or nothing, words, and how honest the position is."""

    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    source: str = "none"
    raw: Mapping[str, Any] | None = None
    fixed_at: datetime | None = None
    words: str = ""
    town_key: str | None = None
    standing: Standing = Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class NewClue:
    """What a first report opens."""

    office_id: str
    compartment_id: str
    category_key: str
    field_key: str
    title: str
    source_type: str
    channel: str
    place: PlaceOfClue
    is_urgent: bool
    is_facility: bool
    is_complete: bool
    needs_correction: bool
    has_photo: bool
    due_on: date | None
    words: str = ""
    quarantine: str | None = None
    # The number an old ledger gave it, under which it is registered in the same transaction.
    number: str | None = None


def open_clue(session: WriteSession, doer: Doer, new: NewClue, *, now: datetime) -> str:
    """Open a clue for a first report and return its id; journals `clue.received`."""
    clue_id, place = ids.new(), new.place
    rowno = put_numbered(
        session, Clue, id=clue_id,
        office_id=new.office_id,
        compartment_id=new.compartment_id,
        state=ClueState.SUBMITTED.value,
        version=1,
        number=new.number,
        category_key=new.category_key,
        field_key=new.field_key,
        title=new.title,
        source_type=new.source_type,
        channel=new.channel,
        lat=place.lat,
        lon=place.lon,
        accuracy_m=place.accuracy_m,
        place_source=place.source,
        place_raw=dict(place.raw) if place.raw else None,
        place_fixed_at=place.fixed_at,
        place_words=place.words,
        town_key=place.town_key,
        standing=place.standing.value,
        is_urgent=new.is_urgent,
        is_major=False,
        is_complete=new.is_complete,
        needs_correction=new.needs_correction,
        has_photo=new.has_photo,
        quarantine=new.quarantine,
        has_news=False,
        public_status=rules.public_status(ClueState.SUBMITTED, is_facility=new.is_facility),
        received_at=now,
        state_since=now,
        due_on=new.due_on,
    )  # fmt: skip
    write_words(session, rowno, head=(new.title, place.words, new.number or ""), body=new.words)
    journal.record(
        session, doer, "clue.received", "clue", clue_id,
        now=now, clue_id=clue_id, office_id=new.office_id, facts={"category": new.category_key},
    )  # fmt: skip
    return clue_id


def change(session: WriteSession, clue: Clue, *, version: int | None = None, **values: Any) -> None:
    """Write columns of a clue other than its state, if nobody else did since `version`; raises StaleClue."""
    _write(session, clue, clue.version if version is None else version, values)


def note_photos(session: WriteSession, clue_id: str, *, is_complete: bool, has_photo: bool) -> None:
    """Note what has come of a clue's photos; nobody's open page grows stale by a photo that arrives."""
    session.execute(
        update(Clue)
        .where(col(Clue.id) == clue_id)
        .values(is_complete=is_complete, has_photo=has_photo)
        .execution_options(synchronize_session=False)
    )


def _write(session: WriteSession, clue: Clue, version: int, values: Mapping[str, Any]) -> None:
    written = {"version": version + 1, **values}
    # Built once and run without the ORM; building it and reading the row again cost four times the writing.
    changed = session.connection().execute(
        _THIS_VERSION, {**written, "this_clue": clue.id, "this_version": version}
    )
    if changed.rowcount != 1:
        raise StaleClue(clue_id=clue.id)
    is_found_otherwise = any(values[name] != getattr(clue, name) for name in _FOUND_BY & values.keys())
    for name, value in written.items():
        set_committed_value(clue, name, value)
    if is_found_otherwise:
        session.execute(
            update(ClueText)
            .where(col(ClueText.clue_rowno) == clue.rowno)
            .values(head=_head_of(clue, _marks(session, clue)))
        )


def _head_of(clue: Clue, marks: Iterable[str]) -> str:
    said = grams(clue.title, clue.place_words, clue.number or "", clue.case_number or "")
    return " ".join([said, *marks])


def _marks(session: WriteSession, clue: Clue) -> list[str]:
    return marks_in(queries.head_of(session, clue.rowno or 0))


def mark_words(session: WriteSession, clue: Clue, *, on: Iterable[str], off: Iterable[str] = ()) -> None:
    """Make a clue findable by labels, named by their keys, and by others no longer."""
    gone = {mark(key) for key in off}
    kept = {token for token in _marks(session, clue) if token not in gone} | {mark(key) for key in on}
    session.execute(
        update(ClueText)
        .where(col(ClueText.clue_rowno) == clue.rowno)
        .values(head=_head_of(clue, sorted(kept)))
    )


def write_words(session: WriteSession, rowno: int, *, head: Iterable[str], body: str) -> None:
    """Make a clue findable by its title, place and number, and by what was reported."""
    put(session, ClueText, clue_rowno=rowno, head=grams(*head), body=grams(body))


def add_words(session: WriteSession, clue: Clue, words: str) -> None:
    """Make a clue findable by what was said later as well."""
    more = grams(words)
    if more:
        session.execute(
            update(ClueText)
            .where(col(ClueText.clue_rowno) == clue.rowno)
            .values(body=col(ClueText.body) + f" {more}")
        )


def forget_words(session: WriteSession, clue: Clue) -> None:
    """Let go of what a clue was found by; on SQLite the index drops the old tokens when it is next packed."""
    session.execute(delete(ClueText).where(col(ClueText.clue_rowno) == clue.rowno))


def pack_words(session: WriteSession) -> None:
    """Rewrite the search index without what was forgotten; slow on a large office, so after erasures at night."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO clue_words(clue_words) VALUES ('optimize')"))


def forget(session: WriteSession, clue: Clue, *, title: str, now: datetime) -> None:
    """Let go of what a clue says of a place and of people; its number, category, town, state and dates stay.

    The new title names the category, so that lists and statistics go on. It is still found by its numbers and labels.
    """
    marks = _marks(session, clue)
    forget_words(session, clue)
    change(
        session, clue, title=title, place_words="", lat=None, lon=None, accuracy_m=None, place_raw=None,
        place_fixed_at=None, public_text=None, has_photo=False, is_complete=True, needs_correction=False,
        erased_at=now,
    )  # fmt: skip
    write_words(session, clue.rowno or 0, head=(title,), body="")
    session.execute(
        update(ClueText).where(col(ClueText.clue_rowno) == clue.rowno).values(head=_head_of(clue, marks))
    )


def advance(
    session: WriteSession,
    doer: Doer,
    clue: Clue,
    action: ClueAction,
    *,
    now: datetime,
    facts: frozenset[Fact] = frozenset(),
    version: int | None = None,
    note: str = "",
    journal_facts: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    then: Iterable[ClueAction] = (),
) -> Clue:
    """Take one step of the lifecycle: the only writer of `clue.state`.

    `version` is the one the person saw; another writer since then is StaleClue. The public status follows in
    the same statement, the journal row (`clue.<action>`) in the same transaction. Steps that follow at once
    (`then`: what an old ledger says has long happened) are each held to the table and each journalled.
    """
    seen = clue.version if version is None else version
    if seen != clue.version:
        raise StaleClue(clue_id=clue.id)
    state, since, returns_to = ClueState(clue.state), clue.state_since, clue.returns_to
    taken: list[tuple[ClueAction, ClueState, ClueState]] = []
    for each in (action, *then):
        back = ClueState(returns_to) if returns_to else None
        after = lifecycle.next_state(state, each, facts, returns_to=back)
        taken.append((each, state, after))
        since = now if after is not state else since
        returns_to = state.value if lifecycle.LIFECYCLE[each].remembers else None
        state = after
    is_facility = clue.public_status == rules.MILITARY_B
    written = dict(values or {}) | {
        "state": state.value,
        "state_since": since,
        "public_status": rules.public_status(state, is_facility=is_facility),
        "returns_to": returns_to,
        "closed_at": now if state in lifecycle.ENDED else None,
        "has_news": False,
    }
    _write(session, clue, seen, written)
    for at, (each, before, after) in enumerate(taken):
        journal.record(
            session, doer, f"clue.{each.value}", "clue", clue.id,
            now=now, clue_id=clue.id, office_id=clue.office_id, note="" if at else note,
            facts={"from": before.value, "to": after.value, **(journal_facts or {})},
        )  # fmt: skip
    return clue


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the office writes clue numbers."""

    pattern: str
    office: str
    start: int


def register(
    session: WriteSession,
    doer: Doer,
    clue: Clue,
    *,
    numbering: Numbering,
    compartment_kind: str,
    now: datetime,
    version: int | None = None,
) -> Clue:
    """Register a clue 登记: it gets its number from the gapless counter of its year and compartment kind."""
    lifecycle.next_state(ClueState(clue.state), ClueAction.REGISTER, frozenset({Fact.NUMBER}))
    year, seq = numbers.take(
        session, office_id=clue.office_id, kind="clue", compartment_kind=compartment_kind,
        start=numbering.start, now=now,
    )  # fmt: skip
    # Series of closed compartments are marked, so that equal numbers of two series never meet (decisions.md 5).
    mark = {"open": "", "military": "军", "minors": "未", "named": "专"}[compartment_kind]
    number = rules.number_text(numbering.pattern, office=numbering.office + mark, year=year, seq=seq)
    if mark and mark not in number:
        number = mark + number
    return advance(
        session, doer, clue, ClueAction.REGISTER, now=now, facts=frozenset({Fact.NUMBER}), version=version,
        values={"number": number, "number_year": year, "number_seq": seq, "registered_at": now},
        journal_facts={"number": number},
    )  # fmt: skip


def keep_number(
    session: WriteSession,
    doer: Doer,
    clue: Clue,
    *,
    number: str,
    numbering: Numbering,
    note: str,
    then: Iterable[ClueAction] = (),
    now: datetime,
) -> tuple[int, int] | None:
    """Register a clue of an old ledger under the number it has there, and take the steps the ledger tells of.

    Return year and place of a number of our own pattern: our series has to go on behind it (`go_on_behind`). The
    ledger is the word that every condition of a step was met at its time.
    """
    parts = rules.number_parts(numbering.pattern, number, office=numbering.office)
    year, seq = parts or (None, None)
    steps = tuple(then)
    met = frozenset().union(*(lifecycle.LIFECYCLE[each].needs for each in (ClueAction.REGISTER, *steps)))
    advance(
        session, doer, clue, ClueAction.REGISTER, now=now, facts=met, note=note, then=steps,
        values={"number": number, "number_year": year, "number_seq": seq, "registered_at": now},
        journal_facts={"number": number, "from_ledger": True},
    )  # fmt: skip
    return parts


def go_on_behind(session: WriteSession, office_id: str, kept: Iterable[tuple[int, int]]) -> None:
    """Let our own series of clue numbers go on behind numbers that an old ledger has used."""
    highest: dict[int, int] = {}
    for year, seq in kept:
        highest[year] = max(seq, highest.get(year, 0))
    for year, seq in highest.items():
        numbers.pass_over(
            session, office_id=office_id, kind="clue", compartment_kind="open", year=year, seq=seq
        )  # fmt: skip


def link(
    session: WriteSession, doer: Doer, *, master: Clue, member: Clue, account_id: str, now: datetime
) -> None:
    """Note that two clues are the same matter; rows are never moved, numbers never change."""
    put(
        session, ClueLink, id=ids.new(), master_id=master.id, member_id=member.id, linked_by=account_id, linked_at=now
    )  # fmt: skip
    journal.record(
        session, doer, "clue.linked", "clue", master.id,
        now=now, clue_id=master.id, office_id=master.office_id, facts={"member": member.id},
    )  # fmt: skip


def unlink(session: WriteSession, doer: Doer, *, member: Clue, now: datetime) -> None:
    """End the link of a member to its master; the trace stays."""
    master_id = queries.master_of(session, member.id)
    if master_id is None:
        return
    session.execute(
        update(ClueLink)
        .where(col(ClueLink.member_id) == member.id, col(ClueLink.unlinked_at).is_(None))
        .values(unlinked_at=now)
    )
    journal.record(
        session, doer, "clue.unlinked", "clue", master_id,
        now=now, clue_id=master_id, office_id=member.office_id, facts={"member": member.id},
    )  # fmt: skip
