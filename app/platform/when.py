"""Times as a person reads them: 11月23日（周一）, relative only under a day, always Asia/Shanghai (design.md)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from app.platform import clock, i18n
from app.platform.i18n import gettext

_CHINESE_DAYS: Final = "一二三四五六日"
_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


def shown_date(day: date) -> str:
    """Return a day: 11月23日（周一）; with the year when it is not this year. By hand: a page says dozens of dates."""
    is_this_year = day.year == clock.office_date(clock.now()).year
    if i18n.current_locale.get() == "en":
        said = f"{_ENGLISH_DAYS[day.weekday()]} {day.day} {_ENGLISH_MONTHS[day.month - 1]}"
        return said if is_this_year else f"{said} {day.year}"
    said = f"{day.month}月{day.day}日（周{_CHINESE_DAYS[day.weekday()]}）"
    return said if is_this_year else f"{day.year}年{said}"


def ago(passed: timedelta) -> str:
    """Return how long ago, for less than a day; the desk, the receiver and the reporter read the same words."""
    if passed < _MINUTE:
        return gettext("刚刚")
    if passed < _HOUR:
        return gettext("%(n)s 分钟前", n=passed // _MINUTE)
    return gettext("%(n)s 小时前", n=passed // _HOUR)


def exact_time(instant: datetime) -> str:
    """Return an instant for paper that is to prove something: 2026-11-23 09:05:07, in the office's zone."""
    return f"{instant.astimezone(clock.OFFICE_ZONE):%Y-%m-%d %H:%M:%S}"


def shown_time(instant: datetime, precise: bool = False) -> str:  # noqa: FBT001, FBT002 - called from templates
    """Return an instant: relative under a day, otherwise its day; `precise` adds the clock."""
    local = instant.astimezone(clock.OFFICE_ZONE)
    clock_text = local.strftime("%H:%M")
    if precise:
        return f"{shown_date(local.date())} {clock_text}"
    passed = clock.now() - instant
    if timedelta(0) <= passed < timedelta(days=1):
        return ago(passed)
    return f"{shown_date(local.date())} {clock_text}"
