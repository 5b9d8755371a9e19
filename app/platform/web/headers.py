"""The head of the office's pages, drawn once for everything it depends on: who looks, their menu, the page's help, the language."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup, escape

from app.platform import i18n
from app.platform.web.kept_macros import Built

_MOST: Final = 512
# In place of the page's own path, to which the switches lead back.
_ANY_PATH: Final = "/00000000-0000-7000-8000-00000000ffff"
_HEADER: Final = "layouts/_office_header.html"
_PARTS: Final = tuple(f"layouts/_{name}.html" for name in ("mark", "nav", "account", "switches"))


class OfficeHeader:
    """The header for one environment: `{{ office_header(actor, nav, page_help, size_mode, path) }}`."""

    def __init__(self, environment: Environment, built: Built) -> None:
        """Remember where templates and built files come from."""
        self._environment, self._built = environment, built
        self._drawn: OrderedDict[Hashable, str] = OrderedDict()
        self._guard = threading.Lock()

    def __call__(
        self, actor: Hashable, nav: tuple[Any, ...], page_help: str, size_mode: str, path: str
    ) -> Markup:
        """Return the header; the values are those a layout is given."""
        locale, template = i18n.current_locale.get(), self._environment.get_template(_HEADER)
        # In development a changed template is another object, and a newly built picture has another address.
        parts = tuple(map(self._environment.get_template, _PARTS))
        key = (template, parts, self._built.names["icons.svg"], locale, actor, nav, page_help, size_mode)
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = template.render(
                actor=actor, nav=nav, page_help=page_help, size_mode=size_mode, locale=locale, path=_ANY_PATH
            )
            with self._guard:
                self._drawn[key] = drawn
                while len(self._drawn) > _MOST:
                    self._drawn.popitem(last=False)
        # Our own template, and it escapes.
        return Markup(drawn.replace(_ANY_PATH, str(escape(path))))  # noqa: S704  # nosec B704
