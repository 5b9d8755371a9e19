"""What the desk's pages draw once: the same page as drawn anew, for each clue, person, language and way back its own."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi import FastAPI

from app.desk import drawn_forms, sides, steps_shown
from app.desk.step_terms import ANY_BACK, ANY_CLUE, ANY_TITLE, ANY_VERSION
from app.platform.web.render import LANGUAGE_COOKIE
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers
from tests.triage import walks

pytestmark = pytest.mark.app
PLACES = (ANY_BACK, ANY_CLUE, ANY_TITLE, ANY_VERSION)
HOSTILE = f"<b>'\"&{ANY_BACK}{ANY_CLUE}"


def forget() -> None:
    """Start as a new process does."""
    drawn_forms._kept.clear()
    steps_shown._common.cache_clear()
    sides._common.cache_clear()


def page(client: HouseClient, clue_id: str, **query: str) -> str:
    return client.get(client.to("desk:clue", clue_id=clue_id, **query)).text


def test_a_page_is_the_same_whatever_was_drawn_before(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        clues = [makers.clue(session, title=f"沟渠排黑水 {at}") for at in range(3)]
        walks.register(session, head, clues[1])
        ids = [clue.id for clue in clues]
    seen: dict[tuple[str, str, str], str] = {}
    for is_fresh in (True, False):
        for who in ("head_lin", "prosecutor_chen", "clerk_liu", "complaints_sun"):
            cast.sign_in(client, who)
            for clue_id in ids:
                for back in ("", "/desk?list=all&q=水"):
                    if is_fresh:
                        forget()
                    told = page(client, clue_id, back=back)
                    assert not any(place in told for place in PLACES)
                    key = (who, clue_id, back)
                    assert seen.setdefault(key, told) == told, key
    assert drawn_forms._kept, "this test is about what is kept"
    assert len(set(seen.values())) == len(seen), "each person, clue and way back has a page of their own"


def test_words_of_people_stay_words(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        quiet, loud = makers.clue(session), makers.clue(session, title=HOSTILE)
        ids = [quiet.id, loud.id]
    cast.sign_in(client, "head_lin")
    back = f"/desk?q={ANY_TITLE}<i>"
    for clue_id in ids:  # the first draws what the second is given
        told = page(client, clue_id, back=back)
        assert "<i>" not in told
        assert "<b>'" not in told
        below = told[told.index("</header>") :]  # above it the way back from the switches
        backs = [unescape(one) for one in re.findall(r'name="back" value="([^"]*)"', below)]
        assert set(backs) == {back}, "nothing is filled into what was filled in"
        assert len(backs) > 5
    box = re.search(r'id="set_title-title"[^>]*value="([^"]*)"', told)
    assert box
    assert unescape(box.group(1)) == HOSTILE


def test_forms_go_to_their_own_clue_in_its_own_version_and_language(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        head = cast.actor(session, "head_lin")
        new = makers.clue(session)
        twice = walks.register(session, head, makers.clue(session))
        first, second = (new.id, new.version), (twice.id, twice.version)
    assert first[1] != second[1]
    cast.sign_in(client, "head_lin")
    for clue_id, version in (first, second, first):
        told = page(client, clue_id)
        assert set(re.findall(r'name="version" value="([^"]*)"', told)) == {str(version)}
        actions = re.findall(r'action="/desk/clues/([^/"]+)/', told)
        assert set(actions) == {clue_id}
    assert "写备注" in told
    client.cookies.set(LANGUAGE_COOKIE, "en")
    assert "写备注" not in page(client, first[0])


def test_a_refused_step_keeps_its_words_to_itself(app: FastAPI, client: HouseClient):
    with app.state.house.database.write_session() as session:
        clue = makers.clue(session)
        key, version = clue.id, clue.version
    cast.sign_in(client, "head_lin")
    plain = page(client, key)
    form = {"version": str(version), "title": f"  {ANY_CLUE} 甲", "back": ""}
    too_long = client.post(client.to("triage:set_title", clue_id=key), data=form | {"title": "甲" * 5000})
    assert too_long.status_code == 422
    assert key in too_long.text
    assert not any(place in too_long.text for place in PLACES)
    assert page(client, key) == plain, "what one person typed is on nobody's page"


def test_the_head_is_that_of_whoever_looks(app: FastAPI, client: HouseClient):
    names = {"prosecutor_chen": "陈明远", "prosecutor_wu": "吴晓"}
    for who, other in ([*names], [*names][::-1], [*names]):
        cast.sign_in(client, who)
        told = client.get(client.to("desk:queue")).text
        head = told[: told.index("</header>")]
        assert names[who] in head, "two people of one role have one menu and two names"
        assert names[other] not in head
    client.cookies.set("yixian_size", "senior")
    assert "标准模式" in client.get(client.to("desk:queue")).text
    assert f'name="back" value="{client.to("desk:today")}"' in client.get(client.to("desk:today")).text
