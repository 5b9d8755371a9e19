"""The way to the right form: the start page, the self-check, the list of what may be reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.intake.prompts import said
from app.platform.db import ReadSession
from app.reference import queries as reference
from app.reference.models import Category, CategoryGroup, Hotline

NOT_SURE: Final = "other"
_VIA: Final = re.compile(r"[a-z0-9_]{1,32}")
ASKED_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class HomePage:
    """The start page."""

    groups: Sequence[CategoryGroup]
    office_hours: str
    via: str


@dataclass(frozen=True, slots=True)
class Card:
    """One question of the self-check with the hotlines for a yes."""

    question: str
    advice: str
    hotlines: Sequence[Hotline]


@dataclass(frozen=True, slots=True)
class SelfCheckPage:
    """The self-check."""

    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class PickPage:
    """What may be reported, by picture and plain words."""

    asked: str
    suggestions: Sequence[Category]
    priority: Sequence[Category]
    chosen: CategoryGroup | None
    chosen_categories: Sequence[Category]
    groups: Sequence[tuple[CategoryGroup, Sequence[Category]]]
    via: str


def home(session: ReadSession, *, office_hours: str, via: str) -> HomePage:
    """Put the start page together."""
    return HomePage(reference.groups(session), office_hours, source(via))


def self_check(session: ReadSession) -> SelfCheckPage:
    """Put the self-check together."""
    by_key = {hotline.key: hotline for hotline in reference.hotlines(session)}
    return SelfCheckPage(
        [
            Card(
                said(card, "question"),
                said(card, "advice"),
                [by_key[key] for key in card.hotlines if key in by_key],
            )
            for card in reference.cards(session)
        ]
    )


def pick(session: ReadSession, *, asked: str, group_key: str, via: str, on: date) -> PickPage:
    """Put the list together; with free text three suggestions first, with a group that group first."""
    found = reference.categories(session, on)
    text = asked[:ASKED_MOST]
    suggestions = reference.suggest(session, text, on) if text.strip() else []
    groups = [
        (group, [row for row in found if row.group_key == group.key and row.key != NOT_SURE])
        for group in reference.groups(session)
    ]
    chosen = next((pair for pair in groups if pair[0].key == group_key and pair[1]), None)
    return PickPage(
        asked=text,
        suggestions=[row for row in suggestions if row.key != NOT_SURE],
        priority=[row for row in found if row.is_priority],
        chosen=chosen[0] if chosen else None,
        chosen_categories=chosen[1] if chosen else (),
        groups=[pair for pair in groups if pair[1] and pair is not chosen],
        via=source(via),
    )


def source(via: str) -> str:
    """Return the name of a poster's source, if it could be one; the form checks that there is such a channel."""
    return via if _VIA.fullmatch(via) else ""
