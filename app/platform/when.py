"""Times as a person reads them: 11月23日（周一）, relative only under a day, always Asia/Shanghai (design.md)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_timedelta

from app.platform import clock, i18n
from app.platform.i18n import gettext

_CHINESE_DAYS: Final = "一二三四五六日"
_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def _locale(name: str) -> Locale:
    # By its name alone babel looks for the locale's file each time: a tenth of a clue's page.
    return Locale.parse(name)


def _babel_locale() -> Locale:
    return _locale("en" if i18n.current_locale.get() == "en" else "zh_CN")


def shown_date(day: date) -> str:
    """Return a day: 11月23日（周一）; with the year when it is not this year. By hand: a page says dozens of dates."""
    is_this_year = day.year == clock.office_date(clock.now()).year
    if i18n.current_locale.get() == "en":
        said = f"{_ENGLISH_DAYS[day.weekday()]} {day.day} {_ENGLISH_MONTHS[day.month - 1]}"
        return said if is_this_year else f"{said} {day.year}"
    said = f"{day.month}月{day.day}日（周{_CHINESE_DAYS[day.weekday()]}）"
    return said if is_this_year else f"{day.year}年{said}"


def shown_time(instant: datetime, precise: bool = False) -> str:  # noqa: FBT001, FBT002 - called from templates
    """Return an instant: relative under a day, otherwise its day; `precise` adds the clock."""
    local = instant.astimezone(clock.OFFICE_ZONE)
    clock_text = local.strftime("%H:%M")
    if precise:
        return f"{shown_date(local.date())} {clock_text}"
    passed = clock.now() - instant
    if timedelta(0) <= passed < timedelta(minutes=1):
        return gettext("刚刚")
    if timedelta(0) <= passed < timedelta(days=1):
        return format_timedelta(-passed, add_direction=True, locale=_babel_locale())
    return f"{shown_date(local.date())} {clock_text}"
