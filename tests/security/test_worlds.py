"""Another reporter, the same bytes for everybody outside; the tool lives thousands of sessions, this a handful."""

from __future__ import annotations

import pytest

from app.main import create_app
from tests.conftest import make_settings
from tests.security import worlds

pytestmark = pytest.mark.app


@pytest.fixture
def apps(copies, tmp_path):
    """Two houses that know nothing of each other."""
    urls = [copies.fresh(), copies.fresh()]
    yield tuple(create_app(make_settings(url, tmp_path / str(at))) for at, url in enumerate(urls))
    for url in urls:
        copies.drop(url)


def test_who_reported_changes_nothing_outside(apps):
    assert worlds.differences(apps, range(3)) == []


def test_whether_somebody_can_be_reached_changes_nothing_outside(apps):
    assert worlds.differences(apps, range(1), reporters=(worlds.REPORTERS[0], None)) == []


def test_numbering_hides_nothing_but_what_differs_by_nature():
    one = "a 01a214ee-cbae-7f6c-a75d-16fd2446d4ec b 01a214ee-cbae-7f6c-a75d-16fd2446d4ec c 林小雨"
    other = "a 01a214ee-cbae-7f6c-a75d-16fd2446d4ed b 01a214ee-cbae-7f6c-a75d-16fd2446d4ed c 林小雨"
    assert worlds.numbered(one) == worlds.numbered(other)
    assert worlds.numbered(one) != worlds.numbered(other.replace("林小雨", "欧阳震"))
    assert worlds.numbered(one) != worlds.numbered(other.replace("4ed b", "4ed b").replace("4ed c", "4ef c"))
