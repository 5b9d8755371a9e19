"""The suggested address on the reporter's form: offered where configured, never for what must not be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import HouseClient, make_settings
from tests.geo.local_geocoder import ADDRESS, LocalGeocoder, local_geocoder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.app
HERE = {"lat": "45.8021234", "lon": "126.5432198"}
Clients = Callable[..., HouseClient]


@pytest.fixture
def service() -> Iterator[LocalGeocoder]:
    with local_geocoder() as made:
        yield made


@pytest.fixture
def clients(database_url: str, tmp_path: Path) -> Iterator[Clients]:
    from app.main import create_app

    with ExitStack() as stack:

        def make(**wishes: Any) -> HouseClient:
            return stack.enter_context(
                HouseClient(create_app(make_settings(database_url, tmp_path, **wishes)))
            )

        yield make


def ask(client: HouseClient, category: str = "water_pollution", **position: str) -> Any:
    return client.post(client.to("intake:address", category_key=category), data=position or HERE)


def test_a_position_is_put_into_words(clients: Clients, service: LocalGeocoder):
    client = clients(geocoder=service.setting)
    assert "读出大概地址" in client.get(client.to("intake:form", category_key="water_pollution")).text
    answer = ask(client)
    assert (answer.status_code, answer.text) == (200, ADDRESS)
    assert answer.headers["cache-control"] == "no-store"
    (asked,) = service.asked
    assert HERE["lat"][:6] not in str(asked)


def test_without_a_service_there_is_neither_button_nor_door(clients: Clients):
    client = clients()
    assert "读出大概地址" not in client.get(client.to("intake:form", category_key="water_pollution")).text
    assert ask(client).status_code == 404


@pytest.mark.parametrize("category", ["mil_facility_env", "minor_hotel", "made_up", "%00"])
def test_of_closed_circles_nothing_is_told(clients: Clients, service: LocalGeocoder, category: str):
    client = clients(geocoder=service.setting)
    assert ask(client, category).status_code == 404
    if category.isascii() and category.startswith("m"):
        shown = client.get(client.to("intake:form", category_key=category))
        assert "读出大概地址" not in shown.text
    assert service.asked == []


@pytest.mark.parametrize("lat", ["", "0", "x", "nan", "inf", "1e400", "9" * 5000, "４５.８", "91"])
def test_what_is_no_position_gets_no_words(clients: Clients, service: LocalGeocoder, lat: str):
    client = clients(geocoder=service.setting)
    answer = ask(client, lat=lat, lon="0" if lat == "0" else "126.5")
    assert answer.status_code == 200
    assert answer.text == ("" if lat != "４５.８" else ADDRESS)


def test_a_service_that_fails_costs_the_suggestion_only(clients: Clients, service: LocalGeocoder):
    service.status = 500
    answer = ask(clients(geocoder=service.setting))
    assert (answer.status_code, answer.text) == (200, "")


def test_the_door_is_not_a_free_geocoder_for_everybody(clients: Clients, service: LocalGeocoder):
    client = clients(geocoder=service.setting, tries_per_hour=2)
    assert [ask(client).status_code for _ in range(4)] == [200, 200, 429, 429]
    assert len(service.asked) == 2
