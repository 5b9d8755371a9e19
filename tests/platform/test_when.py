"""Times in words: one wording for every page, with a space between a number and its unit."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.desk import words
from app.platform import clock, i18n, when

UNITS = "分钟|小时|天|秒|张|条|份|米|件|次"


@pytest.mark.parametrize(
    ("passed", "chinese", "english"),
    [
        (timedelta(seconds=20), "刚刚", "Just now"),
        (timedelta(minutes=8, seconds=50), "8 分钟前", "8 min ago"),
        (timedelta(minutes=59), "59 分钟前", "59 min ago"),
        (timedelta(hours=23, minutes=50), "23 小时前", "23 h ago"),
    ],
)
def test_the_reporter_and_the_desk_read_the_same_age(passed: timedelta, chinese: str, english: str):
    now = clock.now()
    for locale, said in (("zh", chinese), ("en", english)):
        with i18n.speaking(locale):
            assert when.shown_time(clock.now() - passed) == words.age(now - passed, now) == said


def test_no_text_puts_a_number_next_to_its_unit():
    catalogue = Path(i18n.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "messages.po"
    texts = re.findall(r'^msgid "(.*)"$', catalogue.read_text("utf-8"), re.MULTILINE)
    assert len(texts) > 1000
    tight = [text for text in texts if re.search(rf"(?:\)s|[a-z]\}}|(?<![第\d])\d+)(?:{UNITS})", text)]
    assert tight == [], "write 8 分钟, 3 条: a space between a number and its unit"
