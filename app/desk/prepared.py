"""Words prepared for the reporter: which fit a clue, and how they read for it. What a person writes goes before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.desk.queries import names
from app.desk.step_terms import Option
from app.identity.actor import Actor
from app.intake import queries as intake_queries
from app.platform.db import ReadSession, WriteSession
from app.platform.i18n import N_, gettext
from app.platform.web.landing import LandedForm
from app.platform.web.render import in_locale
from app.reference import queries as reference
from app.reference.memory import remembered
from app.reference.models import MessageTemplate
from app.reference.terms import COMMON

if TYPE_CHECKING:
    from app.desk.clue_page import Desk

AnySession = ReadSession | WriteSession
# Under which name a step's form has the words for the reporter.
TEXT: Final = "text"
PUBLIC: Final = "public"
_SOMEWHERE: Final = N_("那里")
_SOMETHING: Final = N_("问题")


def _all(session: AnySession) -> Sequence[MessageTemplate]:
    found: Sequence[MessageTemplate] = remembered(
        session, "desk.message_templates", lambda: reference.message_templates(session)
    )
    return found


def _fits(template: MessageTemplate, category_key: str) -> bool:
    return not template.categories or bool({category_key, COMMON} & set(template.categories))


def options(desk: Desk, category_key: str) -> Mapping[str, Sequence[Option]]:
    """Return what may be chosen at each step for a category: the words made for it first."""
    found: dict[str, list[Option]] = {}
    for one in sorted(_all(desk.session), key=lambda one: not one.categories):
        if _fits(one, category_key):
            found.setdefault(one.step, []).append(Option(one.key, in_locale(one, "name")))
    return found


def words(session: AnySession, clue: Clue, key: str) -> str:
    """Return a template as it reads for a clue, in the language its reporter wrote in; nothing where it does not fit."""
    template = {one.key: one for one in _all(session)}.get(key)
    if template is None or not _fits(template, clue.category_key):
        return ""
    reports = intake_queries.of_clue(session, clue.id)
    is_english = bool(reports) and reports[0].locale == "en" and bool(template.text_en)
    known = names.known(session)
    category, town = known.categories.get(clue.category_key), known.towns.get(clue.town_key or "")
    name = "name_en" if is_english else "name"
    text = template.text_en if is_english else template.text
    return text.replace("{category}", getattr(category, name, "") or gettext(_SOMETHING)).replace(
        "{place}", getattr(town, name, "") or gettext(_SOMEWHERE)
    )


def fill(session: AnySession, actor: Actor, clue_id: str, form: LandedForm, name: str) -> None:
    """Put the chosen words into a form whose box is still empty; what a person wrote is never touched."""
    key = form.get("template")
    if key and not form.get(name).strip():
        form.fields[name] = [words(session, clue_queries.get(session, actor, clue_id), key[:32])]
