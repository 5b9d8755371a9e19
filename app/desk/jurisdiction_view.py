"""The pages of the rules of jurisdiction: the list in the order it is asked, one rule's form, and its trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.clues.labels import STATES
from app.clues.terms import ClueState
from app.desk import rules as desk_rules
from app.desk.queries import past
from app.desk.terms import PAGE_ROWS, Cursor
from app.identity.actor import Actor
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.platform.web.render import Urls, in_locale
from app.reference import forms, queries, views
from app.reference import rules as reference_rules
from app.reference.forms import Group, Lists, Typed
from app.reference.inputs import Wrong
from app.reference.jurisdiction import queries as jurisdiction_queries
from app.reference.jurisdiction import rules
from app.reference.jurisdiction.section import SECTION
from app.reference.jurisdiction.terms import VERDICTS, Level, Matter, Rule
from app.reference.views import Knot, Link, Mark
from app.triage.terms import Scores

AnySession = ReadSession | WriteSession
_BLANK: Final[Mapping[str, str]] = {"sort": "500"}


@dataclass(frozen=True, slots=True)
class Editing:
    """Who works on the rules, with what, when."""

    session: AnySession
    actor: Actor
    urls: Urls
    now: datetime

    @property
    def today(self) -> date:
        """Return the office's day."""
        return clock.office_date(self.now)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in the list of them."""

    href: str
    title: str
    about: str
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Every rule, in the order they are asked; those no longer or not yet in force after them."""

    in_force: Sequence[RuleLine]
    others: Sequence[RuleLine]
    unconfirmed: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One past clue about which the changed rules say something else."""

    href: str
    title: str
    about: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a changed rule would have done with past clues: counts, and a page of the clues it changes."""

    looked_at: int
    is_capped: bool
    changed: int
    counts: Sequence[tuple[str, str, int]]
    lines: Sequence[Changed]
    next_at: str
    is_without: bool


@dataclass(frozen=True)
class RulePage:
    """The form of one rule, its history, and its trial when one was asked for."""

    title: str
    crumbs: list[Link]
    action: str
    trial_action: str
    retire_action: str | None
    groups: list[Group]
    errors: list[Wrong]
    seen: str
    starts_on: str
    starts_error: str
    ends_error: str
    today: date
    history: list[Knot]
    is_new: bool
    is_stale: bool
    trial: Trial | None


class Table:
    """One rule, new or known, on the table, with the lists its boxes choose from."""

    def __init__(self, desk: Editing, key: str | None) -> None:
        self.desk, self.key = desk, key
        self.columns = SECTION.columns_of(key) if key is not None else None
        self.versions = queries.versions(desk.session, SECTION.table, self.columns) if self.columns else []
        if self.columns and not self.versions:
            raise Missing
        self.row: Any = reference_rules.in_view(self.versions, desk.today) if self.versions else None
        self.lists: Lists = forms.lists(
            desk.session, SECTION, desk.actor.office_id, on=desk.today, category_key="", key=key or ""
        )

    @property
    def seen(self) -> str:
        """Return the digest by which a form of an older row is known."""
        return reference_rules.digest_of(self.row.model_dump()) if self.row is not None else ""

    def read(self, form: LandedForm) -> Typed:
        """Read the form; a new rule's key must be free."""
        typed = forms.read(form, SECTION, self.lists, self.columns, today=self.desk.today)
        is_free = self.columns is not None or typed.errors
        if not is_free and queries.versions(self.desk.session, SECTION.table, typed.columns):
            typed.errors.append(Wrong("key", _("这个代号已经有了，请换一个，或者去改原来那一条。")))
        return typed

    def page(
        self,
        typed: Typed | None = None,
        *,
        errors: Sequence[Wrong] = (),
        is_stale: bool = False,
        trial: Trial | None = None,
    ) -> RulePage:
        """Return the form: blank, as the rule stands, or with everything typed kept."""
        urls, is_new = self.desk.urls, self.key is None
        values: Mapping[str, Any] = (
            typed.values if typed else _BLANK if is_new else forms.typed_of(SECTION, self.row)
        )
        wrong = [*(typed.errors if typed else ()), *errors]
        told = {error.field: error.text for error in wrong}
        title = _("添加管辖规则") if is_new else views.title_of(SECTION, self.row)
        asked = (*SECTION.key_inputs, *SECTION.inputs) if is_new else SECTION.inputs
        key = self.key or "new"
        return RulePage(
            title=title,
            crumbs=[
                Link(_("单位"), urls("reference:agencies")), Link(_(SECTION.title), urls("desk:jurisdiction")),
                Link(title, None),
            ],
            action=urls("desk:add_rule") if is_new else urls("desk:change_rule", key=key),
            trial_action=urls("desk:try_rule", key=key),
            retire_action=None if is_new else urls("desk:retire_rule", key=key),
            groups=forms.groups(asked, values, wrong, self.lists), errors=wrong,
            seen=self.seen if typed is None or is_stale else typed.seen,
            starts_on=str(values.get("starts_on", self.desk.today)), starts_error=told.get("starts_on", ""),
            ends_error=told.get("ends_on", ""), today=self.desk.today,
            history=[] if is_new else views.history(SECTION, self.versions, self.desk.today),
            is_new=is_new, is_stale=is_stale, trial=trial,
        )  # fmt: skip


