"""Putting a clue's place right at the desk, by hand and by a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from app.clues.models import Clue
from app.clues.queries import by_id
from app.clues.terms import ClueState as S
from app.identity.terms import CompartmentKind
from tests import cast
from tests.conftest import HouseClient, make_settings
from tests.geo.local_geocoder import ADDRESS, LocalGeocoder, local_geocoder
from tests.triage import walks

if TYPE_CHECKING:
    from pathlib import Path

    from app.platform.db import Database

pytestmark = pytest.mark.app
MakeClue = Callable[..., Clue]


@pytest.fixture
def clue(client: HouseClient, database: Database) -> MakeClue:
    """Clues of the head of department, who is signed in."""
    cast.sign_in(client, "head_lin")

    def make(**wishes: Any) -> Clue:
        with database.write_session() as session:
            return walks.to(session, cast.actor(session, "head_lin"), S.REGISTERED, **wishes)

    return make


def now(database: Database, clue: Clue) -> Clue:
    with database.read_session() as session:
        return by_id(session, clue.id)


def put(client: HouseClient, clue: Clue, **form: str) -> Any:
    told = {
        "version": str(clue.version),
        "town": "taiyangdao",
        "words": "桥东",
        "pasted": "",
        "datum": "wgs84",
    }
    return client.post(client.to("triage:set_place", clue_id=clue.id), data=told | form)


def test_words_alone_keep_the_position(client: HouseClient, database: Database, clue: MakeClue):
    before = clue()
    assert (
        client.to("desk:place", clue_id=before.id)
        in client.get(client.to("desk:clue", clue_id=before.id)).text
    )
    assert "45.80210, 126.54320" in client.get(client.to("desk:place", clue_id=before.id)).text
    assert put(client, before, words="桥东 <b>岸</b>").status_code == 303
    after = now(database, before)
    assert (after.place_words, after.lat, after.place_source) == ("桥东 <b>岸</b>", before.lat, "browser")
    assert "改了地点" in client.get(client.to("desk:clue", clue_id=before.id)).text


def test_a_new_position_is_the_offices_and_can_be_taken_away(
    client: HouseClient, database: Database, clue: MakeClue
):
    before = clue()
    put(client, before, pasted="45.81, 126.55")
    after = now(database, before)
    assert (after.lat, after.lon, after.place_source, after.standing) == (45.81, 126.55, "staff", "inside")
    put(client, after, drop_position="yes")
    assert (now(database, before).lat, now(database, before).place_source) == (None, "staff")


def test_what_cannot_be_a_place_is_told_and_nothing_typed_is_lost(client: HouseClient, clue: MakeClue):
    answer = put(client, clue(), town="nowhere", words="字" * 201, pasted="x" * 600)
    assert answer.status_code == 422
    assert "字" * 201 in answer.text
    assert "请从列表里选一个街道或乡镇" in answer.text


def test_a_stale_page_gets_the_fresh_clue(client: HouseClient, database: Database, clue: MakeClue):
    before = clue()
    put(client, before, words="先改的")
    answer = put(client, before, words="后改的一句话")
    assert answer.status_code == 409
    assert "后改的一句话" in answer.text
    assert now(database, before).place_words == "先改的"


def test_who_may_not_register_or_see_gets_no_door(client: HouseClient, clue: MakeClue):
    one = clue()
    cast.sign_in(client, "prosecutor_wu")
    assert client.get(client.to("desk:place", clue_id=one.id)).status_code == 404
    assert put(client, one).status_code == 404
    cast.sign_in(client, "auditor")
    assert client.get(client.to("desk:place", clue_id=one.id)).status_code == 403


def test_near_a_facility_no_position_is_kept(client: HouseClient, database: Database, clue: MakeClue):
    one = clue(kind=CompartmentKind.MILITARY, is_facility=True, category_key="mil_facility_env")
    assert 'name="pasted"' not in client.get(client.to("desk:place", clue_id=one.id)).text
    put(client, one, pasted="45.81, 126.55")
    assert now(database, one).lat is None


def test_without_a_service_nothing_is_searched(client: HouseClient, clue: MakeClue):
    one = clue()
    assert 'name="sought"' not in client.get(client.to("desk:place", clue_id=one.id)).text
    assert client.post(client.to("desk:find_place", clue_id=one.id), data={"sought": "x"}).status_code == 404


@pytest.fixture
def service() -> Iterator[LocalGeocoder]:
    with local_geocoder() as made:
        yield made


@pytest.fixture
def asking(database_url: str, tmp_path: Path, service: LocalGeocoder) -> Iterator[HouseClient]:
    """A client of an installation with a geocoder."""
    from app.main import create_app

    app = create_app(make_settings(database_url, tmp_path, geocoder=service.setting))
    with HouseClient(app) as client:
        cast.sign_in(client, "head_lin")
        yield client


def test_a_search_suggests_and_a_person_saves(
    asking: HouseClient, database: Database, clue: MakeClue, service: LocalGeocoder
):
    one = clue()
    blank = asking.get(asking.to("desk:place", clue_id=one.id)).text
    assert 'name="sought"' in blank
    (box,) = re.findall(r'<input[^>]*name="sought"[^>]*>', blank)
    assert 'value=""' in box or "value=" not in box, "what a reporter wrote is not sent by itself"
    typed = {
        "version": str(one.version),
        "sought": "太阳岛",
        "words": "写了一半",
        "town": "",
        "datum": "gcj02",
    }
    found = asking.post(asking.to("desk:find_place", clue_id=one.id), data=typed).text
    for kept in (ADDRESS, "45.801000, 126.602000", "写了一半"):
        assert kept in found
    assert now(database, one).version == one.version, "a suggestion changes nothing"
    put(asking, one, pasted="45.801000, 126.602000", datum="wgs84")
    assert now(database, one).lat == 45.801
    assert [path for path, _ in service.asked] == ["/nominatim/search"]


def test_the_standing_position_is_put_into_words(asking: HouseClient, clue: MakeClue, service: LocalGeocoder):
    one = clue()
    data = {"here": "yes", "version": str(one.version)}
    assert ADDRESS in asking.post(asking.to("desk:find_place", clue_id=one.id), data=data).text
    ((path, asked),) = service.asked
    assert path.endswith("/reverse")
    assert not asked["lat"].startswith("45.8021")


@pytest.mark.parametrize("kind", [CompartmentKind.MILITARY, CompartmentKind.MINORS])
def test_of_closed_circles_the_service_learns_nothing(
    asking: HouseClient, clue: MakeClue, service: LocalGeocoder, kind: CompartmentKind
):
    one = clue(kind=kind)
    answer = asking.post(asking.to("desk:find_place", clue_id=one.id), data={"sought": "x", "here": "yes"})
    assert answer.status_code == 404
    assert service.asked == []


def test_a_search_that_finds_nothing_says_so(asking: HouseClient, clue: MakeClue, service: LocalGeocoder):
    service.body = b"[]"
    one = clue()
    answer = asking.post(asking.to("desk:find_place", clue_id=one.id), data={"sought": "没有这个地方"})
    assert answer.status_code == 200
    assert "没有找到" in answer.text
