"""The rule of likeness on the labelled pairs, and its edges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.triage.likeness import LIKELY, THRESHOLD, Apart, Respect, Told, compare, dice, nearest_picture
from tests.triage import make_pairs, pairs

NONE: frozenset[str] = frozenset()
KIND = Told("water_pollution", "eco_resource", frozenset({"桥下"}), frozenset({"黑水", "臭味"}))


def test_the_file_is_what_the_script_writes():
    import json

    written = [json.loads(line) for line in make_pairs.FILE.read_text("utf-8").splitlines()]
    assert written == make_pairs.pairs()
    assert len(written) >= 200


def test_the_threshold_holds_what_its_decision_says():
    shown, likely = pairs.quality(THRESHOLD), pairs.quality(LIKELY)
    assert shown.recall >= 0.93
    assert shown.precision >= 0.90
    assert likely.precision >= 0.98
    assert pairs.quality(0.0).precision < 0.6, "the set has enough that is not the same matter"


@pytest.mark.parametrize("why", ["its like elsewhere", "same words elsewhere", "long after"])
def test_traps_that_must_never_be_named(why: str):
    scores = [one.found.score for one in pairs.judged() if one.why == why]
    assert scores
    assert max(scores) == 0.0


def test_itself_is_wholly_alike_and_reasons_are_named():
    near = Apart(5.0, timedelta(hours=2), 60, 60)
    found = compare(KIND, KIND, near)
    assert found.score > 0.99
    assert set(found.respects) == set(Respect) - {Respect.SAME_PICTURE}
    pictured = Told("x", "y", NONE, NONE, (5,))
    assert compare(pictured, Told("z", "w", NONE, NONE, (7,)), near).respects[0] is Respect.SAME_PICTURE


def test_far_or_late_is_never_alike():
    assert compare(KIND, KIND, Apart(121.0, timedelta(0), 60, 60)).score == 0
    assert compare(KIND, KIND, Apart(0.0, timedelta(days=61), 60, 60)).score == 0


def test_measures():
    assert dice(NONE, NONE) == 0
    assert dice(frozenset("ab"), frozenset("bc")) == 0.5
    assert nearest_picture((), (1,)) is None
    assert nearest_picture((-1,), (0,)) == 64
    assert nearest_picture((1, 8), (9,)) == 1
