"""A reporter's way without a script: from the front door to "it is solved"."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.clues import queries as clue_queries
from app.clues import service as clue_service
from app.clues.service import Numbering
from app.clues.terms import ClueAction, Fact
from app.intake import service
from app.intake.terms import MessageKind
from app.platform import clock
from tests import cast
from tests.intake.sheets import WATER, code_on, files, give_code, hidden, photo, send

if TYPE_CHECKING:
    from app.platform.db import Database
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app


def test_river_pollution_without_javascript(client: HouseClient, database: Database):
    """Finds the category by words, forgets a question, sends, is asked, answers, reads the result, is not content."""
    assert client.to("intake:pick") in client.get(client.to("intake:home")).text
    found = client.post(client.to("intake:ask"), data={"q": "沟里排黑水"}).text
    assert client.to("intake:form", category_key="water_pollution") in found

    carried = hidden(client, "water_pollution")
    forgot = {name: value for name, value in WATER.items() if name != "q_water_body"}
    again = send(client, "water_pollution", carried | forgot)
    assert again.status_code == 422
    assert WATER["words"] in again.text
    assert WATER["place_pasted"] in again.text
    assert send(client, "water_pollution", carried | WATER).status_code == 303
    code = code_on(client.get(client.to("intake:receipt")).text)
    client.cookies.clear()

    with database.write_session() as session:
        actor = cast.actor(session, "prosecutor_chen")
        clue = clue_queries.by_id(session, session.execute(text("select id from clue")).scalar_one())
        numbering = Numbering("松检公线〔{year}〕{seq:04d}号", "", 1)
        clue_service.register(
            session, actor.doer, clue, numbering=numbering, compartment_kind="open", now=clock.now()
        )
        service.ask_reporter(session, actor, clue, "请补一张排口的照片", date(2030, 1, 31), clock.now())

    give_code(client, code.lower())
    assert "请补一张排口的照片" in client.get(client.to("intake:track")).text
    answer = {"words": "这是排口，在桥的东侧"}
    assert client.post(client.to("intake:add"), data=answer, files=files(photo(2))).status_code == 303

    with database.write_session() as session:
        actor = cast.actor(session, "prosecutor_chen")
        clue = clue_queries.by_id(session, clue.id)
        assert (clue.state, clue.has_news) == ("registered", True)
        for action, facts in (
            (ClueAction.START_EVALUATION, frozenset()),
            (ClueAction.TRANSFER, frozenset({Fact.RECIPIENT})),
        ):
            clue_service.advance(session, actor.doer, clue, action, now=clock.now(), facts=facts)
        service.tell_reporter(session, actor.doer, clue, MessageKind.RESULT, "排口已经封堵。", clock.now())

    shown = client.get(client.to("intake:track")).text
    assert "已经转交给有权处理的机关" in shown
    assert "排口已经封堵。" in shown
    unsolved = {"kind": "unsolved", "words": "今天又在排"}
    client.post(client.to("intake:add"), data=unsolved, files=files(photo(3)))
    shown = client.get(client.to("intake:track")).text
    assert "还没解决。\n今天又在排" in shown
