"""The thread a reporter reads says the same as the sentence above it, also when a matter goes a step back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.intake import way

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
SENT = ["clue.received", "clue.register", "clue.start_evaluation", "clue.transfer"]
REPLIED = [*SENT, "transfer.acknowledged", "transfer.replied"]


@dataclass
class Told:
    public_status: str
    received_at: datetime = AT
    withdrawn_at: datetime | None = None


@pytest.mark.parametrize(
    ("happened", "status", "now"),
    [
        (SENT, "transfer_out", "已转交"),
        (SENT, "evaluating", "继续审查核实"),  # the receiver gave it back
        (REPLIED, "transfer_replied", "对方已答复"),
        (REPLIED, "transfer_acknowledged", "继续处理"),  # not solved on the ground
        ([*REPLIED, "clue.close", "clue.reopen"], "evaluating", "重新审查"),
        (SENT[:3], "evaluating", "审查核实"),
    ],
)
def test_one_knot_is_now_and_it_is_where_the_matter_stands(happened: list[str], status: str, now: str):
    knots = way.knots([(verb, AT, {}) for verb in happened], Told(status), is_facility=False)
    assert [knot.label for knot in knots if knot.is_now] == [now]
    at = next(number for number, knot in enumerate(knots) if knot.is_now)
    assert all(knot.is_done for knot in knots[:at])
    assert not any(knot.is_done for knot in knots[at:])
    assert "退回" not in "".join(knot.sentence for knot in knots)


def test_what_is_over_has_no_knot_that_is_now():
    happened: list[tuple[str, datetime, dict[str, str]]] = [
        (verb, AT, {}) for verb in [*REPLIED, "clue.close"]
    ]
    assert not any(knot.is_now for knot in way.knots(happened, Told("closed"), is_facility=False))
