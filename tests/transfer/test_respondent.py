"""Helper and respondent (domain.md 1.12): until service an organisation learns nothing of a matter against itself.

Two worlds again: the same day, and in the other the office also works a matter against the water authority, one it had
forwarded itself and one that a citizen reported. Every page of its accounts must be byte for byte the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction, RespondentEnd
from app.identity.permissions import Verb
from app.intake import service as intake_service
from app.intake.models import Report
from app.intake.terms import MessageKind
from app.platform import journal
from app.platform.errors import Missing, Refused
from app.reference import queries as reference_queries
from app.transfer import queries, service
from app.transfer.service import ReceiverIsRespondent
from app.transfer.terms import TransferState as S
from app.triage import service as triage_service
from tests import cast
from tests.transfer import scenes
from tests.transfer.test_forwarding import HEAD, lay, line, work
from tests.transfer.test_two_worlds import _IDENTITY, START, Given, World, given, walk, worlds  # noqa: F401

FORWARDED, NAMED = START - timedelta(hours=2), START - timedelta(hours=1)
NUMBERING = Numbering("松检公线〔{year}〕{seq:04d}号", "松检", 900)


def forwards(world: World, at: Given) -> None:
    """The water authority forwards one line of its table; the office begins to look into it."""
    at.at, at.counts["civil"] = FORWARDED, 40_000_000
    cast.sign_in(world.client, "agency_water")
    page = lay(world.client, [HEAD, line("W-1")])
    world.client.post(world.client.to("partner:start_import", batch_id=page.rsplit("/", 1)[-1]))
    assert work(world.client) == 1
    with world.house.database.write_session() as session:
        clue = clue_queries.by_id(session, own_report(session).clue_id)
        clue_service.register(
            session, journal.SYSTEM, clue, numbering=NUMBERING, compartment_kind="open", now=FORWARDED
        )
        clue_service.advance(session, journal.SYSTEM, clue, ClueAction.START_EVALUATION, now=FORWARDED)


def own_report(session: Any) -> Report:
    """The forwarded report."""
    found: Report = session.execute(select(Report).where(Report.external_ref == "W-1")).scalar_one()  # type: ignore[arg-type]
    return found


def against_it(world: World, at: Given, *, is_named: bool = True) -> None:
    """The office names it, hands both matters to the health authority, and writes to whoever reported them."""
    at.at = NAMED
    with world.house.database.write_session() as session, at.military():
        chief = cast.actor(session, "chief_zhou", world.house.settings)
        water = scenes.agency(session, chief, "water")
        told = scenes.clue(session, title="水务部门自己的排口")
        forwarded = own_report(session).clue_id
        for clue_id in (told, forwarded):
            if is_named:
                triage_service.name_respondent(session, chief, clue_id, org_unit_id=water, now=NAMED)
                with pytest.raises(ReceiverIsRespondent):
                    scenes.drafted(session, chief, clue_id, to="water")
            transfer = scenes.drafted(session, chief, clue_id)
            scenes.brought_to(session, chief, transfer, S.CLOSED)
            clue = clue_queries.by_id(session, clue_id)
            intake_service.tell_reporter(
                session, chief.doer, clue, MessageKind.NOTE, "正在查水务部门", scenes.LATER
            )


def own_pages(world: World, at: Given, *, again: int = 0) -> list[bytes]:
    """What it reads of its own report: the way opened from its list, and its table taken in once more."""
    at.at, at.counts["civil"] = START + timedelta(hours=5 + again), 50_000_000
    world.client.cookies.clear()
    cast.sign_in(world.client, "agency_water")
    with world.house.database.read_session() as session:
        report_id = own_report(session).id
    answer = world.client.post(world.client.to("partner:open_report", report_id=report_id))
    assert answer.status_code == 303
    shown = [world.client.get(answer.headers["location"]).content]
    page = lay(world.client, [HEAD, line("W-1")])
    batch_id = page.rsplit("/", 1)[-1]
    shown.append(world.client.get(page).content)
    world.client.post(world.client.to("partner:start_import", batch_id=batch_id))
    work(world.client)
    shown.append(
        world.client.get(world.client.to("partner:import_result", batch_id=batch_id, kind="csv")).content
    )
    return shown


def test_until_service_the_respondent_cannot_tell_that_there_is_a_matter(worlds: Any, given: Given):  # noqa: F811
    one, other = worlds((False, _IDENTITY[0]), (False, _IDENTITY[0]))
    for world in (one, other):
        forwards(world, given)
    against_it(other, given)
    assert walk(one, other, given, "agency_water", most=20) > 6
    assert own_pages(one, given) == own_pages(other, given)
    # Once a document is served it reads what anybody who forwarded would.
    with other.house.database.write_session() as session, given.military():
        chief = cast.actor(session, "chief_zhou", other.house.settings)
        water = scenes.agency(session, chief, "water")
        triage_service.end_respondent(
            session, chief, own_report(session).clue_id, org_unit_id=water, how=RespondentEnd.SERVED,
            document="检察建议书", served_on=START.date(), now=START + timedelta(hours=4),
        )  # fmt: skip
    first, second = own_pages(one, given, again=1), own_pages(other, given, again=1)
    assert first[0] != second[0]
    assert "正在查水务部门".encode() in second[0]


def test_without_the_naming_the_same_pages_tell(worlds: Any, given: Given):  # noqa: F811
    """The fault the rule is for: the comparison sees it."""
    one, other = worlds((False, _IDENTITY[0]), (False, _IDENTITY[0]))
    for world in (one, other):
        forwards(world, given)
    against_it(other, given, is_named=False)
    with pytest.raises(AssertionError, match="differs"):
        walk(one, other, given, "agency_water", most=20)
    assert own_pages(one, given)[0] != own_pages(other, given)[0]


def test_what_was_sent_before_the_naming_stays_and_nothing_new_comes(session: Any):
    chief, water = scenes.chief(session), cast.actor(session, "agency_water")
    clue_id = scenes.clue(session)
    before = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to="water"), S.SENT)
    signed = scenes.brought_to(session, chief, scenes.drafted(session, chief, clue_id, to="water"), S.SIGNED)
    scenes.letter(session, chief, signed)
    named = {"org_unit_id": water.org_unit_id, "now": scenes.LATER}
    triage_service.name_respondent(session, chief, clue_id, **named)
    triage_service.name_respondent(session, chief, clue_id, **named)
    assert len(clue_queries.respondents(session, clue_id)) == 1, "twice is nothing"
    assert queries.get(session, water, before.id).id == before.id, "to take it away would tell"
    with pytest.raises(ReceiverIsRespondent):
        service.send(session, chief, signed, checks=scenes.CHECKS, version=signed.version, now=scenes.LATER)
    # Should one have slipped out all the same, its door does not show it.
    signed.sent_at, signed.state = (
        scenes.LATER + timedelta(minutes=1),
        S.SENT.value,
    )  # house: allow state-writer
    session.flush()
    with pytest.raises(Missing):
        queries.get(session, water, signed.id)
    triage_service.end_respondent(
        session, chief, clue_id, org_unit_id=water.org_unit_id, how=RespondentEnd.DISCLOSED, reason="先请它自查",
        now=scenes.LATER + timedelta(minutes=2),
    )  # fmt: skip
    assert queries.get(session, water, signed.id).id == signed.id


def test_only_who_evaluates_names_and_everybody_reads_it(client: Any):
    house = client.app.state.house
    with house.database.write_session() as session:
        chief = cast.actor(session, "chief_zhou")
        clue_id, water = scenes.clue(session), scenes.agency(session, chief, "water")
        clerk = cast.actor(session, "clerk_liu")
        assert not clerk.may(Verb.CLUE_EVALUATE)
        with pytest.raises(Refused):
            triage_service.name_respondent(session, clerk, clue_id, org_unit_id=water, now=scenes.LATER)
        assert any(unit.id == water for unit in reference_queries.agencies(session, chief.office_id))
    cast.sign_in(client, "prosecutor_chen")
    place = client.to("desk:name_respondent", clue_id=clue_id)
    assert client.post(place, data={"org_unit_id": "x"}).status_code == 422
    assert client.post(place, data={"org_unit_id": water}).status_code == 303
    assert "还没有送达文书" in client.get(client.to("desk:clue", clue_id=clue_id)).text
    assert "被监督单位，不能移送" in client.get(client.to("transfer:draft", clue_id=clue_id)).text
    end = client.to("desk:end_respondent", clue_id=clue_id, org_unit_id=water)
    for wrong in (
        {},
        {"how": "served"},
        {"how": "served", "document": "建议书", "served_on": "2999-01-01"},
        {"how": "disclosed"},
    ):
        assert client.post(end, data=wrong).status_code == 422, wrong
    served = {"how": "served", "document": "检察建议书 哈松检建〔2026〕1号", "served_on": "2026-11-24"}
    assert client.post(end, data=served).status_code == 303
    assert client.post(end, data=served).status_code == 404
    assert "检察建议书 哈松检建〔2026〕1号" in client.get(client.to("desk:clue", clue_id=clue_id)).text
    with house.database.read_session() as session:
        assert clue_queries.kept_from(session, clue_id) == set()
