"""Each kind of transfer at the desk: its document, its checks, its guards; one public status for the reporter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.identity.terms import CompartmentKind
from app.intake import way
from app.platform.records import Journal
from app.transfer import queries, service
from app.transfer.models import SignOff, Transfer
from app.transfer.service import FacilityBarred, NoSuchReceiver, Unchecked
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, show, transfer_in
from tests.transfer.scenes import CHECKS, CONTENT, NOW, PRACTICE

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from app.platform.storage import BlobStore
    from tests.conftest import HouseClient

GENERAL = CHECKS[:3]


def test_nothing_is_submitted_unless_every_check_is_ticked(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session))
    at = {"practice": PRACTICE, "version": transfer.version, "now": NOW}
    for missing in GENERAL:
        with pytest.raises(Unchecked):
            service.submit(session, chief, transfer, checks=[key for key in CHECKS if key != missing], **at)
    service.submit(session, chief, transfer, checks=GENERAL, **at)
    (row,) = queries.sign_offs(session, transfer.id)
    assert row.checks == GENERAL
    told = session.execute(select(Journal.facts).where(Journal.verb == "transfer.submitted")).scalar_one()
    assert told["checks"] == GENERAL


@pytest.mark.parametrize(
    ("to", "circle"), [("mil_procuratorate", CompartmentKind.OPEN), ("veterans", CompartmentKind.MILITARY)]
)
def test_military_matters_are_checked_when_submitted_and_when_sent(
    session: WriteSession, to: str, circle: CompartmentKind
):
    chief = scenes.chief(session)
    transfer = scenes.drafted(session, chief, scenes.clue(session, compartment=circle), to=to)
    with pytest.raises(Unchecked):
        service.submit(
            session, chief, transfer, checks=GENERAL, practice=PRACTICE, version=transfer.version, now=NOW
        )
    scenes.brought_to(session, chief, transfer, S.SIGNED)
    scenes.letter(session, chief, transfer)
    with pytest.raises(Unchecked):
        service.send(session, chief, transfer, checks=GENERAL, version=transfer.version, now=NOW)
    assert transfer.state == S.SIGNED.value
    service.send(session, chief, transfer, checks=CHECKS, version=transfer.version, now=NOW)
    assert session.execute(select(SignOff.checks).where(SignOff.step == "send")).scalar_one() == CHECKS


@pytest.mark.parametrize("wish", ["pictures", "position"])
def test_of_a_facility_neither_picture_nor_position_leaves(
    session: WriteSession, store: BlobStore, wish: str
):
    chief, clue_id = scenes.chief(session), scenes.clue(session, compartment=CompartmentKind.MILITARY)
    photo = scenes.photo(session, store, clue_id)
    session.execute(update(Clue).where(Clue.id == clue_id).values(public_status="military_b"))
    content = (
        replace(CONTENT, evidence_ids=(photo,))
        if wish == "pictures"
        else replace(CONTENT, shows_position=True)
    )
    with pytest.raises(FacilityBarred):
        scenes.drafted(session, chief, clue_id, to="mil_procuratorate", content=content)
    transfer = scenes.drafted(session, chief, clue_id, to="mil_procuratorate")
    with pytest.raises(FacilityBarred):
        service.edit(session, chief, transfer, content, version=transfer.version, now=NOW)


def test_the_draft_of_a_facility_offers_neither(client: HouseClient, database: Database, store: BlobStore):
    with database.write_session() as session:
        cast.people(session)
        clue_id = scenes.clue(session, compartment=CompartmentKind.MILITARY)
        scenes.photo(session, store, clue_id)
        session.execute(update(Clue).where(Clue.id == clue_id).values(public_status="military_b"))
    cast.sign_in(client, "chief_zhou")
    text = client.get(client.to("transfer:draft", clue_id=clue_id)).text
    assert 'name="position"' not in text
    assert 'name="pictures"' not in text
    assert "万象汇一层" not in text, "the street is as near as it gets"


def test_the_own_department_receives_nothing(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    with pytest.raises(NoSuchReceiver):
        scenes.drafted(session, chief, clue_id, to="pil_department")
    transfer = scenes.drafted(session, chief, clue_id, to="criminal_department")
    scenes.brought_to(session, chief, transfer, S.SENT)
    assert transfer.disclosed is not None
    assert transfer.disclosed["wording"]["title"] == "内部移送线索登记表"
    assert transfer.disclosed["feedback_days"] == 15
    assert (transfer.due_on - transfer.sent_at.date()).days >= 15


def test_the_reporter_reads_the_furthest_step(session: WriteSession):
    chief, clue_id = scenes.chief(session), scenes.clue(session)

    def status() -> str:
        return clue_queries.by_id(session, clue_id).public_status

    first = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id), S.ACKNOWLEDGED)
    assert status() == "transfer_acknowledged"
    second = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to="water"), S.SENT)
    assert status() == "transfer_acknowledged", "a later receiver takes nothing back"
    scenes.brought_to(session, chief, second, S.REPLIED)
    assert status() == "transfer_replied"
    at = {"version": second.version, "now": NOW}
    service.ask_again(session, chief, second, words="还缺什么", **at)
    assert status() == "transfer_acknowledged"
    assert first.state == S.ACKNOWLEDGED.value


def test_what_was_signed_keeps_its_words(session: WriteSession):
    """A transfer signed before its words were data shows those of its day."""
    from app.transfer import disclosure

    chief = scenes.chief(session)
    transfer = scenes.brought_to(
        session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SIGNED
    )
    assert transfer.disclosed is not None
    older = {key: value for key, value in transfer.disclosed.items() if key != "wording"}
    session.execute(update(Transfer).where(Transfer.id == transfer.id).values(disclosed=older))
    session.refresh(transfer)
    assert disclosure.frozen(session, transfer)["wording"]["title"] == "线索移送函"


def test_the_page_shows_the_checks_one_by_one(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    plain = transfer_in(database, clue_id, S.DRAFT)
    assert 'name="is_checked"' in show(client, plain)
    military = transfer_in(database, clue_id, S.DRAFT, to="mil_procuratorate")
    text = show(client, military)
    assert 'name="is_checked"' not in text
    assert text.count('name="checks"') == len(CHECKS)
    refused = post(client, "transfer:submit", military, database, is_checked="yes")
    assert refused.status_code == 422
    assert post(client, "transfer:submit", military, database, checks=CHECKS).status_code == 303


def test_the_reporters_way_never_steps_back():
    from types import SimpleNamespace

    words = ["clue.received", "clue.transfer", "transfer.replied", "transfer.acknowledged", "clue.transfer"]
    clue = SimpleNamespace(public_status="transfer_out", received_at=NOW, withdrawn_at=None)
    knots = way.knots([(word, NOW, {}) for word in words], clue, is_facility=False)
    assert [knot.label for knot in knots if knot.when] == ["已收到", "已转交", "对方已答复"]
    anew = [*words, "clue.reopen", "clue.transfer", "transfer.acknowledged"]
    knots = way.knots([(word, NOW, {}) for word in anew], clue, is_facility=False)
    assert [knot.label for knot in knots if knot.when][-3:] == ["重新审查", "已转交", "对方已接收"]
