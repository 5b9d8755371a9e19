"""Times as a person reads them: 11月23日（周一）, relative only under a day, always Asia/Shanghai (design.md)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_timedelta

from app.platform import clock, i18n
from app.platform.i18n import gettext


def _babel_locale() -> str:
    return "en" if i18n.current_locale.get() == "en" else "zh_CN"


def shown_date(day: date) -> str:
    """Return a day: 11月23日（周一）; with the year when it is not this year."""
    is_this_year = day.year == clock.office_date(clock.now()).year
    if i18n.current_locale.get() == "en":
        return format_date(day, "EEE d MMM" if is_this_year else "EEE d MMM y", locale="en")
    return format_date(day, "M月d日（EEE）" if is_this_year else "y年M月d日（EEE）", locale="zh_CN")


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
