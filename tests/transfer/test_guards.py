"""Who sees a transfer, who may take a step, and that a stale page writes nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.clues import queries as clue_queries
from app.clues.terms import ClueAction
from app.evidence import queries as evidence_queries
from app.identity.terms import CompartmentKind
from app.platform.errors import Missing, Refused
from app.platform.records import Journal
from app.transfer import queries, service
from app.transfer.models import Transfer
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.scenes import CHECKS, CONTENT, NOW, PRACTICE, by_account

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.storage import BlobStore


def test_a_stale_page_writes_nothing(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    seen = transfer.version
    service.edit(session, chief, transfer, replace(CONTENT, subject="改过"), version=seen, now=NOW)
    with pytest.raises(service.StaleTransfer):
        service.edit(session, chief, transfer, replace(CONTENT, subject="旧页"), version=seen, now=NOW)
    with pytest.raises(service.StaleTransfer):
        service.submit(session, chief, transfer, checks=CHECKS, practice=PRACTICE, version=seen, now=NOW)
    assert (transfer.subject, transfer.state) == ("改过", "draft")


def test_a_second_press_is_told_that_the_page_is_stale(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.IN_REVIEW
    )
    at = {"words": "", "practice": PRACTICE, "version": transfer.version, "now": NOW}
    service.approve_review(session, chief, transfer, **at)
    with pytest.raises(service.StaleTransfer):
        service.approve_review(session, chief, transfer, **at)


def test_the_row_itself_is_asked_for_its_version(session: WriteSession):
    """On PostgreSQL two writers may have read the same row before either wrote."""
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    by_another = update(Transfer).where(Transfer.id == transfer.id).values(version=2)
    session.execute(by_another.execution_options(synchronize_session=False))
    assert transfer.version == 1, "our copy is the old one"
    with pytest.raises(service.StaleTransfer):
        service.edit(session, chief, transfer, CONTENT, version=1, now=NOW)


def test_two_writers_with_one_version_and_one_wins(database: Database):
    with database.write_session() as session:
        chief = scenes.chief(session)
        transfer = scenes.drafted(session, chief, scenes.clue(session))
    results = []

    def edit(subject: str) -> None:
        try:
            with database.write_session() as own:
                row = queries.get(own, chief, transfer.id)
                service.edit(own, chief, row, replace(CONTENT, subject=subject), version=1, now=NOW)
            results.append("kept")
        except service.StaleTransfer:
            results.append("stale")

    threads = [threading.Thread(target=edit, args=(subject,)) for subject in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["kept", "stale"]


@pytest.mark.parametrize("who", ["prosecutor_wu", "sysadmin", "auditor", "volunteer_li", "agency_water"])
def test_nobody_else_sees_it(session: WriteSession, who: str):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SENT)
    stranger = cast.actor(session, who)
    with pytest.raises(Missing):
        queries.get(session, stranger, transfer.id)
    assert queries.for_clue(session, stranger, transfer.clue_id) == []
    assert queries.counts(session, stranger, today=NOW.date())[queries.WorkList.ALL] == 0


def test_the_receiver_sees_it_only_once_it_is_sent(session: WriteSession):
    chief = scenes.chief(session)
    receiver = cast.actor(session, "agency_health")
    transfer = scenes.drafted(session, chief, scenes.clue(session), to="health")
    assert transfer.receiver_id == receiver.org_unit_id
    for state in (S.DRAFT, S.IN_REVIEW, S.TO_SIGN, S.SIGNED):
        scenes.brought_to(session, chief, transfer, state)
        with pytest.raises(Missing):
            queries.get(session, receiver, transfer.id)
    scenes.brought_to(session, chief, transfer, S.SENT)
    assert queries.get(session, receiver, transfer.id).id == transfer.id
    assert [row.id for row in queries.inbox(session, receiver, is_open=True)] == [transfer.id]


def test_a_closed_circle_stays_closed(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session, compartment=CompartmentKind.MILITARY))
    outsider = next(
        person
        for person in (
            cast.actor(session, name)
            for name in ("clerk_liu", "assistant_wang", "leader_tang", "prosecutor_chen")
        )
        if clue_queries.by_id(session, transfer.clue_id).compartment_id not in person.compartments
    )
    with pytest.raises(Missing):
        queries.get(session, outsider, transfer.id)


@pytest.mark.parametrize(
    ("who", "step"),
    [
        ("clerk_liu", "review"),
        ("prosecutor_chen", "review"),
        ("head_lin", "sign"),
        ("clerk_liu", "send"),
        ("assistant_wang", "close"),
    ],
)
def test_a_step_without_its_verb_is_refused(session: WriteSession, who: str, step: str):
    chief, person = scenes.chief(session), cast.actor(session, who)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    before = {"review": S.IN_REVIEW, "sign": S.TO_SIGN, "send": S.SIGNED, "close": S.REPLIED}[step]
    scenes.brought_to(session, chief, transfer, before)
    at = {"version": transfer.version, "now": NOW}
    calls = {
        "review": lambda: service.approve_review(
            session, person, transfer, words="", practice=PRACTICE, **at
        ),
        "sign": lambda: service.sign(session, person, transfer, words="", practice=PRACTICE, **at),
        "send": lambda: service.send(session, person, transfer, **at),
        "close": lambda: service.close(session, person, transfer, public_answer="好", **at),
    }
    with pytest.raises(Refused):
        calls[step]()
    assert transfer.state == before.value


def test_only_a_clue_under_evaluation_is_transferred(session: WriteSession):
    chief = scenes.chief(session)
    from tests import make

    receiver = scenes.agency(session, chief)
    with pytest.raises(service.ClueNotReady):
        service.draft(session, chief, make.clue(session), receiver_ids=[receiver], content=CONTENT, now=NOW)
    for wrong in ([], ["0" * 36], [receiver, "0" * 36]):
        with pytest.raises(service.NoSuchReceiver):
            service.draft(session, chief, scenes.clue(session), receiver_ids=wrong, content=CONTENT, now=NOW)


def test_only_ready_pictures_of_this_clue_go_along(session: WriteSession, store: BlobStore):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    own = scenes.photo(session, store, clue_id)
    foreign = scenes.photo(session, store, scenes.clue(session), colour="#a00")
    transfer = scenes.drafted(
        session, chief, clue_id, content=replace(CONTENT, evidence_ids=(own, foreign, "x", own))
    )
    attached = queries.attachments(session, transfer.id)
    assert [row.evidence_id for row in attached] == [own]
    original = evidence_queries.item(session, own).digest
    assert attached[0].digest != original, "never the original"


def test_the_lists_of_the_room(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    for state in (S.DRAFT, S.IN_REVIEW, S.TO_SIGN, S.SIGNED, S.SENT, S.REPLIED):
        scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), state)
    late = NOW.date() + timedelta(days=60)
    found = queries.counts(session, chief, today=late)
    assert found == {
        queries.WorkList.DRAFTS: 1, queries.WorkList.TO_REVIEW: 1, queries.WorkList.TO_SIGN: 1,
        queries.WorkList.TO_SEND: 1, queries.WorkList.UNACKNOWLEDGED: 1, queries.WorkList.DUE: 1,
        queries.WorkList.TO_CHECK: 1, queries.WorkList.TO_CALL: 1, queries.WorkList.REVISITS: 0,
        queries.WorkList.SOON: 0, queries.WorkList.ALL: 6,
    }  # fmt: skip
    for which, count in found.items():
        assert len(queries.work_list(session, chief, which, today=late)) == count
    assert queries.work_list(session, chief, queries.WorkList.DUE, today=NOW.date()) == []


def test_the_journal_carries_no_words(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SENT)
    secret = "不能进日志的话"
    service.reply(
        session, chief.doer, transfer, by_account(chief), words=secret, version=transfer.version, now=NOW
    )
    rows = session.execute(select(Journal.facts)).scalars()
    assert all(secret not in str(facts) for facts in rows)


def test_a_clue_that_moved_on_refuses_the_sending(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.SIGNED)
    scenes.letter(session, chief, transfer)
    from app.clues import service as clue_service
    from app.clues.lifecycle import StepRefused
    from app.clues.terms import Fact

    clue_service.advance(
        session,
        chief.doer,
        clue_queries.by_id(session, clue_id),
        ClueAction.WATCH,
        now=NOW,
        facts=frozenset({Fact.REASON}),
    )
    with pytest.raises(StepRefused):
        service.send(session, chief, transfer, version=transfer.version, now=NOW)
