"""What leaves is decided field by field, stands still once signed, and is proved by a digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.clues import queries as clue_queries
from app.intake.models import Report
from app.platform.digest import canonical_json, sha256_hex
from app.platform.records import Journal
from app.transfer import disclosure, queries, rules, service
from app.transfer.models import Transfer
from app.transfer.service import Undecided
from app.transfer.terms import TransferState as S
from tests import cast
from tests.transfer import scenes
from tests.transfer.desk import post, transfer_in
from tests.transfer.scenes import CHECKS, CONTENT, NOW, PRACTICE
from tests.transfer.test_rules import FACTS

if TYPE_CHECKING:
    from app.platform.db import Database, WriteSession
    from tests.conftest import HouseClient

QUOTED = "他们每天半夜把油桶里的黑水倒进沟里"


def quoting(session: WriteSession) -> Transfer:
    """A draft that copies a sentence of the reporter."""
    chief, clue_id = scenes.chief(session), scenes.clue(session)
    session.execute(update(Report).where(Report.clue_id == clue_id).values(words=f"我亲眼见的，{QUOTED}。"))
    return scenes.drafted(session, chief, clue_id, content=replace(CONTENT, summary=f"据反映，{QUOTED}。"))


def test_copied_words_of_the_reporter_stop_the_way_until_somebody_decides(session: WriteSession):
    chief, transfer = scenes.chief(session), quoting(session)
    at = {"checks": CHECKS, "practice": PRACTICE, "now": NOW}
    with pytest.raises(Undecided):
        service.submit(session, chief, transfer, version=transfer.version, **at)
    kept = replace(disclosure.content_of(transfer), kept_findings=(f"quote:{QUOTED}",))
    service.edit(session, chief, transfer, kept, version=transfer.version, now=NOW)
    service.submit(session, chief, transfer, version=transfer.version, **at)
    assert transfer.state == S.IN_REVIEW.value


@pytest.mark.parametrize("state", [S.IN_REVIEW, S.TO_SIGN, S.SIGNED])
def test_every_step_of_the_way_out_asks_again(session: WriteSession, state: S):
    """Whatever was decided before, a number that stands in the words now does not leave."""
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), state)
    if state is S.SIGNED:
        scenes.letter(session, chief, transfer)
    session.execute(update(Transfer).where(Transfer.id == transfer.id).values(summary="找13904511234"))
    session.refresh(transfer)
    at = {"version": transfer.version, "now": NOW}
    steps = {
        S.IN_REVIEW: lambda: service.approve_review(
            session, chief, transfer, words="", practice=PRACTICE, **at
        ),
        S.TO_SIGN: lambda: service.sign(session, chief, transfer, words="", practice=PRACTICE, **at),
        S.SIGNED: lambda: service.send(session, chief, transfer, checks=CHECKS, **at),
    }
    with pytest.raises(Undecided):
        steps[state]()


def test_what_was_given_is_proved_by_its_digest(session: WriteSession):
    chief = scenes.chief(session)
    transfer = scenes.brought_to(session, chief, scenes.drafted(session, chief, scenes.clue(session)), S.SENT)
    told = session.execute(select(Journal.facts).where(Journal.verb == "transfer.sent")).scalar_one()
    pictures = [item.digest for item in queries.attachments(session, transfer.id)]
    given = sha256_hex(canonical_json({"disclosed": transfer.disclosed, "pictures": pictures}))
    assert told["given"] == given == disclosure.digest_of(session, transfer)


@pytest.mark.parametrize(("square", "moved_m"), [(200, 150), (20, 15), (7, 150)])
def test_a_position_is_never_the_measured_spot(square: int, moved_m: int):
    at = rules.disclosed(replace(CONTENT, shows_position=True, position_square_m=square), FACTS)["position"]
    assert at["square_m"] in rules.SQUARES
    assert (at["lat"], at["lon"]) != FACTS.point
    assert FACTS.point is not None
    assert abs(at["lat"] - FACTS.point[0]) * 111_000 < moved_m


def test_the_page_names_what_stays_and_why(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    text = client.get(client.to("transfer:draft", clue_id=clue_id)).text
    for what in ("答案：车牌", "标为保密，只供本院办案", "答案：以前反映过吗", "精确坐标", "照片原件"):
        assert what in text
    assert scenes.SECRET_PLATE not in text, "the label is named, never what it says"


def test_the_form_keeps_how_exact_a_position_may_be(client: HouseClient, database: Database, clue_id: str):
    cast.sign_in(client, "chief_zhou")
    transfer_id = transfer_in(database, clue_id, S.DRAFT)
    boxes = {"subject": "甲", "summary": "乙", "requests": "丙", "contact_name": "陈"}
    for typed, kept in (("20", (True, 20)), ("200", (True, 200)), ("", (False, 200)), ("1", (False, 200))):
        assert (
            post(client, "transfer:save", transfer_id, database, **boxes, position=typed).status_code == 303
        )
        with database.read_session() as session:
            row = queries.by_id(session, transfer_id)
            assert (row.shows_position, row.position_square_m) == kept
            assert clue_queries.by_id(session, clue_id).lat is not None
