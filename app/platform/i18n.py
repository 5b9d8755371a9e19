"""The reader's language: Chinese is the source text, English comes from the catalogue.

The locale of the request lives in a context variable, so that one Jinja environment serves every language.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

SOURCE_LOCALE: Final = "zh"
LOCALES: Final = ("zh", "en")
_FOLDER: Final = Path(__file__).parent / "locale"

current_locale: ContextVar[str] = ContextVar("current_locale", default=SOURCE_LOCALE)


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name; extraction looks for it
    """Mark a constant for the catalogue; it is translated where it is shown."""
    return text


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Speak another language for a while: that of the person a text is written for."""
    token = current_locale.set(locale if locale in LOCALES else SOURCE_LOCALE)
    try:
        yield
    finally:
        current_locale.reset(token)


@cache
def _catalogue(locale: str) -> _gettext.NullTranslations:
    return _gettext.translation("messages", _FOLDER, [locale], fallback=True)


def _filled(text: str, values: dict[str, Any]) -> str:
    return text % values if values else text


def gettext(text: str, **values: Any) -> str:
    """Return the text in the reader's language, with its named values filled in."""
    return _filled(raw_gettext(text), values)


def listed(names: Iterable[str], between: str = N_("、")) -> str:
    """Return names one after the other as the reader's language does it: 甲、乙 or A, B."""
    return gettext(between).join(names)


def tongue() -> Hashable:
    """Return what a text depends on beside itself: whoever keeps a said text keeps it under this."""
    locale = current_locale.get()
    return locale if locale == SOURCE_LOCALE else _catalogue(locale)


def raw_gettext(text: str) -> str:
    """Return the text in the reader's language, values left as they are (Jinja fills them itself)."""
    locale = current_locale.get()
    return text if locale == SOURCE_LOCALE or not text else _catalogue(locale).gettext(text)


def raw_ngettext(one: str, many: str, count: int) -> str:
    """Return the plural form for a count; Chinese has one form."""
    locale = current_locale.get()
    return many if locale == SOURCE_LOCALE else _catalogue(locale).ngettext(one, many, count)
