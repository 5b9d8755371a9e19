from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import HouseClient

pytestmark = pytest.mark.app


def test_the_front_door(client: HouseClient):
    shown = client.get(client.to("intake:home")).text
    assert client.to("intake:pick") in shown
    for number in ("110", "119", "120"):
        assert number in shown


def test_words_find_three_categories_and_not_sure_is_always_there(client: HouseClient):
    shown = client.post(client.to("intake:ask"), data={"q": "河里的水又黑又臭还有死鱼"}).text
    found = shown.split('id="found"')[1].split("</section>")[0]
    assert client.to("intake:form", category_key="water_pollution") in found
    assert found.count("card-link__title") <= 4
    assert client.to("intake:form", category_key="other") in found
    assert client.to("intake:form", category_key="other") in client.get(client.to("intake:pick")).text


@pytest.mark.parametrize("asked", ["", "  ", "zzzz", "<svg onload=1>", "%", "'; --", "\u202e", "x" * 1999])
def test_any_words_are_answered(client: HouseClient, asked: str):
    assert client.post(client.to("intake:ask"), data={"q": asked}).status_code == 200
    assert client.get(client.to("intake:pick", via=asked, group=asked)).status_code == 200


def test_a_group_comes_first(client: HouseClient):
    shown = client.get(client.to("intake:pick", group="food_drug")).text
    first = shown.split('id="chosen"')[1].split("</section>")[0]
    assert client.to("intake:form", category_key="food_bulk") in first
    assert "aed_missing" not in first


def test_the_self_check_opens_hotlines_without_scolding(client: HouseClient):
    shown = client.get(client.to("intake:self_check")).text
    assert shown.count("<details") - shown.count("page-help__panel") == 9  # the page's own note is one more
    assert 'href="tel:12333"' in shown
    assert client.to("intake:pick") in shown


def test_privacy_says_both_consents(client: HouseClient):
    shown = client.get(client.to("intake:privacy")).text
    assert "留电话是自愿的" in shown
    assert "不收集您的行踪" in shown


def test_each_open_page_describes_itself_once(client: HouseClient):
    """In words of its own: a search shows them below its title."""
    told: list[str] = []
    pages = ("home", "pick", "self_check", "privacy", "masking", "outbox")
    for shown in [client.get(client.to(f"intake:{page}")).text for page in pages]:
        (one,) = re.findall(r'<meta name="description" content="([^"]{20,})">', shown)
        told.append(one)
    assert len(set(told)) == len(pages)
