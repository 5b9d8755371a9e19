"""What the rules of jurisdiction are told of a clue, and what they say in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.clues.models import Clue
from app.identity import queries as identity_queries
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.platform.i18n import gettext as _
from app.platform.i18n import listed
from app.platform.web.render import in_locale
from app.reference import queries as reference
from app.reference.jurisdiction import queries as jurisdiction_queries
from app.reference.jurisdiction import rules
from app.reference.jurisdiction.terms import LEVELS, VERDICTS, Level, Matter, Rule, Verdict
from app.triage import queries
from app.triage.terms import Scores

AnySession = ReadSession | WriteSession


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """What one rule says of a clue."""

    verdict: str
    target: str
    reason: str
    basis: str
    name: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rules say of a clue: the deciding one first, then what else speaks of it, then by level."""

    lines: list[AdviceLine]
    level: str
    by_level: list[tuple[str, str]]


def matter_of(clue: Clue, stored: Mapping[str, Any] | None) -> Matter:
    """Return what is known of a clue where its jurisdiction is asked; `stored` are its latest scores."""
    scores = Scores.from_json(stored) if stored else None
    return Matter(
        standing=clue.standing, town_key=clue.town_key or "", category_key=clue.category_key,
        field_key=clue.field_key, level=scores.level if scores else Level.UNKNOWN, is_major=clue.is_major,
        is_private=bool(scores and not scores.is_public),
    )  # fmt: skip


def latest_scores(session: AnySession, clue_id: str) -> Mapping[str, Any] | None:
    """Return the scores of a clue's latest evaluation."""
    judged = queries.evaluations(session, clue_id)
    return judged[0].scores if judged else None


def deciding(session: AnySession, matter: Matter, on: date) -> str:
    """Return in one line what the deciding rule says; nothing where no rule speaks of the matter."""
    rule = rules.decides(jurisdiction_queries.in_force(session, on), matter)
    return (
        _("%(verdict)s（%(name)s）", verdict=_(VERDICTS[rule.verdict]), name=in_locale(rule, "name"))
        if rule
        else ""
    )


def of_clue(session: AnySession, clue: Clue, stored: Mapping[str, Any] | None, on: date) -> Advice:
    """Return what the rules in force say of a clue."""
    matter = matter_of(clue, stored)
    in_force = jurisdiction_queries.in_force(session, on)
    found = rules.advise(in_force, matter)
    by_level = rules.by_level(in_force, matter) if matter.level is Level.UNKNOWN else []
    asked = {rule.key: rule for rule in [*found, *(rule for _levels, rule in by_level if rule)]}
    names = named_targets(session, clue.office_id, asked.values(), matter, on)
    return Advice(
        lines=[_line(rule, names[rule.key]) for rule in found],
        level=_(LEVELS[matter.level]),
        by_level=[
            (
                listed(_(LEVELS[level]) for level in levels),
                " ".join(part for part in (_(VERDICTS[rule.verdict]), names[rule.key]) if part)
                if rule
                else _("没有规则说到，请人工判断"),
            )
            for levels, rule in by_level
        ],
    )


def _line(rule: Rule, target: str) -> AdviceLine:
    return AdviceLine(
        _(VERDICTS[rule.verdict]), target, in_locale(rule, "reason"), rule.basis, in_locale(rule, "name"),
        rule.is_confirmed,
    )  # fmt: skip


def named_targets(
    session: AnySession, office_id: str, asked: Iterable[Rule], matter: Matter, on: date
) -> dict[str, str]:
    """Return by rule whom it means: by name where it says so, else as the category has it."""
    wanted = list(asked)
    lines = {one.key: f"{one.number} {in_locale(one, 'name')}" for one in reference.hotlines(session)}
    keyed = identity_queries.org_names_by_key(
        session, office_id, [rule.target for rule in wanted if rule.target]
    )
    found = {rule.key: keyed.get(rule.target) or lines.get(rule.target, "") for rule in wanted}
    for rule in wanted:
        if rule.verdict is Verdict.HOTLINE and not found[rule.key]:
            found[rule.key] = listed(lines[key] for key in _redirects(session, matter, on) if key in lines)
        if rule.verdict is Verdict.AGENCY and not found[rule.key]:
            found[rule.key] = listed(_agencies(session, office_id, matter, on))
    return found


def _redirects(session: AnySession, matter: Matter, on: date) -> list[str]:
    try:
        return list(reference.category(session, matter.category_key, on).redirect)
    except Missing:
        return []


def _agencies(session: AnySession, office_id: str, matter: Matter, on: date) -> list[str]:
    try:
        found = reference.suggested_agencies(
            session, office_id, matter.category_key, matter.town_key or None, on
        )
    except Missing:
        return []
    return [in_locale(unit, "name") for unit, is_lead in found if is_lead]
