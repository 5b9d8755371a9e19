"""The forms of a clue's page as its templates draw them: each is drawn once for all the clues it is the same for.

Making and drawing them was a third of the page (docs/performance.md). A form depends on what a person may do, how the clue stands and
what the reference data lets one choose; the clue's id, its version and the way back are put in afterwards. Kept is what
was drawn of one `StepView` or `Bar`: these are made once for everything they depend on (steps_shown.py, sides.py) and
are equal to nothing but themselves, so that no form can stand for another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Final

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from app.desk.step_terms import ANY_BACK, ANY_CLUE, ANY_TITLE, ANY_VERSION, StepView
from app.desk.steps_shown import Bar
from app.platform import i18n

_MOST: Final = 1024
_kept: OrderedDict[Hashable, str] = OrderedDict()
_guard: Final = threading.Lock()


class Forms:
    """The forms of one clue, as the reader's page wants them: `clue.forms.of("aside", step, back)`."""

    __slots__ = ("_clue_id", "_title", "_version")

    def __init__(self, clue_id: str, version: int, title: str) -> None:
        """Remember the clue."""
        self._clue_id, self._version, self._title = clue_id, str(version), title

    @pass_environment
    def of(self, environment: Environment, macro: str, step: StepView | Bar, back: str, *kind: str) -> Markup:
        """Return what a macro of desk/_forms.html draws of a step, or of the whole bar."""
        template = environment.get_template("desk/_forms.html")
        if not step.is_common:
            # Words of this clue are in it, which nothing may be put into afterwards.
            found: Markup = getattr(template.module, macro)(self._own(step), self._version, back, *kind)
            return found
        # A changed template is another object in development, and so is a newly built picture another address.
        at = environment.globals["icon_href"]("x")  # type: ignore[operator]
        key = (template, at, i18n.current_locale.get(), macro, step, bool(back), kind)
        drawn = _kept.get(key)
        if drawn is None:
            given = ANY_BACK if back else ""
            drawn = str(getattr(template.module, macro)(step, ANY_VERSION, given, *kind))
            with _guard:
                _kept[key] = drawn
                while len(_kept) > _MOST:
                    _kept.popitem(last=False)
        filled = drawn.replace(ANY_CLUE, self._clue_id).replace(ANY_VERSION, self._version)
        own_back, title = str(escape(back)), str(escape(self._title))
        # Part by part: in what is filled in nothing is looked for that could be filled in.
        whole = title.join(part.replace(ANY_BACK, own_back) for part in filled.split(ANY_TITLE))
        # Drawn by our own template, which escapes, as what is filled in was.
        return Markup(whole)  # noqa: S704  # nosec B704

    def _own(self, step: StepView | Bar) -> StepView | Bar:
        """Return the same with the addresses of this clue."""
        if isinstance(step, Bar):
            shown, more = (tuple(self._addressed(one) for one in some) for some in (step.shown, step.more))
            return replace(step, shown=shown, more=more)
        return self._addressed(step)

    def _addressed(self, step: StepView) -> StepView:
        action, look_href = (one.replace(ANY_CLUE, self._clue_id) for one in (step.action, step.look_href))
        return replace(step, action=action, look_href=look_href)
