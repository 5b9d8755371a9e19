"""docs/lifecycle.md from the table the code obeys: states, steps, a drawing; a test compares file and table."""

from __future__ import annotations

from collections.abc import Iterable

from app.clues.labels import ACTIONS, STATES
from app.clues.lifecycle import ENDED, LIFECYCLE, OPEN
from app.clues.terms import ClueState, Fact

_FACTS = {
    Fact.NUMBER: "编号",
    Fact.REASON: "理由",
    Fact.CHANNEL: "其他渠道",
    Fact.MASTER: "主线索",
    Fact.RECIPIENT: "受送单位",
    Fact.REQUEST: "补充要求",
    Fact.EVALUATION: "评估",
    Fact.OUTCOME: "结果",
}


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _state(state: ClueState) -> str:
    return f"{STATES[state]} `{state.value}`"


def _states() -> list[str]:
    lines = [_row(["state", "words at the desk", "standing"]), _row(["---"] * 3)]
    for state in ClueState:
        standing = "ended, may be reopened" if state in ENDED else "open" if state in OPEN else "merged"
        lines.append(_row([f"`{state.value}`", STATES[state], standing]))
    return lines


def _steps() -> list[str]:
    lines = [_row(["action", "words", "from", "to", "needs"]), _row(["---"] * 5)]
    for action, step in LIFECYCLE.items():
        given = "、".join(_state(state) for state in ClueState if state in step.given)
        to = _state(step.to) if step.to else "where it was asked from"
        needs = "、".join(_FACTS[fact] for fact in Fact if fact in step.needs) or "—"
        lines.append(_row([f"`{action.value}`", ACTIONS[action], given, to, needs]))
    return lines


def _drawing() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {ClueState.SUBMITTED.value}"]
    lines += [f"  {state.value} : {STATES[state]}" for state in ClueState]
    for action, step in LIFECYCLE.items():
        # RESUME goes back to where the clue was asked from: drawn to each place that may ask.
        targets = [step.to] if step.to else [state for state in ClueState if state in _ASKERS]
        lines += [
            f"  {state.value} --> {target.value} : {ACTIONS[action]}"
            for state in ClueState
            if state in step.given
            for target in targets
        ]
    return [*lines, "```"]


_ASKERS = frozenset().union(*(step.given for step in LIFECYCLE.values() if step.remembers))


def lifecycle_markdown() -> str:
    """Return the clue's half of docs/lifecycle.md."""
    return "\n".join(
        [
            "## The clue 线索",
            "",
            "`clues.service.advance` is the only writer of the state; each step is one journal row `clue.<action>`.",
            "Beside the state stand columns of their own: completeness, urgency, major, the circle, withdrawal,",
            "the public status and its text.",
            "",
            "### States",
            "",
            *_states(),
            "",
            "### Steps",
            "",
            *_steps(),
            "",
            "### Drawing",
            "",
            *_drawing(),
        ]
    )
