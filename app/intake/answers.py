"""Reading answers against the questions of the reference data. Pure.

不清楚 is always an answer: nobody is forced to guess. What a condition hides is dropped, whoever sent it. The
answer is kept with the question's text (a snapshot), so that later edits of the questions change no record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.intake.terms import UNKNOWN, Asked, Fault, Said
from app.platform import clock, i18n
from app.platform.i18n import N_

TEXT_LENGTH: Final = 500
_YES_NO: Final = {
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
}
_NOT_SURE: Final = ("不清楚", "Not sure")
_INTEGER: Final = re.compile(r"-?[0-9]{1,9}\Z")
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?\Z")
_OLDEST: Final = date(1950, 1, 1)
_NEWEST: Final = date(2100, 12, 31)
# Questions about what has been seen; the dates of labels and batteries may lie ahead.
_PAST: Final = frozenset({"when_seen", "occurred_at"})

Value = str | int | float | list[str]
Snapshot = dict[str, Any]


class _Unfit(ValueError):
    """A value the question cannot take; the message is a text key."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def read(
    asked: Sequence[Asked], said: Mapping[str, Said], *, now: datetime
) -> tuple[list[Snapshot], list[Fault]]:
    """Return the snapshot of every answer that counts, and what has to be put right, in the order asked."""
    snapshots: dict[str, Snapshot] = {}
    faults: list[Fault] = []
    for question in asked:
        if not _is_shown(question, snapshots):
            continue
        name, heard = f"q_{question.key}", said.get(question.key, Said())
        try:
            value = _value(question, heard, now)
        except _Unfit as unfit:
            faults.append(Fault(name, unfit.message, {"label": label(question), **unfit.values}))
            continue
        if value is None:
            if question.is_required:
                faults.append(
                    Fault(name, N_("请回答“%(label)s”，不知道就选“不清楚”"), {"label": label(question)})
                )
            continue
        # A text may consist of the very word; only the ticked box says that nothing is known.
        is_unknown = value == UNKNOWN and (question.kind != "text" or not any(map(str.strip, heard.values)))
        snapshots[question.key] = _snapshot(question, value, is_unknown=is_unknown)
    return list(snapshots.values()), faults


def label(question: Asked) -> str:
    """Return the question in the reader's language."""
    return question.label_en if i18n.current_locale.get() == "en" and question.label_en else question.label


