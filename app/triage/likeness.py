"""How alike two clues are, and in which respects: place, time, kind, wording, pictures. Pure; a person decides.

The weights and the threshold were chosen on the labelled pairs of tests/triage/pairs.jsonl
(docs/decisions/0012-same-matter.md); `make bench` prints how they do there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import exp
from typing import Final

# From here on two clues are shown as perhaps the same matter; from LIKELY on as probably the same.
THRESHOLD: Final = 0.40
LIKELY: Final = 0.60
PICTURE_BITS: Final = 10
# How many times the radius of the category two tellings of one matter may lie apart at most.
REACHES: Final = 2
# Below this much shared wording a matter of another category at the same spot is another matter.
_UNRELATED: Final = 0.12


class Respect(StrEnum):
    """In which respect two clues are alike."""

    NEAR = "near"
    SAME_SPOT_WORDS = "same_spot_words"
    SAME_KIND = "same_kind"
    SAME_WORDS = "same_words"
    SAME_PICTURE = "same_picture"
    CLOSE_IN_TIME = "close_in_time"


@dataclass(frozen=True, slots=True)
class Told:
    """What is compared of a clue."""

    category_key: str
    field_key: str
    place_grams: frozenset[str]
    word_grams: frozenset[str]
    pictures: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """What lies between two clues: metres where both have a position, and time."""

    metres: float | None
    time: timedelta
    radius_m: int
    window_days: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1, and why, the strongest reason first."""

    score: float
    respects: tuple[Respect, ...]
    words: float
    picture_bits: int | None


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much two sets of grams share, 0 to 1."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def nearest_picture(one: Sequence[int], other: Sequence[int]) -> int | None:
    """Return how many bits apart the most similar two pictures are; None where one side has none."""
    return min((((a ^ b) & 0xFFFFFFFFFFFFFFFF).bit_count() for a in one for b in other), default=None)


def compare(one: Told, other: Told, apart: Apart) -> Likeness:
    """Return how alike two clues are.

    Whatever lies further apart than two radii, or longer than the window of the category, is not the same
    matter however alike the words: the next outfall and next year's relapse are matters of their own.
    """
    words = dice(one.word_grams, other.word_grams)
    spot = dice(one.place_grams, other.place_grams)
    bits = nearest_picture(one.pictures, other.pictures)
    has_picture = bits is not None and bits <= PICTURE_BITS
    is_same_kind = one.category_key == other.category_key
    reach = max(apart.radius_m, 50)
    place = spot if apart.metres is None else exp(-((apart.metres / reach) ** 2))
    is_too_far = apart.metres is not None and apart.metres > REACHES * reach
    is_too_late = apart.time > timedelta(days=max(apart.window_days, 1))
    score = 0.0
    if not (is_too_far or is_too_late):
        score = (
            _WEIGHTS["place"] * place
            + _WEIGHTS["spot"] * spot
            + _WEIGHTS["kind"] * (1.0 if is_same_kind else 0.3 if one.field_key == other.field_key else 0.0)
            + _WEIGHTS["words"] * min(1.0, words / 0.5)
            + _WEIGHTS["picture"] * has_picture
        ) / _WHOLE
    if not (is_same_kind or has_picture) and words < _UNRELATED:
        score /= 2
    found = (
        (has_picture, Respect.SAME_PICTURE),
        (apart.metres is not None and apart.metres <= reach, Respect.NEAR),
        (words >= 0.2, Respect.SAME_WORDS),  # noqa: PLR2004 - two tellings of one matter seldom share more
        (spot >= 0.4, Respect.SAME_SPOT_WORDS),  # noqa: PLR2004
        (is_same_kind, Respect.SAME_KIND),
        (apart.time <= timedelta(days=7), Respect.CLOSE_IN_TIME),
    )
    return Likeness(
        round(min(score, 1.0), 3), tuple(respect for holds, respect in found if holds), words, bits
    )


_WEIGHTS: Final = {"place": 0.25, "spot": 0.15, "kind": 0.15, "words": 0.45, "picture": 0.5}
# A picture is extra: two clues without one may still be wholly alike.
_WHOLE: Final = 1.0
