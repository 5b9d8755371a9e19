"""What the house sheds when there is too much of it, and that it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.platform import ids
from tests.intake.test_api import body
from tests.intake.uploads import Phone, hexed, photo, promise

if TYPE_CHECKING:
    from app.platform.settings import Settings
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
ONE = photo(1)


@pytest.fixture
def phone(client: HouseClient) -> Phone:
    return Phone(client)


def test_one_report_cannot_open_uploads_without_end(phone: Phone):
    phone.report(promise(ONE))
    answers = [phone.begin(hexed(ONE), length).status_code for length in range(1, 27)]
    assert answers == [201] * 24 + [429] * 2


def test_quotas_are_by_report_and_by_source(settings: Settings):
    from app.main import create_app
    from tests.conftest import HouseClient

    tight = settings.model_copy(update={"uploads_per_report": 2, "uploads_per_hour": 3})
    with HouseClient(create_app(tight)) as client:
        one, other = Phone(client).report(promise(ONE)), Phone(client).report(promise(ONE))
        assert [one.begin(hexed(ONE), n).status_code for n in (1, 2, 3)] == [201, 201, 429]
        answer = [other.begin(hexed(ONE), n) for n in (1, 2)]
        assert [each.status_code for each in answer] == [201, 429]
        assert answer[1].headers["retry-after"]


def test_no_address_is_written_down(phone: Phone, rows: Rows):
    phone.report(promise(ONE)).begun(ONE)
    assert "testclient" not in str([rows("select * from upload"), rows("select * from rate_count")])


def test_started_uploads_go_on_to_the_hard_floor(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    from app.main import create_app
    from app.platform.storage_local import LocalStore
    from tests.conftest import HouseClient

    marks = settings.model_copy(update={"disk_floor_bytes": 1000, "disk_hard_floor_bytes": 100})
    with HouseClient(create_app(marks)) as client:
        phone = Phone(client).report(promise(ONE))
        where = phone.begun(ONE)
        monkeypatch.setattr(LocalStore, "free_bytes", lambda _self: 500)
        assert phone.piece(where, 0, ONE[:10]).status_code == 204
        late = client.put(client.to("intake:api_report", report_id=ids.new()), json=body())
        assert (late.status_code, late.headers["retry-after"]) == (503, "60")
        monkeypatch.setattr(LocalStore, "free_bytes", lambda _self: 50)
        assert phone.piece(where, 10, ONE[10:20]).status_code == 503
        assert phone.offset(where) == 10