def is_urgent(answers: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether any answer asks for the urgent list."""
    return any(answer.get("is_urgent") for answer in answers)


def _is_shown(question: Asked, answered: Mapping[str, Snapshot]) -> bool:
    condition = question.shown_when
    if not condition:
        return True
    given = answered.get(str(condition.get("question")))
    if given is None:
        return False
    chosen = given["value"] if isinstance(given["value"], list) else [given["value"]]
    return any(value in condition.get("is", ()) for value in chosen)


def _value(question: Asked, said: Said, now: datetime) -> Value | None:
    """Return the value in its own type, UNKNOWN, or None where nothing was said; raises _Unfit."""
    typed = [value for value in said.values if value.strip()]
    if question.kind == "multi":
        return _multi(question, typed) or (UNKNOWN if said.is_unknown else None)
    if not typed:
        return UNKNOWN if said.is_unknown else None
    if len(typed) > 1:
        raise _Unfit(N_("“%(label)s”只能有一个回答"))
    return _READERS[question.kind](question, typed[0], now)


def _choice(question: Asked, typed: str, _now: datetime) -> Value:
    known = set(_YES_NO) if question.kind == "bool" else {option["value"] for option in question.options}
    if typed not in known | {UNKNOWN}:
        raise _Unfit(N_("请在“%(label)s”给出的选项里选"))
    return typed


def _multi(question: Asked, typed: list[str]) -> Value | None:
    order = [str(option["value"]) for option in question.options]
    if any(value not in {*order, UNKNOWN} for value in typed):
        raise _Unfit(N_("请在“%(label)s”给出的选项里选"))
    chosen = [value for value in order if value in typed]
    return chosen or (UNKNOWN if UNKNOWN in typed else None)


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed[:40]).strip().replace(",", "").replace(" ", "")


def _whole(question: Asked, typed: str, _now: datetime) -> Value:
    if not _INTEGER.match(_plain(typed)):
        raise _Unfit(N_("“%(label)s”请填一个整数，不清楚可以不填"))
    return int(_in_range(question, int(_plain(typed))))


def _number(question: Asked, typed: str, _now: datetime) -> Value:
    if not _NUMBER.match(_plain(typed)):
        raise _Unfit(N_("“%(label)s”请填一个数字，不清楚可以不填"))
    return _in_range(question, float(_plain(typed)))


def _in_range(question: Asked, number: float) -> float:
    low, high = question.low, question.high
    if low is not None and number < low:
        raise _Unfit(N_("“%(label)s”不应小于 %(low)s"), low=f"{low:g}")
    if high is not None and number > high:
        raise _Unfit(N_("“%(label)s”不应大于 %(high)s"), high=f"{high:g}")
    return number


def _text(question: Asked, typed: str, _now: datetime) -> Value:
    limit = question.max_length or TEXT_LENGTH
    if len(typed) > limit:
        raise _Unfit(N_("“%(label)s”太长了，最多 %(limit)s 个字"), limit=limit)
    return typed


def _day(question: Asked, typed: str, now: datetime) -> Value:
    try:
        found = date.fromisoformat(_plain(typed))
    except ValueError:
        raise _Unfit(N_("“%(label)s”请填一个日期，例如 2026-11-20")) from None
    newest = clock.office_date(now) + timedelta(days=1) if question.key in _PAST else _NEWEST
    if not _OLDEST <= found <= newest:
        raise _Unfit(N_("“%(label)s”的日期好像不对，请再看一下"))
    return found.isoformat()


def _moment(question: Asked, typed: str, now: datetime) -> Value:
    try:
        found = datetime.fromisoformat(unicodedata.normalize("NFKC", typed[:40]).strip())
        found = found if found.tzinfo else found.replace(tzinfo=clock.OFFICE_ZONE)
        day = found.astimezone(clock.OFFICE_ZONE).date()
    except (ValueError, OverflowError):
        raise _Unfit(N_("“%(label)s”请填日期和时间，例如 2026-11-20 09:30")) from None
    newest = clock.office_date(now) + timedelta(days=1) if question.key in _PAST else _NEWEST
    if not _OLDEST <= day <= newest:
        raise _Unfit(N_("“%(label)s”的日期好像不对，请再看一下"))
    return found.astimezone(clock.OFFICE_ZONE).isoformat(timespec="minutes")


_READERS: Final[dict[str, Callable[[Asked, str, datetime], Value]]] = {
    "bool": _choice,
    "enum": _choice,
    "int": _whole,
    "number": _number,
    "text": _text,
    "date": _day,
    "datetime": _moment,
}


def _snapshot(question: Asked, value: Value, *, is_unknown: bool) -> Snapshot:
    shown, shown_en = _NOT_SURE if is_unknown else _shown(question, value)
    return {
        "key": question.key,
        "kind": question.kind,
        "label": question.label,
        "label_en": question.label_en,
        "unit": question.unit,
        "value": value,
        "shown": shown,
        "shown_en": shown_en,
        "is_private": question.is_private,
        "is_urgent": _alarms(question, value),
    }


def _shown(question: Asked, value: Value) -> tuple[str, str]:
    if question.kind == "bool":
        return _YES_NO[str(value)]
    if question.kind in {"enum", "multi"}:
        chosen = value if isinstance(value, list) else [value]
        found = [option for option in question.options if option["value"] in chosen]
        names = [(str(option["label"]), str(option.get("label_en") or option["label"])) for option in found]
        return "、".join(name for name, _ in names), ", ".join(name for _, name in names)
    if isinstance(value, int | float):
        text = f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        return f"{text}{question.unit}", f"{text} {question.unit}".strip()
    return str(value), str(value)


def _alarms(question: Asked, value: Value) -> bool:
    if question.kind == "bool":
        return question.is_urgent and value == "yes"
    chosen = value if isinstance(value, list) else [value]
    return any(option.get("urgent") for option in question.options if option["value"] in chosen)
