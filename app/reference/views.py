"""What the pages of the reference room show, as frozen values; each page's context stands here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.clocks.calendar import published_calendar
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale
from app.platform.when import shown_date
from app.reference import queries, rules
from app.reference.forms import Box, Group
from app.reference.inputs import Wrong
from app.reference.sections import CONSENT_NAMES, SECTIONS, Mode, Section
from app.reference.terms import COMMON, MESSAGE_STEPS, QUESTION_KINDS, REASON_LISTS

Url = Callable[..., str]
CALENDAR = "calendar"
CALENDAR_TITLE = N_("节假日")
Mark = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A way to somewhere: a crumb, a section with its count."""

    label: str
    href: str | None
    count: int | None = None
    is_current: bool = False
    tone: str = "plain"
    icon: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: what it is, what it says, and the marks beside it."""

    href: str
    title: str
    about: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Heap:
    """Rows under one heading."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class IndexPage:
    """The sections with their counts."""

    sections: list[Link]


@dataclass(frozen=True)
class SectionPage:
    """One section's rows."""

    section: Section
    menu: list[Link]
    crumbs: list[Link]
    heaps: list[Heap]
    adds_href: str | None


@dataclass(frozen=True, slots=True)
class Knot:
    """One version of a row on the thread of its history."""

    label: str
    when: str
    sentence: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class EntryPage:
    """The form of one row, its history, what belongs to it."""

    section: Section
    title: str
    menu: list[Link]
    crumbs: list[Link]
    action: str
    key: str
    parent: str
    groups: list[Group]
    errors: list[Wrong]
    seen: str
    starts_on: str
    starts_error: str
    ends_error: str
    today: date
    history: list[Knot]
    questions: list[Row]
    new_question_href: str | None
    preview_href: str | None
    retire_action: str | None
    is_new: bool
    is_stale: bool
    others: list[Box]


@dataclass(frozen=True)
class CalendarPage:
    """The years of the calendar."""

    menu: list[Link]
    crumbs: list[Link]
    rows: list[Row]
    next_year_href: str
    next_year: int


@dataclass(frozen=True)
class YearPage:
    """One year's holidays and make-up workdays."""

    menu: list[Link]
    crumbs: list[Link]
    year: int
    action: str
    values: Mapping[str, str]
    errors: list[Wrong]
    told: Mapping[str, str]
    is_published: bool
    seen: str
    is_stale: bool


def menu(session: ReadSession | WriteSession, url: Url, current: str = "") -> list[Link]:
    """Return the sections with how many rows each holds."""
    found = [
        Link(
            _(section.title), url("reference:section", section_key=key), queries.count(session, section.table, section.keys),
            is_current=key == current, icon=section.icon, text=_(section.intro),
        )
        for key, section in SECTIONS.items()
    ]  # fmt: skip
    text = _("放假和调休的日子。期限遇到放假顺延，靠的就是这张表。")
    years = len(queries.calendar_years(session))
    here = Link(
        _(CALENDAR_TITLE), url("reference:calendar"), years, current == CALENDAR, icon="calendar", text=text
    )
    return [*found, here]


def crumbs(url: Url, *rest: Link) -> list[Link]:
    """Return the way back: reference data, then what is named."""
    return [Link(_("基础资料"), url("reference:index")), *rest]


def heaps(session: ReadSession, section: Section, url: Url, on: date) -> list[Heap]:
    """Return a section's rows under their headings, in order."""
    names = headings(session, section, on)
    found: dict[str, list[tuple[int, Row]]] = {head: [] for head in names}
    for versions in queries.entries(session, section.table, section.keys).values():
        row = rules.in_view(versions, on) if section.mode is Mode.DATED else versions[-1]
        head = str(getattr(row, section.heads)) if section.heads else ""
        found.setdefault(head, []).append((getattr(row, "sort", 0), row_of(section, versions, url, on)))
    return [
        Heap(names.get(head, head), [row for _sort, row in sorted(rows, key=lambda pair: pair[0])])
        for head, rows in found.items()
        if rows
    ]


def row_of(section: Section, versions: Sequence[Any], url: Url, on: date) -> Row:
    """Return one key as a list shows it."""
    row = rules.in_view(versions, on) if section.mode is Mode.DATED else versions[-1]
    href = url("reference:entry", section_key=section.key, key=section.key_of(row))
    about = in_locale(row, section.about) if section.about else ""
    return Row(href, title_of(section, row), about, marks(section, row, versions, on))


