"""One row of the reference data on the table: what is known of it, what was typed, the page that shows both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from app.identity.actor import Actor
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, see_other
from app.reference import forms, queries, rules, views
from app.reference.forms import Typed
from app.reference.inputs import Wrong
from app.reference.sections import Mode, Section, section
from app.reference.terms import COMMON
from app.reference.views import EntryPage, Link

_STARTING_VALUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "categories": {
        "media": "allowed", "position": "allowed", "compartment_kind": "open", "sla_days": "15",
        "duplicate_radius_m": "50", "duplicate_window_days": "60", "sort": "900", "icon": "question",
    },
    "questions": {"kind": "bool", "sort": "900"},
    "towns": {"kind": "street"},
}  # fmt: skip


class Sheet:
    """One row, new or known, with the lists its boxes choose from."""

    def __init__(
        self,
        request: Request,
        session: ReadSession | WriteSession,
        actor: Actor,
        now: datetime,
        found: Section,
        key: str | None,
        category: str = "",
        *,
        planned_on: date | None = None,
        seen: str = "",
    ) -> None:
        self.request, self.session, self.actor, self.now, self.section = request, session, actor, now, found
        self.today, self.url = clock.office_date(now), request.app.state.urls
        self.columns = found.columns_of(key) if key is not None else None
        if key is None and not found.key_inputs:
            raise Missing
        self.versions = queries.versions(session, found.table, self.columns) if self.columns else []
        if self.columns and not self.versions:
            raise Missing
        self.row = self._row_in_view(max(planned_on or self.today, self.today), seen)
        self.category = (self.columns or {}).get("category_key", category)
        self.lists = forms.lists(
            session, found, actor.office_id, on=self.today, category_key=self.category,
            key=(self.columns or {}).get("key", ""),
        )  # fmt: skip

    def _row_in_view(self, on: date, seen: str) -> Any:
        if not self.versions:
            return None
        if self.section.mode is not Mode.DATED:
            return self.versions[-1]
        # The row the form was made from, where it still stands as it was; else the one in force.
        same = next((row for row in self.versions if seen and self._digest(row) == seen), None)
        return same or rules.in_view(self.versions, on)

    @staticmethod
    def _digest(row: Any) -> str:
        return rules.digest_of(row.model_dump())

    def read(self, form: LandedForm) -> Typed:
        """Read the form; a new row's key must be free."""
        typed = forms.read(form, self.section, self.lists, self.columns, today=self.today)
        if self.columns is not None or typed.errors:
            return replace(typed, row=self._in_old_order(typed.row))
        if queries.versions(self.session, self.section.table, typed.columns):
            typed.errors.append(Wrong("key", _("这个代号已经有了，请换一个，或者去改原来那一条。")))
        return typed

    def _in_old_order(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the order of what was chosen before (the first hotline is the fittest); what is new comes last."""
        kept = dict(row)
        for item in self.section.inputs:
            if item.kind == "many" and self.row is not None:
                before = list(getattr(self.row, item.name))
                kept[item.name].sort(
                    key=lambda value: before.index(value) if value in before else len(before)
                )
        return kept

    def is_stale(self, typed: Typed) -> bool:
        """Say whether somebody changed the row after the form was opened."""
        return typed.seen != self._digest(self.row)

    def leave(self, typed: Typed, told: str) -> Response:
        """Go back to where the row is seen: a question belongs to its category's page."""
        category = typed.columns.get("category_key", typed.columns.get("key", ""))
        if self.section.key in {"categories", "questions"} and category != COMMON:
            name, place = "reference:entry", {"section_key": "categories", "key": category}
        else:
            name, place = "reference:section", {"section_key": self.section.key}
        return see_other(self.request, name, flash=Flash(told), **place)

    def blank(self) -> EntryPage:
        """Return the empty form."""
        values: Mapping[str, Any] = {
            "category_key": self.category,
            **_STARTING_VALUES.get(self.section.key, {}),
        }
        return self._page(values, [], "")

    def known(self) -> EntryPage:
        """Return the form of the row as it stands."""
        starts_on = (
            self.row.valid_from if getattr(self.row, "valid_from", self.today) > self.today else self.today
        )
        values = {**forms.typed_of(self.section, self.row), "starts_on": str(starts_on)}
        return self._page(values, [], self._digest(self.row))

    def not_ended(self) -> EntryPage:
        """Return the row's form with the day of its end put right first."""
        values = forms.typed_of(self.section, self.row)
        return self._page(values, [Wrong("ends_on", _("请选今天或以后的一天。"))], self._digest(self.row))

    def again(self, typed: Typed, *, is_stale: bool = False) -> EntryPage:
        """Return the form with everything typed kept; a stale one also says what the row says now."""
        seen = self._digest(self.row) if is_stale else typed.seen
        return self._page(typed.values, typed.errors, seen, is_stale=is_stale)

    def _page(
        self, values: Mapping[str, Any], errors: list[Wrong], seen: str, *, is_stale: bool = False
    ) -> EntryPage:
        found, url, is_new = self.section, self.url, self.columns is None
        key = "" if self.row is None else found.key_of(self.row)
        title = _("添加：%(section)s", section=_(found.title)) if is_new else views.title_of(found, self.row)
        asked = (*found.key_inputs, *found.inputs) if is_new else found.inputs
        told = {error.field: error.text for error in errors}
        is_dated = found.mode is Mode.DATED
        action = (
            url("reference:add", section_key=found.key) if is_new
            else url("reference:change", section_key=found.key, key=key)
        )  # fmt: skip
        is_category = found.key == "categories" and not is_new
        return EntryPage(
            section=found, title=title, menu=views.menu(self.session, url, found.key), crumbs=self._crumbs(title),
            action=action, key=key, parent=self._parent(), groups=forms.groups(asked, values, errors, self.lists),
            errors=errors, seen=seen, starts_on=str(values.get("starts_on", self.today)),
            starts_error=told.get("starts_on", ""), ends_error=told.get("ends_on", ""), today=self.today,
            history=[] if is_new else views.history(found, self.versions, self.today),
            questions=self._questions() if is_category else [],
            new_question_href=url("reference:new", section_key="questions", category=key) if is_category else None,
            preview_href=url("intake:form", category_key=key) if is_category and self._is_in_force() else None,
            retire_action=(
                url("reference:retire", section_key=found.key, key=key) if is_dated and not is_new else None
            ),
            is_new=is_new, is_stale=is_stale, others=self._others(values) if is_stale else [],
        )  # fmt: skip

    def _crumbs(self, title: str) -> list[Link]:
        found, url = self.section, self.url
        links = [Link(_(found.title), url("reference:section", section_key=found.key))]
        if self._parent() and self.category != COMMON:
            links.append(
                Link(self._parent(), url("reference:entry", section_key="categories", key=self.category))
            )
        return views.crumbs(url, *links, Link(title, None))

    def _parent(self) -> str:
        if self.section.heads != "category_key":
            return ""
        return views.headings(self.session, self.section, self.today).get(self.category, "")

    def _is_in_force(self) -> bool:
        return bool(
            self.row.valid_from <= self.today
            and (self.row.valid_to is None or self.row.valid_to >= self.today)
        )

    def _questions(self) -> list[views.Row]:
        asked = section("questions")
        rows = queries.entries(self.session, asked.table, asked.keys)
        own = [versions for (category, _key), versions in rows.items() if category == self.row.key]
        return [views.row_of(asked, versions, self.url, self.today) for versions in own]

    def _others(self, values: Mapping[str, Any]) -> list[forms.Box]:
        now_says = forms.typed_of(self.section, self.row)
        differing = [item for item in self.section.inputs if now_says[item.name] != values.get(item.name)]
        return [box for group in forms.groups(differing, now_says, [], self.lists) for box in group.boxes]
