"""How a refused step is answered: the clue as it is now, a word on what happened, nothing typed lost.

A step that meets a stale page (409), a form that cannot be used (422) or a step that is not open (403) all end
here. It must happen after the write session has rolled back, so it cannot be a `try` in the handler nor in the
route function: the route hands the application's exception handlers a few of its own, which run last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from app.clues.lifecycle import StepRefused
from app.desk.clue_page import Desk, compose
from app.desk.clue_view import CluePage
from app.desk.step_terms import Typed
from app.platform import clock
from app.platform.errors import Conflict, Problem
from app.platform.i18n import gettext as _
from app.platform.web.given import Form, House
from app.platform.web.landing import LandedForm
from app.platform.web.refusals import status_of
from app.platform.web.render import page
from app.triage.forms import StepInvalid, typed_values
from app.triage.service import CannotMerge, NoSuchChoice

_KEPT_LEAST: Final = 2
_CARRIED: Final = frozenset({"version", "back"})


async def _step_form(request: Request, form: Form) -> LandedForm:
    request.state.step_form = form
    return form


StepForm = Annotated[LandedForm, Depends(_step_form)]


class StepRoute(APIRoute):
    """A route whose refusals are answered with the fresh clue page."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put this room's answers before the application's for the length of this request."""
        handlers, statuses = scope["starlette.exception_handlers"]
        own = dict.fromkeys((Conflict, StepRefused, StepInvalid, NoSuchChoice, CannotMerge), _again)
        scope["starlette.exception_handlers"] = ({**handlers, **own}, statuses)
        await super().handle(scope, receive, send)


def _again(request: Request, error: Exception) -> Response:
    """Show the clue as it is now; plain `def`, so that it runs beside the loop like any handler."""
    problem = error if isinstance(error, Problem) else Problem()
    house: House = request.app.state.house
    typed = _typed(request, problem)
    with house.database.read_session() as session:
        desk = Desk(
            session, request.state.actor, request.app.state.urls, clock.now(), house.settings.evaluation_days
        )
        view = compose(desk, request.path_params["clue_id"], typed=typed)
    return page(request, "desk/clue.html", CluePage(view), status=status_of(problem))


def _typed(request: Request, problem: Problem) -> Typed:
    form: LandedForm | None = getattr(request.state, "step_form", None)
    values: Mapping[str, str] = typed_values(form) if form else {}
    errors = {fault.field: fault.text for fault in problem.details.get("errors", ())}
    if "field" in problem.details:
        errors[str(problem.details["field"])] = _(problem.message)
    is_form_fault = bool(errors)
    words = [value for name, value in values.items() if name not in _CARRIED and len(value) > _KEPT_LEAST]
    return Typed(
        step=_step_of(request),
        values=values,
        errors=errors,
        notice="" if is_form_fault else _(problem.message),
        kept="\n".join(words),
    )


def _step_of(request: Request) -> str:
    route: Any = request.scope["route"]
    return str(route.name).partition(":")[2]
