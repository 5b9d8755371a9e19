"""Which rules speak of a matter, and what a changed rule would have said; pure, a thousand matters in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.reference.jurisdiction.terms import Level, Matter, Rule


def speaks_of(rule: Rule, matter: Matter) -> bool:
    """Say whether every condition of a rule holds; categories and fields are one condition, either is enough."""
    is_kind = (
        not (rule.categories or rule.fields)
        or matter.category_key in rule.categories
        or matter.field_key in rule.fields
    )
    return (
        is_kind
        and (not rule.standings or matter.standing in rule.standings)
        and (not rule.towns or matter.town_key in rule.towns)
        and (not rule.levels or matter.level in rule.levels)
        and (matter.is_major or not rule.only_major)
        and (matter.is_private or not rule.only_private)
    )


def advise(rules: Sequence[Rule], matter: Matter) -> list[Rule]:
    """Return every rule that speaks of a matter, the deciding one first; nothing where none does."""
    return [rule for rule in rules if speaks_of(rule, matter)]


def decides(rules: Sequence[Rule], matter: Matter) -> Rule | None:
    """Return the rule that decides: the first that speaks of the matter."""
    return next((rule for rule in rules if speaks_of(rule, matter)), None)


def ordered(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return rules in the order they are asked."""
    return tuple(sorted(rules, key=lambda rule: (rule.sort, rule.key)))


def with_change(rules: Sequence[Rule], key: str, changed: Rule | None) -> tuple[Rule, ...]:
    """Return the rules as they would be with one of them changed, added, or (None) no longer there."""
    kept = [rule for rule in rules if rule.key != key]
    return ordered([*kept, changed] if changed is not None else kept)


def by_level(rules: Sequence[Rule], matter: Matter) -> list[tuple[tuple[Level, ...], Rule | None]]:
    """Return the deciding rule for each level whoever is supervised might be of, equal ones together."""
    found: dict[str, tuple[list[Level], Rule | None]] = {}
    for level in Level:
        if level is Level.UNKNOWN:
            continue
        rule = decides(rules, replace(matter, level=level))
        found.setdefault(rule.key if rule else "", ([], rule))[0].append(level)
    return [(tuple(levels), rule) for levels, rule in found.values()]
