"""Reading the forms of the reference room, and showing them again with everything typed kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.landing import LandedForm
from app.reference import dates, inputs, queries
from app.reference.inputs import Input, Option, Wrong
from app.reference.models import Question
from app.reference.sections import GROUPS, Mode, Section
from app.reference.terms import COMMON, QuestionKind

AnySession = ReadSession | WriteSession
SATURDAY: Final = 5
_FARTHEST: Final = timedelta(days=5 * 366)
_RESERVED: Final = frozenset({"new", COMMON})


@dataclass(frozen=True)
class Lists:
    """What may be chosen from, by the source an input names; and the questions a condition may lean on."""

    choices: Mapping[str, tuple[Option, ...]]
    siblings: Mapping[str, Question]

    def of(self, item: Input) -> Sequence[Option]:
        """Return the choices of a box."""
        if not item.source:
            icon = item.kind == "icon"
            return [Option(value, _(label), value if icon else None) for value, label in item.choices]
        return self.choices.get(item.source, ())


def _categories(session: AnySession, _office_id: str, on: date) -> list[Option]:
    return [Option(row.key, row.name) for row in queries.categories(session, on)]


def _named(rows: Iterable[Any]) -> list[Option]:
    return [Option(row.key, row.name) for row in rows]


def _lines(session: AnySession) -> list[Option]:
    return [Option(row.key, f"{row.number} {row.name}") for row in queries.hotlines(session)]


def _agencies(session: AnySession, office_id: str, _on: date) -> list[Option]:
    return [
        Option(unit.key, unit.name if unit.is_active else _("%(name)s（已停用）", name=unit.name))
        for unit in queries.org_units(session, office_id)
        if unit.key
    ]


def _targets(session: AnySession, office_id: str, _on: date) -> list[Option]:
    return [*_named(unit for unit in queries.agencies(session, office_id) if unit.key), *_lines(session)]


# What a box may choose from, by the source it names.
_CHOICES: Final[Mapping[str, Callable[[AnySession, str, date], Sequence[Option]]]] = {
    "groups": lambda session, _office, _on: _named(queries.groups(session)),
    "fields": lambda session, _office, on: _named(queries.fields(session, on)),
    "hotlines": lambda session, _office, _on: _lines(session),
    "source_types": lambda session, _office, _on: _named(queries.source_types(session)),
    "categories": lambda *given: [Option(COMMON, _("每张表单都问")), *_categories(*given)],
    "every_category": lambda *given: [Option(COMMON, _("所有类别")), *_categories(*given)],
    "own_categories": _categories,
    "towns": lambda session, _office, _on: _named(queries.towns(session)),
    "targets": _targets,
    "agencies": _agencies,
}


def lists(
    session: AnySession,
    section: Section,
    office_id: str,
    *,
    on: date,
    category_key: str,
    key: str,
) -> Lists:
    """Gather what a section's boxes may choose from."""
    needed = {item.source for item in (*section.inputs, *section.key_inputs)}
    found = {name: tuple(read(session, office_id, on)) for name, read in _CHOICES.items() if name in needed}
    siblings: dict[str, Question] = {}
    if "siblings" in needed and category_key:
        askable = {QuestionKind.BOOL, QuestionKind.ENUM, QuestionKind.MULTI}
        rows = queries.questions(session, category_key, on)
        siblings = {row.key: row for row in rows if row.kind in askable and row.key != key}
        found["siblings"] = tuple(Option(row.key, row.label) for row in siblings.values())
    return Lists(found, siblings)


@dataclass(frozen=True)
class Typed:
    """A form as it was read: typed text to show again, what is wrong, and the row it makes."""

    values: Mapping[str, str | list[str]]
    errors: list[Wrong]
    row: Mapping[str, Any]
    columns: Mapping[str, str]
    starts_on: date
    seen: str


def read(
    form: LandedForm, section: Section, known: Lists, columns: Mapping[str, str] | None, *, today: date
) -> Typed:
    """Read one form; `columns` name the row being changed, None is a new one."""
    asked = section.inputs if columns is not None else (*section.key_inputs, *section.inputs)
    values: dict[str, str | list[str]] = {}
    row: dict[str, Any] = {}
    errors: list[Wrong] = []
    for item in asked:
        typed = form.all(item.name)
        values[item.name] = list(typed) if item.kind == "many" else (typed[0] if typed else "")
        row[item.name], problem = inputs.read(item, typed, known.of(item))
        errors += [Wrong(item.name, problem)] if problem else []
    wrong_already = {error.field for error in errors}
    errors += [error for error in section.check(row) if error.field not in wrong_already]
    starts_on, problem = _start(form, section, today)
    values["starts_on"] = form.get("starts_on", str(today))
    errors += [Wrong("starts_on", problem)] if problem else []
    named = (
        columns
        if columns is not None
        else {item.name: str(row.pop(item.name)) for item in section.key_inputs}
    )
    if columns is None and named.get("key") in _RESERVED:
        errors.append(Wrong("key", _("这个代号系统自己要用，请换一个。")))
    if "shown_question" in row:
        row["shown_when"] = _condition(row.pop("shown_question"), row.pop("shown_values"), known, errors)
    return Typed(values, errors, row, named, starts_on, form.get("seen"))


