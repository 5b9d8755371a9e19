"""Grams: every Chinese wording of one, two or more characters is found; signs are never operators."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clues.grams import Phrase, for_postgresql, for_sqlite, grams, pairs, phrases

HAN = st.text("松花江污水体桥一二号河", min_size=1, max_size=12)


def test_chinese_in_pairs_and_other_words_whole():
    assert grams("松花江2号桥AED") == "松花 花江 江 2 号桥 桥 aed"
    assert grams("a", "b") == "a b"
    assert grams("ＡＥＤ，１２") == "aed 12"
    assert grams("！？、") == ""
    assert pairs("黑水黑水") == {"黑水", "水黑", "水"}


@given(HAN, HAN, HAN)
def test_any_part_of_a_text_is_a_phrase_of_its_grams(before: str, part: str, after: str):
    told = f" {grams(before + part + after)} "
    (asked,) = phrases(part)
    assert f" {asked.text}{'' if asked.is_begun else ' '}" in told


@pytest.mark.parametrize(
    "typed", ['"', "* OR *", "NEAR(", "a:b", "-x", "^", "%", "_", "' --", "&|!<->", "\x00"]
)
def test_nothing_typed_is_an_operator(typed: str):
    asked = phrases(typed)
    assert all(token.isalnum() for one in asked for token in one.tokens)


def test_a_number_is_itself_and_a_last_character_stands_for_what_begins_with_it():
    assert phrases("12-2") == [Phrase(("12", "2"), is_begun=False)]
    assert phrases("水 松花江 0001号") == [
        Phrase(("水",), is_begun=True),
        Phrase(("松花", "花江"), is_begun=False),
        Phrase(("0001", "号"), is_begun=True),
    ]
    assert len(phrases("一 二 三 四 五 六 七 八 九 十")) == 8
    assert for_sqlite(phrases("水 松花江")) == '"水" * AND "松花 花江"'
    assert for_postgresql(phrases("水 松花江")) == "(水:*) & (松花 <-> 花江)"
