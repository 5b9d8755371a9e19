"""Words prepared for the reporter: which fit, how they read, what is seen before it is sent, and what never leaves."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI

from app.clues.terms import ClueState as S
from app.desk import prepared
from app.intake import queries as intake_queries
from app.platform import clock
from app.platform.db import WriteSession
from app.reference import checks
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

UNTIL = (clock.office_date(clock.now()) + timedelta(days=10)).isoformat()


def test_a_template_reads_for_the_clue_and_fits_its_category(session: WriteSession, app: FastAPI):
    clue = makers.reported(session, app.state.house)
    assert "太阳岛街道" in prepared.words(session, clue, "ask_place")
    assert "{" not in prepared.words(session, clue, "ask_photo")
    assert prepared.words(session, clue, "ask_water")
    assert prepared.words(session, clue, "ask_aed") == "", "made for another category"
    assert prepared.words(session, clue, "no_such") == ""


def test_who_reported_in_english_is_written_to_in_english(session: WriteSession, app: FastAPI):
    clue = makers.reported(session, app.state.house, locale="en")
    assert prepared.words(session, clue, "ask_photo").startswith("We have your report.")


def test_only_the_two_places_may_stand_in_braces():
    assert checks.message_template({"text": "在{place}的{category}"}) == []
    assert [wrong.field for wrong in checks.message_template({"text": "编号{number}"})] == ["text"]


@pytest.mark.app
def test_looked_at_changed_and_sent(app: FastAPI, client: HouseClient):
    """The preview sends nothing; what stands in its box is what the reporter gets; the note stays in the house."""
    with app.state.house.database.write_session() as session:
        clue = walks.register(
            session, cast.actor(session, "head_lin"), makers.reported(session, app.state.house)
        )
    cast.sign_in(client, "head_lin")
    page = client.get(client.to("desk:clue", clue_id=clue.id)).text
    look, door = (
        client.to(name, clue_id=clue.id) for name in ("desk:message_preview", "triage:request_info")
    )
    assert f'formaction="{look}"' in page
    form = {"version": str(clue.version), "answer_by": UNTIL, "template": "ask_photo", "text": ""}
    shown = unescape(client.post(look, data=form | {"step": "request_info", "note": "怀疑是老板举报"}).text)
    assert shown.count("请再补一两张照片") == 2, "as the reporter sees it, and in the box"
    assert "内部说明，反映人看不到" in shown
    with app.state.house.database.read_session() as reading:
        assert intake_queries.messages(reading, clue.id) == []
    assert client.post(door, data=form | {"text": "请补一张夜里的照片"}).status_code == 303
    with app.state.house.database.read_session() as reading:
        assert [one.body for one in intake_queries.messages(reading, clue.id)] == ["请补一张夜里的照片"]


@pytest.mark.app
def test_sent_straight_away_the_template_is_the_words(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clue = walks.register(session, head, makers.reported(session, app.state.house))
    cast.sign_in(client, "head_lin")
    form = {
        "version": str(clue.version),
        "reason_key": "no_content",
        "template": "not_clear",
        "note": "内部话",
    }
    assert client.post(client.to("triage:screen_out", clue_id=clue.id), data=form).status_code == 303
    with app.state.house.database.read_session() as reading:
        (told,) = intake_queries.messages(reading, clue.id)
    assert told.body.startswith("谢谢您反映。")
    assert "内部话" not in told.body


@pytest.mark.app
def test_the_preview_shows_the_reasons_words_and_the_channel(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = walks.to(session, cast.actor(session, "head_lin"), S.REGISTERED)
    cast.sign_in(client, "head_lin")
    form = {"step": "redirect", "reason_key": "police", "hotline_key": "110", "version": str(clue.version)}
    shown = client.post(client.to("desk:message_preview", clue_id=clue.id), data=form).text
    assert "110" in shown
    bad = client.post(client.to("desk:message_preview", clue_id=clue.id), data=form | {"step": "register"})
    assert bad.status_code == 404
