"""How a matter ends for those who reported it: the same for every ending, and for every report of the matter."""

from __future__ import annotations

from typing import Any

import pytest

from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.terms import ClueAction as A
from app.clues.terms import ClueState as S
from app.identity.actor import Actor
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.intake import way
from app.platform.db import WriteSession
from app.triage import service
from tests import cast
from tests.desk import makers
from tests.triage import walks

NOW = makers.NOW
# Endings, where they are reached from, and a word of what the reporter must read.
ENDINGS = {
    A.SCREEN_OUT: (S.EVALUATING, "没有看到"),
    A.REDIRECT: (S.EVALUATING, "12345"),
    A.CLOSE: (S.FILED, "已经整改"),
}


def told(session: WriteSession, clue_id: str) -> list[tuple[str, str]]:
    return [(one.kind, one.body) for one in intake_queries.messages(session, clue_id)]


def thread(session: WriteSession, clue: Clue) -> list[str]:
    return [
        knot.label for knot in way.knots(intake_queries.way_of(session, clue.id), clue, is_facility=False)
    ]


def head(session: WriteSession) -> Actor:
    return cast.actor(session, "head_lin")


def merged(session: WriteSession, actor: Actor, state: S, **wishes: Any) -> tuple[Clue, Clue]:
    """A clue in a state, and another one merged into it."""
    master = walks.to(session, actor, state)
    member = walks.register(session, actor, makers.clue(session, **wishes))
    member = service.merge(
        session,
        actor,
        member.id,
        version=member.version,
        now=NOW,
        master=master.id,
        reason_key="same_subject",
    )
    return master, member


@pytest.mark.parametrize("action", ENDINGS)
def test_every_ending_says_the_same_above_and_in_the_conversation(session: WriteSession, action: A):
    start, word = ENDINGS[action]
    clue = walks.STEPS[action](session, head(session), walks.to(session, head(session), start))
    assert word in (clue.public_text or "")
    assert told(session, clue.id)[-1] == ("result", clue.public_text)
    assert clue.feedback_sent_at == NOW
    assert way.is_answered(clue, ())


@pytest.mark.parametrize("action", ENDINGS)
def test_whoever_reported_the_same_matter_learns_its_outcome(session: WriteSession, action: A):
    master, member = merged(session, head(session), ENDINGS[action][0])
    assert (member.public_status, told(session, member.id)) == ("evaluating", [])
    master = walks.STEPS[action](session, head(session), master)
    member = by_id(session, member.id)
    assert (member.public_status, member.public_text) == (master.public_status, master.public_text)
    assert told(session, member.id) == [("result", master.public_text)]
    assert (member.state, member.feedback_sent_at) == (S.MERGED_DUPLICATE, NOW)
    assert thread(session, member)[-1] == thread(session, master)[-1]
    assert way.is_answered(member, ())


def test_a_merged_clue_reads_like_one_under_review_until_then(session: WriteSession):
    master, member = merged(session, head(session), S.EVALUATING)
    alone = walks.to(session, head(session), S.EVALUATING)
    assert thread(session, member) == thread(session, alone) == thread(session, master)
    assert member.public_status == alone.public_status
    walks.STEPS[A.REQUEST_INFO](session, head(session), master)
    assert told(session, member.id) == [], "what the other reporter is asked is not this one's to read"


def test_a_harmless_category_may_say_so(session: WriteSession):
    from sqlalchemy import update

    from app.reference.models import Category

    _, member = merged(session, head(session), S.EVALUATING)
    assert member.public_status == "evaluating"
    session.execute(update(Category).where(Category.key == "water_pollution").values(shows_nearby=True))
    _, member = merged(session, head(session), S.EVALUATING)
    assert member.public_status == "merged_duplicate_open"


def test_a_clue_merged_into_an_ended_one_learns_at_once(session: WriteSession):
    master, member = merged(session, head(session), S.CLOSED)
    member = by_id(session, member.id)
    assert (member.public_status, told(session, member.id)) == ("closed", [("result", master.public_text)])


def test_taken_up_again_nothing_said_holds_any_longer(session: WriteSession):
    master, member = merged(session, head(session), S.FILED)
    master = walks.STEPS[A.CLOSE](session, head(session), master)
    master = walks.STEPS[A.REOPEN](session, head(session), master)
    member = by_id(session, member.id)
    for clue in (master, member):
        assert (clue.public_status, clue.public_text, clue.feedback_sent_at) == ("evaluating", None, None)
    assert "重新审查" in thread(session, member)
    assert len(told(session, member.id)) == 1, "what was said stays in the conversation"
    walks.STEPS[A.SCREEN_OUT](session, head(session), master)
    assert len(told(session, member.id)) == 2


def test_split_off_it_goes_its_own_way(session: WriteSession):
    master, member = merged(session, head(session), S.CLOSED)
    member = by_id(session, member.id)
    member = walks.STEPS[A.UNMERGE](session, head(session), member)
    assert (member.state, member.public_status, member.public_text) == (S.EVALUATING, "evaluating", None)
    assert thread(session, member)[-2:] != thread(session, master)[-2:]
    assert "重新审查" in thread(session, member)
    walks.STEPS[A.REOPEN](session, head(session), by_id(session, master.id))
    assert by_id(session, member.id).version == member.version, "the master's way is no longer this clue's"


def test_kept_under_watch_is_an_end_with_its_standing_wording(session: WriteSession):
    master, member = merged(session, head(session), S.EVALUATING)
    walks.STEPS[A.WATCH](session, head(session), master)
    member = by_id(session, member.id)
    assert (member.public_status, told(session, member.id)) == ("watching", [])
    assert thread(session, member)[-1] == "继续关注"


def test_near_a_military_facility_nobody_reads_more_than_the_standing_sentence(session: WriteSession):
    actor, kind = head(session), CompartmentKind.MILITARY
    clue = walks.to(session, actor, S.FILED, kind=kind, is_facility=True)
    plain = walks.register(session, actor, makers.clue(session, kind=kind))
    other = walks.register(session, actor, makers.clue(session, kind=kind, is_facility=True))
    for member in (plain, other):
        service.merge(
            session,
            actor,
            member.id,
            version=member.version,
            now=NOW,
            master=clue.id,
            reason_key="same_subject",
        )
    walks.STEPS[A.CLOSE](session, actor, by_id(session, clue.id))
    assert [told(session, one.id) for one in (clue, plain, other)] == [[], [], []]
    shown = [by_id(session, one.id) for one in (clue, plain, other)]
    assert [one.public_status for one in shown] == ["military_b", "closed", "military_b"]
    assert [one.public_text for one in shown] == [None, None, None]
