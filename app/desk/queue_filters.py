"""The filters of the queue: which are in force, which may be set, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.clues.labels import STATES
from app.clues.terms import ClueState
from app.desk.clue_page import Desk
from app.desk.queries import names
from app.desk.step_terms import Option
from app.desk.terms import AGES, FLAGS, Filters
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale


@dataclass(frozen=True, slots=True)
class ChipView:
    """A filter in force and the address without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter that may be set."""

    name: str
    label: str
    options: Sequence[Option]
    value: str


@dataclass(frozen=True, slots=True)
class Known:
    """The words of the reference data a list needs."""

    categories: Mapping[str, names.Name]
    fields: Mapping[str, names.Name]
    towns: Mapping[str, names.Name]
    channels: Mapping[str, names.Name]
    sources: Mapping[str, names.Name]

    @classmethod
    def read(cls, desk: Desk) -> Known:
        """Read them all; each is a narrow query."""
        session = desk.session
        return cls(
            names.category_names(session), names.field_names(session), names.town_names(session),
            names.channel_names(session), names.source_names(session),
        )  # fmt: skip


def chips(desk: Desk, filters: Filters, known: Known) -> list[ChipView]:
    """Return the filters in force, each with the address without it."""

    def named(table: Mapping[str, names.Name], key: str) -> str:
        return in_locale(table[key], "name") if key in table else key

    in_force = (
        ("state", _(STATES[ClueState(filters.state)]) if filters.state else ""),
        ("category", named(known.categories, filters.category)),
        ("field", named(known.fields, filters.field)),
        ("town", named(known.towns, filters.town)),
        ("source", named(known.sources, filters.source)),
        ("channel", named(known.channels, filters.channel)),
        ("age", _(AGES[filters.age]) if filters.age else ""),
        ("flag", _(FLAGS[filters.flag]) if filters.flag else ""),
        ("q", _("“%(words)s”", words=filters.q) if filters.q else ""),
    )
    return [
        ChipView(label, desk.urls("desk:queue", **filters.query(**{name: ""})))
        for name, label in in_force
        if label
    ]


def filter_views(filters: Filters, known: Known) -> list[FilterView]:
    """Return every filter that may be set, with what it is set to."""

    def options(table: Iterable[names.Name]) -> list[Option]:
        return [Option("", _("全部")), *(Option(one.key, in_locale(one, "name")) for one in table)]

    def listed(pairs: Iterable[tuple[str, str]]) -> list[Option]:
        return [Option("", _("全部")), *(Option(value, _(label)) for value, label in pairs)]

    return [
        FilterView(
            "state", _("状态"), listed((one.value, text) for one, text in STATES.items()), filters.state
        ),
        FilterView("category", _("类别"), options(known.categories.values()), filters.category),
        FilterView("field", _("领域"), options(known.fields.values()), filters.field),
        FilterView("town", _("街道、乡镇"), options(known.towns.values()), filters.town),
        FilterView("source", _("来源"), options(known.sources.values()), filters.source),
        FilterView("channel", _("渠道"), options(known.channels.values()), filters.channel),
        FilterView(
            "age",
            _("多久以前收到"),
            listed((one.value, text) for one, text in AGES.items()),
            filters.age or "",
        ),
        FilterView(
            "flag", _("标记"), listed((one.value, text) for one, text in FLAGS.items()), filters.flag or ""
        ),
    ]
