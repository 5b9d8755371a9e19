"""The life of a transfer in the database: numbers, the clue's way, the reporter, who sees it, stale pages."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues.terms import ClueState
from app.evidence import queries as evidence_queries
from app.evidence.terms import Origin
from app.identity.terms import CompartmentKind
from app.intake import queries as intake_queries
from app.platform import journal
from app.platform.records import Journal
from app.transfer import queries, service
from app.transfer.lifecycle import TransferStepRefused
from app.transfer.terms import JOURNAL_WORDS, AnswerKind, AnswerWay, Given, ServedPaper, ServiceMode, SignStep
from app.transfer.terms import TransferState as S
from tests.transfer import scenes
from tests.transfer.scenes import CHECKS, CONTENT, LATER, NOW, PRACTICE, by_account

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.storage import BlobStore


def words_of(session: WriteSession, transfer_id: str) -> list[str]:
    rows = session.execute(
        select(Journal.verb).where(Journal.subject_id == transfer_id).order_by(Journal.rowno)
    )
    return list(rows.scalars())


def test_the_whole_way_leaves_one_journal_row_per_step(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    scenes.brought_to(session, chief, transfer, S.CLOSED)
    assert words_of(session, transfer.id) == [
        "transfer.drafted", "transfer.submitted", "transfer.reviewed", "transfer.signed", "transfer.letter_made",
        "transfer.sent", "transfer.acknowledged", "transfer.replied", "transfer.closed",
    ]  # fmt: skip
    assert set(words_of(session, transfer.id)) <= set(JOURNAL_WORDS)


def test_the_number_is_taken_at_the_last_signature(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    for state in (S.IN_REVIEW, S.TO_SIGN):
        scenes.brought_to(session, chief, transfer, state)
        assert transfer.number is None
        assert transfer.disclosed is None
    scenes.brought_to(session, chief, transfer, S.SIGNED)
    assert transfer.number == "哈松检公移〔2026〕1号"
    assert transfer.disclosed is not None
    assert transfer.disclosed["number"] == transfer.number


@pytest.mark.parametrize(
    ("chain", "steps"),
    [((), ["submit"]), ((SignStep.REVIEW,), ["submit", "review"]), ((SignStep.SIGN,), ["submit", "sign"])],
)
def test_a_shorter_chain_signs_earlier(session: WriteSession, chain: tuple[SignStep, ...], steps: list[str]):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    practice = replace(PRACTICE, chain=chain)
    for step in steps:
        assert transfer.number is None
        at = {"practice": practice, "version": transfer.version, "now": NOW}
        if step == "submit":
            service.submit(session, chief, transfer, checks=CHECKS, **at)
        elif step == "review":
            service.approve_review(session, chief, transfer, words="", **at)
        else:
            service.sign(session, chief, transfer, words="", **at)
    assert transfer.number


def test_a_void_number_is_never_used_again(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    first = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.SIGNED)
    service.withdraw(session, chief, first, reason_key="other", words="", version=first.version, now=NOW)
    second = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.SIGNED)
    assert (first.number_seq, second.number_seq) == (1, 2)
    assert queries.by_id(session, first.id).number == "哈松检公移〔2026〕1号"


def test_the_military_circle_has_its_own_series(session: WriteSession):
    chief = scenes.chief(session)
    numbers = []
    for kind in (CompartmentKind.OPEN, CompartmentKind.MILITARY, CompartmentKind.OPEN):
        transfer = scenes.drafted(session, chief, scenes.clue(session, compartment=kind))
        numbers.append(scenes.brought_to(session, chief, transfer, S.SIGNED).number)
    assert numbers == ["哈松检公移〔2026〕1号", "哈松检军公移〔2026〕1号", "哈松检公移〔2026〕2号"]


def test_signatures_at_once_leave_no_gap_and_no_double(database: Database):
    with database.write_session() as session:
        chief = scenes.chief(session)
        clue_id = scenes.clue(session)
        made = [
            scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.TO_SIGN).id
            for _ in range(12)
        ]
    start = threading.Barrier(len(made))

    def sign(transfer_id: str) -> None:
        start.wait()
        with database.write_session() as session:
            transfer = queries.get(session, chief, transfer_id)
            service.sign(
                session, chief, transfer, words="", practice=PRACTICE, version=transfer.version, now=NOW
            )

    threads = [threading.Thread(target=sign, args=(transfer_id,)) for transfer_id in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read_session() as reading:
        taken = [queries.get(reading, chief, transfer_id).number_seq for transfer_id in made]
    assert sorted(filter(None, taken)) == list(range(1, 13))


def test_sending_moves_the_clue_and_tells_the_reporter_the_kind_only(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.SENT)
    clue = clue_queries.by_id(session, clue_id)
    assert (clue.state, clue.public_status) == (ClueState.TRANSFER_OUT.value, "transfer_out")
    told = [message.body for message in intake_queries.messages(session, clue_id)]
    assert told == ["2026年11月23日，您反映的问题已转交给有权处理的行政机关。"]
    assert transfer.due_on == date(2026, 12, 23)
    assert transfer.disclosed is not None
    assert transfer.disclosed["due_on"] == "2026-12-23"


def test_of_a_facility_clue_the_reporter_reads_nothing_more(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session, compartment=CompartmentKind.MILITARY)
    from app.clues import service as clue_service

    clue_service.change(session, clue_queries.by_id(session, clue_id), public_status="military_b")
    transfer = scenes.drafted(session, chief, clue_id, to="mil_procuratorate")
    replied = scenes.brought_to(session, chief, transfer, S.REPLIED)
    assert service.close(session, chief, replied, public_answer="", version=replied.version, now=NOW), (
        "nobody reads one"
    )
    clue = clue_queries.by_id(session, clue_id)
    assert intake_queries.messages(session, clue_id) == []
    assert (clue.state, clue.public_status, clue.public_text) == ("closed", "military_b", None)


def test_nothing_is_sent_without_its_letter(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SIGNED
    )
    with pytest.raises(service.LetterMissing):
        service.send(session, chief, transfer, version=transfer.version, now=NOW)


def test_several_receivers_one_public_status(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    receivers = [
        scenes.agency(session, chief, key) for key in ("health", "transport", "superior_procuratorate")
    ]
    made = service.draft(session, chief, clue_id, receiver_ids=receivers, content=CONTENT, now=NOW)
    health, transport, superior = (queries.by_id(session, transfer_id) for transfer_id in made)
    assert [row.kind for row in (health, transport, superior)] == ["agency", "agency", "upward"]
    for transfer in (health, transport, superior):
        scenes.brought_to(session, chief, transfer, S.SENT)
    assert len(intake_queries.messages(session, clue_id)) == 2, "one word for each kind of body"
    scenes.brought_to(session, chief, health, S.REPLIED)
    assert service.close(session, chief, health, public_answer="", version=health.version, now=NOW) is False
    refuse(session, transport)
    assert clue_queries.by_id(session, clue_id).public_status == "transfer_replied"
    scenes.brought_to(session, chief, superior, S.REPLIED)
    assert (
        service.close(session, chief, superior, public_answer="办好了。", version=superior.version, now=NOW)
        is True
    )
    clue = clue_queries.by_id(session, clue_id)
    assert (clue.state, clue.public_text) == ("closed", "办好了。")
    assert intake_queries.messages(session, clue_id)[-1].body == "办好了。"


def refuse(session: WriteSession, transfer, key: str = "not_ours") -> None:
    given = Given(AnswerWay.LINK, signer="李科长")
    service.refuse(
        session,
        journal.by_link("l" * 36),
        transfer,
        given,
        reason_key=key,
        words="",
        version=transfer.version,
        now=NOW,
    )


def test_all_refused_brings_the_clue_back(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    two = [
        scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to=key), S.SENT)
        for key in ("health", "transport")
    ]
    refuse(session, two[0])
    assert clue_queries.by_id(session, clue_id).state == "transfer_out"
    refuse(session, two[1])
    clue = clue_queries.by_id(session, clue_id)
    assert (clue.state, clue.public_status, clue.has_news) == ("evaluating", "evaluating", True)
    again = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to="education"), S.SENT)
    assert clue_queries.by_id(session, clue_id).state == "transfer_out"
    assert again.state == "sent"


def test_two_last_refusals_at_once_bring_the_clue_back(database: Database):
    with database.write_session() as session:
        chief, clue_id = scenes.chief(session), scenes.clue(session)
        two = [
            scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to=key), S.SENT).id
            for key in ("health", "transport")
        ]
    start = threading.Barrier(2)

    def both(transfer_id: str) -> None:
        start.wait()
        with database.write_session() as session:
            refuse(session, queries.by_id(session, transfer_id))

    threads = [threading.Thread(target=both, args=(transfer_id,)) for transfer_id in two]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read_session() as reading:
        assert [queries.by_id(reading, transfer_id).state for transfer_id in two] == ["refused", "refused"]
        assert clue_queries.by_id(reading, clue_id).state == "evaluating"


def test_the_last_one_lost_after_one_was_closed_leaves_the_clue_to_be_ended(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    done, lost = (
        scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to=key), S.SENT)
        for key in ("health", "transport")
    )
    scenes.brought_to(session, chief, done, S.REPLIED)
    service.close(session, chief, done, public_answer="", version=done.version, now=NOW)
    refuse(session, lost)
    assert clue_queries.by_id(session, clue_id).state == "transfer_out"
    assert service.close(session, chief, done, public_answer="配齐了。", version=done.version, now=NOW)
    assert clue_queries.by_id(session, clue_id).state == "closed"


def test_the_last_closure_needs_words_for_the_reporter(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.REPLIED
    )
    with pytest.raises(service.NoPublicAnswer):
        service.close(session, chief, transfer, public_answer="  ", version=transfer.version, now=NOW)


def test_withdrawing_what_was_sent_brings_the_clue_back(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.WITHDRAWN)
    assert clue_queries.by_id(session, clue_id).state == "evaluating"


def test_a_procuratorate_cannot_return_it_but_may_dispute(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session), to="sister_procuratorate")
    scenes.brought_to(session, chief, transfer, S.SENT)
    with pytest.raises(TransferStepRefused):
        refuse(session, transfer)
    service.report_dispute(
        session,
        chief.doer,
        transfer,
        by_account(chief),
        words="应由道里区院管辖",
        version=transfer.version,
        now=NOW,
    )
    assert transfer.state == "sent"
    assert queries.answers(session, transfer.id)[-1].kind == AnswerKind.DISPUTED.value


def test_promise_question_explanation_and_further_question(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SENT)
    given = by_account(chief)
    service.ask(session, chief.doer, transfer, given, words="哪一层？", version=transfer.version, now=NOW)
    service.tell(session, chief, transfer, words="一至五层。", version=transfer.version, now=NOW)
    with pytest.raises(service.PromiseInPast):
        service.promise(
            session,
            chief.doer,
            transfer,
            given,
            promised_on=date(2026, 11, 22),
            version=transfer.version,
            now=NOW,
        )
    service.promise(
        session, chief.doer, transfer, given, promised_on=date(2026, 12, 1), version=transfer.version, now=NOW
    )
    assert (transfer.state, transfer.promised_on) == ("acknowledged", date(2026, 12, 1))
    scenes.brought_to(session, chief, transfer, S.REPLIED)
    service.ask_again(session, chief, transfer, words="三层还没有。", version=transfer.version, now=NOW)
    assert transfer.state == "acknowledged"
    assert [row.kind for row in queries.answers(session, transfer.id)] == [
        "asked",
        "told",
        "promised",
        "replied",
        "asked_again",
    ]


def test_paper_counts_from_its_receipt_and_keeps_the_service_note(session: WriteSession, store: BlobStore):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SENT)
    served = ServedPaper(ServiceMode.DIRECT, date(2026, 11, 25), "甲", "乙")
    given = Given(
        AnswerWay.PAPER,
        account_id=chief.account_id,
        signer="李科长",
        received_on=date(2026, 11, 25),
        service=served,
    )
    scan = b"%PDF-1.4 stamped"
    from app.evidence.service import KeptFile
    from app.evidence.terms import PathIn

    kept = KeptFile(
        scenes.keep(store, scan), len(scan), "application/pdf", "", "scan.pdf", PathIn.SCAN, is_picture=False
    )
    answer = service.acknowledge(
        session, chief.doer, transfer, given, version=transfer.version, now=LATER, files=[kept]
    )
    assert transfer.due_on == date(2026, 12, 25)
    row = queries.answers(session, transfer.id)[0]
    assert row.service == {"mode": "direct", "served_on": "2026-11-25", "servers": ["甲", "乙"]}
    assert [item.digest for item in evidence_queries.of_origin(session, Origin.TRANSFER, answer)] == [
        kept.digest
    ]


def test_findings_block_submission_until_decided(session: WriteSession):
    chief = scenes.chief(session)
    content = replace(CONTENT, summary="联系 13904511234，车牌黑A12345")
    transfer = scenes.drafted(session, chief, scenes.clue(session), content=content)
    with pytest.raises(service.Undecided):
        service.submit(
            session, chief, transfer, checks=CHECKS, practice=PRACTICE, version=transfer.version, now=NOW
        )
    half = replace(content, kept_findings=("phone:13904511234",))
    service.edit(session, chief, transfer, half, version=transfer.version, now=NOW)
    with pytest.raises(service.Undecided):
        service.submit(
            session, chief, transfer, checks=CHECKS, practice=PRACTICE, version=transfer.version, now=NOW
        )
    both = replace(content, kept_findings=("phone:13904511234", "plate:黑A12345"))
    service.edit(session, chief, transfer, both, version=transfer.version, now=NOW)
    service.submit(
        session, chief, transfer, checks=CHECKS, practice=PRACTICE, version=transfer.version, now=NOW
    )
    assert transfer.state == "in_review"


def test_once_signed_nothing_of_the_draft_moves_what_was_disclosed(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SIGNED
    )
    with pytest.raises(TransferStepRefused):
        service.edit(
            session, chief, transfer, replace(CONTENT, summary="改"), version=transfer.version, now=NOW
        )