def headings(session: ReadSession | WriteSession, section: Section, on: date) -> dict[str, str]:
    """Return the headings a section's rows stand under, in order."""
    if section.heads == "group_key":
        return {row.key: in_locale(row, "name") for row in queries.groups(session)}
    if section.heads == "category_key":
        every = {row.key: in_locale(row, "name") for row in queries.categories(session, on)}
        return {COMMON: _("每张表单都问")} | every
    if section.heads == "list_key":
        return {key: _(text) for key, text in REASON_LISTS}
    if section.heads == "step":
        return {key: _(text) for key, text in MESSAGE_STEPS}
    if section.heads == "source_type":
        return {row.key: in_locale(row, "name") for row in queries.source_types(session)}
    return {"": ""}


def title_of(section: Section, row: Any) -> str:
    """Return what a row is called."""
    if section.mode is Mode.VERSIONED:
        return _(CONSENT_NAMES.get(row.key, row.key))
    if section.key == "hotlines":
        return f"{row.number} {in_locale(row, 'name')}"
    return in_locale(row, section.name)


def marks(section: Section, row: Any, versions: Sequence[Any], on: date) -> list[Mark]:
    """Return what a list says beside a row: its kind, and what is unusual about it."""
    found: list[Mark] = []
    if section.key == "questions":
        found.append((_(dict(QUESTION_KINDS).get(row.kind, row.kind)), "plain"))
    for name, text, tone in (
        ("is_priority", _("重点"), "act"), ("is_required", _("必答"), "plain"), ("is_urgent", _("紧急"), "stop"),
        ("is_emergency", _("紧急"), "stop"), ("is_private", _("不外传"), "plain"),
    ):  # fmt: skip
        found += [(text, tone)] if getattr(row, name, False) else []
    found += [(_("待核实"), "time")] if getattr(row, "is_confirmed", True) is False else []
    found += [(_("本院改过"), "done")] if getattr(row, "is_edited", False) else []
    if section.mode is Mode.VERSIONED:
        found.append((_("%(day)s 版", day=row.version), "plain"))
    if section.mode is Mode.DATED:
        found += _dated_marks(row, versions, on)
    return found


def _dated_marks(row: Any, versions: Sequence[Any], on: date) -> list[Mark]:
    if row.valid_to is not None and row.valid_to < on:
        return [(_("已停用"), "plain")]
    if row.valid_from > on:
        return [(_("%(day)s 起", day=shown_date(row.valid_from)), "act")]
    coming = [other for other in versions if other.valid_from > on and not rules.is_void(other)]
    if coming:
        return [(_("%(day)s 起换新", day=shown_date(coming[0].valid_from)), "act")]
    return [(_("用到 %(day)s", day=shown_date(row.valid_to)), "time")] if row.valid_to else []


def history(section: Section, versions: Sequence[Any], on: date) -> list[Knot]:
    """Return a dated or versioned row's versions as knots, oldest first."""
    found = []
    for row in versions:
        if section.mode is Mode.VERSIONED:
            is_newest = row is versions[-1]
            found.append(
                Knot(row.version, "", _("现在用的一版") if is_newest else "", not is_newest, is_newest)
            )
        elif section.mode is Mode.DATED and not rules.is_void(row):
            is_over = row.valid_to is not None and row.valid_to < on
            is_now = row.valid_from <= on and not is_over
            until = _("到 %(day)s", day=shown_date(row.valid_to)) if row.valid_to else ""
            label = _("%(day)s 起", day=shown_date(row.valid_from))
            found.append(Knot(label, until, title_of(section, row), is_over, is_now))
    return found


def calendar_rows(session: ReadSession, url: Url) -> tuple[list[Row], int]:
    """Return the years of which days are stored, newest first, and the next year to be entered."""
    years = queries.calendar_years(session)
    published = published_calendar().published_years
    last = max({*years, *published})
    rows = []
    for year in sorted({*years, *published}, reverse=True):
        days = queries.calendar_days(session, year).values()
        rest = sum(row.kind == "rest" for row in days)
        about = _("工作日放假 %(rest)s 天，调休上班 %(worked)s 天", rest=rest, worked=len(days) - rest)
        edited = [(_("本院改过 %(n)s 天", n=years[year]), "done")] if years.get(year) else []
        rows.append(Row(url("reference:year", year=year), _("%(year)s 年", year=year), about, edited))
    return rows, last + 1
