"""How every step begins: the clue in this person's scope, the version they saw, the policy's word."""

from __future__ import annotations

from app.clues import queries as clue_queries
from app.clues.lifecycle import LIFECYCLE, StepRefused
from app.clues.models import Clue
from app.clues.service import StaleClue
from app.clues.terms import ClueAction, ClueState, Fact
from app.identity.actor import Actor
from app.identity.permissions import Verb
from app.platform.db import WriteSession
from app.platform.errors import Invalid, Refused
from app.platform.i18n import N_
from app.triage import labels, policy, queries
from app.triage.policy import Situation

_KEEPS_OUT = N_("您已经声明回避，不能再办理这条线索。")


class NoSuchChoice(Invalid):
    """A choice names something that is not, or no longer, among what may be chosen."""

    code = "no_such_choice"
    text = N_("选的内容现在不能用，请重新选。")


def seen(session: WriteSession, actor: Actor, clue_id: str, *, version: int) -> Clue:
    """Return the clue if nobody changed it since this person's page; raises Missing or StaleClue."""
    clue = clue_queries.get(session, actor, clue_id)
    if clue.version != version:
        raise StaleClue(clue_id=clue_id)
    refuse_recused(session, actor.account_id, clue_id)
    return clue


def refuse_recused(session: WriteSession, account_id: str, clue_id: str) -> None:
    """Raise for whoever has declared that they keep out of this clue 回避 (办案规则 19 to 23)."""
    if account_id in queries.recused(session, clue_id):
        raise StepRefused(_KEEPS_OUT, action="recused")


def allowed(actor: Actor, verb: Verb) -> None:
    """Hold a service to the right its door asks for as well; raises Refused."""
    if not actor.may(verb):
        raise Refused(verb=verb.value)


def ready(session: WriteSession, actor: Actor, clue_id: str, action: ClueAction, *, version: int) -> Clue:
    """Return the clue when this step is possible for this person now; raises with the reason when it is not.

    The version is asked first: whoever looks at a stale page is shown the fresh one, not told off.
    """
    clue = seen(session, actor, clue_id, version=version)
    needs_evaluation = Fact.EVALUATION in LIFECYCLE[action].needs
    situation = Situation(
        ClueState(clue.state), has_evaluation=needs_evaluation and queries.has_evaluation(session, clue_id)
    )
    why = policy.refusal(action, actor.verbs, situation)
    if why is not None:
        raise StepRefused(labels.why_not(action, why), action=action.value, reason=why.value)
    return clue
