"""What one form needs of the reference data, read once before the body lands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

from app.intake.rules import WORDS_MOST
from app.intake.terms import Matter
from app.platform import clock
from app.platform.db import ReadSession, WriteSession
from app.platform.errors import Missing
from app.reference import memory
from app.reference import queries as reference
from app.reference.models import Category, Consent, Question, Town

PUBLIC_DOOR: Final = "public"
WEB: Final = "web"
_KEY: Final = re.compile(r"[a-z0-9_]{1,32}")
# Asked by the place's own fields where no position may be taken, so that it is not asked twice.
COARSE_AREA: Final = "coarse_area"
# Likewise the few words such a category asks for: the form has one box for words, not two.
FEW_WORDS: Final = "text"
_FORBIDDEN: Final = "forbidden"
_MASKED: Final = "masked"


@dataclass(frozen=True)
class FormFacts:
    """A category with its questions, the towns, the consents and the public channels."""

    category: Category
    matter: Matter
    questions: Sequence[Question]
    towns: Sequence[Town]
    privacy: Consent
    contact: Consent
    public_channels: frozenset[str]

    @property
    def town_names(self) -> dict[str, str]:
        """Return town names by key."""
        return {town.key: town.name for town in self.towns}

    @cached_property
    def few_words(self) -> Question | None:
        """Return the question that the box for words stands for, where no position may be taken."""
        return next(
            (question for question in self.questions if self.asks_area and question.key == FEW_WORDS), None
        )

    @cached_property
    def asked_elsewhere(self) -> frozenset[str]:
        """Return the questions that the place and the words ask in their own fields."""
        return frozenset({COARSE_AREA, FEW_WORDS}) if self.asks_area else frozenset()

    @cached_property
    def words_most(self) -> int:
        """Return how many signs the description may have."""
        return (self.few_words.max_length or WORDS_MOST) if self.few_words else WORDS_MOST

    @cached_property
    def asks_area(self) -> bool:
        """Say whether the coarse area of this category is asked by the place's fields."""
        return any(question.key == COARSE_AREA for question in self.questions)


def form_facts(session: ReadSession | WriteSession, category_key: str, *, now: datetime) -> FormFacts:
    """Return what the form of a category needs; raises Missing for a category that is not in force."""
    today = clock.office_date(now)
    if not _KEY.fullmatch(category_key):
        raise Missing
    key = ("form", category_key, today)
    memory.arrivals(session)  # what follows is a report that needs them, in a session that must not keep them
    return memory.remembered(session, key, lambda: _read_facts(session, category_key, today))


def _read_facts(session: ReadSession | WriteSession, category_key: str, today: date) -> FormFacts:
    category = reference.category(session, category_key, today)
    return FormFacts(
        category=category,
        matter=matter_of(category),
        questions=reference.all_questions(session, category_key, today),
        towns=reference.towns(session),
        privacy=reference.consent(session, "privacy"),
        contact=reference.consent(session, "contact"),
        public_channels=frozenset(row.key for row in reference.channels(session, PUBLIC_DOOR)),
    )


def matter_of(category: Category) -> Matter:
    """Return a category as a frozen value."""
    return Matter(
        key=category.key,
        field_key=category.field_key,
        name=category.name,
        compartment_kind=category.compartment_kind,
        sla_days=category.sla_days,
        is_priority=category.is_priority,
        allows_photos=category.media != _FORBIDDEN,
        allows_position=category.position != _FORBIDDEN,
        needs_masking=category.media == _MASKED,
    )
