"""Named views of the queue: whose they are, who may use them, and that only what an address may say is kept."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from app.platform.db import WriteSession
from app.platform.errors import Missing, Refused
from app.triage import queries, service
from app.triage.service import views
from tests import cast
from tests.conftest import HouseClient
from tests.desk import makers

NOW = makers.NOW
WATER = {"list": "all", "category": "water_pollution", "flag": "photo"}


def save(session: WriteSession, who: str, name: str, *, is_shared: bool) -> str:
    actor = cast.actor(session, who)
    service.save_view(session, actor, name=name, filters=WATER, is_shared=is_shared, now=NOW)
    return next(view.id for view in queries.saved_views(session, actor) if view.name == name)


def names(session: WriteSession, who: str) -> list[str]:
    return [view.name for view in queries.saved_views(session, cast.actor(session, who))]


def test_a_lent_view_is_the_offices_and_an_own_one_is_ones_own(session: WriteSession):
    save(session, "prosecutor_chen", "水", is_shared=False)
    save(session, "prosecutor_chen", "大家看", is_shared=True)
    assert names(session, "prosecutor_chen") == ["水", "大家看"]
    assert names(session, "head_lin") == ["大家看"]
    assert names(session, "prosecutor_wu") == [], "another office sees neither"


def test_nobody_else_changes_or_forgets_it(session: WriteSession):
    view_id, head = (
        save(session, "prosecutor_chen", "大家看", is_shared=True),
        cast.actor(session, "head_lin"),
    )
    with pytest.raises(Missing):
        service.drop_view(session, head, view_id)
    with pytest.raises(Missing):
        service.share_view(session, head, view_id, is_shared=False)
    service.drop_view(session, cast.actor(session, "prosecutor_chen"), view_id)
    assert names(session, "head_lin") == []


def test_the_same_name_replaces_and_there_is_an_end(session: WriteSession):
    chen = cast.actor(session, "prosecutor_chen")
    for number in range(views.MOST):
        service.save_view(session, chen, name=str(number), filters={}, is_shared=False, now=NOW)
    service.save_view(session, chen, name="0", filters=WATER, is_shared=False, now=NOW)
    assert queries.saved_views(session, chen)[0].filters == WATER
    with pytest.raises(Refused):
        service.save_view(session, chen, name="再一个", filters={}, is_shared=False, now=NOW)


@pytest.mark.app
def test_a_view_is_saved_from_the_list_and_leads_back_to_it(app: FastAPI, client: HouseClient):
    cast.sign_in(client, "prosecutor_chen")
    here = client.to("desk:queue", **WATER)
    shown = client.get(here).text
    assert 'name="filter_category" value="water_pollution"' in shown
    form = {f"filter_{key}": value for key, value in WATER.items()}
    answer = client.post(client.to("desk:save_view"), data=form | {"name": "有照片的水", "filter_clue": "x"})
    assert answer.status_code == 303
    with app.state.house.database.write_session() as session:
        kept = queries.saved_views(session, cast.actor(session, "prosecutor_chen"))[0].filters
    assert kept == WATER, "what no address may say is not kept"
    listed = client.get(client.to("desk:queue")).text
    assert "有照片的水" in listed
    assert here.replace("&", "&amp;") in listed
    assert client.get(client.to("desk:views")).text.count("有照片的水") == 1


@pytest.mark.app
def test_a_view_without_a_name_is_not_saved(app: FastAPI, client: HouseClient):
    cast.sign_in(client, "prosecutor_chen")
    client.post(client.to("desk:save_view"), data={"name": " ", "filter_list": "all"})
    assert "还没有保存的视图" in client.get(client.to("desk:views")).text
