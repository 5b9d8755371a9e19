"""Components that are drawn once: kept under everything they depend on, and never one for another."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from app.platform import i18n
from app.platform.web import kept_macros
from app.platform.web.kept_macros import Kept

SOURCE = '{% macro said(text, times=1, attrs={}) %}<p title="{{ lang() }}">{{ text }} {{ times }}</p>{% endmacro %}'


class Names:
    """Names of built files that a test builds anew."""

    names: dict[str, str] = {}


class Counted:
    """A macro that counts how often it is drawn."""

    def __init__(self) -> None:
        environment = Environment(autoescape=True)
        environment.globals["lang"] = i18n.current_locale.get
        self._macro: Any = environment.from_string(SOURCE).module.said  # type: ignore[attr-defined]
        self.times = 0

    def __call__(self, *given: Any, **named: Any) -> str:
        self.times += 1
        return str(self._macro(*given, **named))


def kept() -> tuple[Kept, Counted, Names]:
    macro, names = Counted(), Names()
    names.names = {"a": "1"}
    return Kept(macro, names), macro, names


def test_it_is_drawn_once_and_says_the_same():
    said, macro, _names = kept()
    assert said("甲") == said("甲") == '<p title="zh">甲 1</p>'
    assert said("甲", times=2) == said("甲", 2)
    assert macro.times == 3, "by name and by place are two ways to say it"


def test_safe_words_are_not_taken_for_words_that_have_to_be_escaped():
    for first, second in ((Markup("<b>"), "<b>"), ("<b>", Markup("<b>"))):
        said, _macro, _names = kept()
        one, two = said(first), said(second)
        assert ("<b>" in one) is isinstance(first, Markup)
        assert ("<b>" in two) is isinstance(second, Markup)


def test_one_is_not_true():
    said, _macro, _names = kept()
    assert (said("甲", 1), said("甲", True)) == (
        '<p title="zh">甲 1</p>',
        '<p title="zh">甲 True</p>',
    )


def test_each_language_and_each_build_has_its_own():
    said, macro, names = kept()
    said("甲")
    with i18n.speaking("en"):
        assert 'title="en"' in said("甲")
    names.names = {"a": "2"}
    said("甲")
    assert macro.times == 3


def test_what_cannot_be_a_key_or_is_long_is_drawn_each_time(monkeypatch: Any):
    said, macro, _names = kept()
    for given in ({"attrs": {"x": 1}}, {"text": "长" * 1000}):
        said(**({"text": "甲"} | given))
        said(**({"text": "甲"} | given))
    assert macro.times == 4
    monkeypatch.setattr(kept_macros, "_MOST", 3)
    for at in range(10):
        said(str(at))
    assert len(said._drawn[1]) <= 3
