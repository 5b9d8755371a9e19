"""The questions of a form as its page asks them, in the reader's language, with what was typed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.intake import answers
from app.intake.catalogue import FormFacts
from app.intake.terms import UNKNOWN
from app.platform import i18n
from app.platform.i18n import gettext, listed
from app.reference.models import Question

_CHOICES: Final = frozenset({"bool", "enum", "multi"})
_INPUTS: Final = {"date": "date", "datetime": "datetime-local"}
_INPUT_MODES: Final = {"int": "numeric", "number": "decimal"}
_LONG_TEXT: Final = 150
_SHORT_LABEL: Final = 12
# Of the questions every form asks, the one that must never be folded away.
_ALWAYS_OPEN: Final = "danger_now"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Under which answer to which question a prompt is asked."""

    name: str
    values: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question, ready for its component."""

    key: str
    name: str
    is_choice: bool
    is_multi: bool
    look: str
    label: str
    hint: str
    options: Sequence[Choice]
    value: Any
    error: str
    is_required: bool
    offers_unknown: bool
    is_unknown: bool
    kind: str
    inputmode: str | None
    maxlength: int | None
    rows: int
    alarms: str
    condition: Condition | None
    asked_kind: str
    title: str
    low: float | None
    high: float | None


def prompts(facts: FormFacts, typed: Mapping[str, list[str]], errors: Mapping[str, str]) -> list[Prompt]:
    """Return every question of the form in order; the coarse area is asked by the place's own fields."""
    by_key = {question.key: question for question in facts.questions}
    return [
        _prompt(question, by_key, typed, errors)
        for question in facts.questions
        if question.key not in facts.asked_elsewhere
    ]


def split(found: Sequence[Prompt], facts: FormFacts) -> tuple[list[Prompt], list[Prompt]]:
    """Return the questions that stand open and those that may be folded away: common ones, none of them urgent."""
    own = {question.key for question in facts.questions if question.category_key == facts.category.key}
    is_open = [prompt.key in own or prompt.key == _ALWAYS_OPEN for prompt in found]
    opened = [prompt for prompt, is_shown in zip(found, is_open, strict=True) if is_shown]
    return opened, [prompt for prompt, is_shown in zip(found, is_open, strict=True) if not is_shown]


def said(record: Any, name: str) -> str:
    """Return a record's text in the reader's language."""

    def get(key: str) -> Any:
        return record.get(key) if isinstance(record, Mapping) else getattr(record, key, None)

    english = get(f"{name}_en") if i18n.current_locale.get() == "en" else None
    return str(english or get(name) or "")


def _prompt(
    question: Question,
    by_key: Mapping[str, Question],
    typed: Mapping[str, list[str]],
    errors: Mapping[str, str],
) -> Prompt:
    name, is_choice = f"q_{question.key}", question.kind in _CHOICES
    values = typed.get(name, [])
    options = _options(question) if is_choice else []
    is_long = question.kind == "text" and (
        (question.max_length or 0) >= _LONG_TEXT or question.key == "reported_before"
    )
    return Prompt(
        key=question.key,
        name=name,
        is_choice=is_choice,
        is_multi=question.kind == "multi",
        look="list" if any(len(choice.label) > _SHORT_LABEL for choice in options) else "segmented",
        label=_label(question, is_choice=is_choice),
        hint=said(question, "hint"),
        options=options,
        value=tuple(values) if is_choice else (values[0] if values else ""),
        error=errors.get(name, ""),
        is_required=question.is_required,
        offers_unknown=question.is_required and not is_choice,
        is_unknown=typed.get(f"{name}_unknown", [""])[0] == "yes",
        kind=_INPUTS.get(question.kind, "text"),
        inputmode=_INPUT_MODES.get(question.kind),
        maxlength=(question.max_length or answers.TEXT_LENGTH) if question.kind == "text" else None,
        rows=3 if is_long else 1,
        alarms=_alarms(question),
        condition=_condition(question, by_key),
        asked_kind=question.kind,
        title=answers.label(question),
        low=question.low,
        high=question.high,
    )


def _label(question: Question, *, is_choice: bool) -> str:
    text = answers.label(question)
    if question.unit:
        text = gettext("%(label)s（单位：%(unit)s）", label=text, unit=question.unit)
    # A box that may be left empty with 不清楚 ticked must not be made `required` for the browser.
    if question.is_required and not is_choice:
        text = gettext("%(label)s（必填）", label=text)
    return text


def _options(question: Question) -> list[Choice]:
    not_sure = Choice(UNKNOWN, gettext("不清楚"))
    if question.kind == "bool":
        return [Choice("yes", gettext("是")), Choice("no", gettext("否")), not_sure]
    return [*(Choice(str(option["value"]), said(option, "label")) for option in question.options), not_sure]


def _alarms(question: Question) -> str:
    """Return the answers that make the clue urgent, for the script that shows the emergency numbers at once."""
    if question.kind == "bool":
        return "yes" if question.is_urgent else ""
    return " ".join(str(option["value"]) for option in question.options if option.get("urgent"))


def _condition(question: Question, by_key: Mapping[str, Question]) -> Condition | None:
    condition = question.shown_when
    asked = by_key.get(str(condition.get("question"))) if condition else None
    if condition is None or asked is None:
        return None
    names = {choice.value: choice.label for choice in _options(asked)}
    chosen = listed(names.get(str(value), str(value)) for value in condition["is"])
    sentence = gettext("“%(label)s”选了“%(chosen)s”才要答", label=answers.label(asked), chosen=chosen)
    return Condition(f"q_{asked.key}", " ".join(map(str, condition["is"])), sentence)
