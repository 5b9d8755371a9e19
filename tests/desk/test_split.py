"""Taking merged clues out again: each by itself or as one matter, the trace left, reporters told what still holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues.models import Clue, ClueLink
from app.clues.queries import by_id
from app.clues.terms import ClueState as S
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.intake.terms import MessageKind
from app.platform.db import WriteSession
from app.triage import service
from app.triage.service import NoSuchChoice
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

NOW = makers.NOW
SAME = "same_place_and_matter"


def three_under_one(session: WriteSession, head: Actor, house: object) -> tuple[Clue, list[Clue]]:
    master = walks.register(session, head, makers.reported(session, house))  # type: ignore[arg-type]
    members = []
    for at in range(3):
        one = makers.reported(session, house, now=NOW + timedelta(minutes=at))  # type: ignore[arg-type]
        one = walks.register(session, head, one)
        members.append(
            service.merge(
                session, head, one.id, version=one.version, now=NOW, master=master.id, reason_key=SAME
            )
        )
    return master, members


def split(
    session: WriteSession, head: Actor, master: Clue, members: list[Clue], *, together: bool
) -> list[Clue]:
    now_at = by_id(session, master.id)
    return service.split(
        session, head, master.id, version=now_at.version, now=NOW, members=[one.id for one in members],
        stay_together=together, note="其实是另一个排口",
    )  # fmt: skip


def told(session: WriteSession, clue: Clue, kind: MessageKind) -> list[str]:
    return [one.body for one in intake_queries.messages(session, clue.id) if one.kind == kind]


def test_each_goes_on_by_itself_and_the_trace_stays(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    master, members = three_under_one(session, head, app.state.house)
    numbers = [one.number for one in members]
    split(session, head, master, members[:2], together=False)
    assert [by_id(session, one.id).state for one in members] == [
        S.EVALUATING,
        S.EVALUATING,
        S.MERGED_DUPLICATE,
    ]
    assert [by_id(session, one.id).number for one in members] == numbers, "numbers never change"
    assert list(clue_queries.members_of(session, master.id)) == [members[2].id]
    links = session.execute(select(ClueLink).where(ClueLink.master_id == master.id)).scalars().all()  # type: ignore[arg-type]
    assert sorted(link.unlinked_at is not None for link in links) == [False, True, True]


def test_together_they_are_one_matter_of_their_own_under_the_first(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    master, members = three_under_one(session, head, app.state.house)
    split(session, head, master, [members[2], members[1]], together=True)
    assert list(clue_queries.members_of(session, members[1].id)) == [members[2].id]
    assert by_id(session, members[1].id).state == S.EVALUATING
    assert by_id(session, members[2].id).reason_key == SAME
    # What becomes of the new matter reaches its reporters, and the old one's no longer does.
    one = by_id(session, members[1].id)
    service.screen_out(
        session, head, one.id, version=one.version, now=NOW, reason_key="no_content", public="看过了"
    )
    assert told(session, members[2], MessageKind.RESULT) == ["看过了"]
    assert told(session, members[0], MessageKind.RESULT) == []


def test_who_has_read_the_masters_end_is_told_that_theirs_goes_on(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    master, members = three_under_one(session, head, app.state.house)
    now_at = by_id(session, master.id)
    service.screen_out(
        session, head, master.id, version=now_at.version, now=NOW, reason_key="no_content", public="没有问题"
    )
    split(session, head, master, members[:1], together=False)
    out = by_id(session, members[0].id)
    assert (out.public_text, out.feedback_sent_at, out.public_status) == (None, None, "evaluating")
    assert told(session, out, MessageKind.RESULT) == ["没有问题"]
    assert len(told(session, out, MessageKind.NOTE)) == 1, "the reporter is told that it goes on"
    assert told(session, members[1], MessageKind.NOTE) == []


def test_who_was_never_told_anything_is_not_told_of_the_splitting(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    master, members = three_under_one(session, head, app.state.house)
    split(session, head, master, members[:1], together=False)
    assert told(session, members[0], MessageKind.NOTE) == []


def test_what_is_not_under_it_is_not_taken_out(session: WriteSession, app: FastAPI):
    head = cast.actor(session, "head_lin")
    master, _members = three_under_one(session, head, app.state.house)
    stranger = walks.to(session, head, S.MERGED_DUPLICATE)
    for chosen in ([], [stranger]):
        with pytest.raises(NoSuchChoice):
            split(session, head, master, chosen, together=False)
    assert by_id(session, stranger.id).state == S.MERGED_DUPLICATE


@pytest.mark.app
def test_by_plain_forms(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        master, members = three_under_one(session, head, app.state.house)
        version = by_id(session, master.id).version
    cast.sign_in(client, "head_lin")
    page = client.get(client.to("desk:clue", clue_id=master.id)).text
    assert f'name="member_{members[0].id}"' in page
    form = {"version": str(version), "note": "另一处"}
    door = client.to("triage:split", clue_id=master.id)
    assert client.post(door, data=form).status_code == 422, "nothing ticked"
    assert client.post(door, data=form | {f"member_{members[0].id}": "yes"}).status_code == 303
    with app.state.house.database.read_session() as reading:
        assert by_id(reading, members[0].id).state == S.EVALUATING
