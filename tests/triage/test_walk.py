"""Every state × every step at the service: taken where the table allows, refused with nothing changed elsewhere."""

from __future__ import annotations

import pytest

from app.clues.lifecycle import LIFECYCLE, StepRefused
from app.clues.terms import ClueState as S
from app.platform.db import WriteSession
from tests import cast
from tests.triage import walks


@pytest.mark.parametrize("state", S)
def test_every_step_from_every_state(session: WriteSession, state: S):
    head = cast.actor(session, "head_lin")
    taken = 0
    for action, act in walks.STEPS.items():
        clue = walks.to(session, head, state)
        before, version = walks.verbs_of(session, clue.id), clue.version
        step = LIFECYCLE[action]
        if state in step.given:
            after = act(session, head, clue)
            wanted = step.to or (S.REGISTERED if state is S.NEED_MORE_INFO else step.to)
            assert after.state == wanted
            fresh = walks.verbs_of(session, clue.id)[len(before) :]
            assert fresh[0] == f"clue.{action.value}"
            assert len([verb for verb in fresh if verb.startswith("clue.") and verb != "clue.assigned"]) == 1
            taken += 1
        else:
            with pytest.raises(StepRefused):
                act(session, head, clue)
            session.refresh(clue)
            assert (clue.state, clue.version, walks.verbs_of(session, clue.id)) == (state, version, before)
    assert taken >= 1 or state is S.FILING_PROPOSED
