"""The transfer's half of docs/lifecycle.md, from the table the code obeys; a test compares file and table."""

from __future__ import annotations

from collections.abc import Iterable

from app.transfer import kinds
from app.transfer.labels import state as labelled
from app.transfer.lifecycle import LIFECYCLE
from app.transfer.terms import TransferState


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _state(state: TransferState) -> str:
    return f"{labelled(state.value)[0]} `{state.value}`"


def lifecycle_markdown() -> str:
    """Return the table and the drawing of a transfer's life."""
    lines = [
        "## The transfer 移送",
        "",
        "One row of `transfer` is one receiver. It never writes the clue's state: the service takes the clue's own step.",
        "Which of review and signature an office asks for is the setting `YIXIAN_SIGN_CHAIN`; a step it does not name",
        "is passed over.",
        "",
        _row(["action", "from", "to", "not for"]),
        _row(["---"] * 4),
    ]
    for action, step in LIFECYCLE.items():
        given = "、".join(_state(state) for state in TransferState if state in step.given)
        to = _state(step.to) if step.to else "stays"
        not_for = "、".join(sorted(f"`{kind.value}`" for kind in kinds.kinds_without(action))) or "—"
        lines.append(_row([f"`{action.value}`", given, to, not_for]))
    lines += [
        "",
        "The kinds (`app/transfer/kinds.py`); titles and fixed words of each document are dated reference data:",
        "",
        _row(["kind", "received by", "document", "no such step", "told number and source"]),
        _row(["---"] * 5),
    ]
    for kind, rule in kinds.KINDS.items():
        without = "、".join(f"`{action.value}`" for action in LIFECYCLE if action in rule.lacks) or "—"
        told = "yes" if rule.tells_source else "no"
        lines.append(
            _row(
                [f"`{kind.value}`", f"`{rule.received_by.value}`", f"`{rule.document.value}`", without, told]
            )
        )
    lines += ["", "```mermaid", "stateDiagram-v2", f"  [*] --> {TransferState.DRAFT.value}"]
    lines += [f"  {state.value} : {labelled(state.value)[0]}" for state in TransferState]
    lines += [
        f"  {state.value} --> {(step.to or state).value} : {action.value}"
        for action, step in LIFECYCLE.items()
        for state in TransferState
        if state in step.given
    ]
    return "\n".join([*lines, "```"])
