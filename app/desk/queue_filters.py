"""The filters of the queue: which are in force, which may be set, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.clues.labels import STATES
from app.clues.terms import ClueState
from app.desk import rules
from app.desk.clue_page import Desk
from app.desk.hands import team_name
from app.desk.queries import names
from app.desk.step_terms import Option
from app.desk.terms import AGES, FLAGS, Filters
from app.identity import queries as identity_queries
from app.platform.i18n import gettext as _
from app.platform.web.render import in_locale
from app.platform.when import shown_date
from app.triage import queries as triage_queries
from app.triage.labels import GRADES
from app.triage.teams import queries as team_queries
from app.triage.terms import Grade


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


def chips(desk: Desk, filters: Filters, known: names.Known, *, door: str = "desk:queue") -> list[ChipView]:
    """Return the filters in force, each with the address without it, in the list or on the map."""

    def named(table: Mapping[str, names.Name], key: str) -> str:
        return in_locale(table[key], "name") if key in table else key

    in_force = (
        ("state", _(STATES[ClueState(filters.state)]) if filters.state else ""),
        ("category", named(known.categories, filters.category)),
        ("field", named(known.fields, filters.field)),
        ("town", named(known.towns, filters.town)),
        ("source", named(known.sources, filters.source)),
        ("channel", named(known.channels, filters.channel)),
        ("grade", _("等级 %(grade)s", grade=filters.grade) if filters.grade else ""),
        ("assignee", _assignee(desk, filters.assignee)),
        ("team", _team(desk, filters.team)),
        ("label", named(known.labels, filters.label) if filters.label else ""),
        ("from", _("%(date)s起", date=shown_date(filters.since)) if filters.since else ""),
        ("to", _("到%(date)s", date=shown_date(filters.until)) if filters.until else ""),
        ("age", _(AGES[filters.age]) if filters.age else ""),
        ("flag", _(FLAGS[filters.flag]) if filters.flag else ""),
        ("q", _("“%(words)s”", words=filters.q) if filters.q else ""),
    )
    return [
        ChipView(label, desk.urls(door, **filters.query(**{name: ""}))) for name, label in in_force if label
    ]


def _assignee(desk: Desk, account_id: str) -> str:
    if not account_id:
        return ""
    name = identity_queries.names_of(desk.session, [account_id]).get(account_id)
    return _("%(name)s承办", name=name) if name else ""


def _team(desk: Desk, team_id: str) -> str:
    name = team_queries.names_of(desk.session, [team_id]).get(team_id) if team_id else None
    return team_name(name) if name else ""


def filter_views(desk: Desk, filters: Filters, known: names.Known) -> list[FilterView]:
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
            "grade", _("等级"), listed((one, GRADES[Grade(one)]) for one in rules.GRADES), filters.grade
        ),
        FilterView("assignee", _("承办人"), _handlers(desk), filters.assignee),
        FilterView("team", _("办案组"), _teams(desk), filters.team),
        FilterView("label", _("标签"), options(known.labels.values()), filters.label),
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


def _handlers(desk: Desk) -> list[Option]:
    able = triage_queries.handlers_of_office(desk.session, office_id=desk.actor.office_id, now=desk.now)
    return [Option("", _("全部")), *(Option(one.account_id, one.name) for one in able)]


def _teams(desk: Desk) -> list[Option]:
    teams = team_queries.of_office(desk.session, desk.actor.office_id)
    return [Option("", _("全部")), *(Option(team.id, team.name) for team in teams)]
