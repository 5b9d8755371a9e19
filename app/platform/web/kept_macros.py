"""Components drawn once for what they are given: a page asks for the same button and the same picture dozens of times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from jinja2.runtime import Macro
from markupsafe import Markup

from app.platform import i18n

_MOST: Final = 2048
_LONGEST: Final = 400
_TEXTS: Final = frozenset({str, Markup})
_PLAIN: Final = frozenset({bool, int, type(None), *_TEXTS})


class Built(Protocol):
    """The names of built files, which pictures point to."""

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names as they are now; another object when they changed."""


class Kept:
    """A macro whose words are kept under everything they depend on: what it is given, the language, the built files.

    Kept under the kind of each value as well: `Markup` equals a text that has to be escaped, and 1 equals True.
    """

    __slots__ = ("_built", "_drawn", "_macro")

    def __init__(self, macro: Macro, built: Built) -> None:
        """Remember the macro."""
        self._macro, self._built = macro, built
        # Changed together, because several threads ask.
        self._drawn: tuple[Mapping[str, str], dict[Any, Markup]] = ({}, {})

    @property
    def arguments(self) -> list[str]:
        """Return the names of what it may be given, as a macro tells them."""
        names: list[str] = self._macro.arguments
        return names

    def __call__(self, *given: Any, **named: Any) -> Markup:
        """Return what the macro draws."""
        values = (*given, *named.values())
        kinds = tuple(map(type, values))
        # Drawn by a template of ours, which escapes.
        if not _PLAIN.issuperset(kinds):
            return Markup(self._macro(*given, **named))  # noqa: S704  # nosec B704
        drawn = self._drawn_now()
        key = (i18n.current_locale.get(), len(given), tuple(named), values, kinds)
        found = drawn.get(key)
        if found is None:
            found = Markup(self._macro(*given, **named))  # noqa: S704  # nosec B704
            if sum(len(one) for one in values if type(one) in _TEXTS) <= _LONGEST:
                if len(drawn) >= _MOST:
                    drawn.clear()
                drawn[key] = found
        return found

    def _drawn_now(self) -> dict[Any, Markup]:
        names, drawn = self._built.names, self._drawn
        if drawn[0] is not names:
            drawn = self._drawn = (names, {})
        return drawn[1]