def rules_page(desk: Editing) -> RulesPage:
    """Return the list of the rules."""
    in_force: list[tuple[int, str, RuleLine]] = []
    others: list[tuple[int, str, RuleLine]] = []
    unconfirmed = 0
    entries = queries.entries(desk.session, SECTION.table, SECTION.keys)
    for (key,), versions in entries.items():
        row = reference_rules.in_view(versions, desk.today)
        holds = row.valid_from <= desk.today and (row.valid_to is None or row.valid_to >= desk.today)
        unconfirmed += holds and not row.is_confirmed
        marks = [(_(VERDICTS[row.verdict]), "act"), *views.marks(SECTION, row, versions, desk.today)]
        line = RuleLine(
            desk.urls("desk:rule", key=key), views.title_of(SECTION, row),
            " · ".join(part for part in (in_locale(row, "reason"), row.basis) if part), marks,
        )  # fmt: skip
        (in_force if holds else others).append((row.sort, row.key, line))
    return RulesPage(
        [line for *_order, line in sorted(in_force, key=lambda one: one[:2])],
        [line for *_order, line in sorted(others, key=lambda one: one[:2])],
        unconfirmed,
    )


def _matter(one: past.Past) -> Matter:
    scores = Scores.from_json(one.scores) if one.scores else None
    return Matter(
        standing=one.standing, town_key=one.town_key or "", category_key=one.category_key,
        field_key=one.field_key, level=scores.level if scores else Level.UNKNOWN, is_major=one.is_major,
        is_private=bool(scores and not scores.is_public),
    )  # fmt: skip


def try_rule(desk: Editing, key: str, changed: Rule | None, cursor: Cursor | None) -> Trial:
    """Return what the rules would have said of past clues with one of them changed, or (None) taken away.

    Only clues the person may see are looked at, the counts included (decisions.md 4).
    """
    now_rules = jurisdiction_queries.in_force(desk.session, desk.today)
    then_rules = rules.with_change(now_rules, key, changed)
    found = past.latest(desk.session, desk.actor)
    counts: Counter[tuple[str, str]] = Counter()
    lines: list[Changed] = []
    last: past.Past | None = None
    has_more = False
    for one in found:
        matter = _matter(one)
        before, after = _said(rules.decides(now_rules, matter)), _said(rules.decides(then_rules, matter))
        if before == after:
            continue
        counts[before, after] += 1
        if cursor is not None and (one.received_at, one.id) >= (cursor.received_at, cursor.id):
            continue
        if len(lines) == PAGE_ROWS:
            has_more = True
            continue
        last = one
        lines.append(
            Changed(
                desk.urls("desk:clue", clue_id=one.id), one.title,
                " · ".join(part for part in (one.number, _(STATES[ClueState(one.state)])) if part), before, after,
            )
        )  # fmt: skip
    next_at = desk_rules.write_cursor(Cursor(last.received_at, last.id)) if last and has_more else ""
    return Trial(
        looked_at=len(found), is_capped=len(found) == past.TRIED_ON, changed=counts.total(),
        counts=[(before, after, n) for (before, after), n in counts.most_common()],
        lines=lines, next_at=next_at, is_without=changed is None,
    )  # fmt: skip


def _said(rule: Rule | None) -> str:
    if rule is None:
        return _("没有规则说到")
    return _("%(verdict)s（%(name)s）", verdict=_(VERDICTS[rule.verdict]), name=in_locale(rule, "name"))
