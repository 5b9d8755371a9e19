"""What is made of Lighthouse's word: the median of the runs, the goals missed, and every fault that counts in a score."""

from __future__ import annotations

from typing import Any

from tests.looks import lighthouse


def said(performance: float, *, paint_ms: float = 400, is_named: bool = True) -> dict[str, Any]:
    """One run, as Lighthouse writes it, with one audit that counts and one that only tells."""
    scores = dict.fromkeys(lighthouse.GOALS, 1.0) | {"performance": performance}
    refs: dict[str, Any] = {name: [] for name in scores} | {
        "seo": [{"id": "document-title", "weight": 1}, {"id": "told", "weight": 0}]
    }
    times = {key: {"numericValue": paint_ms, "score": 1, "title": key} for key in lighthouse.TIMES.values()}
    return {
        "categories": {name: {"score": score, "auditRefs": refs[name]} for name, score in scores.items()},
        "audits": times
        | {
            "document-title": {
                "score": int(is_named),
                "title": "No title",
                "details": {"items": [{"node": {"snippet": "<html>"}}]},
            },
            "told": {"score": 0, "title": "Only told"},
        },
    }


def test_the_median_of_the_runs_is_told_and_held_to_the_goals():
    runs = [lighthouse.read(said(score, paint_ms=100 * score)) for score in (0.9, 0.99, 0.97, 1, 0.98)]
    seen = lighthouse.middle(runs)
    assert seen.scores["performance"] == 98
    assert seen.times["largest paint"] == 98
    assert lighthouse.missed(seen) == []
    assert lighthouse.missed(lighthouse.middle(runs[:1])) == ["performance 90 of 98"]


def test_a_fault_of_one_run_is_told_with_its_place():
    runs = [lighthouse.read(said(1)), lighthouse.read(said(1, is_named=False))]
    assert lighthouse.middle(runs).wanting == ("document-title: No title <html>",)
