"""The labelled pairs as the rule takes them, and how well a threshold tells them apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from math import cos, hypot, radians
from typing import Any, NamedTuple

from app.clues.grams import pairs as grams_of
from app.triage.likeness import Apart, Likeness, Told, compare
from tests.triage.make_pairs import FILE

RADIUS_M, WINDOW_DAYS = 60, 90
_WASTE = {
    "water_pollution",
    "solid_waste",
    "river_four_chaos",
    "air_noise_dust",
    "wildlife",
    "tiger_park_env",
}


class Judged(NamedTuple):
    """One pair with what the rule says of it."""

    is_same: bool
    why: str
    found: Likeness


class Quality(NamedTuple):
    """Precision and recall at a threshold."""

    precision: float
    recall: float


def _told(one: dict[str, Any]) -> Told:
    field = "eco_resource" if one["category"] in _WASTE else one["category"].split("_")[0]
    return Told(one["category"], field, grams_of(one["place"]), grams_of(one["words"]), one["pictures"])


def _apart(one: dict[str, Any], two: dict[str, Any]) -> Apart:
    metres = None
    if one["lat"] is not None and two["lat"] is not None:
        north = (one["lat"] - two["lat"]) * 111_320
        east = (one["lon"] - two["lon"]) * 111_320 * cos(radians(one["lat"]))
        metres = hypot(north, east)
    return Apart(metres, timedelta(days=abs(one["day"] - two["day"])), RADIUS_M, WINDOW_DAYS)


def judged() -> Iterator[Judged]:
    """Every labelled pair, judged."""
    for line in FILE.read_text("utf-8").splitlines():
        pair = json.loads(line)
        one, two = pair["one"], pair["two"]
        yield Judged(pair["same"], pair["why"], compare(_told(one), _told(two), _apart(one, two)))


def quality(threshold: float) -> Quality:
    """How well a threshold tells the pairs apart."""
    found = list(judged())
    named = [one for one in found if one.found.score >= threshold]
    right = sum(one.is_same for one in named)
    return Quality(right / len(named) if named else 1.0, right / sum(one.is_same for one in found))
