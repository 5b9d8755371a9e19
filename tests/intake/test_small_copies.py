"""The small copy of a photo: it goes ahead, steps back for the original, and stands alone where data is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.intake.sheets import give_code
from tests.intake.uploads import Phone, hexed, photo, promise

if TYPE_CHECKING:
    from tests.conftest import HouseClient
    from tests.intake.conftest import Rows

pytestmark = pytest.mark.app
ONE, TWO = photo(1), photo(2)


@pytest.fixture
def phone(client: HouseClient) -> Phone:
    return Phone(client)


def test_the_small_copy_goes_ahead_and_steps_back(phone: Phone, rows: Rows, client: HouseClient):
    phone.report(promise(ONE, preview=TWO))
    assert phone.send(TWO).status_code == 204
    assert (phone.states(), phone.receipt()["is_complete"]) == ([("missing", None), ("held", None)], False)
    (small,) = rows("select * from evidence_item")
    assert (small["fidelity"], small["is_hidden"]) == ("phone_preview", 0)
    give_code(client, phone.receipt()["query_code"])
    told = client.get(client.to("intake:track")).text
    assert "小图先到了" in told, "a photo that has not come is not shown as received"
    assert "还有 1 张照片没有传到" in told
    assert rows("select has_photo from clue")[0]["has_photo"] == 1
    assert phone.send(ONE).status_code == 204
    assert (phone.states(), phone.receipt()["is_complete"]) == ([("held", None), ("held", None)], True)
    give_code(client, phone.receipt()["query_code"])
    assert "小图先到了" not in client.get(client.to("intake:track")).text
    small, large = rows("select * from evidence_item order by rowno")
    assert (small["is_hidden"], large["is_hidden"], large["replaces_id"]) == (1, 0, small["id"])


def test_a_small_copy_that_did_not_come_in_time_is_not_needed(phone: Phone, rows: Rows):
    phone.report(promise(ONE, preview=TWO))
    assert phone.send(ONE).status_code == 204
    assert phone.states() == [("held", None), ("declined", "not_needed")]
    assert phone.receipt()["is_complete"] is True
    assert phone.begin(hexed(TWO), len(TWO)).status_code == 409


def test_saving_data_leaves_the_small_copy_as_the_only_one(phone: Phone, rows: Rows):
    phone.report(promise(ONE, fidelity="phone_preview"), is_data_saving=True)
    assert phone.send(ONE).status_code == 204
    assert phone.receipt()["is_complete"] is True
    (kept,) = rows("select * from evidence_item")
    assert (kept["fidelity"], kept["is_hidden"]) == ("phone_preview", 0)