def _start(form: LandedForm, section: Section, today: date) -> tuple[date, str]:
    if section.mode is not Mode.DATED or not form.get("starts_on"):
        return today, ""
    day = inputs.day_of(form.get("starts_on"))
    if day is None or not today <= day <= today + _FARTHEST:
        return today, _("请选今天或以后的一天，最多五年。")
    return day, ""


def _condition(question: str, answers: str, known: Lists, errors: list[Wrong]) -> dict[str, Any] | None:
    """Turn "which question, which answers" into the stored condition; answers must be some the question has."""
    if not question or not answers or question not in known.siblings:
        return None
    asked = known.siblings[question]
    allowed = (
        {"yes", "no"} if asked.kind == QuestionKind.BOOL else {option["value"] for option in asked.options}
    )
    chosen = [
        word for word in answers.replace("，", ",").replace("、", ",").replace(" ", "").split(",") if word
    ]
    if not chosen or not set(chosen) <= allowed:
        told = _("这一题的答案只有：%(allowed)s。", allowed=listed(sorted(allowed)))
        errors.append(Wrong("shown_values", told))
        return None
    return {"question": question, "is": list(dict.fromkeys(chosen))}


def typed_of(section: Section, row: Any) -> dict[str, str | list[str]]:
    """Return a stored row as a person would have typed it."""
    condition = getattr(row, "shown_when", None) or {}
    beside = {"shown_question": condition.get("question"), "shown_values": ",".join(condition.get("is", ()))}
    return {
        item.name: inputs.shown(item, beside[item.name] if item.name in beside else getattr(row, item.name))
        for item in section.inputs
    }


@dataclass(frozen=True, slots=True)
class Box:
    """One box as the page draws it."""

    item: Input
    label: str
    hint: str
    value: str | list[str]
    error: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that stand together under one heading."""

    key: str
    title: str
    boxes: list[Box]
    has_errors: bool


def groups(
    asked: Sequence[Input], values: Mapping[str, str | list[str]], errors: Sequence[Wrong], known: Lists
) -> list[Group]:
    """Return the boxes of a form in their groups, with what was typed and what is wrong."""
    told = {error.field: error.text for error in reversed(errors)}
    found: dict[str, list[Box]] = {}
    for item in asked:
        options = known.of(item)
        if item.kind == "pick":
            options = [Option("", _("请选择")), *options]
        hint = _(item.hint) if item.hint else ""
        box = Box(item, _(item.label), hint, values.get(item.name, ""), told.get(item.name, ""), options)
        found.setdefault(item.group, []).append(box)
    ordered = [(key, found[key]) for key in GROUPS if key in found]
    return [Group(key, _(GROUPS[key]), boxes, any(box.error for box in boxes)) for key, boxes in ordered]


@dataclass(frozen=True, slots=True)
class TypedYear:
    """A year of the calendar as it was typed: holidays and make-up workdays, pasted as lists."""

    values: Mapping[str, str]
    errors: list[Wrong]
    rests: frozenset[date]
    worked: frozenset[date]


def read_year(form: LandedForm, year: int) -> TypedYear:
    """Read a year's two lists; a weekend among the holidays changes nothing and is left out."""
    values = {name: form.get(name) for name in ("rests", "worked")}
    rests, worked = dates.read_days(values["rests"], year), dates.read_days(values["worked"], year)
    unread = _("看不懂这一段：%(piece)s。请写成 2026-10-01、10月1日 或 10月1日至7日，而且都在这一年里。")
    errors = [
        Wrong(name, unread % {"piece": days.unread})
        for name, days in (("rests", rests), ("worked", worked))
        if days.unread
    ]
    both = sorted(rests.found & worked.found)
    if both:
        errors.append(Wrong("worked", _("%(day)s 既写成放假又写成上班。", day=str(both[0]))))
    weekday = next((day for day in sorted(worked.found) if day.weekday() < SATURDAY), None)
    if weekday is not None:
        errors.append(
            Wrong("worked", _("%(day)s 本来就是工作日，调休上班只写星期六、星期日。", day=str(weekday)))
        )
    holidays = frozenset(day for day in rests.found if day.weekday() < SATURDAY)
    return TypedYear(values, errors, holidays, worked.found)
