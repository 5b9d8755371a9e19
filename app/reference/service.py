"""What an administrator does with the reference data. Every change leaves `reference.changed`; nothing here commits.

A dated row that was in force is never overwritten: a change begins a new row on its own day and ends the old one
the day before (decisions.md 10). Only a row that begins on that very day is corrected in place.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, update

from app.clocks.calendar import published_calendar
from app.clocks.rules import Calendar
from app.clocks.terms import DayKind
from app.platform import clock, journal
from app.platform.db import WriteSession
from app.platform.journal import Doer
from app.reference import memory, queries, rules
from app.reference.models import CalendarDay
from app.reference.sections import Mode, Section

_NAMES: Final = uuid.UUID("5b1f6a3e-6a0f-5d0b-9d0a-6f2f2c8a2b11")
_DAY: Final = timedelta(days=1)


def subject_of(section_key: str, key: str) -> str:
    """Return the journal's id of a reference row: the same for all its versions."""
    return str(uuid.uuid5(_NAMES, f"{section_key}/{key}"))


def _defaults(table: Any) -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in table.model_fields.items()
        if name != "rowno" and not field.is_required()
    }


def _content(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.model_dump().items() if name != "rowno"}


def _record(
    session: WriteSession, doer: Doer, section_key: str, key: str, facts: Mapping[str, Any], *, now: datetime
) -> None:
    memory.raise_version(session)
    journal.record(
        session, doer, "reference.changed", "reference", subject_of(section_key, key), now=now,
        facts={"section": section_key, "key": key, **facts},
    )  # fmt: skip


def save(
    session: WriteSession,
    doer: Doer,
    section: Section,
    columns: Mapping[str, str],
    values: Mapping[str, Any],
    *,
    starts_on: date,
    now: datetime,
) -> None:
    """Keep what was typed for one key, new or known, the way its section keeps changes."""
    versions = queries.versions(session, section.table, columns)
    if section.mode is Mode.DATED:
        before, after = _write_dated(session, section, columns, versions, values, starts_on)
        told = {"valid_from": str(starts_on)}
    elif section.mode is Mode.VERSIONED:
        before, after = _write_version(session, section, versions, values, clock.office_date(now))
        told = {"version": after["version"]}
    else:
        before, after = _write_plain(session, section, columns, versions, values)
        told = {}
    facts = told | {"before": rules.digest_of(before) if before else None, "after": rules.digest_of(after)}
    _record(session, doer, section.key, ".".join(columns.values()), facts, now=now)


Written = tuple[dict[str, Any] | None, dict[str, Any]]


def _write_plain(
    session: WriteSession,
    section: Section,
    columns: Mapping[str, str],
    versions: list[Any],
    values: Mapping[str, Any],
) -> Written:
    before = _content(versions[-1]) if versions else None
    after = (before or _defaults(section.table)) | dict(columns) | dict(values) | {"is_edited": True}
    if before is None:
        session.execute(insert(section.table).values(**after))
    else:
        _update(session, section, columns, after)
    return before, after


def _update(
    session: WriteSession, section: Section, columns: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    named = [getattr(section.table, name) == value for name, value in columns.items()]
    session.execute(
        update(section.table).where(*named).values(**values).execution_options(synchronize_session=False)
    )


def _write_dated(
    session: WriteSession,
    section: Section,
    columns: Mapping[str, str],
    versions: list[Any],
    values: Mapping[str, Any],
    starts_on: date,
) -> Written:
    same = next((row for row in versions if row.valid_from == starts_on), None)
    before_it = [row for row in versions if row.valid_from < starts_on]
    covering = next(
        (row for row in reversed(before_it) if row.valid_to is None or row.valid_to >= starts_on), None
    )
    model = same or covering or (versions[-1] if versions else None)
    before = _content(model) if model else None
    after = (before or _defaults(section.table)) | dict(columns) | dict(values) | {"is_edited": True}
    if same is not None:
        after["valid_to"] = None if rules.is_void(same) else same.valid_to
        _update(session, section, {**columns, "valid_from": starts_on}, after)
        return before, after
    ends = [
        row.valid_from - _DAY for row in versions if row.valid_from > starts_on and not rules.is_void(row)
    ]
    if covering is not None and covering.valid_to is not None:
        ends.append(covering.valid_to)
    after |= {"valid_from": starts_on, "valid_to": min(ends, default=None)}
    if covering is not None:
        _update(
            session, section, {**columns, "valid_from": covering.valid_from}, {"valid_to": starts_on - _DAY}
        )
    session.execute(insert(section.table).values(**after))
    return before, after


def _write_version(
    session: WriteSession, section: Section, versions: list[Any], values: Mapping[str, Any], today: date
) -> Written:
    """Add a version named by its day; several of one day count on, and sort after one another."""
    newest = versions[-1]
    taken = sorted(row.version for row in versions if row.version.startswith(str(today)))
    version = f"{today}.{len(taken) + 1:02d}" if taken else str(today)
    before = _content(newest)
    after = before | dict(values) | {"version": version}
    session.execute(insert(section.table).values(**after))
    return before, after


def retire(
    session: WriteSession,
    doer: Doer,
    section: Section,
    columns: Mapping[str, str],
    *,
    ends_on: date,
    now: datetime,
) -> None:
    """End a dated key: its last day is `ends_on`, rows planned for later are taken back; nothing is deleted."""
    before = rules.digest_of(
        _content(rules.in_view(queries.versions(session, section.table, columns), ends_on))
    )
    for row in queries.versions(session, section.table, columns):
        if row.valid_to is None or row.valid_to > ends_on:
            last = max(ends_on, row.valid_from - _DAY)
            _update(
                session,
                section,
                {**columns, "valid_from": row.valid_from},
                {"valid_to": last, "is_edited": True},
            )
    facts = {"valid_to": str(ends_on), "before": before, "after": None}
    _record(session, doer, section.key, ".".join(columns.values()), facts, now=now)


def set_year(
    session: WriteSession,
    doer: Doer,
    year: int,
    *,
    rests: frozenset[date],
    worked: frozenset[date],
    now: datetime,
) -> None:
    """Keep a year's holidays and make-up workdays whole; days as published stay the published ones."""
    published, natural = published_calendar(), Calendar(published_years=frozenset({year}))
    stored = queries.calendar_days(session, year)
    wanted = dict.fromkeys(rests, DayKind.REST) | dict.fromkeys(worked, DayKind.WORKDAY)
    for day in sorted(set(stored) | set(wanted)):
        kind = wanted.get(day, natural.day_kind(day))
        _set_day(session, day, kind, is_stored=day in stored, is_published=published.days.get(day) is kind)
        if kind is natural.day_kind(day) and day not in published.days:
            session.execute(delete(CalendarDay).where(CalendarDay.on_date == day))  # type: ignore[arg-type]
    before = {str(day): row.kind for day, row in stored.items()}
    after = {str(day): kind.value for day, kind in wanted.items()}
    facts = {"before": rules.digest_of(before), "after": rules.digest_of(after), "days": len(after)}
    _record(session, doer, "calendar", str(year), facts, now=now)


def _set_day(session: WriteSession, day: date, kind: DayKind, *, is_stored: bool, is_published: bool) -> None:
    values = {"kind": kind.value, "is_edited": not is_published}
    if is_stored:
        session.execute(update(CalendarDay).where(CalendarDay.on_date == day).values(**values))  # type: ignore[arg-type]
    else:
        session.execute(insert(CalendarDay).values(on_date=day, name="", **values))
