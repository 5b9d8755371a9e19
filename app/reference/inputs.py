"""How one box of a reference form is read and shown again: typed text in, a value or a sentence out.

Nothing here knows of rows or requests, so that every section's form is a list of these and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from app.platform.i18n import gettext as _

_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,7})?")
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_OPTION_VALUE: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_URGENT_MARKS: Final = frozenset({"urgent", "紧急", "急"})
UNKNOWN: Final = "unknown"
_LINES: Final = 80
_LINE_LENGTH: Final = 80
_BASIS_PARTS: Final = range(3, 5)


class Option(NamedTuple):
    """One choice, in the words of the page."""

    value: str
    label: str
    icon: str | None = None


class Wrong(NamedTuple):
    """What has to be put right, and in which box."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """One box: which column it fills, how it is asked, what it accepts. `source` names a list of choices."""

    name: str
    label: str
    kind: str = "text"
    group: str = "main"
    hint: str = ""
    is_required: bool = False
    longest: int = 2000
    rows: int = 1
    low: float | None = None
    high: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    source: str = ""


Read = tuple[Any, str]
Reader = Callable[[Input, Sequence[str], Sequence[Option]], Read]


def _text(item: Input, typed: Sequence[str], _options: Sequence[Option]) -> Read:
    value = typed[0].strip() if typed else ""
    if item.is_required and not value:
        return "", _("请填写。")
    if len(value) > item.longest:
        return "", _("最多 %(most)s 个字，现在有 %(now)s 个。", most=item.longest, now=len(value))
    if item.rows == 1 and "\n" in value:
        return "", _("请写在一行里。")
    return value, ""


def _key(item: Input, typed: Sequence[str], options: Sequence[Option]) -> Read:
    value, problem = _text(item, typed, options)
    if problem or KEY.fullmatch(value):
        return value, problem
    return "", _("代号用小写英文字母开头，只能有小写字母、数字和下划线，最多 32 个。")


def _lines(item: Input, typed: Sequence[str], _options: Sequence[Option]) -> Read:
    lines = list(dict.fromkeys(line.strip() for line in "\n".join(typed).split("\n") if line.strip()))
    if len(lines) > _LINES:
        return [], _("最多 %(most)s 行。", most=_LINES)
    long = next((line for line in lines if len(line) > _LINE_LENGTH), None)
    if long is not None:
        return [], _("这一行太长，最多 %(most)s 个字：%(line)s", most=_LINE_LENGTH, line=long[:20])
    return lines, _("请至少写一行。") if item.is_required and not lines else ""


def _yes(_item: Input, typed: Sequence[str], _options: Sequence[Option]) -> Read:
    return bool(typed and typed[0]), ""


def _ranged(item: Input, typed: Sequence[str], shape: re.Pattern[str], odd: str) -> tuple[str, str]:
    value = typed[0].strip() if typed else ""
    if not value:
        return "", _("请填写。") if item.is_required else ""
    if not shape.fullmatch(value):
        return "", odd
    if (item.low is not None and float(value) < item.low) or (
        item.high is not None and float(value) > item.high
    ):
        return "", _("请填 %(low)s 到 %(high)s 之间的数。", low=item.low, high=item.high)
    return value, ""


def _whole(item: Input, typed: Sequence[str], _options: Sequence[Option]) -> Read:
    value, problem = _ranged(item, typed, _WHOLE, _("请填整数。"))
    return (int(value) if value else None), problem


def _number(item: Input, typed: Sequence[str], _options: Sequence[Option]) -> Read:
    value, problem = _ranged(item, typed, _NUMBER, _("请填数字，例如 12 或 45.8021。"))
    return (float(value) if value else None), problem


def _pick(item: Input, typed: Sequence[str], options: Sequence[Option]) -> Read:
    value = typed[0] if typed else ""
    if not value and not item.is_required:
        return "", ""
    return (value, "") if value in {option.value for option in options} else ("", _("请从列表里选一个。"))


def _many(item: Input, typed: Sequence[str], options: Sequence[Option]) -> Read:
    chosen = list(dict.fromkeys(value for value in typed if value))
    if not set(chosen) <= {option.value for option in options}:
        return [], _("请从列表里选。")
    return chosen, _("请至少选一个。") if item.is_required and not chosen else ""


def _options(_item: Input, typed: Sequence[str], _choices: Sequence[Option]) -> Read:
    found: list[dict[str, Any]] = []
    lines = [line.strip() for line in "\n".join(typed).split("\n") if line.strip()]
    for number, line in enumerate(lines[: _LINES + 1], start=1):
        value, label, label_en, mark, *rest = [
            part.strip() for part in (line.replace("｜", "|") + "|||").split("|")
        ]
        if any(rest) or not label or (mark and mark not in _URGENT_MARKS):
            return [], _("第 %(line)s 行请写成：代号|中文|英文|urgent（后两项可以不写）。", line=number)
        if not _OPTION_VALUE.fullmatch(value) or value == UNKNOWN:
            return [], _(
                "第 %(line)s 行的代号只能有小写字母、数字和下划线；“不清楚”由表单自动加上。", line=number
            )
        if value in {option["value"] for option in found}:
            return [], _("第 %(line)s 行的代号 %(value)s 写了两次。", line=number, value=value)
        if max(len(label), len(label_en)) > _LINE_LENGTH:
            return [], _("第 %(line)s 行太长，每一项最多 %(most)s 个字。", line=number, most=_LINE_LENGTH)
        urgent = {"urgent": True} if mark else {}
        found.append({"value": value, "label": label, "label_en": label_en, **urgent})
    return (found, "") if len(found) <= _LINES else ([], _("最多 %(most)s 行。", most=_LINES))


def _basis(_item: Input, typed: Sequence[str], _choices: Sequence[Option]) -> Read:
    found: list[dict[str, Any]] = []
    for number, line in enumerate("\n".join(typed).split("\n")[:200], start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        days = [day_of(part) for part in parts[2:] if part]
        wrong = len(parts) not in _BASIS_PARTS or not all(parts[:2]) or not days or None in days
        if wrong or max(map(len, parts)) > _LINE_LENGTH:
            return [], _(
                "第 %(line)s 行请写成：法律|条款|2021-07-01|2026-08-14（止日可以不写）。", line=number
            )
        row = {"law": parts[0], "article": parts[1], "valid_from": str(days[0])}
        found.append(row | ({"valid_to": str(days[1])} if len(days) > 1 else {}))
    return found, ""


def day_of(text: str) -> date | None:
    """Return a day written as 2026-11-23, or nothing."""
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) == len("2026-11-23") else None
    except ValueError:
        return None


_READERS: Final[Mapping[str, Reader]] = {
    "text": _text, "key": _key, "lines": _lines, "yes": _yes, "whole": _whole, "number": _number,
    "pick": _pick, "radio": _pick, "icon": _pick, "many": _many, "options": _options, "basis": _basis,
}  # fmt: skip


def read(item: Input, typed: Sequence[str], options: Sequence[Option]) -> Read:
    """Return the value of a box and what is wrong with it (nothing wrong: an empty sentence)."""
    return _READERS[item.kind](item, typed, options)


def shown(item: Input, value: Any) -> str | list[str]:
    """Return a stored value as a person would type it."""
    if item.kind == "many":
        return list(value or ())
    return _WRITERS.get(item.kind, _plain)(value) if value is not None else ""


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _option_line(option: Mapping[str, Any]) -> str:
    parts = [
        option["value"],
        option["label"],
        option.get("label_en") or "",
        "urgent" if option.get("urgent") else "",
    ]
    return "|".join(parts).rstrip("|")


def _basis_line(row: Mapping[str, Any]) -> str:
    return "|".join(str(row[name]) for name in ("law", "article", "valid_from", "valid_to") if row.get(name))


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "yes": lambda value: "yes" if value else "",
    "lines": "\n".join,
    "options": lambda value: "\n".join(map(_option_line, value)),
    "basis": lambda value: "\n".join(map(_basis_line, value)),
}
